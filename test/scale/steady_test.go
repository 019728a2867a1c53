//go:build scale

package scale

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/report"
)

const (
	// steady is how long what does not end is looked at.
	steady = time.Minute
	// busyShare is one in how many maps has players who come and go, and busyEvery
	// how often their number changes.
	busyShare = 10
	busyEvery = 2 * time.Second
	// probes is how many changes are followed into the status.
	probes = 20
)

// rest looks at maps on which nothing changes.
func (r *rig) rest() {
	r.Helper()
	used := r.over(steady)
	r.measure("at rest: writes", used.writes()/steady.Seconds(), 0.5, "/s")
	r.measure("at rest: polls", used.polls/steady.Seconds(), none, "/s")
	r.shares("at rest", used, steady)
}

// over is what the operator does in a time.
func (r *rig) over(d time.Duration) sample {
	before := r.sample()
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
	return r.sample().since(before)
}

// busy looks at maps of which every tenth is busy, and follows single changes on
// others.
func (r *rig) busy() {
	r.Helper()
	ctx, stop := context.WithCancel(r.Context())
	var running sync.WaitGroup
	running.Go(func() { r.play(ctx) })
	var ordinary, urgent []float64
	running.Go(func() { ordinary = r.probe(1, r.newPlayers) })
	running.Go(func() { urgent = r.probe(1+probes, r.newError) })
	used := r.over(steady)
	r.measure("busy: writes", used.writes()/steady.Seconds(), 20, "/s")
	r.measure("busy: polls", used.polls/steady.Seconds(), none, "/s")
	r.shares("busy", used, steady)
	r.until("the probes", func() string {
		if r.maps.pending() > 0 {
			return fmt.Sprintf("%d have not been seen", r.maps.pending())
		}
		return ""
	})
	stop()
	running.Wait()
	r.fresh("players", ordinary)
	r.fresh("new error", urgent)
}

// fresh tells how long changes took into the status.
func (r *rig) fresh(what string, seconds []float64) {
	slices.Sort(seconds)
	r.measure("busy: "+what+" into the status, median", seconds[len(seconds)/2], r.ofThousand(10), "s")
	r.measure("busy: "+what+" into the status, worst", seconds[len(seconds)-1], r.ofThousand(20), "s")
}

// play has players come and go on every tenth map.
func (r *rig) play(ctx context.Context) {
	ticker := time.NewTicker(busyEvery)
	defer ticker.Stop()
	for {
		for i := 0; i < r.n; i += busyShare {
			r.servers.change(mapName(i), func(s *server) { s.players = 1 + rand.IntN(400) })
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// probe makes changes one after another, on maps that are not busy and that are
// spread over all, and returns how long each took.
func (r *rig) probe(first int, change func(name string) <-chan time.Time) []float64 {
	met := make([]<-chan time.Time, probes)
	begun := make([]time.Time, probes)
	ticker := time.NewTicker(steady * 3 / 4 / probes)
	defer ticker.Stop()
	for i := range probes {
		at := (first + i) * (r.n / (2*probes + 2))
		if at%busyShare == 0 {
			at++
		}
		begun[i] = time.Now()
		met[i] = change(mapName(at))
		<-ticker.C
	}
	seconds := make([]float64, probes)
	for i := range met {
		seconds[i] = (<-met[i]).Sub(begun[i]).Seconds()
	}
	return seconds
}

func (r *rig) newPlayers(name string) <-chan time.Time {
	const players = 444 // as many as play has nowhere
	met := r.maps.when(name, func(m *v1alpha1.GameMap) bool { return m.Status.Players == players })
	r.servers.change(name, func(s *server) { s.players = players })
	return met
}

func (r *rig) newError(name string) <-chan time.Time {
	met := r.maps.when(name, func(m *v1alpha1.GameMap) bool { return m.Status.ScriptErrors.Total > 0 })
	now := time.Now()
	r.servers.change(name, func(s *server) {
		s.faults = append(s.faults, report.Fault{
			Fingerprint: "f-" + name, Slot: "events/move", Class: "error", At: "events/move.lua:3",
			Message: "attempt to index a nil value", Count: 1, First: now, Last: now,
		})
	})
	return met
}
