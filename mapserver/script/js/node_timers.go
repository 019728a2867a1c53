package js

import (
	"container/heap"
	"time"

	"github.com/dop251/goja"
)

const (
	// nodeShortest is the shortest time of a timer, and nodeLongest the longest.
	nodeShortest = time.Millisecond
	nodeLongest  = (1<<31 - 1) * time.Millisecond
)

// nodeTimer is a timer, or a function of setImmediate.
type nodeTimer struct {
	fn     goja.Callable
	object goja.Value
	args   []goja.Value
	due    time.Time
	every  time.Duration // 0: once
	seq    uint64
	place  int // in the heap, -1: not there
	dead   bool
}

// nodeTimers is a heap by time, and then by age.
type nodeTimers struct {
	heap       nodeTimerHeap
	immediates []*nodeTimer
	seq        uint64
}

type nodeTimerHeap []*nodeTimer

func (h nodeTimerHeap) Len() int { return len(h) }

func (h nodeTimerHeap) Less(i, j int) bool {
	if !h[i].due.Equal(h[j].due) {
		return h[i].due.Before(h[j].due)
	}
	return h[i].seq < h[j].seq
}

func (h nodeTimerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is for container/heap.
func (h *nodeTimerHeap) Push(x any) {
	t := x.(*nodeTimer)
	t.place = len(*h)
	*h = append(*h, t)
}

// Pop is for container/heap.
func (h *nodeTimerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.place = -1
	return t
}

// nodeDelay reads a delay in milliseconds as Node does.
func nodeDelay(ms float64) time.Duration {
	if !(ms >= 1) || ms > float64(nodeLongest/time.Millisecond) {
		return nodeShortest
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// add starts a timer.
func (t *nodeTimers) add(timer *nodeTimer, due time.Time) {
	t.seq++
	timer.seq, timer.due, timer.dead = t.seq, due, false
	heap.Push(&t.heap, timer)
}

// remove stops a timer.
func (t *nodeTimers) remove(timer *nodeTimer) {
	timer.dead = true
	if timer.place >= 0 && timer.place < len(t.heap) && t.heap[timer.place] == timer {
		heap.Remove(&t.heap, timer.place)
	}
}

// last is the age of the youngest timer there is.
func (t *nodeTimers) last() uint64 { return t.seq }

// next takes out the timer that is due, nil if there is none. Those started after
// last wait for the next step.
func (t *nodeTimers) next(now time.Time, last uint64) *nodeTimer {
	if len(t.heap) == 0 || t.heap[0].due.After(now) || t.heap[0].seq > last {
		return nil
	}
	return heap.Pop(&t.heap).(*nodeTimer)
}

// again starts a timer of setInterval anew. It keeps its rhythm unless it is late by
// more than a turn.
func (t *nodeTimers) again(timer *nodeTimer, now time.Time) {
	if timer.every == 0 || timer.dead || timer.place >= 0 {
		return
	}
	due := timer.due.Add(timer.every)
	if !due.After(now) {
		due = now.Add(timer.every)
	}
	t.add(timer, due)
}

// takeImmediates takes out what setImmediate was given.
func (t *nodeTimers) takeImmediates() []*nodeTimer {
	list := t.immediates
	t.immediates = nil
	return list
}

// timerBinding are the functions behind timers.
func (p *process) timerBinding(set func(string, func(goja.FunctionCall) goja.Value)) {
	set("startTimer", func(call goja.FunctionCall) goja.Value {
		return p.vm.ToValue(p.startTimer(call))
	})
	set("stopTimer", func(call goja.FunctionCall) goja.Value {
		if t, ok := call.Argument(0).Export().(*nodeTimer); ok {
			p.timers.remove(t)
		}
		return goja.Undefined()
	})
	set("refreshTimer", func(call goja.FunctionCall) goja.Value {
		if t, ok := call.Argument(0).Export().(*nodeTimer); ok {
			p.timers.remove(t)
			p.timers.add(t, p.clock.Add(nodeDelay(call.Argument(1).ToFloat())))
		}
		return goja.Undefined()
	})
	set("immediate", func(call goja.FunctionCall) goja.Value {
		t := &nodeTimer{object: call.Argument(0), args: p.callArguments(call, 2), place: -1}
		t.fn, _ = goja.AssertFunction(call.Argument(1))
		p.timers.immediates = append(p.timers.immediates, t)
		return goja.Undefined()
	})
}

// startTimer starts a timer: (object, function, milliseconds, again, ...arguments).
func (p *process) startTimer(call goja.FunctionCall) *nodeTimer {
	t := &nodeTimer{object: call.Argument(0), args: p.callArguments(call, 4), place: -1}
	t.fn, _ = goja.AssertFunction(call.Argument(1))
	delay := nodeDelay(call.Argument(2).ToFloat())
	if call.Argument(3).ToBoolean() {
		t.every = delay
	}
	p.timers.add(t, p.clock.Add(delay))
	return t
}

func (p *process) callArguments(call goja.FunctionCall, from int) []goja.Value {
	if len(call.Arguments) <= from {
		return nil
	}
	return append([]goja.Value(nil), call.Arguments[from:]...)
}
