package session

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Stats is a snapshot of what a Server counts.
type Stats struct {
	// Sessions are there now, Peak were there at most.
	Sessions, Peak int
	// Accepted is how many sessions there have been.
	Accepted uint64
	// Refused and Ended count, by the reason words of the package's table, who was
	// not let in, and how sessions ended: also "gone", the client parted, and
	// "closed", the game ended it.
	Refused, Ended map[string]uint64
	// FramesIn and FramesOut count messages, BytesIn and BytesOut their bytes, out
	// as they are sent, in after decompression.
	FramesIn, FramesOut, BytesIn, BytesOut uint64
	// Behind counts how often a client could not keep up, Dropped the messages
	// that were dropped for it, and Resyncs the full states that made up for them.
	Behind, Dropped, Resyncs uint64
	// Limited counts messages over the rate, Busy those that the map had no room
	// for.
	Limited, Busy uint64
	// Queued is how many messages wait to be sent.
	Queued int
}

// counters count; each may be used from any goroutine.
type counters struct {
	accepted, framesIn, framesOut, bytesIn, bytesOut, behind, dropped, resyncs, limited, busy atomic.Uint64

	mu            sync.Mutex
	refused, ends map[string]uint64
}

func (c *counters) ended(e ending) {
	c.mu.Lock()
	c.ends[e.word]++
	c.mu.Unlock()
}

func (c *counters) refuse(e ending) {
	c.mu.Lock()
	c.refused[e.word]++
	c.mu.Unlock()
}

// Stats returns the counts of this moment. Safe from any goroutine.
func (s *Server) Stats() Stats {
	c := &s.counters
	out := Stats{
		Accepted: c.accepted.Load(),
		FramesIn: c.framesIn.Load(), FramesOut: c.framesOut.Load(),
		BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
		Behind: c.behind.Load(), Dropped: c.dropped.Load(), Resyncs: c.resyncs.Load(),
		Limited: c.limited.Load(), Busy: c.busy.Load(),
	}
	c.mu.Lock()
	out.Refused, out.Ended = maps.Clone(c.refused), maps.Clone(c.ends)
	c.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	out.Sessions, out.Peak = len(s.players), s.peak
	for _, session := range s.players {
		session.mu.Lock()
		out.Queued += session.outbox.len()
		session.mu.Unlock()
	}
	return out
}
