package loop

import (
	"container/heap"
	"time"
)

// Timer is a function that waits for its time on the loop's clock.
type Timer struct {
	due time.Time
	// order breaks ties: of two timers for the same time, the older one is first.
	order uint64
	run   func()
	// place is the index in the heap, -1 when the timer does not wait.
	place int
	owner *timers
}

// After runs f in the first frame that is at least d later than the current one.
// For the loop's goroutine only.
func (l *Loop) After(d time.Duration, f func()) *Timer {
	l.timers.made++
	t := &Timer{due: l.now.Add(d), order: l.timers.made, run: f, owner: &l.timers}
	heap.Push(&l.timers, t)
	return t
}

// Stop keeps the timer from running. It does nothing after the timer has run.
// For the loop's goroutine only.
func (t *Timer) Stop() {
	if t.place >= 0 {
		heap.Remove(t.owner, t.place)
	}
}

type timers struct {
	waiting []*Timer
	made    uint64
}

// fire runs what is due. A timer that is made meanwhile waits for the next frame,
// even with no delay: otherwise one that renews itself would never end.
func (t *timers) fire(now time.Time) {
	before := t.made
	for len(t.waiting) > 0 {
		first := t.waiting[0]
		if first.due.After(now) || first.order > before {
			return
		}
		heap.Pop(t)
		first.run()
	}
}

// Len is part of heap.Interface.
func (t *timers) Len() int { return len(t.waiting) }

// Less is part of heap.Interface.
func (t *timers) Less(i, j int) bool {
	a, b := t.waiting[i], t.waiting[j]
	return a.due.Before(b.due) || a.due.Equal(b.due) && a.order < b.order
}

// Swap is part of heap.Interface.
func (t *timers) Swap(i, j int) {
	w := t.waiting
	w[i], w[j] = w[j], w[i]
	w[i].place, w[j].place = i, j
}

// Push is part of heap.Interface.
func (t *timers) Push(x any) {
	timer := x.(*Timer)
	timer.place = len(t.waiting)
	t.waiting = append(t.waiting, timer)
}

// Pop is part of heap.Interface.
func (t *timers) Pop() any {
	last := len(t.waiting) - 1
	timer := t.waiting[last]
	t.waiting[last] = nil
	t.waiting = t.waiting[:last]
	timer.place = -1
	return timer
}
