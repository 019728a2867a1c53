package session

import (
	"sync"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// maxBatch is how much is written to a connection at once, in bytes of
// messages. What a socket did not take can no longer be dropped, so it is not
// everything that waits.
const maxBatch = 64 << 10

// shard is one writer's share of the sessions.
type shard struct {
	wake chan struct{}

	mu sync.Mutex
	// listed are the sessions with something queued.
	listed []*Session
}

func newShard() *shard { return &shard{wake: make(chan struct{}, 1)} }

func (h *shard) add(s *Session) {
	h.mu.Lock()
	h.listed = append(h.listed, s)
	h.mu.Unlock()
}

// signal wakes the writer if there is something to write.
func (h *shard) signal() {
	h.mu.Lock()
	n := len(h.listed)
	h.mu.Unlock()
	if n == 0 {
		return
	}
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// write walks the listed sessions each time it is woken, until stop is closed.
func (h *shard) write(stop <-chan struct{}) {
	var walk []*Session
	var scratch scratch
	for {
		select {
		case <-stop:
			return
		case <-h.wake:
		}
		h.mu.Lock()
		walk, h.listed = h.listed, walk[:0]
		h.mu.Unlock()
		for i, s := range walk {
			s.flush(&scratch)
			walk[i] = nil
		}
	}
}

// scratch is memory that a writer uses again and again.
type scratch struct {
	batch []*game.Message
	bytes []byte
}

// flush writes what is queued, as long as the socket takes it. It is called by
// the writer, by the goroutine that waited for a full socket, and by the reader
// at the end.
func (s *Session) flush(sc *scratch) {
	s.writing.Lock()
	defer s.writing.Unlock()
	for {
		s.mu.Lock()
		s.listed = false
		if s.wire.busy.Load() || s.outbox.len() == 0 {
			ask := !s.lag.since.IsZero() && s.catchUp(s.server.config.Now())
			s.mu.Unlock()
			if ask {
				s.server.queueTurn(turn{session: s, kind: turnResync})
			}
			return
		}
		sc.batch = s.outbox.pop(sc.batch[:0], maxBatch)
		done := s.outbox.len() == 0 && s.lag.since.IsZero()
		s.mu.Unlock()
		if err := s.writeBatch(sc); err != nil {
			s.abandon()
			return
		}
		if done {
			return
		}
	}
}

// writeBatch writes the batch of sc at once.
func (s *Session) writeBatch(sc *scratch) error {
	c := &s.server.counters
	out := s.server.framer.wire(sc.batch[0], s.form)
	if len(sc.batch) > 1 {
		sc.bytes = sc.bytes[:0]
		for _, m := range sc.batch {
			sc.bytes = append(sc.bytes, s.server.framer.wire(m, s.form)...)
		}
		out = sc.bytes
	}
	c.framesOut.Add(uint64(len(sc.batch)))
	c.bytesOut.Add(uint64(len(out)))
	clear(sc.batch)
	if s.top == s.wire {
		_, err := s.wire.Write(out)
		return err
	}
	s.wire.cork()
	defer s.wire.uncork()
	_, err := s.top.Write(out)
	return err
}

// abandon gives a broken connection up; its reader does the rest.
func (s *Session) abandon() {
	s.mu.Lock()
	s.outbox.clear()
	s.mu.Unlock()
	s.cut()
}
