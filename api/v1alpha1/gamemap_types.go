package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// GameMap is one map of a game: a server of its own, with its own scripts' state.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gmap,categories={overworld,all}
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Players",type=integer,JSONPath=`.status.players`
// +kubebuilder:printcolumn:name="FPS",type=integer,JSONPath=`.status.fps`
// +kubebuilder:printcolumn:name="P99",type=string,JSONPath=`.status.frameP99`
// +kubebuilder:printcolumn:name="Errors",type=integer,JSONPath=`.status.scriptErrors.total`
// +kubebuilder:printcolumn:name="Rev",type=string,JSONPath=`.status.revision.applied`
// +kubebuilder:printcolumn:name="Wanted",type=string,JSONPath=`.status.revision.wanted`
// +kubebuilder:printcolumn:name="URL",type=string,JSONPath=`.status.url`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Load",type=string,JSONPath=`.status.load`,priority=1
// +kubebuilder:printcolumn:name="Node",type=string,JSONPath=`.status.node`,priority=1
// +kubebuilder:printcolumn:name="Pod",type=string,JSONPath=`.status.pod`,priority=1
// +kubebuilder:printcolumn:name="Why",type=string,JSONPath=`.status.revision.error`,priority=1
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z]([-a-z0-9]{0,51}[a-z0-9])?$')",message="metadata.name must have small letters, digits and -, begin with a letter, end with a letter or digit, and be at most 53 long: it is also the name of a Service"
type GameMap struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// +kubebuilder:default={}
	Spec   GameMapSpec   `json:"spec,omitempty"`
	Status GameMapStatus `json:"status,omitempty"`
}

// GameMapList is a list of maps.
//
// +kubebuilder:object:root=true
type GameMapList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []GameMap `json:"items"`
}

// MapID is the id of the map in packets, in scripts, and in its saved state.
func (m *GameMap) MapID() string {
	if m.Spec.ID != "" {
		return m.Spec.ID
	}
	return m.Name
}

// GameMapSpec is how a map runs.
//
// +kubebuilder:validation:XValidation:rule="!has(self.sendRate) || !has(self.tickRate) || self.sendRate <= self.tickRate",message="sendRate cannot be more than tickRate: a map sends at most once a frame"
type GameMapSpec struct {
	// id is the id of the map in packets, in scripts and in its saved state, unique
	// in the namespace; without it, the name of the GameMap. Another id is another
	// saved state.
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$')",message="id must be of letters, digits and . _ - (not at its ends), at most 63"
	// +optional
	ID string `json:"id,omitempty"`

	// bundle names the ScriptBundle that the map runs. On a laptop it may be left
	// out: the map then runs the bundle in the manifest's folder.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Bundle string `json:"bundle,omitempty"`

	// terrain is the path of the Tiled map in the bundle; without it, the one that
	// world.yaml names. Maps of one bundle may so have different terrains.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Terrain string `json:"terrain,omitempty"`

	// neighbours are the ids of the maps beside this one, by the name of the side:
	// left, right, and so on.
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(side, side.size() > 0 && self[side].size() > 0 && self[side].size() < 64)",message="neighbours must map names of sides to ids of maps, such as {left: forest}; neither may be empty"
	// +optional
	Neighbours map[string]string `json:"neighbours,omitempty"`

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

	// exposure is how players reach the map.
	// +kubebuilder:default={}
	// +optional
	Exposure ExposureSpec `json:"exposure,omitempty"`

	// persistence is how the map's state is kept.
	// +kubebuilder:default={}
	// +optional
	Persistence PersistenceSpec `json:"persistence,omitempty"`

	// drain is how the map stops.
	// +kubebuilder:default={}
	// +optional
	Drain DrainSpec `json:"drain,omitempty"`

	// suspend saves the map and stops its server until it is false again. Players
	// who log in are told that the map is stopped.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// protocol is how packets are written.
	// +kubebuilder:default={}
	// +optional
	Protocol ProtocolSpec `json:"protocol,omitempty"`

	// scripts are the limits of the map's scripts, where they are not those of the
	// bundle.
	// +optional
	Scripts ScriptLimits `json:"scripts,omitempty"`

	// pod is what the map's pod has beside what it needs. On a laptop it means
	// nothing.
	// +optional
	Pod PodSpec `json:"pod,omitempty"`
}

// PersistenceSpec is how a map's state is kept.
type PersistenceSpec struct {
	// enabled keeps the map's entities and its players. A map without persistence
	// begins anew each time; its players too.
	// +kubebuilder:default=true
	// +optional
	Enabled *bool `json:"enabled,omitempty"`

	// saveEvery is the time between saves.
	// +kubebuilder:default="5s"
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+([.][0-9]+)?(ms|s|m|h))+$') && duration(self) >= duration('1s') && duration(self) <= duration('1h')",message="saveEvery must be a time from 1s to 1h, such as 5s"
	// +optional
	SaveEvery *metav1.Duration `json:"saveEvery,omitempty"`
}

// DrainSpec is how a map stops.
type DrainSpec struct {
	// timeout is how long a stop may take: saving, and telling players.
	// +kubebuilder:default="20s"
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+([.][0-9]+)?(ms|s|m|h))+$') && duration(self) >= duration('1s') && duration(self) <= duration('1h')",message="timeout must be a time from 1s to 1h, such as 20s"
	// +optional
	Timeout *metav1.Duration `json:"timeout,omitempty"`
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

// ScriptLimits bound the scripts of a map.
type ScriptLimits struct {
	// callBudget is how long one call of a script may take before it is cut; 50ms
	// if nothing else is said.
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+([.][0-9]+)?(ms|s|m|h))+$') && duration(self) >= duration('1ms') && duration(self) <= duration('10s')",message="callBudget must be a time from 1ms to 10s, such as 50ms"
	// +optional
	CallBudget *metav1.Duration `json:"callBudget,omitempty"`

	// memory is how much data the scripts may hold; 128Mi if nothing else is said.
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('1Mi')) >= 0",message="memory must be an amount of at least 1Mi, such as 128Mi"
	// +optional
	Memory *resource.Quantity `json:"memory,omitempty"`
}
