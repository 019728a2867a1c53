package loop

import (
	"slices"
	"sync"
	"time"
)

// window is what the statistics look back on.
const window = 10 * time.Second

// Stats is how the loop is doing.
type Stats struct {
	// Frames is how many there have been, Last when the last one was.
	Frames uint64
	Last   time.Time
	// FPS1 and FPS10 are the frames per second of the last second and of the
	// last ten.
	FPS1, FPS10 float64
	// P50, P99 and Max are the work of a frame within the last ten seconds.
	P50, P99, Max time.Duration
	// Busy is the share of the last ten seconds that was spent in frames.
	Busy float64
	// Overruns counts frames whose work took longer than a frame may; Dropped
	// those that were given up because the loop was too late.
	Overruns, Dropped uint64
	// Work is that of all frames so far.
	Work time.Duration
	// Reachable is how many frames per second the map could make.
	Reachable float64
	// Refused counts tasks that there was no room for.
	Refused uint64
}

// sample is one frame.
type sample struct {
	at   time.Time
	work time.Duration
}

// meter keeps the frames of the window.
type meter struct {
	mu       sync.Mutex
	samples  []sample // a ring
	count    uint64
	overruns uint64
	droppedN uint64
	work     time.Duration
	first    time.Time
}

func (m *meter) init(rate int) {
	m.samples = make([]sample, rate*int(window/time.Second)+1)
}

func (m *meter) record(at time.Time, work, step time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count == 0 {
		m.first = at
	}
	m.samples[m.count%uint64(len(m.samples))] = sample{at: at, work: work}
	m.count++
	m.work += work
	if work > step {
		m.overruns++
	}
}

func (m *meter) dropped(n uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.droppedN += n
}

// recent returns the samples of the window before now, the latest first.
func (m *meter) recent(now time.Time) []sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []sample
	for i := range min(m.count, uint64(len(m.samples))) {
		s := m.samples[(m.count-1-i)%uint64(len(m.samples))]
		if now.Sub(s.at) >= window {
			break
		}
		out = append(out, s)
	}
	return out
}

// Stats returns the statistics of the time before now. Safe from any goroutine.
func (l *Loop) Stats(now time.Time) Stats {
	samples := l.meter.recent(now)
	s := l.meter.totals()
	s.Refused = l.inbox.turnedAway()
	if len(samples) == 0 {
		return s
	}
	// A young loop is judged by the time that it has had.
	age := now.Sub(l.meter.began()) + l.step
	s.FPS1 = rate(samples, now, min(time.Second, age))
	s.FPS10 = rate(samples, now, min(window, age))
	s.work(samples, min(window, age))
	return s
}

func rate(samples []sample, now time.Time, span time.Duration) float64 {
	n := 0
	for n < len(samples) && now.Sub(samples[n].at) < span {
		n++
	}
	return float64(n) / span.Seconds()
}

// work fills in what concerns the work of frames.
func (s *Stats) work(samples []sample, span time.Duration) {
	works := make([]time.Duration, len(samples))
	var sum time.Duration
	for i, one := range samples {
		works[i] = one.work
		sum += one.work
	}
	slices.Sort(works)
	s.P50 = works[len(works)/2]
	s.P99 = works[len(works)*99/100]
	s.Max = works[len(works)-1]
	s.Busy = min(1, sum.Seconds()/span.Seconds())
	if sum > 0 {
		s.Reachable = float64(len(works)) / sum.Seconds()
	}
}

func (m *meter) totals() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Stats{Frames: m.count, Overruns: m.overruns, Dropped: m.droppedN, Work: m.work}
	if m.count > 0 {
		s.Last = m.samples[(m.count-1)%uint64(len(m.samples))].at
	}
	return s
}

func (m *meter) began() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.first
}
