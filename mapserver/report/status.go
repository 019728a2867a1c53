package report

import (
	"cmp"
	"slices"
	"time"
)

// MaxSlots is how many slots a status lists: those that cost most.
const MaxSlots = 50

// Status is the document at /status. Times are in milliseconds where the name
// ends in Ms, in seconds where it ends in Seconds.
type Status struct {
	Map           string        `json:"map"`
	Ready         bool          `json:"ready"`
	NotReady      string        `json:"notReady,omitempty"`
	Draining      bool          `json:"draining"`
	UptimeSeconds float64       `json:"uptimeSeconds"`
	Players       int           `json:"players"`
	PeakPlayers   int           `json:"peakPlayers"`
	MaxPlayers    int           `json:"maxPlayers"`
	Frames        FrameStatus   `json:"frames"`
	Bundle        BundleStatus  `json:"bundle"`
	Save          SaveStatus    `json:"save"`
	Faults        FaultStatus   `json:"faults"`
	Slots         []SlotStatus  `json:"slots"`
	Sessions      SessionStatus `json:"sessions"`
}

// FrameStatus is Frames in a Status.
type FrameStatus struct {
	Rate         int     `json:"rate"`
	Count        uint64  `json:"count"`
	FPS1         float64 `json:"fps1"`
	FPS10        float64 `json:"fps10"`
	P50Ms        float64 `json:"p50Ms"`
	P99Ms        float64 `json:"p99Ms"`
	MaxMs        float64 `json:"maxMs"`
	Busy         float64 `json:"busy"`
	Scripts      float64 `json:"scripts"`
	Overruns     uint64  `json:"overruns"`
	ReachableFPS float64 `json:"reachableFps"`
}

// BundleStatus is Bundle in a Status.
type BundleStatus struct {
	Wanted  string `json:"wanted"`
	Applied string `json:"applied"`
	Error   string `json:"error,omitempty"`
	// SwapMs is how long the last change of code held up the loop; absent before the
	// first.
	SwapMs float64 `json:"swapMs,omitempty"`
}

// SaveStatus is Save in a Status.
type SaveStatus struct {
	// AgeSeconds is how long ago the state was saved; absent if never.
	AgeSeconds *float64 `json:"ageSeconds,omitempty"`
	Error      string   `json:"error,omitempty"`
}

// FaultStatus is Faults in a Status.
type FaultStatus struct {
	Total       int64         `json:"total"`
	Top         []Fault       `json:"top"`
	Quarantined []Quarantined `json:"quarantined"`
}

// SlotStatus is a Slot in a Status.
type SlotStatus struct {
	Name    string  `json:"name"`
	Calls   uint64  `json:"calls"`
	Failed  uint64  `json:"failed"`
	MeanMs  float64 `json:"meanMs"`
	MaxMs   float64 `json:"maxMs"`
	TotalMs float64 `json:"totalMs"`
}

// SessionStatus is Sessions in a Status.
type SessionStatus struct {
	Accepted  uint64            `json:"accepted"`
	Refused   map[string]uint64 `json:"refused,omitempty"`
	Ended     map[string]uint64 `json:"ended,omitempty"`
	FramesIn  uint64            `json:"framesIn"`
	FramesOut uint64            `json:"framesOut"`
	BytesIn   uint64            `json:"bytesIn"`
	BytesOut  uint64            `json:"bytesOut"`
	Behind    uint64            `json:"behind"`
	Dropped   uint64            `json:"dropped"`
	Resyncs   uint64            `json:"resyncs"`
	Limited   uint64            `json:"limited"`
	Busy      uint64            `json:"busy"`
	Queued    int               `json:"queued"`
}

// StatusOf returns the status of the map with that id at the time now.
func StatusOf(id string, s Snapshot, now time.Time) Status {
	at := Config{Snapshot: func() Snapshot { return s }, Now: func() time.Time { return now }}
	out := Status{
		Map: id, NotReady: at.notReady(), Draining: s.Draining,
		Players: s.Sessions.Players, PeakPlayers: s.Sessions.Peak, MaxPlayers: s.Sessions.Max,
		Frames:   s.Frames.status(),
		Bundle:   BundleStatus{s.Bundle.Wanted, s.Bundle.Applied, s.Bundle.Err, ms(s.Bundle.Swap)},
		Save:     SaveStatus{Error: s.Save.Err},
		Faults:   FaultStatus{s.Faults.Total, orEmpty(s.Faults.Top), orEmpty(s.Faults.Quarantined)},
		Slots:    []SlotStatus{},
		Sessions: s.Sessions.status(),
	}
	out.Ready = out.NotReady == ""
	if !s.Started.IsZero() {
		out.UptimeSeconds = now.Sub(s.Started).Seconds()
	}
	if !s.Save.Last.IsZero() {
		age := now.Sub(s.Save.Last).Seconds()
		out.Save.AgeSeconds = &age
	}
	for _, slot := range costly(s.Slots) {
		out.Slots = append(out.Slots, slot.status())
	}
	return out
}

// orEmpty makes a list that JSON shows as [] and not as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// costly returns the slots that cost most, the most expensive one first.
func costly(slots []Slot) []Slot {
	sorted := slices.Clone(slots)
	slices.SortFunc(sorted, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Name, b.Name))
	})
	return sorted[:min(MaxSlots, len(sorted))]
}

func (f Frames) status() FrameStatus {
	return FrameStatus{
		Rate: f.Rate, Count: f.Count, FPS1: f.FPS1, FPS10: f.FPS10,
		P50Ms: ms(f.P50), P99Ms: ms(f.P99), MaxMs: ms(f.Max),
		Busy: f.Busy, Scripts: f.Scripts, Overruns: f.Overruns, ReachableFPS: f.Reachable,
	}
}

func (s Slot) status() SlotStatus {
	return SlotStatus{Name: s.Name, Calls: s.Calls, Failed: s.Failed, MeanMs: ms(s.mean()), MaxMs: ms(s.Max), TotalMs: ms(s.Total)}
}

func (s Slot) mean() time.Duration {
	if s.Calls == 0 {
		return 0
	}
	return s.Total / time.Duration(s.Calls)
}

func (s Sessions) status() SessionStatus {
	return SessionStatus{
		Accepted: s.Accepted, Refused: s.Refused, Ended: s.Ended,
		FramesIn: s.FramesIn, FramesOut: s.FramesOut, BytesIn: s.BytesIn, BytesOut: s.BytesOut,
		Behind: s.Behind, Dropped: s.Dropped, Resyncs: s.Resyncs, Limited: s.Limited, Busy: s.Busy, Queued: s.Queued,
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
