package session

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// Session is one client's connection. It is the game.Session of its player.
type Session struct {
	server *Server
	id     uint64
	player game.Player
	conn   *websocket.Conn
	wire   *wire
	// top is what frames are written to: the wire, or TLS above it.
	top   net.Conn
	form  int
	shard *shard

	// heard and pinged are when the client was last heard of and last pinged, in
	// nanoseconds of unix time.
	heard, pinged atomic.Int64

	// Used by the reader only.
	bucket  *rate.Limiter
	strikes int
	struck  time.Time

	// joined says that the game has it. Used on the loop's goroutine only.
	joined bool
	// writing serializes taking messages from the queue and writing them.
	writing sync.Mutex

	mu     sync.Mutex
	outbox outbox
	// listed says that it is in its writer's list.
	listed bool
	// ended says that its close frame has been queued, or it is gone.
	ended bool
	lag   lag
}

var _ game.Session = (*Session)(nil)

// ID is unique among the sessions of a process.
func (s *Session) ID() uint64 { return s.id }

// Player tells who it is.
func (s *Session) Player() game.Player { return s.player }

// Send queues m; it goes out at the next Server.Flush.
func (s *Session) Send(m *game.Message) {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	lost := s.queue(m)
	s.mu.Unlock()
	if lost {
		s.end(s.server.config.endSlow())
	}
}

// Messages that may not be dropped may take this many times the room that
// changes of the state may take: one of them may be a whole world.
const (
	moreMessages = 4
	moreBytes    = 8
)

// queue adds m to the outbox, or drops it. It returns true if a message that
// may not be dropped had no room. The limits are for what a socket does not take:
// a client that keeps up may get any amount in one frame.
func (s *Session) queue(m *game.Message) (lost bool) {
	c := &s.server.config
	full := s.outbox.full(c.MaxQueue, c.MaxQueueBytes) && s.wire.busy.Load()
	if full && !s.lag.behind {
		s.full(m)
	}
	if m.State && s.lag.behind {
		s.server.counters.dropped.Add(1)
		return false
	}
	if full && s.outbox.full(moreMessages*c.MaxQueue, moreBytes*c.MaxQueueBytes) {
		return true
	}
	s.outbox.push(m)
	s.list()
	return false
}

// list puts the session on its writer's list.
func (s *Session) list() {
	if !s.listed {
		s.listed = true
		s.shard.add(s)
	}
}

// sendNow is Send without waiting for the end of the frame.
func (s *Session) sendNow(m *game.Message) {
	s.Send(m)
	s.shard.signal()
}

// sendError tells the client of an error that does not end the session.
func (s *Session) sendError(text string) {
	if m := s.server.config.ErrorFrame(text); m != nil {
		s.sendNow(m)
	}
}

// Close ends the session after what is queued has been sent.
func (s *Session) Close(code int, reason string) {
	s.end(ending{code: code, word: "closed", text: reason, quiet: true})
}

// end starts the end: the game is told, an error frame and the close frame are
// queued, and the connection is cut if the client does not part in time. Only
// the first call counts.
func (s *Session) end(e ending) {
	if !s.finish(e) {
		return
	}
	s.server.counters.ended(e)
	s.server.config.Log.Debug("session ended", "session", s.id, "player", s.player.ID, "reason", e.word, "code", e.code)
	s.server.remove(s)
	s.shard.signal()
}

// finish queues the last frames. It returns false if that was done before.
func (s *Session) finish(e ending) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.ended = true
	if s.lag.behind {
		s.outbox.dropState()
	}
	if !e.quiet {
		if m := s.server.config.ErrorFrame(e.text); m != nil {
			s.outbox.push(m)
		}
	}
	s.outbox.push(s.server.framer.closeMessage(e))
	s.list()
	_ = s.top.SetReadDeadline(s.server.config.later())
	return true
}

// cut closes the connection at once.
func (s *Session) cut() { _ = s.top.Close() }
