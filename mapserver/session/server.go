package session

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// sweepEvery is how often Flush looks after time limits.
const sweepEvery = 250 * time.Millisecond

// Server accepts players for one map. It is an http.Handler.
type Server struct {
	config   Config
	framer   *framer
	upgrader websocket.Upgrader
	ping     *game.Message
	shards   []*shard
	counters counters
	ids      atomic.Uint64

	mu sync.Mutex
	// players are the sessions in the game or on their way, by player.
	players map[int64]*Session
	// conns are all connections, also of those refused or ended.
	conns    map[*Session]struct{}
	peak     int
	refusing *ending
	// empty is closed when the last connection is gone, if somebody waits.
	empty chan struct{}

	turnMu     sync.Mutex
	turns      []turn
	turnsWait  atomic.Bool
	turnPosted atomic.Bool

	// Used on the loop's goroutine only.
	swept time.Time
	sweep []*Session

	// running counts the goroutines; stop ends the writers.
	runMu   sync.Mutex
	closed  bool
	running sync.WaitGroup
	stop    chan struct{}
}

// New returns a Server whose writers run until Close.
func New(config Config) (*Server, error) {
	config = config.withDefaults()
	if config.Game == nil || config.Post == nil || config.Door == nil {
		return nil, errors.New("a session server needs a Game, a Post and a Door")
	}
	framer, err := newFramer(&config)
	if err != nil {
		return nil, err
	}
	s := &Server{
		config: config, framer: framer, upgrader: upgrader(&config),
		players: make(map[int64]*Session), conns: make(map[*Session]struct{}),
		stop: make(chan struct{}),
	}
	s.counters.refused, s.counters.ends = make(map[string]uint64), make(map[string]uint64)
	s.ping = framer.control(websocket.PingMessage, nil)
	s.ping.State = true
	for range config.Writers {
		h := newShard()
		s.shards = append(s.shards, h)
		s.start(func() { h.write(s.stop) })
	}
	return s, nil
}

// start runs f in a goroutine that Close waits for. It returns false after
// Close.
func (s *Server) start(f func()) bool {
	s.runMu.Lock()
	defer s.runMu.Unlock()
	if s.closed {
		return false
	}
	s.running.Go(f)
	return true
}

// Flush sends what has been queued and looks after time limits. The loop calls
// it on its goroutine, at the end of each frame. It does not block.
func (s *Server) Flush() {
	now := s.config.Now()
	s.runTurns(now)
	if now.Sub(s.swept) >= sweepEvery {
		s.swept = now
		s.sweepAll(now)
	}
	for _, h := range s.shards {
		h.signal()
	}
}

// Refuse makes the Server refuse players from now on; those who are there stay.
// text tells them why; empty means the default text.
func (s *Server) Refuse(text string) {
	e := endDrain(text)
	s.mu.Lock()
	s.refusing = &e
	s.mu.Unlock()
}

// Drain refuses players from now on and ends all sessions, after what is queued
// for them has been sent. It returns when all have parted; when ctx is done
// first, it cuts the rest and returns the error of ctx. text tells players why;
// empty means the default text.
func (s *Server) Drain(ctx context.Context, text string) error {
	s.Refuse(text)
	for _, session := range s.everybody() {
		session.end(endDrain(text))
	}
	select {
	case <-s.whenEmpty():
		return nil
	case <-ctx.Done():
		s.cutAll()
		return ctx.Err()
	}
}

// Close cuts all connections and ends all goroutines.
func (s *Server) Close() {
	s.Refuse("")
	s.runMu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
	}
	s.runMu.Unlock()
	s.cutAll()
	s.running.Wait()
}

func (s *Server) cutAll() {
	for _, session := range s.everybody() {
		session.cut()
	}
}

// everybody returns all connections of this moment.
func (s *Server) everybody() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Session, 0, len(s.conns))
	for session := range s.conns {
		all = append(all, session)
	}
	return all
}

// whenEmpty returns a channel that is closed when there is no connection.
func (s *Server) whenEmpty() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.empty == nil {
		s.empty = make(chan struct{})
		if len(s.conns) == 0 {
			close(s.empty)
		}
	}
	return s.empty
}

// sweepAll looks after the time limits of all players.
func (s *Server) sweepAll(now time.Time) {
	s.mu.Lock()
	for _, session := range s.players {
		s.sweep = append(s.sweep, session)
	}
	s.mu.Unlock()
	for _, session := range s.sweep {
		session.checkTime(now)
	}
	clear(s.sweep)
	s.sweep = s.sweep[:0]
}

// checkTime ends a session that is idle or slow for too long, and pings one that
// is silent.
func (s *Session) checkTime(now time.Time) {
	c := &s.server.config
	silence := now.Sub(time.Unix(0, s.heard.Load()))
	switch {
	case s.tooSlow(now):
		s.end(c.endSlow())
	case silence >= c.IdleLimit:
		s.end(c.endIdle())
	case silence >= c.PingAfter && now.Sub(time.Unix(0, s.pinged.Load())) >= c.PingAfter:
		s.pinged.Store(now.UnixNano())
		s.Send(s.server.ping)
	}
	s.mu.Lock()
	ask := s.catchUp(now)
	s.mu.Unlock()
	if ask {
		s.server.queueTurn(turn{session: s, kind: turnResync})
	}
}
