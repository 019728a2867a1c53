package controllers

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// How often status is written for what map servers report: of one map, and of all
// together. What the operator does itself is not held up by it.
const (
	urgentGap   = time.Second
	ordinaryGap = 3 * time.Second
	writesASec  = 20
	writeBurst  = 40
)

// writeQueue holds the maps whose status is to be written: urgent ones go first,
// then who has waited longest. The zero queue is empty. Safe for concurrent use.
type writeQueue struct {
	mu      sync.Mutex
	waiting map[types.NamespacedName]change
	written map[types.NamespacedName]time.Time
	tokens  float64
	filled  time.Time
}

// add puts a map into the queue; one that is there already becomes urgent if the
// change is.
func (q *writeQueue) add(key types.NamespacedName, c change) {
	if c == same {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == nil {
		q.waiting, q.written = make(map[types.NamespacedName]change), make(map[types.NamespacedName]time.Time)
		q.tokens = writeBurst
	}
	q.waiting[key] = max(q.waiting[key], c)
}

func (q *writeQueue) forget(key types.NamespacedName) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.waiting, key)
	delete(q.written, key)
}

// due takes the maps out of the queue that may be written now.
func (q *writeQueue) due(now time.Time) []types.NamespacedName {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.filled.IsZero() {
		q.tokens = min(writeBurst, q.tokens+now.Sub(q.filled).Seconds()*writesASec)
	}
	q.filled = now
	ready := q.ready(now)
	ready = ready[:min(len(ready), int(q.tokens))]
	q.tokens -= float64(len(ready))
	out := make([]types.NamespacedName, len(ready))
	for i, w := range ready {
		delete(q.waiting, w.key)
		q.written[w.key] = now
		out[i] = w.key
	}
	waitingWrites.Set(float64(len(q.waiting)))
	return out
}

// waiter is a map in the queue.
type waiter struct {
	key    types.NamespacedName
	change change
	last   time.Time // its last write
}

// ready are the maps whose last write is long enough ago, in the order of their
// turns.
func (q *writeQueue) ready(now time.Time) []waiter {
	var out []waiter
	for key, c := range q.waiting {
		gap := ordinaryGap
		if c == urgent {
			gap = urgentGap
		}
		if last, ok := q.written[key]; !ok || now.Sub(last) >= gap {
			out = append(out, waiter{key, c, last})
		}
	}
	slices.SortFunc(out, func(a, b waiter) int {
		return cmp.Or(cmp.Compare(b.change, a.change), a.last.Compare(b.last), cmp.Compare(a.key.Name, b.key.Name), cmp.Compare(a.key.Namespace, b.key.Namespace))
	})
	return out
}
