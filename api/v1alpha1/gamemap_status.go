package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Phase sums up how a map is.
type Phase string

// The phases of a map.
const (
	// PhasePending maps lack something that they need: see the conditions.
	PhasePending Phase = "Pending"
	// PhaseStarting maps have a pod that does not let players in yet.
	PhaseStarting Phase = "Starting"
	// PhaseRunning maps let players in.
	PhaseRunning Phase = "Running"
	// PhaseStopping maps save and tell their players.
	PhaseStopping Phase = "Stopping"
	// PhaseSuspended maps are stopped because spec.suspend says so.
	PhaseSuspended Phase = "Suspended"
)

// The conditions of a GameMap. All are True when all is well.
const (
	// ConditionReady: players may come in. Reasons: Running, Starting, Crashing,
	// ImageMissing, Unscheduled, PodRefused, Suspended, Stopping, and those of Accepted and Reachable.
	ConditionReady = "Ready"
	// ConditionAccepted: what the spec names is there. Reasons: Accepted,
	// IDConflict, BundleMissing, BundlePending, BundleNotReady, UnknownNeighbour (the map runs all
	// the same, only that side leads nowhere).
	ConditionAccepted = "Accepted"
	// ConditionScheduled: the pod has a node. Reasons: Scheduled, and those of the
	// scheduler, such as Unschedulable; NoPod, PodRefused, NameTaken.
	ConditionScheduled = "Scheduled"
	// ConditionScriptsHealthy: scripts run without errors. Reasons: Healthy, Errors
	// (of the last ten minutes), Quarantined, RevisionRefused; Unknown.
	ConditionScriptsHealthy = "ScriptsHealthy"
	// ConditionTickHealthy: the map makes its frames. Reasons: Healthy, Slow; Unknown.
	ConditionTickHealthy = "TickHealthy"
	// ConditionReachable: players have an address. Reasons: Reachable, NoAddress,
	// PortTaken, ExposureFailed, NameTaken.
	ConditionReachable = "Reachable"
	// ConditionSaved: the state is kept. Reasons: Saved, NotPersistent, SaveFailed; Unknown.
	ConditionSaved = "Saved"
)

// GameMapStatus is how a map is.
type GameMapStatus struct {
	// observedGeneration is the generation of the spec that this status is about.
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// phase is Pending, Starting, Running, Stopping or Suspended.
	Phase Phase `json:"phase,omitempty"`

	// host and port are where players connect, url is the same for WebSocket clients.
	Host string `json:"host,omitempty"`
	Port int32  `json:"port,omitempty"`
	URL  string `json:"url,omitempty"`
	// ports are all ports by name; some dialects have more than one.
	// +listType=map
	// +listMapKey=name
	Ports []PortStatus `json:"ports,omitempty"`

	// players is how many players are on the map.
	// +kubebuilder:default=0
	// +optional
	Players int32 `json:"players"`
	// fps is frames per second over the last ten seconds.
	// +kubebuilder:default=0
	// +optional
	FPS int32 `json:"fps"`
	// frameP99 is the time of work that 99 of 100 frames stay below.
	FrameP99 string `json:"frameP99,omitempty"`
	// load is the share of time that is spent in frames.
	Load string `json:"load,omitempty"`

	// revision is which code runs.
	Revision RevisionStatus `json:"revision,omitempty"`
	// scriptErrors are the errors of the scripts since the server started.
	// +kubebuilder:default={}
	ScriptErrors ScriptErrorsStatus `json:"scriptErrors,omitempty"`

	// pod and node are where the map runs, podIP and podUID are for the gateway: no
	// other pod may open the map's state.
	Pod    string `json:"pod,omitempty"`
	PodIP  string `json:"podIP,omitempty"`
	PodUID string `json:"podUID,omitempty"`
	Node   string `json:"node,omitempty"`
	// outdated says that the pod is of older settings of the operator, such as the
	// image of the map server, and is to be replaced.
	Outdated bool `json:"outdated,omitempty"`

	// keyHash is the SHA-256 of the key by which the gateway knows the map's server.
	// The key itself is long and random: its hash tells nothing.
	KeyHash string `json:"keyHash,omitempty"`
	// nextRetry is when is tried again what failed: by the operator, or by the node
	// that starts a map server anew which crashes.
	NextRetry *metav1.Time `json:"nextRetry,omitempty"`

	// conditions are documented in docs/spec/gamemap.md.
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// PortStatus is one port of a map, as players see it.
type PortStatus struct {
	// name is players for the native protocol.
	Name string `json:"name"`
	Port int32  `json:"port"`
	// protocol is TCP or UDP.
	Protocol string `json:"protocol,omitempty"`
}

// RevisionStatus is which code a map runs.
type RevisionStatus struct {
	// wanted is the revision that the map is to run, applied the one that it runs.
	Wanted  string `json:"wanted,omitempty"`
	Applied string `json:"applied,omitempty"`
	// error is why the wanted revision is not applied.
	Error string `json:"error,omitempty"`
}

// ScriptErrorsStatus are the errors of a map's scripts.
type ScriptErrorsStatus struct {
	// total counts all errors.
	// +kubebuilder:default=0
	// +optional
	Total int64 `json:"total"`
	// top are the most frequent ones, at most ten.
	// +listType=atomic
	Top []ScriptError `json:"top,omitempty"`
}

// ScriptError is one error, which happened count times.
type ScriptError struct {
	// fingerprint is the same for the same error.
	Fingerprint string `json:"fingerprint"`
	// message is what went wrong, at is where: file:line.
	Message string      `json:"message"`
	At      string      `json:"at,omitempty"`
	Count   int64       `json:"count"`
	First   metav1.Time `json:"first"`
	Last    metav1.Time `json:"last"`
}
