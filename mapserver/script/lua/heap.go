package lua

import (
	"runtime/metrics"
	"time"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// heap decides when the scripts' data are measured. Measuring takes time in
// proportion to the data, so it is done only when the heap of the whole process
// has grown by a quarter of the limit since the last time. Others allocate in
// the process, too; that leads to measuring once more, never to a wrong verdict.
type heap struct {
	// base is the process's heap at the last measurement, or lower since.
	base uint64
	// live is what the last measurement found.
	live int64
	// resting is until when the next one waits, unless the heap grows by the
	// whole limit.
	resting time.Time
	// full is set when the data were over the limit; settled, when they still
	// were after the call that filled it up.
	full, settled bool
	// reserved counts bytes of large results since the last look.
	reserved int
	sample   []metrics.Sample
}

// restFactor keeps measuring below a twentieth of the time.
const restFactor = 20

// size reads the bytes of the heap's objects, which takes about a microsecond.
func (h *heap) size() uint64 {
	if h.sample == nil {
		h.sample = []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	}
	metrics.Read(h.sample)
	return h.sample[0].Value.Uint64()
}

// checkHeap tells whether the call must end because, with n bytes more, the data
// are over the limit.
func (e *Engine) checkHeap(L *glua.LState, n int) bool {
	h := &e.heap
	now := h.size()
	if h.base == 0 || now < h.base {
		h.base = now
	}
	limit := uint64(e.limits.Memory)
	grown := now - h.base + uint64(n)
	if grown < limit/4 || (grown < limit && time.Now().Before(h.resting)) {
		return false
	}
	if e.measure(n); !h.full {
		return false
	}
	e.condemn(L, script.Memory, script.MemoryText)
	return true
}

// measure walks over the live data. The time it takes is given back to the
// script: it is our way of counting that is slow.
func (e *Engine) measure(n int) {
	h := &e.heap
	start := time.Now()
	w := e.walk(e.limits.Memory)
	h.live = w.total + int64(n)
	h.full = h.live > e.limits.Memory
	if !h.full { // large things may be gone
		e.budget.reset()
		e.budget.weigh(max(w.worst, n))
	}
	end := time.Now()
	cost := end.Sub(start)
	h.base = h.size()
	h.resting = end.Add(restFactor * cost)
	e.budget.deadline = e.budget.deadline.Add(cost)
}

// Memory estimates the bytes of the scripts' live data: everything that can be
// reached from the globals, the loaded programs and the running calls.
func (e *Engine) Memory() int64 { return e.walk(4 * e.limits.Memory).total }
