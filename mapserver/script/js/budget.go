package js

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// watchEvery is how often the timer looks at a call that is running.
	watchEvery = 2 * time.Millisecond
	// ticksMax is how many steps of guarded built-ins pass between two looks at
	// whether the call is over.
	ticksMax = 256
)

// budget is the time and the memory of the outermost call. A timer looks at it
// from outside: it is set when a call begins and none is set, and sets itself again
// as long as it finds calls running. So short calls cost no timers.
type budget struct {
	// over is set when the call has to end.
	over  atomic.Bool
	ticks int
	// fatal is the fault that ended the call, as it was first seen. Owner's
	// goroutine only.
	fatal *script.Error

	mu       sync.Mutex
	machine  *machine
	timer    *time.Timer
	armed    bool
	closed   bool
	running  bool
	deadline time.Time
	class    script.Class // why over was set
	growth   growth
}

// watch makes the timer.
func (b *budget) watch(m *machine) {
	b.machine = m
	b.timer = time.AfterFunc(time.Hour, b.look)
	b.timer.Stop()
}

func (b *budget) start(limit time.Duration) {
	now := time.Now()
	b.fatal = nil
	b.mu.Lock()
	b.running, b.class = true, ""
	b.deadline = now.Add(limit)
	b.growth = growth{}
	b.over.Store(false)
	if !b.armed && !b.closed {
		b.armed = true
		b.timer.Reset(min(watchEvery, limit))
	}
	b.mu.Unlock()
}

func (b *budget) stop() {
	b.mu.Lock()
	b.running = false
	b.over.Store(false)
	b.mu.Unlock()
	b.fatal = nil
}

func (b *budget) close() {
	b.mu.Lock()
	b.closed, b.running = true, false
	b.timer.Stop()
	b.mu.Unlock()
}

// look is what the timer does, on a goroutine of its own.
func (b *budget) look() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.running || b.closed {
		b.armed = false
		return
	}
	now := time.Now()
	if b.class == "" {
		switch {
		case now.After(b.deadline):
			b.end(script.Timeout)
		case b.outgrown():
			b.end(script.Memory)
		}
	}
	b.timer.Reset(max(100*time.Microsecond, min(watchEvery, b.deadline.Sub(now)+1)))
}

// end makes the call end at its next instruction. The caller holds the lock.
func (b *budget) end(class script.Class) {
	if b.class != "" || !b.running {
		return
	}
	b.class = class
	b.over.Store(true)
	b.machine.rt.Interrupt(class)
}

// text is the message of the class that ended a call.
func text(class script.Class) string {
	if class == script.Memory {
		return script.MemoryText
	}
	return script.TimeoutText
}

// condemn ends the call from within, and does not return.
func (m *machine) condemn(class script.Class) {
	m.budget.mu.Lock()
	m.budget.end(class)
	m.budget.mu.Unlock()
	m.abort()
}

// abort raises what ends the call. The instruction after a plain return would do the
// same, but a built-in may have a long way to it.
func (m *machine) abort() {
	if _, err := m.nothing(goja.Undefined()); err != nil {
		panic(err)
	}
	panic(&goja.InterruptedError{})
}

// spend counts n steps of a built-in, and does not return when the call is over.
func (m *machine) spend(n int) {
	b := &m.budget
	if b.ticks -= n; b.ticks > 0 {
		return
	}
	b.ticks = ticksMax
	if b.over.Load() {
		m.abort()
	}
}

// alive does not return when the call is over.
func (m *machine) alive() {
	if m.budget.over.Load() {
		m.abort()
	}
}
