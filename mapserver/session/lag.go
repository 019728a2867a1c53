package session

import "time"

// resyncGap is the least time between two full states for one slow client: a
// full state is work for the game.
const resyncGap = time.Second

// lag is how a session stands that cannot keep up.
type lag struct {
	// behind says that messages have been dropped, and that further changes are
	// of no use until the game has sent a full state.
	behind bool
	since  time.Time
	// asked says that the game has been asked for the full state.
	asked bool
	// synced is when the game sent the last one.
	synced time.Time
}

// fallBehind drops what a full state makes up for. s.mu is held.
func (s *Session) fallBehind() {
	if s.lag.behind {
		return
	}
	s.lag.behind, s.lag.asked, s.lag.since = true, false, s.server.config.Now()
	s.server.counters.behind.Add(1)
	s.server.counters.dropped.Add(uint64(s.outbox.dropState()))
}

// catchUp asks the game for the full state when there is room for it. It
// returns true if a turn is to be queued. s.mu is held.
func (s *Session) catchUp(now time.Time) bool {
	c := &s.server.config
	if !s.lag.behind || s.lag.asked || s.ended || s.wire.busy.Load() {
		return false
	}
	if s.outbox.len() > c.MaxQueue/2 || s.outbox.bytes > c.MaxQueueBytes/2 || now.Sub(s.lag.synced) < resyncGap {
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

// tooSlow says whether s has been behind for longer than allowed.
func (s *Session) tooSlow(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lag.behind && now.Sub(s.lag.since) >= s.server.config.SlowLimit
}
