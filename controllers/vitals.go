package controllers

import (
	"fmt"
	"math"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/report"
)

const (
	// topErrors is how many errors a status lists.
	topErrors = 10
	// errorMemory is for how long an error makes a map's scripts unhealthy.
	errorMemory = 10 * time.Minute
	// slowShare is the share of its frames that a healthy map makes.
	slowShare = 0.9
)

// vitals is what a map server reported last, as far as the status of the GameMap
// tells it.
type vitals struct {
	players  int32
	fps      int32
	p99      time.Duration
	load     int // percent
	revision v1alpha1.RevisionStatus
	errors   v1alpha1.ScriptErrorsStatus
	// unhealthy, slow and unsaved say what is wrong; empty if nothing is.
	unhealthy, slow, unsaved verdict
	// silent says that the map server does not answer.
	silent string
}

// verdict is the reason and the message of a condition that is not True.
type verdict struct{ reason, message string }

// digest reads what a map server reports.
func digest(s *report.Status, now time.Time) vitals {
	v := vitals{
		players:  int32(s.Players),
		fps:      int32(math.Round(s.Frames.FPS10)),
		p99:      time.Duration(s.Frames.P99Ms * float64(time.Millisecond)),
		load:     int(math.Round(s.Frames.Busy * 100)),
		revision: v1alpha1.RevisionStatus{Wanted: s.Bundle.Wanted, Applied: s.Bundle.Applied, Error: brief(s.Bundle.Error)},
		errors:   v1alpha1.ScriptErrorsStatus{Total: s.Faults.Total},
	}
	for _, f := range s.Faults.Top[:min(topErrors, len(s.Faults.Top))] {
		v.errors.Top = append(v.errors.Top, v1alpha1.ScriptError{
			Fingerprint: f.Fingerprint, Message: brief(f.Message), At: f.At, Count: f.Count,
			First: metav1.NewTime(f.First.Truncate(time.Second)), Last: metav1.NewTime(f.Last.Truncate(time.Second)),
		})
	}
	v.unhealthy = unhealthy(s, now)
	v.slow = slow(s)
	if s.Save.Error != "" {
		v.unsaved = verdict{"SaveFailed", brief(s.Save.Error)}
	}
	return v
}

// unhealthy says what is wrong with the scripts.
func unhealthy(s *report.Status, now time.Time) verdict {
	if s.Bundle.Error != "" {
		return verdict{"RevisionRefused", brief("revision " + s.Bundle.Wanted + " does not run, and the map goes on with " + s.Bundle.Applied + ": " + s.Bundle.Error)}
	}
	if len(s.Faults.Quarantined) > 0 {
		names := make([]string, len(s.Faults.Quarantined))
		for i, q := range s.Faults.Quarantined {
			names[i] = q.Slot
		}
		return verdict{"Quarantined", brief("rests because it keeps failing: " + strings.Join(names, ", "))}
	}
	var newest *report.Fault
	for i := range s.Faults.Top {
		if f := &s.Faults.Top[i]; newest == nil || f.Last.After(newest.Last) {
			newest = f
		}
	}
	if newest == nil || now.Sub(newest.Last) > errorMemory {
		return verdict{}
	}
	return verdict{"Errors", brief(errorText(newest.At, newest.Message))}
}

// errorText puts the place before a message that does not begin with it.
func errorText(at, message string) string {
	if at == "" || strings.HasPrefix(message, at) {
		return message
	}
	return at + ": " + message
}

// slow says that the map does not make its frames. A map that has just started
// has no ten seconds to tell of.
func slow(s *report.Status) verdict {
	if s.UptimeSeconds < 10 || s.Frames.FPS10 >= slowShare*float64(s.Frames.Rate) {
		return verdict{}
	}
	return verdict{"Slow", fmt.Sprintf("the map makes %.0f of its %d frames a second: it needs more CPU (spec.pod.resources), fewer players or lighter scripts",
		s.Frames.FPS10, s.Frames.Rate)}
}

// settle keeps what has changed so little that it is not worth a write.
func settle(before, now vitals) vitals {
	if abs(before.fps-now.fps) <= 1 {
		now.fps = before.fps
	}
	if before.p99 > 0 && now.p99 < 2*before.p99 && before.p99 < 2*now.p99 {
		now.p99 = before.p99
	}
	if now.p99 < time.Millisecond && before.p99 < time.Millisecond {
		now.p99 = before.p99
	}
	if abs(before.load-now.load) < 5 {
		now.load = before.load
	}
	if before.slow.reason == now.slow.reason {
		now.slow = before.slow // its text has a figure
	}
	return now
}

func abs[T int | int32](n T) T {
	if n < 0 {
		return -n
	}
	return n
}

// change is how much different two vitals are.
type change int

const (
	same change = iota
	// ordinary changes may wait for others: players, speed, counts.
	ordinary
	// urgent changes are what somebody looks for: a new error, another revision.
	urgent
)

// compare tells how much has changed.
func compare(before, now vitals) change {
	switch {
	case before.silent != now.silent, before.revision != now.revision, before.unhealthy.reason != now.unhealthy.reason,
		before.slow.reason != now.slow.reason, before.unsaved.reason != now.unsaved.reason, hasNew(before.errors.Top, now.errors.Top):
		return urgent
	case before.players != now.players, before.fps != now.fps, before.p99 != now.p99, before.load != now.load,
		before.errors.Total != now.errors.Total, before.unhealthy != now.unhealthy, before.unsaved != now.unsaved:
		return ordinary
	default:
		return same
	}
}

// hasNew tells whether there is an error that was not there before.
func hasNew(before, now []v1alpha1.ScriptError) bool { return len(newErrors(before, now)) > 0 }

// newErrors are the errors that were not there before.
func newErrors(before, now []v1alpha1.ScriptError) []v1alpha1.ScriptError {
	known := make(map[string]bool, len(before))
	for _, e := range before {
		known[e.Fingerprint] = true
	}
	var out []v1alpha1.ScriptError
	for _, e := range now {
		if !known[e.Fingerprint] {
			out = append(out, e)
		}
	}
	return out
}
