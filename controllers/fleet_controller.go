package controllers

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// FleetReconciler holds the maps of each Fleet at the number that is wanted.
type FleetReconciler struct {
	client.Client
	Events events.EventRecorder
	Now    func() time.Time
}

// Reconcile brings one Fleet up to date.
func (r *FleetReconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	var f v1alpha1.Fleet
	there, err := fetch(ctx, r.Client, req.NamespacedName, &f)
	if err != nil || !there || f.DeletionTimestamp != nil {
		return reconcile.Result{}, err
	}
	facts, err := r.observe(ctx, &f)
	if err != nil {
		return reconcile.Result{}, err
	}
	plan := planFleet(facts)
	trouble, err := r.carryOut(ctx, &f, &plan)
	if err != nil {
		return reconcile.Result{}, err
	}
	before := f.DeepCopy()
	f.Status = fleetStatus(facts, &plan, trouble)
	if trouble != "" && plan.again == 0 {
		plan.again = retryRefused
	}
	if equality.Semantic.DeepEqual(before.Status, f.Status) {
		return reconcile.Result{RequeueAfter: plan.again}, nil
	}
	return reconcile.Result{RequeueAfter: plan.again}, client.IgnoreNotFound(r.Status().Patch(ctx, &f, client.MergeFrom(before)))
}

// retryRefused is when a map is made again that the API server refused.
const retryRefused = 30 * time.Second

func (r *FleetReconciler) observe(ctx context.Context, f *v1alpha1.Fleet) (*fleetFacts, error) {
	var list v1alpha1.GameMapList
	if err := r.List(ctx, &list, client.InNamespace(f.Namespace), client.MatchingLabels{labelFleet: f.Name}); err != nil {
		return nil, err
	}
	list.Items = slices.DeleteFunc(list.Items, func(m v1alpha1.GameMap) bool { return !metav1.IsControlledBy(&m, f) })
	slices.SortFunc(list.Items, func(a, b v1alpha1.GameMap) int { return ordinal(&a) - ordinal(&b) })
	return &fleetFacts{f: f, maps: list.Items, now: r.Now()}, nil
}

// carryOut does what the plan says. trouble is why the API server refuses a map.
func (r *FleetReconciler) carryOut(ctx context.Context, f *v1alpha1.Fleet, p *fleetPlan) (trouble string, err error) {
	for _, m := range p.create {
		err := r.Create(ctx, m)
		switch {
		case err == nil:
			r.Events.Eventf(f, m, corev1.EventTypeNormal, "MapCreated", "Scale", "map %s is made", m.Name)
		case apierrors.IsAlreadyExists(err) && r.ours(ctx, f, m):
			// The cache is behind; its news comes.
		case apierrors.IsAlreadyExists(err), apierrors.IsInvalid(err), apierrors.IsForbidden(err):
			trouble = brief(fmt.Sprintf("map %s cannot be made: %s", m.Name, err))
		default:
			return trouble, err
		}
	}
	for _, m := range p.end {
		uid := m.UID
		if err := remove(ctx, r.Client, m, client.Preconditions{UID: &uid}); err != nil {
			return trouble, err
		}
		r.Events.Eventf(f, m, corev1.EventTypeNormal, "MapDeleted", "Scale", "map %s is not needed any more", m.Name)
	}
	for _, m := range p.update {
		if err := r.change(ctx, m, func() { fromTemplate(m, f) }); err != nil {
			return trouble, err
		}
		r.Events.Eventf(f, m, corev1.EventTypeNormal, "MapUpdated", "Update", "map %s gets the newest template", m.Name)
	}
	return trouble, r.mark(ctx, f, p)
}

// mark notes which maps drain, and where players go.
func (r *FleetReconciler) mark(ctx context.Context, f *v1alpha1.Fleet, p *fleetPlan) error {
	for m, until := range p.drain {
		text := until.UTC().Format(time.RFC3339)
		if m.Annotations[annotationDrain] == text {
			continue
		}
		err := r.change(ctx, m, func() {
			m.Annotations[annotationDrain] = text
		})
		if err != nil {
			return err
		}
		r.Events.Eventf(f, m, corev1.EventTypeNormal, "MapDrains", "Drain", "map %s closes at %s: its %d players are told, and moved then", m.Name, text, m.Status.Players)
	}
	for _, m := range p.place {
		if err := r.change(ctx, m, func() { m.Annotations[v1alpha1.AnnotationPlacement] = string(f.Spec.Placement) }); err != nil {
			return err
		}
	}
	for _, m := range p.stay {
		if err := r.change(ctx, m, func() { delete(m.Annotations, annotationDrain) }); err != nil {
			return err
		}
	}
	return nil
}

// change patches a map, if it is another one afterwards.
func (r *FleetReconciler) change(ctx context.Context, m *v1alpha1.GameMap, how func()) error {
	before := m.DeepCopy()
	if m.Annotations == nil {
		m.Annotations = map[string]string{}
	}
	how()
	if equality.Semantic.DeepEqual(before, m) {
		return nil
	}
	return client.IgnoreNotFound(r.Patch(ctx, m, client.MergeFrom(before)))
}

// ours tells whether a map that exists belongs to the fleet.
func (r *FleetReconciler) ours(ctx context.Context, f *v1alpha1.Fleet, m *v1alpha1.GameMap) bool {
	var there v1alpha1.GameMap
	found, err := fetch(ctx, r.Client, client.ObjectKeyFromObject(m), &there)
	return err == nil && (!found || metav1.IsControlledBy(&there, f))
}
