package controllers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/flowcontrol"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// GameMapReconciler gives each GameMap its pod and tells how it is.
type GameMapReconciler struct {
	client.Client
	// Direct reads what the cache may not know yet.
	Direct   client.Reader
	Settings Settings
	Events   events.EventRecorder
	// Vitals returns what the map server in a pod reported last.
	Vitals func(key types.NamespacedName, pod types.UID) (vitals, bool)
	// Backoff spaces the retries of what the API server refuses.
	Backoff *flowcontrol.Backoff
	Now     func() time.Time
	told    tellings
	turns   turns
}

// Reconcile brings one GameMap up to date.
func (r *GameMapReconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	var m v1alpha1.GameMap
	there, err := fetch(ctx, r.Client, req.NamespacedName, &m)
	if err != nil || !there {
		return reconcile.Result{}, err
	}
	facts, err := r.observe(ctx, &m)
	if err != nil {
		return reconcile.Result{}, err
	}
	if m.DeletionTimestamp != nil {
		return r.finish(ctx, facts)
	}
	if !controllerutil.ContainsFinalizer(&m, finalizer) {
		before := m.DeepCopy()
		controllerutil.AddFinalizer(&m, finalizer)
		return reconcile.Result{}, r.Patch(ctx, &m, client.MergeFrom(before))
	}
	plan := planMap(facts)
	troubles, err := r.carryOut(ctx, facts, &plan)
	if err != nil {
		return reconcile.Result{}, err
	}
	if troubles.any() {
		plan.again = troubles.retry.Sub(facts.now)
	}
	return reconcile.Result{RequeueAfter: plan.again}, r.writeStatus(ctx, facts, troubles)
}

// carryOut does what the plan says. What the API server refuses because of the
// spec is told in the status and tried again later; other errors end the
// reconcile.
func (r *GameMapReconciler) carryOut(ctx context.Context, f *mapFacts, p *mapPlan) (*troubles, error) {
	t := &troubles{}
	if err := r.applyService(ctx, f, p); err != nil {
		if t.exposure = exposureTrouble(err); t.exposure.reason == "" {
			return t, fmt.Errorf("exposing the map: %w", err)
		}
	}
	err := r.applyObjects(ctx, f, p)
	if err == nil {
		err = r.applyPods(ctx, f, p)
	}
	if err != nil {
		if t.pod = podTrouble(err); t.pod.reason == "" {
			return t, fmt.Errorf("making the map's objects: %w", err)
		}
	}
	id := string(f.m.UID)
	if !t.any() {
		r.Backoff.Reset(id)
		return t, nil
	}
	r.Backoff.Next(id, f.now)
	t.retry = f.now.Add(r.Backoff.Get(id))
	return t, nil
}

// applyObjects makes what a map has beside its pod and its Service.
func (r *GameMapReconciler) applyObjects(ctx context.Context, f *mapFacts, p *mapPlan) error {
	if f.secret == nil {
		if err := r.make(ctx, f.m, p.secret); err != nil {
			return err
		}
		f.secret = p.secret // the status tells of it at once
	}
	if err := r.apply(ctx, f.m, orNil(f.policy), p.policy); err != nil {
		return err
	}
	return r.apply(ctx, f.m, orNil(f.budget), p.budget)
}

// apply makes an object as it is wanted: creates it, or changes it if its seal is
// another one. there is nil if there is none.
func (r *GameMapReconciler) apply(ctx context.Context, m *v1alpha1.GameMap, there, wanted client.Object) error {
	if there == nil {
		return r.make(ctx, m, wanted)
	}
	if sameSeal(there, wanted) {
		return nil
	}
	wanted.SetResourceVersion(there.GetResourceVersion())
	return r.Update(ctx, wanted)
}

// make creates an object of a map. One that is there already is read instead, if
// it is the map's: the cache was behind. One that a GameMap of the same name has left
// makes room.
func (r *GameMapReconciler) make(ctx context.Context, m *v1alpha1.GameMap, o client.Object) error {
	wanted := o.DeepCopyObject().(client.Object)
	err := r.Create(ctx, o)
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := r.Direct.Get(ctx, client.ObjectKeyFromObject(wanted), o); err != nil {
		return err
	}
	if isLeftover(o, m) {
		uid := o.GetUID()
		if err := remove(ctx, r.Client, o, client.Preconditions{UID: &uid}); err != nil {
			return err
		}
		if err := r.Create(ctx, wanted); err != nil {
			return err
		}
		return r.Direct.Get(ctx, client.ObjectKeyFromObject(wanted), o)
	}
	if err := ownedElsewhere(o, m); err != nil {
		return &refused{"NameTaken", err}
	}
	return nil
}

// orNil makes an object of a pointer, nil if it is.
func orNil[T any, P interface {
	*T
	client.Object
}](o P) client.Object {
	if o == nil {
		return nil
	}
	return o
}

func (r *GameMapReconciler) applyService(ctx context.Context, f *mapFacts, p *mapPlan) error {
	if p.service == nil {
		if f.service == nil {
			return nil
		}
		return remove(ctx, r.Client, f.service)
	}
	if f.service != nil && sameSeal(f.service, p.service) {
		return nil
	}
	if f.service != nil {
		keepPorts(f.service, p.service)
	}
	if err := r.apply(ctx, f.m, orNil(f.service), p.service); err != nil {
		return err
	}
	f.service = p.service // with the port that it got
	return nil
}

// keepPorts keeps the port that the cluster chose: players know it.
func keepPorts(there, wanted *corev1.Service) {
	wanted.Spec.ClusterIP, wanted.Spec.ClusterIPs = there.Spec.ClusterIP, there.Spec.ClusterIPs
	if len(there.Spec.Ports) == 1 && wanted.Spec.Ports[0].NodePort == 0 && wanted.Spec.Type != corev1.ServiceTypeClusterIP {
		wanted.Spec.Ports[0].NodePort = there.Spec.Ports[0].NodePort
	}
}

func (r *GameMapReconciler) applyPods(ctx context.Context, f *mapFacts, p *mapPlan) error {
	if p.replace != nil {
		if r.turns.take(f.m.UID, f.now) {
			p.end = append(p.end, *p.replace)
		} else {
			p.again = turnEvery
		}
	}
	for _, e := range p.end {
		uid := e.pod.UID
		if err := remove(ctx, r.Client, e.pod, client.Preconditions{UID: &uid}); err != nil {
			return err
		}
		r.Events.Eventf(f.m, e.pod, corev1.EventTypeNormal, e.reason, "Stop", "%s", note(e.text))
	}
	if p.create != nil {
		if err := r.Create(ctx, p.create); err != nil {
			if apierrors.IsAlreadyExists(err) {
				return nil // the cache is behind; its news comes
			}
			return err
		}
		r.Events.Eventf(f.m, p.create, corev1.EventTypeNormal, "Started", "Start", "pod %s runs revision %s", p.create.Name, f.bundle.Status.Revision)
	}
	if pod := f.pod(); pod != nil && len(p.annotate) > 0 {
		before := pod.DeepCopy()
		for name, value := range p.annotate {
			pod.Annotations[name] = value
		}
		return client.IgnoreNotFound(r.Patch(ctx, pod, client.MergeFrom(before)))
	}
	return nil
}

// refused is an error that the user can do something about.
type refused struct {
	reason string
	err    error
}

func (r *refused) Error() string { return r.err.Error() }

// exposureTrouble tells what the API server does not like about a Service; empty
// if it is another kind of error.
func exposureTrouble(err error) verdict {
	var ours *refused
	switch {
	case errors.As(err, &ours):
		return verdict{ours.reason, brief(err.Error())}
	case strings.Contains(err.Error(), "already allocated"):
		return verdict{"PortTaken", brief("another Service has the port: choose another spec.exposure.port, or none to get a free one (" + err.Error() + ")")}
	case apierrors.IsInvalid(err), apierrors.IsForbidden(err):
		return verdict{"ExposureFailed", brief(err.Error())}
	default:
		return verdict{}
	}
}

// podTrouble tells what the API server does not like about a pod.
func podTrouble(err error) verdict {
	var ours *refused
	if errors.As(err, &ours) {
		return verdict{ours.reason, brief(err.Error())}
	}
	if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) {
		return verdict{"PodRefused", brief("the cluster refuses the map's pod, see spec.pod: " + err.Error())}
	}
	return verdict{}
}

// writeStatus writes the status if it is another one, and tells what is new.
func (r *GameMapReconciler) writeStatus(ctx context.Context, f *mapFacts, t *troubles) error {
	before := f.m.DeepCopy()
	f.m.Status = statusOf(f, t)
	r.tell(&before.Status, f.m, f.now)
	if f.m.Status.Phase == v1alpha1.PhaseRunning && !f.m.Status.Outdated {
		r.turns.over(f.m.UID)
	}
	if equality.Semantic.DeepEqual(before.Status, f.m.Status) {
		return nil
	}
	return client.IgnoreNotFound(r.Status().Patch(ctx, f.m, client.MergeFrom(before)))
}
