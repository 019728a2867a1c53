package session

import "time"

// turn is a change of who is in the game. Turns are run on the loop's goroutine
// in the order in which they were queued, none is lost, and a message of a
// client is never handled before its join: whoever comes first, the posted
// task, an input, or Flush, runs all that are queued.
type turn struct {
	session *Session
	kind    int
}

const (
	turnJoin = iota
	turnLeave
	turnResync
)

// queueTurn queues t and asks the loop to run it.
func (s *Server) queueTurn(t turn) {
	s.turnMu.Lock()
	s.turns = append(s.turns, t)
	s.turnMu.Unlock()
	s.turnsWait.Store(true)
	if !s.turnPosted.Swap(true) && !s.config.Post((*turnTask)(s)) {
		// The inbox is full: an input or Flush runs it.
		s.turnPosted.Store(false)
	}
}

// turnTask is a Server as the task that runs its turns.
type turnTask Server

// Run runs the queued turns.
func (t *turnTask) Run(now time.Time) {
	s := (*Server)(t)
	s.turnPosted.Store(false)
	s.runTurns(now)
}

// runTurns runs what is queued, one by one: a turn may queue another one.
func (s *Server) runTurns(now time.Time) {
	for s.turnsWait.Load() {
		t, ok := s.nextTurn()
		if !ok {
			return
		}
		t.run(now)
	}
}

func (s *Server) nextTurn() (turn, bool) {
	s.turnMu.Lock()
	defer s.turnMu.Unlock()
	if len(s.turns) == 0 {
		s.turnsWait.Store(false)
		return turn{}, false
	}
	t := s.turns[0]
	s.turns[0] = turn{}
	s.turns = s.turns[1:]
	return t, true
}

func (t turn) run(now time.Time) {
	s := t.session
	g := s.server.config.Game
	switch t.kind {
	case turnJoin:
		if s.over() {
			return
		}
		if err := g.Join(s); err != nil {
			s.end(ending{code: codeGame, word: "game", text: err.Error()})
			return
		}
		s.joined = true
	case turnLeave:
		if s.joined {
			s.joined = false
			g.Leave(s)
		}
	case turnResync:
		if s.joined && s.resynced(now) {
			s.server.counters.resyncs.Add(1)
			g.Resync(s)
		}
	}
}

// over says whether the session has ended.
func (s *Session) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}
