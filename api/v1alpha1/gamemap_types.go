package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// GameMap is one map of a game: a server of its own, with its own scripts' state.
//
// +kubebuilder:object:root=true
type GameMap struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec GameMapSpec `json:"spec,omitempty"`
}

// GameMapList is a list of maps.
//
// +kubebuilder:object:root=true
type GameMapList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []GameMap `json:"items"`
}

// GameMapSpec is how a map runs. The name of the GameMap is the id of the map, in
// packets and in scripts.
type GameMapSpec struct {
	// bundle names the ScriptBundle that the map runs. On a laptop it may be left
	// out: the map then runs the bundle in the manifest's folder.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Bundle string `json:"bundle,omitempty"`

	// maxPlayers is how many players the map lets in at once; who comes then is
	// told that the map is full.
	// +kubebuilder:default=500
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +optional
	MaxPlayers *int32 `json:"maxPlayers,omitempty"`

	// tickRate is how many frames the map makes per second. A map that cannot keep
	// up becomes slower, and no player loses the connection for it.
	// +kubebuilder:default=60
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	// +optional
	TickRate *int32 `json:"tickRate,omitempty"`

	// sendRate is how often per second changes are sent; it cannot be more than
	// tickRate, which is the default.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	// +optional
	SendRate *int32 `json:"sendRate,omitempty"`

	// host is the name or address that players' clients connect to, where it is
	// not the one by which they reached the gateway.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Host string `json:"host,omitempty"`

	// port is where players connect; without it the map gets a free one.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	Port *int32 `json:"port,omitempty"`

	// neighbours are the maps beside this one, by the name of the side: left,
	// right, and so on.
	// +optional
	Neighbours map[string]string `json:"neighbours,omitempty"`

	// saveEvery is the time between saves of the map and its players.
	// +kubebuilder:default="5s"
	// +optional
	SaveEvery *metav1.Duration `json:"saveEvery,omitempty"`

	// drainFor is how long a stop may take: saving, and telling players.
	// +kubebuilder:default="20s"
	// +optional
	DrainFor *metav1.Duration `json:"drainFor,omitempty"`

	// protocol is how packets are written.
	// +optional
	Protocol ProtocolSpec `json:"protocol,omitempty"`

	// scripts are the limits of the map's scripts.
	// +optional
	Scripts ScriptSpec `json:"scripts,omitempty"`
}

// EntitiesForm is how entities stand in packets.
//
// +kubebuilder:validation:Enum=Arrays;Dictionaries
type EntitiesForm string

// The forms of entities.
const (
	// EntityArrays writes {"players":[{"id":24}]}.
	EntityArrays EntitiesForm = "Arrays"
	// EntityDictionaries writes {"players":{"players_24":{"id":24}}}.
	EntityDictionaries EntitiesForm = "Dictionaries"
)

// ListsForm is how scripts' lists stand in packets.
//
// +kubebuilder:validation:Enum=Arrays;Objects
type ListsForm string

// The forms of lists.
const (
	// ListArrays writes [1,2].
	ListArrays ListsForm = "Arrays"
	// ListObjects writes {"1":1,"2":2}.
	ListObjects ListsForm = "Objects"
)

// ProtocolSpec is how a map writes its packets; clients of different times expect
// different forms.
type ProtocolSpec struct {
	// entities is Arrays or Dictionaries.
	// +kubebuilder:default=Arrays
	// +optional
	Entities EntitiesForm `json:"entities,omitempty"`

	// lists is Arrays or Objects.
	// +kubebuilder:default=Arrays
	// +optional
	Lists ListsForm `json:"lists,omitempty"`

	// compression offers permessage-deflate to clients; every browser takes it.
	// +kubebuilder:default=true
	// +optional
	Compression *bool `json:"compression,omitempty"`
}

// ScriptSpec bounds the scripts of a map.
type ScriptSpec struct {
	// callBudget is how long one call of a script may take before it is cut.
	// +kubebuilder:default="50ms"
	// +optional
	CallBudget *metav1.Duration `json:"callBudget,omitempty"`

	// memory is how much data the scripts may hold.
	// +kubebuilder:default="128Mi"
	// +optional
	Memory *resource.Quantity `json:"memory,omitempty"`
}
