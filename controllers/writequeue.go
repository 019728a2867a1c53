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
	var ready []types.NamespacedName
	for key, c := range q.waiting {
		gap := ordinaryGap
		if c == urgent {
			gap = urgentGap
		}
		if last, ok := q.written[key]; !ok || now.Sub(last) >= gap {
			ready = append(ready, key)
		}
	}
	slices.SortFunc(ready, func(a, b types.NamespacedName) int {
		return cmp.Or(cmp.Compare(q.waiting[b], q.waiting[a]), q.written[a].Compare(q.written[b]), cmp.Compare(a.String(), b.String()))
	})
	ready = ready[:min(len(ready), int(q.tokens))]
	q.tokens -= float64(len(ready))
	for _, key := range ready {
		delete(q.waiting, key)
		q.written[key] = now
	}
	waitingWrites.Set(float64(len(q.waiting)))
	return ready
}
