package session

import (
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// resyncGap is the least time between two full states for one slow client: a
// full state is work for the game.
const resyncGap = time.Second

// lag is how a session stands that cannot keep up.
type lag struct {
	// since is when the outbox became full; zero if the session keeps up.
	since time.Time
	// behind says that changes of the state have been dropped, and that further
	// ones are of no use until the game has sent a full state.
	behind bool
	// asked says that the game has been asked for the full state.
	asked bool
	// synced is when the game sent the last one.
	synced time.Time
}

// full notes that the outbox has no room for m, and drops what a full state
// makes up for. s.mu is held.
func (s *Session) full(m *game.Message) {
	if s.lag.since.IsZero() {
		s.lag.since = s.server.config.Now()
		s.server.counters.behind.Add(1)
	}
	dropped := s.outbox.dropState()
	s.server.counters.dropped.Add(uint64(dropped))
	if !s.lag.behind && (dropped > 0 || m.State) {
		s.lag.behind, s.lag.asked = true, false
	}
}

// catchUp ends the lag when the socket takes data again: at once, or by asking
// the game for the full state. It returns true if that is to be queued as a
// turn. s.mu is held.
func (s *Session) catchUp(now time.Time) bool {
	c := &s.server.config
	if s.lag.since.IsZero() || s.ended || s.wire.busy.Load() || s.outbox.full((c.MaxQueue+1)/2, (c.MaxQueueBytes+1)/2) {
		return false
	}
	if !s.lag.behind {
		s.lag.since = time.Time{}
		return false
	}
	if s.lag.asked || now.Sub(s.lag.synced) < resyncGap {
		return false
	}
	s.lag.asked = true
	return true
}

// resynced notes that the game is about to send the full state. It returns false
// if that is not needed any more.
func (s *Session) resynced(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lag.behind || s.ended {
		return false
	}
	s.lag = lag{synced: now}
	return true
}

// tooSlow says whether s has not kept up for longer than allowed.
func (s *Session) tooSlow(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.lag.since.IsZero() && now.Sub(s.lag.since) >= s.server.config.SlowLimit
}
