package lua

import (
	"context"
	"time"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// ticksMax is how many instructions run between two looks at the clock: at
	// 10 to 100 ns each, well below a millisecond.
	ticksMax = 1000
	// ticksHeap is how many pass between two looks at the process's heap.
	ticksHeap = 4000
	// worstTicks bounds the time between two looks when single instructions are
	// slow, in units of about a nanosecond: comparing two long texts, or # of an
	// array that was emptied, takes that for each byte or slot.
	worstTicks = 4_000_000
	// clockStep is the step of os.clock.
	clockStep = 20 * time.Microsecond
)

// budget is the time of the outermost call. gopher-lua asks the context of a
// state for its Done channel before each instruction; that is our hook between
// instructions. It costs about a tenth of the time of an arithmetic loop
// (BenchmarkHook against BenchmarkNoHook). Once a call is over the hook fires at
// every further instruction, so nothing that the script caught can go on.
type budget struct {
	ticks    int // until the next look
	interval int
	heapIn   int // ticks until the next look at the heap
	deadline time.Time
	started  time.Time
	running  bool
	used     time.Duration // by the calls before this one
	weight   int           // the worst instruction, see worstTicks
	filled   int           // slots by sparse host tables, see maxFill
	// fatal is the fault that ended the call and cannot be caught.
	fatal *script.Error
}

// reset forgets what weigh noted.
func (b *budget) reset() {
	b.weight = 0
	b.interval, b.ticks, b.heapIn = ticksMax, ticksMax, ticksHeap
}

func (b *budget) start(limit time.Duration) {
	b.started = time.Now()
	b.deadline = b.started.Add(limit)
	b.running, b.fatal, b.filled = true, nil, 0
	b.ticks = min(b.ticks, b.interval)
}

func (b *budget) stop() {
	b.used += time.Since(b.started)
	b.running, b.fatal = false, nil
	b.ticks = b.interval
}

// clock is the time that this engine's scripts took so far.
func (b *budget) clock() time.Duration {
	used := b.used
	if b.running {
		used += time.Since(b.started)
	}
	return used.Round(clockStep)
}

// weigh notes that an instruction may now take as long as n bytes or slots need.
func (b *budget) weigh(n int) {
	if n <= b.weight {
		return
	}
	b.weight = n
	b.interval = max(1, min(ticksMax, worstTicks/n))
	b.ticks = min(b.ticks, b.interval)
}

// hook is the context of a Lua state.
type hook struct {
	engine *Engine
	L      *glua.LState
}

var _ context.Context = (*hook)(nil)

// closed is what Done returns when the call is over.
var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Done counts an instruction.
func (h *hook) Done() <-chan struct{} {
	b := &h.engine.budget
	b.ticks--
	if b.ticks > 0 {
		return nil
	}
	if h.engine.look(h.L) {
		return closed
	}
	return nil
}

// Err is what gopher-lua raises when Done is closed.
func (h *hook) Err() error {
	if f := h.engine.budget.fatal; f != nil {
		return f
	}
	return nil
}

// Deadline is not used: the budget is checked in Done.
func (h *hook) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value holds nothing.
func (h *hook) Value(any) any { return nil }

// look checks time and memory and tells whether the call is over.
func (e *Engine) look(L *glua.LState) bool {
	b := &e.budget
	if b.fatal != nil {
		b.ticks = 0
		return true
	}
	b.heapIn -= b.interval
	b.ticks = b.interval
	if b.running && time.Now().After(b.deadline) {
		e.condemn(L, script.Timeout, script.TimeoutText)
		return true
	}
	if b.heapIn <= 0 {
		b.heapIn = ticksHeap
		return e.checkHeap(L, 0)
	}
	return false
}

// condemn ends the call with a fault that cannot be caught.
func (e *Engine) condemn(L *glua.LState, class script.Class, text string) {
	fault := e.faultAt(L)
	fault.Class, fault.Message = class, text
	e.budget.fatal = fault
	e.budget.ticks = 0
}

// spend counts work of a library function as n instructions, and does not
// return when the call is over.
func (e *Engine) spend(L *glua.LState, n int) {
	e.budget.ticks -= n
	if e.budget.ticks <= 0 && e.look(L) {
		e.abort(L)
	}
}

// abort raises the fatal fault.
func (e *Engine) abort(L *glua.LState) {
	L.Error(glua.LString(e.budget.fatal.Message), 0)
}

// reserve is called before n bytes are built by one operation.
func (e *Engine) reserve(L *glua.LState, n int) {
	if n < reserveFrom {
		return
	}
	e.budget.weigh(n)
	e.heap.reserved += n
	e.budget.ticks -= n >> 10 // building takes time, too
	if int64(n) > e.limits.Memory/textShare {
		e.condemn(L, script.Memory, script.MemoryText)
		e.abort(L)
	}
	if e.heap.reserved >= reserveCheck {
		e.heap.reserved = 0
		if e.checkHeap(L, n) {
			e.abort(L)
		}
	}
	if e.budget.ticks <= 0 && e.look(L) {
		e.abort(L)
	}
}

const (
	// textShare bounds one text to an eighth of the memory: 16 MiB by default.
	// Building a larger one would take longer than a call may.
	textShare = 8
	// reserveFrom is the size below which an operation is not counted.
	reserveFrom = 512
	// reserveCheck is how many bytes are reserved between two looks at the heap.
	reserveCheck = 1 << 20
)
