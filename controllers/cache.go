package controllers

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// What is in the cache of a map's objects is there once for each map, so it is only
// what is read. An object of the cache is never written back as a whole: changes
// are patches, or the object is made anew. Who wants to read more adds it here.

// onlyOf makes a transform of what leaves of an object the part that is read.
func onlyOf[T any, P interface {
	*T
	client.Object
}](part func(P) P) toolscache.TransformFunc {
	return func(o any) (any, error) {
		if whole, ok := o.(P); ok {
			return part(whole), nil
		}
		return o, nil // news that an object has gone while nobody looked
	}
}

// onlyState leaves of a pod who it is, where it runs and how it is; what it should
// be is in its seal.
func onlyState(p *corev1.Pod) *corev1.Pod {
	out := &corev1.Pod{ObjectMeta: p.ObjectMeta}
	out.ManagedFields = nil
	out.Annotations = maps.Clone(p.Annotations)
	delete(out.Annotations, annotationLaunch)
	out.Spec.NodeName = p.Spec.NodeName
	out.Status = corev1.PodStatus{
		Phase: p.Status.Phase, Reason: p.Status.Reason, Message: p.Status.Message, PodIP: p.Status.PodIP,
		Conditions: p.Status.Conditions, ContainerStatuses: p.Status.ContainerStatuses,
	}
	return out
}

// onlyKey leaves of a Secret the map's key.
func onlyKey(s *corev1.Secret) *corev1.Secret {
	out := &corev1.Secret{ObjectMeta: s.ObjectMeta}
	out.ManagedFields = nil
	if key, ok := s.Data[keyFile]; ok {
		out.Data = map[string][]byte{keyFile: key}
	}
	return out
}

// onlyBudgetSeal and onlyPolicySeal leave the seal, and whose the object is.
func onlyBudgetSeal(b *policyv1.PodDisruptionBudget) *policyv1.PodDisruptionBudget {
	out := &policyv1.PodDisruptionBudget{ObjectMeta: b.ObjectMeta}
	out.ManagedFields = nil
	return out
}

func onlyPolicySeal(p *networkingv1.NetworkPolicy) *networkingv1.NetworkPolicy {
	out := &networkingv1.NetworkPolicy{ObjectMeta: p.ObjectMeta}
	out.ManagedFields = nil
	return out
}

// indexPodMap is the index of pods by the map that they are of.
const indexPodMap = "podMap"

func mapsOfPod(o client.Object) []string { return []string{o.GetLabels()[labelMap]} }
