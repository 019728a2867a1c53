package controllers

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// finishExtra is how much longer than its pod may take a GameMap waits for it.
const finishExtra = 20 * time.Second

// finish ends a map that is being deleted: its server saves first, and as long as
// it does the GameMap stays, so that the gateway knows its key. After a deadline
// the GameMap goes in any case: deleting never hangs.
func (r *GameMapReconciler) finish(ctx context.Context, f *mapFacts) (reconcile.Result, error) {
	if !controllerutil.ContainsFinalizer(f.m, finalizer) {
		return reconcile.Result{}, nil
	}
	for i := range f.pods {
		if f.pods[i].DeletionTimestamp != nil {
			continue
		}
		if err := remove(ctx, r.Client, &f.pods[i]); err != nil {
			return reconcile.Result{}, err
		}
	}
	left := finishBy(f).Sub(f.now)
	if len(f.pods) > 0 && left > 0 {
		return reconcile.Result{RequeueAfter: left}, r.writeStatus(ctx, f, &troubles{})
	}
	if len(f.pods) > 0 {
		r.Events.Eventf(f.m, nil, corev1.EventTypeWarning, "SaveUncertain", "Delete", "the map's pod did not end in time: whether it has saved is not known")
	}
	before := f.m.DeepCopy()
	controllerutil.RemoveFinalizer(f.m, finalizer)
	r.told.forget(client.ObjectKeyFromObject(f.m))
	return reconcile.Result{}, client.IgnoreNotFound(r.Patch(ctx, f.m, client.MergeFrom(before)))
}

// finishBy is until when a GameMap that is being deleted waits for its pods. It counts
// from when they were told to end: with thousands of maps to delete, that may be
// minutes after the GameMap's own turn to go.
func finishBy(f *mapFacts) time.Time {
	by := f.m.DeletionTimestamp.Time
	for i := range f.pods {
		end := f.now.Add(drainOf(f.m) + stopExtra) // told just now
		if told := f.pods[i].DeletionTimestamp; told != nil {
			end = told.Time // when the kubelet stops waiting
		}
		if end.After(by) {
			by = end
		}
	}
	return by.Add(finishExtra)
}

// Release takes the finalizer off all GameMaps of a namespace, "" is all, and
// returns of how many. It is for when no operator is to run any more.
func Release(ctx context.Context, c client.Client, namespace string) (int, error) {
	var list v1alpha1.GameMapList
	err := c.List(ctx, &list, client.InNamespace(namespace))
	if meta.IsNoMatchError(err) {
		return 0, nil // the kind is gone, and the maps with it
	}
	if err != nil {
		return 0, err
	}
	n := 0
	for i := range list.Items {
		m := &list.Items[i]
		before := m.DeepCopy()
		if !controllerutil.RemoveFinalizer(m, finalizer) {
			continue
		}
		if err := client.IgnoreNotFound(c.Patch(ctx, m, client.MergeFrom(before))); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
