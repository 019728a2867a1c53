package mapserver

import (
	"context"
	"log"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/native"
	"github.com/overworld-gg/overworld/mapserver/report"
	"github.com/overworld-gg/overworld/mapserver/script"
)

// inner is what only the loop's goroutine knows, as it was last told.
type inner struct {
	costs []native.Cost
	saved time.Time
	err   error
	// scripts is the time that scripts have taken.
	scripts time.Duration
}

// innerWait is how long a snapshot waits for the loop. A loop that hangs must
// not keep the operator from reading that it does.
const innerWait = time.Second

// topFaults is how many faults a snapshot lists.
const topFaults = 20

// snapshot is how the map is doing now.
func (s *Server) snapshot() report.Snapshot {
	now := time.Now()
	in := s.ask()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := report.Snapshot{
		Started:  s.started,
		Draining: s.draining,
		Frames:   s.frames(now),
		Bundle:   s.bundle,
		Save:     report.Save{Last: in.saved},
		Faults:   faults(s.game.Faults(), now),
		Slots:    slots(in.costs),
		Sessions: s.sessionCounts(),
	}
	if work := s.loop.Stats(now).Work; work > 0 {
		out.Frames.Scripts = min(1, in.scripts.Seconds()/work.Seconds())
	}
	if in.err != nil {
		out.Save.Err = in.err.Error()
	}
	switch {
	case s.draining:
		out.NotReady = "the map is being stopped"
	case out.Frames.Count == 0:
		out.NotReady = "the map has not made a frame yet"
	}
	return out
}

// ask asks the loop's goroutine.
func (s *Server) ask() inner {
	ctx, cancel := context.WithTimeout(s.ctx, innerWait)
	defer cancel()
	answer := make(chan inner, 1)
	err := s.loop.Do(ctx, func(time.Time) {
		last, err := s.game.Saved()
		answer <- inner{costs: s.game.Costs(), saved: last, err: err, scripts: s.game.ScriptTime()}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.inner = <-answer
	}
	return s.inner
}

func (s *Server) frames(now time.Time) report.Frames {
	l := s.loop.Stats(now)
	return report.Frames{
		Rate: s.loop.Rate(), Count: l.Frames, Last: l.Last, FPS1: l.FPS1, FPS10: l.FPS10,
		P50: l.P50, P99: l.P99, Max: l.Max, Busy: l.Busy, Overruns: l.Overruns, Reachable: l.Reachable,
	}
}

func faults(f *script.Faults, now time.Time) report.Faults {
	total, _ := f.Total()
	out := report.Faults{Total: total}
	for _, e := range f.Top(topFaults) {
		out.Top = append(out.Top, report.Fault{
			Fingerprint: e.Fingerprint, Slot: e.Slot, Class: string(e.Class), At: e.At, Message: e.Message,
			Revision: e.Revision, Entity: e.Entity, Count: e.Count, First: e.First, Last: e.Last,
		})
	}
	for _, q := range f.Quarantined(now) {
		out.Quarantined = append(out.Quarantined, report.Quarantined{Slot: q.Slot, Failures: q.Failures, Until: q.Until})
	}
	return out
}

func slots(costs []native.Cost) []report.Slot {
	out := make([]report.Slot, len(costs))
	for i, c := range costs {
		out[i] = report.Slot{Name: c.Slot, Calls: c.Calls, Failed: c.Failed, Total: c.Total, Max: c.Max}
	}
	return out
}

func (s *Server) sessionCounts() report.Sessions {
	c := s.sessions.Stats()
	return report.Sessions{
		Players: c.Sessions, Peak: c.Peak, Max: s.config.Map.MaxPlayers,
		Accepted: c.Accepted, Refused: c.Refused, Ended: c.Ended,
		FramesIn: c.FramesIn, FramesOut: c.FramesOut, BytesIn: c.BytesIn, BytesOut: c.BytesOut,
		Behind: c.Behind, Dropped: c.Dropped, Resyncs: c.Resyncs, Limited: c.Limited, Busy: c.Busy,
		Queued: c.Queued,
	}
}

// Players is how many players are on the map.
func (s *Server) Players() int { return s.sessions.Stats().Sessions }

// Status is how the map is doing, without waiting for the loop.
func (s *Server) Status() (frames report.Frames, faults int64) {
	total, _ := s.game.Faults().Total()
	return s.frames(time.Now()), total
}

// quiet is where the HTTP servers complain: of clients that misbehave, which is
// of no interest unless somebody looks for it.
func quiet(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }
