package token

import (
	"sync"
	"time"
)

// DefaultRoom is how many spent tokens a Spender remembers.
const DefaultRoom = 100_000

// Spender remembers which tokens have been used, until they expire. It is safe
// for concurrent use.
type Spender struct {
	room int
	keep time.Duration

	mu    sync.Mutex
	spent map[string]struct{}
	// queue has the spent tokens in the order of their use. Tokens live equally
	// long, so the first one is about the first to expire.
	queue []spending
	head  int
}

type spending struct {
	id    string
	until time.Time
}

// NewSpender returns a Spender for room tokens, DefaultRoom if it is zero. keep
// is how long a token is remembered beyond its end: at least the Verifier's
// leeway; DefaultLeeway if it is zero.
func NewSpender(room int, keep time.Duration) *Spender {
	if room == 0 {
		room = DefaultRoom
	}
	if keep == 0 {
		keep = DefaultLeeway
	}
	return &Spender{room: room, keep: keep, spent: make(map[string]struct{})}
}

// Spend uses up the token of c. The error is ErrUsed, or ErrCrowded if there
// are more unexpired tokens than the Spender may remember.
func (s *Spender) Spend(c Claims, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(now)
	if _, ok := s.spent[c.ID]; ok {
		return ErrUsed
	}
	if len(s.spent) >= s.room {
		return ErrCrowded
	}
	s.spent[c.ID] = struct{}{}
	s.queue = append(s.queue, spending{id: c.ID, until: c.Expires.Add(s.keep)})
	return nil
}

// forget drops what has expired from the front of the queue.
func (s *Spender) forget(now time.Time) {
	for s.head < len(s.queue) && now.After(s.queue[s.head].until) {
		delete(s.spent, s.queue[s.head].id)
		s.queue[s.head] = spending{}
		s.head++
	}
	if s.head > 64 && s.head*2 > len(s.queue) {
		s.queue = append(s.queue[:0], s.queue[s.head:]...)
		s.head = 0
	}
}

// Len returns how many tokens are remembered.
func (s *Spender) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.spent)
}
