package controllers

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// turnsAtOnce is how many maps are replaced at once because the operator has new
	// settings: with all of them at once, no player of the cluster could play.
	turnsAtOnce = 10
	// turnTime is how long a map that does not come back holds the others up, turnEvery
	// how often the others ask.
	turnTime  = 2 * time.Minute
	turnEvery = 2 * time.Second
)

// turns lets a few maps at a time be replaced. The zero turns are free. Safe for
// concurrent use.
type turns struct {
	mu    sync.Mutex
	taken map[types.UID]time.Time
}

// take tells whether it is a map's turn.
func (t *turns) take(uid types.UID, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken == nil {
		t.taken = make(map[types.UID]time.Time)
	}
	for other, since := range t.taken {
		if now.Sub(since) > turnTime {
			delete(t.taken, other)
		}
	}
	if _, ok := t.taken[uid]; !ok && len(t.taken) >= turnsAtOnce {
		return false
	}
	t.taken[uid] = now
	return true
}

// over says that a map runs again.
func (t *turns) over(uid types.UID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.taken, uid)
}
