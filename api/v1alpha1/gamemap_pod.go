package v1alpha1

import corev1 "k8s.io/api/core/v1"

// ExposureType is how players reach a map from outside the cluster.
//
// +kubebuilder:validation:Enum=NodePort;LoadBalancer;HostPort;ClusterIP
type ExposureType string

// The ways to expose a map.
const (
	// ExposeNodePort opens a port on every node. It works everywhere.
	ExposeNodePort ExposureType = "NodePort"
	// ExposeLoadBalancer asks the cloud for an address of the map's own.
	ExposeLoadBalancer ExposureType = "LoadBalancer"
	// ExposeHostPort opens a port on the node that the map runs on, without the
	// detour over a Service: the shortest way, and one map per port and node.
	ExposeHostPort ExposureType = "HostPort"
	// ExposeClusterIP is for players inside the cluster, or behind an ingress.
	ExposeClusterIP ExposureType = "ClusterIP"
)

// ExposureSpec is how players reach a map.
//
// +kubebuilder:validation:XValidation:rule="!has(self.type) || self.type != 'NodePort' || !has(self.port) || self.port >= 1024",message="port of a NodePort must be in the cluster's range, usually 30000 to 32767; leave it out to get a free one"
// +kubebuilder:validation:XValidation:rule="!has(self.type) || self.type != 'HostPort' || has(self.port)",message="type HostPort needs a port, such as 7000"
type ExposureSpec struct {
	// type is NodePort, LoadBalancer, HostPort or ClusterIP. On a laptop it means
	// nothing.
	// +kubebuilder:default=NodePort
	// +optional
	Type ExposureType `json:"type,omitempty"`

	// port is where players connect; without it the map gets a free one (NodePort)
	// or 7000 (LoadBalancer, ClusterIP).
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	Port *int32 `json:"port,omitempty"`

	// publicHost is the name or address that players' clients connect to, where it
	// is not the one that the cluster tells.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$')",message="publicHost must be a name or an address, without a port and without http://"
	// +optional
	PublicHost string `json:"publicHost,omitempty"`

	// annotations are put on the map's Service, where clouds take their settings
	// from.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}

// PodSpec is what a map's pod has beside what it needs.
type PodSpec struct {
	// resources of the map server; without them it asks for 100m and 64Mi, and may
	// use 512Mi of memory.
	// +optional
	Resources corev1.ResourceRequirements `json:"resources,omitempty"`

	// nodeSelector are the labels of the nodes that the map may run on.
	// +optional
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`

	// tolerations are the taints of nodes that the map bears with.
	// +optional
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`

	// affinity is near what the map likes to be.
	// +optional
	Affinity *corev1.Affinity `json:"affinity,omitempty"`

	// topologySpreadConstraints are how maps are spread over zones and nodes.
	// +optional
	TopologySpreadConstraints []corev1.TopologySpreadConstraint `json:"topologySpreadConstraints,omitempty"`

	// priorityClassName is how important the map is when room is short.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	PriorityClassName string `json:"priorityClassName,omitempty"`

	// annotations are put on the pod.
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('overworld.dev/'))",message="annotations that begin with overworld.dev/ are the operator's own"
	// +kubebuilder:validation:MaxProperties=64
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}
