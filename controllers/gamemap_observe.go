package controllers

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// The indices of the cache.
const (
	indexMapID     = "mapID"
	indexBundle    = "bundle"
	indexNeighbour = "neighbour"
)

// observe reads all that is decided on.
func (r *GameMapReconciler) observe(ctx context.Context, m *v1alpha1.GameMap) (*mapFacts, error) {
	f := &mapFacts{m: m, settings: r.Settings, now: r.Now()}
	if err := r.observeGame(ctx, f); err != nil {
		return nil, err
	}
	if err := r.observeObjects(ctx, f); err != nil {
		return nil, err
	}
	return f, r.observePods(ctx, f)
}

// observeGame reads the bundle and the other maps.
func (r *GameMapReconciler) observeGame(ctx context.Context, f *mapFacts) (err error) {
	if f.m.Spec.Bundle != "" {
		if f.bundle, err = get(ctx, r.Client, f.m, f.m.Spec.Bundle, &v1alpha1.ScriptBundle{}); err != nil {
			return err
		}
	}
	same, err := r.withID(ctx, f.m.Namespace, f.m.MapID())
	if err != nil {
		return err
	}
	f.holder = holder(f.m, same)
	for side, id := range f.m.Spec.Neighbours {
		others, err := r.withID(ctx, f.m.Namespace, id)
		if err != nil {
			return err
		}
		if len(others) == 0 {
			if f.strangers == nil {
				f.strangers = map[string]string{}
			}
			f.strangers[side] = id
		}
	}
	return nil
}

// withID are the GameMaps with an id. They are the cache's own, and only read.
func (r *GameMapReconciler) withID(ctx context.Context, namespace, id string) ([]v1alpha1.GameMap, error) {
	var list v1alpha1.GameMapList
	err := r.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{indexMapID: id}, client.UnsafeDisableDeepCopy)
	return list.Items, err
}

// holder is the GameMap that has an id by right: the one that runs with it, or
// else the oldest; "" if it is m itself.
func holder(m *v1alpha1.GameMap, same []v1alpha1.GameMap) string {
	first := m
	for i := range same {
		if o := &same[i]; o.UID != m.UID && o.DeletionTimestamp == nil && before(o, first) {
			first = o
		}
	}
	if first == m {
		return ""
	}
	return first.Name
}

func before(a, b *v1alpha1.GameMap) bool {
	if (a.Status.Pod != "") != (b.Status.Pod != "") {
		return a.Status.Pod != ""
	}
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.Name < b.Name
}

// observeObjects reads what belongs to the map.
func (r *GameMapReconciler) observeObjects(ctx context.Context, f *mapFacts) (err error) {
	if f.secret, err = own(ctx, r.Client, f.m, keyName(f.m.Name), &corev1.Secret{}); err != nil {
		return err
	}
	if f.service, err = own(ctx, r.Client, f.m, f.m.Name, &corev1.Service{}); err != nil {
		return err
	}
	if f.budget, err = own(ctx, r.Client, f.m, f.m.Name, &policyv1.PodDisruptionBudget{}); err != nil {
		return err
	}
	f.policy, err = own(ctx, r.Client, f.m, f.m.Name, &networkingv1.NetworkPolicy{})
	return err
}

// get reads an object of the map's namespace, nil if there is none.
func get[T any, P interface {
	*T
	client.Object
}](ctx context.Context, c client.Reader, m *v1alpha1.GameMap, name string, into P) (P, error) {
	there, err := fetch(ctx, c, client.ObjectKey{Namespace: m.Namespace, Name: name}, into)
	if !there {
		return nil, err
	}
	return into, nil
}

// own is get for what belongs to the map. What a GameMap of the same name has left,
// and the cluster has not cleared away yet, does not: with its key a pod would start
// that nobody knows a moment later.
func own[T any, P interface {
	*T
	client.Object
}](ctx context.Context, c client.Reader, m *v1alpha1.GameMap, name string, into P) (P, error) {
	there, err := get(ctx, c, m, name, into)
	if there == nil || !metav1.IsControlledBy(there, m) {
		return nil, err
	}
	return there, nil
}

// observePods reads the map's pods, the node, and the last report.
func (r *GameMapReconciler) observePods(ctx context.Context, f *mapFacts) error {
	var list corev1.PodList
	if err := r.List(ctx, &list, client.InNamespace(f.m.Namespace), client.MatchingFields{indexPodMap: f.m.Name}); err != nil {
		return err
	}
	for i := range list.Items {
		if metav1.IsControlledBy(&list.Items[i], f.m) {
			f.pods = append(f.pods, list.Items[i])
		}
	}
	slices.SortFunc(f.pods, func(a, b corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	pod := f.pod()
	if pod == nil {
		return nil
	}
	if v, ok := r.Vitals(client.ObjectKeyFromObject(f.m), pod.UID); ok {
		f.vitals = &v
	}
	if pod.Spec.NodeName == "" {
		return nil
	}
	f.node = &corev1.Node{}
	there, err := fetch(ctx, r.Client, client.ObjectKey{Name: pod.Spec.NodeName}, f.node)
	if !there {
		f.node = nil
	}
	return err
}
