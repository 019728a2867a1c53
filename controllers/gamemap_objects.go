package controllers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// keyName is the name of the Secret with a map's key.
func keyName(mapName string) string { return mapName + "-key" }

// secretFor is a fresh key, by which the gateway knows the map's server.
func secretFor(m *v1alpha1.GameMap) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metaOf(m, keyName(m.Name)),
		Type:       corev1.SecretTypeOpaque,
		StringData: map[string]string{keyFile: rand.Text() + rand.Text()},
	}
}

// keyHash is what the gateway is told of a key; "" if there is no key in it.
func keyHash(s *corev1.Secret) string {
	if s == nil || len(s.Data[keyFile]) < 32 {
		return ""
	}
	sum := sha256.Sum256(s.Data[keyFile])
	return hex.EncodeToString(sum[:])
}

// serviceFor is how players reach a map; nil where it needs no Service.
func serviceFor(m *v1alpha1.GameMap) *corev1.Service {
	e := m.Spec.Exposure
	if e.Type == v1alpha1.ExposeHostPort {
		return nil
	}
	port := corev1.ServicePort{Name: playersPortName, Port: playersPort, TargetPort: intstr.FromString(playersPortName), Protocol: corev1.ProtocolTCP}
	service := &corev1.Service{
		ObjectMeta: metaOf(m, m.Name),
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Selector: map[string]string{labelName: MapServer, labelMap: m.Name}},
	}
	service.Annotations = maps.Clone(e.Annotations)
	switch e.Type {
	case v1alpha1.ExposeLoadBalancer:
		service.Spec.Type = corev1.ServiceTypeLoadBalancer
	case v1alpha1.ExposeClusterIP:
		service.Spec.Type = corev1.ServiceTypeClusterIP
	}
	if e.Port != nil {
		if service.Spec.Type == corev1.ServiceTypeNodePort {
			port.NodePort = *e.Port
		} else {
			port.Port = *e.Port
		}
	}
	service.Spec.Ports = []corev1.ServicePort{port}
	return sealed(service)
}

// budgetFor keeps a node's drain from ending a map with players; an empty one may
// go at any time.
func budgetFor(m *v1alpha1.GameMap, players int32) *policyv1.PodDisruptionBudget {
	least := intstr.FromInt32(0)
	if players > 0 {
		least = intstr.FromInt32(1)
	}
	always := policyv1.AlwaysAllow
	return sealed(&policyv1.PodDisruptionBudget{
		ObjectMeta: metaOf(m, m.Name),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable:               &least,
			Selector:                   &metav1.LabelSelector{MatchLabels: map[string]string{labelName: MapServer, labelMap: m.Name}},
			UnhealthyPodEvictionPolicy: &always,
		},
	})
}

// keeperPort is where the gateway listens for map servers.
const keeperPort = 8081

// policyFor is who may speak to a map, and to whom it may speak: scripts are other
// people's code. Players come from anywhere; the status is for the operator, the
// gateway, and who watches; out goes only what asks the keeper or for a name.
func policyFor(m *v1alpha1.GameMap, s Settings) *networkingv1.NetworkPolicy {
	tcp, udp := corev1.ProtocolTCP, corev1.ProtocolUDP
	port := func(protocol *corev1.Protocol, n int) networkingv1.NetworkPolicyPort {
		at := intstr.FromInt(n)
		return networkingv1.NetworkPolicyPort{Protocol: protocol, Port: &at}
	}
	readers := []networkingv1.NetworkPolicyPeer{
		{
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": s.Namespace}},
			PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/component": "operator"}},
		},
		{PodSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/component": "gateway"}}},
		{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"overworld.dev/monitoring": "true"}}},
	}
	return sealed(&networkingv1.NetworkPolicy{
		ObjectMeta: metaOf(m, m.Name),
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{labelName: MapServer, labelMap: m.Name}},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
			Ingress: []networkingv1.NetworkPolicyIngressRule{
				{Ports: []networkingv1.NetworkPolicyPort{port(&tcp, playersPort)}},
				{Ports: []networkingv1.NetworkPolicyPort{port(&tcp, statusPort)}, From: readers},
			},
			Egress: []networkingv1.NetworkPolicyEgressRule{
				{Ports: []networkingv1.NetworkPolicyPort{port(&udp, 53), port(&tcp, 53)}},
				{Ports: []networkingv1.NetworkPolicyPort{port(&tcp, keeperPort)}},
			},
		},
	})
}
