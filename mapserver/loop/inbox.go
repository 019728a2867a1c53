package loop

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrStopped is what work for a loop that does not run any more ends with.
var ErrStopped = errors.New("the map has been stopped")

// Task is something to do on the loop's goroutine. now is the time of the frame.
type Task interface{ Run(now time.Time) }

// Func is a function as a Task.
type Func func(now time.Time)

// Run calls f.
func (f Func) Run(now time.Time) { f(now) }

// inbox is where tasks wait for the next frame: appended under a short lock, and
// drained by swapping two slices, so that in the long run nothing is allocated.
type inbox struct {
	mu      sync.Mutex
	waiting []Task
	posted  int
	limit   int
	closed  bool
	refused uint64

	running []Task
}

// Post queues a task for the next frame. It returns false, and drops the task,
// when the inbox is full or the loop has stopped. Safe from any goroutine.
func (l *Loop) Post(t Task) bool { return l.inbox.add(t, false) }

// Return queues the result of work that the loop's goroutine itself has started
// elsewhere. Since the loop decides how much of it there is, it is never refused
// for lack of room; false means that the loop has stopped.
func (l *Loop) Return(t Task) bool { return l.inbox.add(t, true) }

// Do runs f in the next frame and waits until it is done. It must not be called
// on the loop's goroutine. The error is that of ctx or ErrStopped; f may then
// still run.
func (l *Loop) Do(ctx context.Context, f func(now time.Time)) error {
	done := make(chan struct{})
	if !l.Return(Func(func(now time.Time) {
		defer close(done)
		f(now)
	})) {
		return ErrStopped
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (i *inbox) add(t Task, own bool) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || !own && i.posted >= i.limit {
		i.refused++
		return false
	}
	if !own {
		i.posted++
	}
	i.waiting = append(i.waiting, t)
	return true
}

// drain runs what waited when it began; what the tasks post is for the next frame.
func (i *inbox) drain(now time.Time) {
	i.mu.Lock()
	i.running, i.waiting = i.waiting, i.running[:0]
	i.posted = 0
	i.mu.Unlock()
	for n, t := range i.running {
		t.Run(now)
		i.running[n] = nil
	}
}

func (i *inbox) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
	i.waiting = nil
}

// turnedAway returns how many tasks have been refused.
func (i *inbox) turnedAway() uint64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.refused
}
