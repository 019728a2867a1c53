package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Fleet is a number of equal maps.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.replicas,statuspath=.status.replicas,selectorpath=.status.selector
// +kubebuilder:resource:shortName=fl,categories={overworld,all}
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.status.desired`
// +kubebuilder:printcolumn:name="Maps",type=integer,JSONPath=`.status.replicas`
// +kubebuilder:printcolumn:name="Ready",type=integer,JSONPath=`.status.ready`
// +kubebuilder:printcolumn:name="Busy",type=integer,JSONPath=`.status.busy`
// +kubebuilder:printcolumn:name="Players",type=integer,JSONPath=`.status.players`
// +kubebuilder:printcolumn:name="Updated",type=integer,JSONPath=`.status.updated`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z]([-a-z0-9]{0,45}[a-z0-9])?$')",message="metadata.name must have small letters, digits and -, begin with a letter, end with a letter or digit, and be at most 47 long: its maps are called NAME-0, NAME-1 and so on"
type Fleet struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   FleetSpec   `json:"spec"`
	Status FleetStatus `json:"status,omitempty"`
}

// FleetList is a list of fleets.
//
// +kubebuilder:object:root=true
type FleetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Fleet `json:"items"`
}

// FleetSpec is how many maps there are, and of what kind.
//
// +kubebuilder:validation:XValidation:rule="!has(self.template.spec.id)",message="template.spec.id cannot be given: each map of a fleet has its own name as its id"
// +kubebuilder:validation:XValidation:rule="!has(self.template.spec.exposure) || !has(self.template.spec.exposure.port) || self.template.spec.exposure.type != 'NodePort'",message="template.spec.exposure.port cannot be given for NodePort: two maps cannot have one port"
type FleetSpec struct {
	// replicas is how many maps there are; with autoscaling it is not looked at.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5000
	// +optional
	Replicas *int32 `json:"replicas,omitempty"`

	// template is what each map is made from.
	Template GameMapTemplate `json:"template"`

	// autoscaling chooses the number of maps by how many are in use.
	// +optional
	Autoscaling *AutoscalingSpec `json:"autoscaling,omitempty"`

	// strategy is how maps are replaced and ended.
	// +kubebuilder:default={}
	// +optional
	Strategy FleetStrategy `json:"strategy,omitempty"`

	// placement is where a player goes who logs in to the fleet: Pack, to the fullest
	// map that has room, or Spread, to the emptiest one. Who was on a map before comes
	// back to it as long as it lets players in.
	// +kubebuilder:default=Pack
	// +optional
	Placement Placement `json:"placement,omitempty"`

	// ordinals are the numbers in the names of the maps.
	// +kubebuilder:default={}
	// +optional
	Ordinals OrdinalsSpec `json:"ordinals,omitempty"`
}

// Placement is how players are shared among the maps of a fleet.
//
// +kubebuilder:validation:Enum=Pack;Spread
type Placement string

// The placements.
const (
	// PlacementPack fills one map after the other.
	PlacementPack Placement = "Pack"
	// PlacementSpread holds all maps equally full.
	PlacementSpread Placement = "Spread"
)

// GameMapTemplate is what the maps of a fleet are made from.
type GameMapTemplate struct {
	// metadata of the maps: labels and annotations.
	// +optional
	Metadata TemplateMeta `json:"metadata,omitempty"`
	// +kubebuilder:default={}
	// +optional
	Spec GameMapSpec `json:"spec,omitempty"`
}

// TemplateMeta is the metadata of a fleet's maps.
type TemplateMeta struct {
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}

// AutoscalingSpec chooses the number of maps. More are made at once; fewer only
// after the need has been less for the whole scaleDownDelay.
//
// +kubebuilder:validation:XValidation:rule="self.min <= self.max",message="min cannot be more than max"
// +kubebuilder:validation:XValidation:rule="has(self.buffer) != has(self.playersPerMap)",message="give either buffer (free maps to hold ready) or playersPerMap, and not both"
type AutoscalingSpec struct {
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5000
	Min int32 `json:"min"`
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5000
	Max int32 `json:"max"`
	// buffer is how many maps without players there are to be.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	Buffer *int32 `json:"buffer,omitempty"`
	// playersPerMap is how many players a map is to have on average.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +optional
	PlayersPerMap *int32 `json:"playersPerMap,omitempty"`
	// scaleDownDelay is for how long fewer maps must be enough before any is ended.
	// +kubebuilder:default="1m"
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+([.][0-9]+)?(ms|s|m|h))+$') && duration(self) >= duration('0s') && duration(self) <= duration('24h')",message="scaleDownDelay must be a time up to 24h, such as 1m"
	// +optional
	ScaleDownDelay *metav1.Duration `json:"scaleDownDelay,omitempty"`
}

// FleetStrategy is how maps are replaced and ended.
type FleetStrategy struct {
	// maxSurge is how many maps more than wanted there may be while maps are
	// replaced: a number or a share such as 25%.
	// +kubebuilder:default=1
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self >= 0 : self.matches('^[0-9]+%$')",message="maxSurge must be a number from 0 up, or a share such as 25%"
	// +optional
	MaxSurge *intstr.IntOrString `json:"maxSurge,omitempty"`
	// maxUnavailable is how many maps may be away at once while they are replaced: a
	// number of maps or a share such as 25%, at least one.
	// +kubebuilder:default=1
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self >= 0 : self.matches('^[0-9]+%$')",message="maxUnavailable must be a number from 0 up, or a share such as 25%"
	// +optional
	MaxUnavailable *intstr.IntOrString `json:"maxUnavailable,omitempty"`
	// drainSeconds is how long players may stay on a map that is to go. They are told
	// at once, nobody new is sent there, and after that time they are moved to another
	// map of the fleet. A map goes as soon as it is empty.
	// +kubebuilder:default=300
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	// +optional
	DrainSeconds *int32 `json:"drainSeconds,omitempty"`
}

// OrdinalsSpec are the numbers in the names of maps.
type OrdinalsSpec struct {
	// start is the first number.
	// +kubebuilder:default=0
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	// +optional
	Start *int32 `json:"start,omitempty"`
}

// The conditions of a Fleet.
const (
	// ConditionReady of a fleet: as many maps as wanted are ready and up to date.
	// Reasons: Ready, Scaling, Updating, MapsNotReady.

	// ConditionProgressing: the fleet comes nearer to what is wanted. Reasons:
	// Complete, Scaling, Updating, Draining; False with MapsNotReady: a map of the
	// newest template does not become ready, and no further one is replaced until
	// it does or the template changes.
	ConditionProgressing = "Progressing"
)

// FleetStatus is how a fleet is.
type FleetStatus struct {
	// observedGeneration is the generation of the spec that this status is about.
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// desired is how many maps are wanted: spec.replicas, or what autoscaling chose.
	// +kubebuilder:default=0
	// +optional
	Desired int32 `json:"desired"`
	// replicas is how many maps there are, draining ones among them.
	// +kubebuilder:default=0
	// +optional
	Replicas int32 `json:"replicas"`
	// ready maps let players in, busy ones have some, updated ones have the newest
	// template, draining ones are to go.
	// +kubebuilder:default=0
	// +optional
	Ready int32 `json:"ready"`
	// +kubebuilder:default=0
	// +optional
	Busy int32 `json:"busy"`
	// +kubebuilder:default=0
	// +optional
	Updated  int32 `json:"updated"`
	Draining int32 `json:"draining,omitempty"`
	// players are on all maps together.
	// +kubebuilder:default=0
	// +optional
	Players int32 `json:"players"`
	// selector finds the maps' pods, for an autoscaler of pods.
	Selector string `json:"selector,omitempty"`
	// shrinkAfter is when maps that are not needed any more are ended.
	ShrinkAfter *metav1.Time `json:"shrinkAfter,omitempty"`
	// conditions are documented in docs/spec/fleet.md.
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}
