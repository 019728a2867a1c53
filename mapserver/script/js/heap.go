package js

import (
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// heap decides when the scripts' data are measured. Measuring takes time in
// proportion to the data, so it is done between calls, and only when the heap of the
// whole process has grown by a quarter of the limit since the last time. Others
// allocate in the process, too; that leads to measuring once more, never to a wrong
// verdict.
type heap struct {
	// idle is what a machine has that ran nothing yet.
	idle int64
	// base is the process's heap at the last measurement, or lower since.
	base uint64
	// resting is until when the next measurement waits.
	resting time.Time
	// full is set when the data are over the limit.
	full bool
	// calls counts those since the last look.
	calls int
}

const (
	// restFactor keeps measuring below a twentieth of the time.
	restFactor = 20
	// callsPerLook is how many calls pass between two looks at the heap.
	callsPerLook = 16
)

// Names of metrics: the bytes of the heap's objects, dead ones too, and those that
// the last collection found alive.
const (
	metricObjects = "/memory/classes/heap/objects:bytes"
	metricLive    = "/gc/heap/live:bytes"
)

func heapSize(name string) uint64 {
	sample := [1]metrics.Sample{{Name: name}}
	metrics.Read(sample[:])
	return sample[0].Value.Uint64()
}

// look measures the data at the end of an outermost call if it is time to.
func (m *machine) look() {
	h := &m.heap
	ended := m.budget.class == script.Memory
	if h.calls++; h.calls < callsPerLook && !ended {
		return
	}
	h.calls = 0
	now := heapSize(metricObjects)
	if h.base == 0 || now < h.base {
		h.base = now
	}
	if !ended && (now-h.base < uint64(m.limits.Memory)/4 || time.Now().Before(h.resting)) {
		return
	}
	start := time.Now()
	h.full = m.walk(m.limits.Memory+h.idle).total-h.idle > m.limits.Memory
	h.base = heapSize(metricObjects)
	h.resting = time.Now().Add(restFactor * time.Since(start))
}

// Exhausted tells that the scripts' live data are over the limit of memory; see
// script.Exhaustible.
func (m *machine) Exhausted() bool { return m.heap.full }

// growth is what a call has added to the process's heap.
type growth struct {
	begun bool
	// objects is the heap when the call was first looked at, or lower since; seen, after
	// the last collection.
	objects, seen uint64
}

// outgrown tells that the heap's live data have grown by more than the limit while
// the call ran. Dead objects do not count, so a collection is made before the
// verdict. That others grow by so much in the same milliseconds is unlikely, and
// costs one call.
func (b *budget) outgrown() bool {
	g := &b.growth
	now := heapSize(metricObjects)
	if !g.begun {
		*g = growth{begun: true, objects: now, seen: now}
		return false
	}
	limit := uint64(b.machine.limits.Memory)
	g.objects, g.seen = min(g.objects, now), min(g.seen, now)
	if now-g.seen < limit/2 {
		return false
	}
	b.mu.Unlock() // a collection takes a while, and the call may end
	runtime.GC()
	live := heapSize(metricLive)
	b.mu.Lock()
	if !g.begun { // another call began
		return false
	}
	g.seen = live
	over := live > g.objects && live-g.objects > limit
	g.objects = min(g.objects, live)
	return over
}
