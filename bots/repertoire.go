package bots

import (
	"strings"
	"sync"
)

// enough is how many complaints without one success end an action.
const enough = 3

// repertoire remembers for the whole crowd which actions a game refuses, for
// example for parameters that the bots cannot know: such actions are left out.
type repertoire struct {
	mu      sync.Mutex
	good    map[string]bool
	refused map[string]int
}

func newRepertoire() *repertoire {
	return &repertoire{good: make(map[string]bool), refused: make(map[string]int)}
}

// worked notes an answer to action.
func (r *repertoire) worked(action string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.good[action] = true
}

// complaint notes an error if it names action.
func (r *repertoire) complaint(action, text string) {
	if action == "" || !strings.Contains(text, action) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused[action]++
}

// usable tells whether action is worth another try.
func (r *repertoire) usable(action string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.good[action] || r.refused[action] < enough
}
