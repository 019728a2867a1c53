package report

import "time"

// Snapshot is how a map is doing at one moment.
type Snapshot struct {
	// Started is when the map server was started.
	Started time.Time
	// NotReady says why players may not come in yet; empty when they may.
	NotReady string
	// Draining says that the map is being stopped.
	Draining bool

	Frames   Frames
	Bundle   Bundle
	Save     Save
	Faults   Faults
	Slots    []Slot
	Sessions Sessions
}

// Frames is what the loop measures.
type Frames struct {
	// Rate is how many frames a second there should be.
	Rate int
	// Count is how many there have been, Last when the last one was.
	Count uint64
	Last  time.Time
	// FPS1 and FPS10 are the frames per second of the last second and the last
	// ten.
	FPS1, FPS10 float64
	// P50, P99 and Max are times of work per frame, lately.
	P50, P99, Max time.Duration
	// Busy is the share of time that is spent in frames, from 0 to 1.
	Busy float64
	// Scripts is the share of the frames' work that scripts took, from 0 to 1.
	Scripts float64
	// Overruns counts frames that took longer than a frame may.
	Overruns uint64
	// Reachable is how many frames a second the map could make.
	Reachable float64
}

// Bundle is which code runs.
type Bundle struct {
	// Swap is how long the last change of code held up the loop, with the frame that
	// it was in; 0 before the first.
	Swap time.Duration

	// Wanted and Applied are revisions. They differ while a revision is being
	// loaded, or when it cannot be.
	Wanted, Applied string
	// Err is why the wanted revision is not applied.
	Err string
}

// Save is how the keeping of the map's state goes.
type Save struct {
	// Last is when the state was last saved; zero if never.
	Last time.Time
	// Err is why the last try did not work.
	Err string
}

// Faults are the faults of the scripts.
type Faults struct {
	// Total is how many there have been.
	Total int64
	// Top are the most frequent ones.
	Top []Fault
	// Quarantined are the slots that rest because they keep failing.
	Quarantined []Quarantined
}

// Fault is one fault that happened Count times.
type Fault struct {
	Fingerprint string    `json:"fingerprint"`
	Slot        string    `json:"slot"`
	Class       string    `json:"class"`
	At          string    `json:"at"`
	Message     string    `json:"message"`
	Revision    string    `json:"revision,omitempty"`
	Entity      string    `json:"entity,omitempty"`
	Count       int64     `json:"count"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
}

// Quarantined is a slot that does not run until Until.
type Quarantined struct {
	Slot     string    `json:"slot"`
	Failures int       `json:"failures"`
	Until    time.Time `json:"until"`
}

// Slot is what one piece of script code costs.
type Slot struct {
	// Name is for example "events/move/up".
	Name string
	// Calls counts its runs, Failed those that ended in a fault.
	Calls, Failed uint64
	// Total is the time of all calls, Max that of the longest.
	Total, Max time.Duration
}

// Sessions is what the session server counts; see session.Stats.
type Sessions struct {
	Players, Peak, Max                      int
	Accepted                                uint64
	Refused, Ended                          map[string]uint64
	FramesIn, FramesOut, BytesIn, BytesOut  uint64
	Behind, Dropped, Resyncs, Limited, Busy uint64
	Queued                                  int
}
