package js

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// processStackSize is how deep functions may call each other.
	processStackSize = 9000
	// processWatchEvery is the time between two looks at the clock and the heap
	// while a call runs.
	processWatchEvery = 2 * time.Millisecond
	// processReserveCheck is how many bytes are reserved between two looks.
	processReserveCheck = 1 << 20
	// processTextShare bounds one text or buffer to an eighth of the memory.
	processTextShare = 8
	// processNatives is how deep built-in functions may run in each other.
	processNatives = 3000
	// processTicks is how many built-in functions run between two looks at the
	// clock: they do not see interrupts.
	processTicks = 256
	// processGrace is how many built-in functions may run on, when no function of the
	// program's runs, until one does whose position can be told.
	processGrace = 1000
)

// processGuard ends calls that take too long or too much. goja looks for an
// interrupt before each instruction; what happens inside of one built-in function
// is counted by tick and reserve.
type processGuard struct {
	vm     *goja.Runtime
	limits script.Limits
	walk   func(limit int64) int64 // adds up what is live

	mu       sync.Mutex // for what the watch sees
	running  bool
	round    uint64
	deadline time.Time
	base     uint64 // the heap at the watch's first look
	looks    int
	why      script.Class // what the watch found
	watch    *time.Timer

	// The rest belongs to the process's goroutine.
	fatal     *script.Error
	exhausted bool
	aborted   bool
	thrown    goja.Value // what the last fault was
	ticks     int
	grace     int
	natives   int
	reserved  int64
	known     int64 // live data at the last walk
	live      uint64
	calls     int
}

func newProcessGuard(vm *goja.Runtime, limits script.Limits) *processGuard {
	g := &processGuard{vm: vm, limits: limits}
	g.watch = time.AfterFunc(time.Hour, g.look)
	g.watch.Stop()
	return g
}

// start begins an outermost call.
func (g *processGuard) start() {
	g.fatal, g.aborted, g.thrown = nil, false, nil
	g.ticks, g.natives, g.reserved, g.grace = 0, 0, 0, 0
	g.vm.ClearInterrupt()
	g.mu.Lock()
	g.running, g.why, g.looks = true, "", 0
	g.round++
	g.deadline = time.Now().Add(g.limits.Call)
	g.mu.Unlock()
	g.watch.Reset(min(processWatchEvery, g.limits.Call))
}

// stop ends it, and returns the fault that could not be caught.
func (g *processGuard) stop() *script.Error {
	g.watch.Stop()
	g.mu.Lock()
	g.running = false
	looks := g.looks
	g.mu.Unlock()
	g.vm.ClearInterrupt()
	fatal := g.fatal
	g.fatal = nil
	g.settle(looks > 0 || fatal != nil && fatal.Class == script.Memory)
	return fatal
}

// pause runs f, which is no work of the script's, outside of the budget.
func (g *processGuard) pause(f func()) {
	started := time.Now()
	g.mu.Lock()
	deadline := g.deadline
	g.deadline = started.Add(time.Hour)
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.deadline = deadline.Add(time.Since(started))
		g.mu.Unlock()
	}()
	f()
}

// look is the watch: it runs on a goroutine of its own.
func (g *processGuard) look() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.running || g.why != "" {
		return
	}
	heap := processHeap()
	if g.looks++; g.looks == 1 || heap < g.base {
		g.base = heap
	}
	if heap > g.base+uint64(g.limits.Memory) {
		heap = g.collect()
	}
	switch {
	case !g.running:
		return
	case time.Now().After(g.deadline):
		g.why = script.Timeout
	case heap > g.base+uint64(g.limits.Memory):
		g.why = script.Memory
	default:
		g.watch.Reset(processWatchEvery)
		return
	}
	g.vm.Interrupt(g.why)
}

// collect frees garbage to see what is in use.
func (g *processGuard) collect() uint64 {
	round := g.round
	g.mu.Unlock()
	runtime.GC()
	g.mu.Lock()
	if round != g.round {
		return 0
	}
	return processHeap()
}

func processHeap() uint64 { return processMetric("/memory/classes/heap/objects:bytes") }

func processMetric(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// settleEvery is how many short calls pass between two looks at the heap.
const settleEvery = 256

// settle walks over the live data when the heap has grown by so much that they may
// have come to exceed the limit.
func (g *processGuard) settle(soon bool) {
	if g.calls++; !soon && g.calls%settleEvery != 0 || g.exhausted {
		return
	}
	live := processMetric("/gc/heap/live:bytes")
	room := max(g.limits.Memory-g.known, 0) / 2
	if live < g.live {
		g.live = live
	}
	if live-g.live < uint64(max(room, 1<<20)) {
		return
	}
	g.live = live
	g.known = g.walk(g.limits.Memory)
	g.exhausted = g.known > g.limits.Memory
}

// late tells that the call is over.
func (g *processGuard) late() bool {
	if g.fatal != nil || g.aborted {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.why == "" && g.running && time.Now().After(g.deadline) {
		g.why = script.Timeout
	}
	return g.why != ""
}

// tick counts a built-in function.
func (g *processGuard) tick() {
	if g.ticks++; g.ticks%processTicks == 0 || g.aborted {
		g.check()
	}
}

// check does not return when the call is over.
func (g *processGuard) check() {
	if !g.late() {
		return
	}
	g.mu.Lock()
	why := g.why
	g.mu.Unlock()
	if g.grace < processGrace && len(g.vm.CaptureCallStack(2, nil)) < 2 {
		g.grace++ // the next instruction has a position
		g.vm.Interrupt(why)
		return
	}
	g.condemn(why)
}

// reserve is called before n bytes are built by one built-in function.
func (g *processGuard) reserve(n int64) {
	if n < 0 || n > g.limits.Memory/processTextShare {
		g.condemn(script.Memory)
	}
	if g.reserved += n; g.reserved < processReserveCheck {
		return
	}
	g.reserved = 0
	g.mu.Lock()
	grown := g.looks > 0 && processHeap()+uint64(n) > g.base+uint64(g.limits.Memory)
	if grown {
		grown = g.collect()+uint64(n) > g.base+uint64(g.limits.Memory)
	}
	g.mu.Unlock()
	if grown {
		g.condemn(script.Memory)
	}
	g.check()
}

// condemn ends the call with a fault that cannot be caught.
func (g *processGuard) condemn(class script.Class) {
	if g.fatal == nil && !g.aborted {
		g.fatal = processFatal(class, g.vm.CaptureCallStack(0, nil))
	}
	g.abort()
}

// abort ends the call; nothing of the program runs on its way out.
func (g *processGuard) abort() {
	g.aborted = true
	g.vm.Interrupt(processAbort{})
	panic(&goja.InterruptedError{})
}

// processAbort is why the engine is interrupted on the way out.
type processAbort struct{}

func (g *processGuard) close() {
	g.mu.Lock()
	g.running = false
	g.mu.Unlock()
	g.watch.Stop()
}
