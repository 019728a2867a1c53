package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ScriptBundle is the code and the data of a game.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=sb,categories={overworld,all}
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Rev",type=string,JSONPath=`.status.revision`
// +kubebuilder:printcolumn:name="Files",type=integer,JSONPath=`.status.files`
// +kubebuilder:printcolumn:name="Maps",type=integer,JSONPath=`.status.maps`
// +kubebuilder:printcolumn:name="Applied",type=integer,JSONPath=`.status.applied`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 57",message="metadata.name must be at most 57 long: the ConfigMaps NAME-blue and NAME-green are called after it"
type ScriptBundle struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   ScriptBundleSpec   `json:"spec"`
	Status ScriptBundleStatus `json:"status,omitempty"`
}

// ScriptBundleList is a list of bundles.
//
// +kubebuilder:object:root=true
type ScriptBundleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ScriptBundle `json:"items"`
}

// Dialect is the system that scripts are written for.
//
// +kubebuilder:validation:Enum=World;GameLift;MGOBE;Mydog;Cocos
type Dialect string

// DialectWorld is Overworld's own. The other names are kept for what is to come.
const DialectWorld Dialect = "World"

// ScriptBundleSpec is what the bundle holds.
//
// +kubebuilder:validation:XValidation:rule="has(self.files) != has(self.source)",message="give the bundle's files either in files or in source.configMap, and not both"
type ScriptBundleSpec struct {
	// dialect is the system that the scripts are written for.
	// +kubebuilder:default=World
	// +kubebuilder:validation:XValidation:rule="self == 'World'",message="only the dialect World runs so far; GameLift, MGOBE, Mydog and Cocos are reserved for later versions"
	// +optional
	Dialect Dialect `json:"dialect,omitempty"`

	// files maps paths such as "events/move/up.lua" to texts.
	// +kubebuilder:validation:MinProperties=1
	// +optional
	Files map[string]string `json:"files,omitempty"`

	// source is where the files are, if they are not here.
	// +optional
	Source *BundleSource `json:"source,omitempty"`

	// entry is the path of the bundle's entry file, where it is not the dialect's
	// own: world.yaml for World. A folder before it is left out of all paths, so a
	// bundle may be a folder of a larger archive: "games/meadow/world.yaml".
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Entry string `json:"entry,omitempty"`

	// limits bound the scripts of all maps of the bundle.
	// +optional
	Limits ScriptLimits `json:"limits,omitempty"`

	// revision asks for one of the two revisions in status.slots, whatever the files
	// are: a roll-back. Without it, maps run the newest files that compile.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]*$')",message="revision must be one of status.slots, such as 822056cec592"
	// +optional
	Revision string `json:"revision,omitempty"`
}

// BundleSource is where the files of a bundle are.
type BundleSource struct {
	// configMap holds a file per key; "__" in a key stands for "/", which keys may
	// not have. A key of binaryData that ends in .zip is an archive of files.
	ConfigMap ConfigMapSource `json:"configMap"`
}

// ConfigMapSource names a ConfigMap of the same namespace.
type ConfigMapSource struct {
	// name of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// Slot is one of the two places that a bundle's revisions take turns in.
//
// +kubebuilder:validation:Enum=blue;green
type Slot string

// The slots.
const (
	SlotBlue  Slot = "blue"
	SlotGreen Slot = "green"
)

// The conditions of a ScriptBundle.
const (
	// ConditionCompiled: the files of the spec make a bundle that maps can run.
	// Reasons: Compiled, SourceMissing, SourceInvalid (not readable as files),
	// TooLarge, SlotTaken, CompileFailed (file:line:col and what is wrong, a line each).
	ConditionCompiled = "Compiled"
	// ConditionReady of a bundle: maps can get a revision. It is False with the
	// reason of Compiled while the newest files cannot run, also when maps still
	// run an older revision. Reasons: Ready, SlotsBusy (a revision waits until maps
	// have left the older of two), RevisionUnknown (spec.revision is in no slot),
	// RevisionRefused (a map cannot load it, and goes on with an older one), and those
	// of Compiled.
)

// ScriptBundleStatus is how a bundle is.
type ScriptBundleStatus struct {
	// observedGeneration is the generation of the spec that this status is about.
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// revision is what maps are to run: a hash of the newest files that compile.
	Revision string `json:"revision,omitempty"`
	// slot holds that revision.
	Slot Slot `json:"slot,omitempty"`
	// slots are the revisions in both slots.
	Slots SlotsStatus `json:"slots,omitempty"`
	// files and bytes are how large the revision is, without compression.
	Files int32 `json:"files,omitempty"`
	Bytes int64 `json:"bytes,omitempty"`
	// languages are those of its scripts.
	// +listType=atomic
	Languages []string `json:"languages,omitempty"`
	// maps is how many GameMaps use the bundle, mapNames the first ten of them.
	// +kubebuilder:default=0
	// +optional
	Maps int32 `json:"maps"`
	// +listType=atomic
	MapNames []string `json:"mapNames,omitempty"`
	// applied is how many of them run the revision.
	// +kubebuilder:default=0
	// +optional
	Applied int32 `json:"applied"`
	// conditions are documented in docs/spec/scriptbundle.md.
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// SlotsStatus are the revisions in the slots, empty for none.
type SlotsStatus struct {
	Blue  string `json:"blue,omitempty"`
	Green string `json:"green,omitempty"`
}

// String lists the revisions, for people.
func (s SlotsStatus) String() string {
	switch {
	case s.Blue == "" && s.Green == "":
		return "(none is kept yet)"
	case s.Blue == "" || s.Green == "":
		return s.Blue + s.Green
	default:
		return s.Blue + " or " + s.Green
	}
}

// Of returns the revision in a slot.
func (s SlotsStatus) Of(slot Slot) string {
	if slot == SlotGreen {
		return s.Green
	}
	return s.Blue
}
