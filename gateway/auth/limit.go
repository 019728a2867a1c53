package auth

import (
	"sync"
	"time"
)

const (
	window = time.Minute
	// maxWindows bounds the memory of a limiter; beyond it, the oldest window is
	// forgotten.
	maxWindows = 1 << 16
)

// limiter counts requests by key in windows of a minute. A window starts with the
// first request in it.
type limiter struct {
	most int
	now  func() time.Time

	mu      sync.Mutex
	windows map[string]count
	// order holds the windows as they end: all are equally long, so that is the
	// order in which they began.
	order []begun
}

type count struct {
	since time.Time
	n     int
}

type begun struct {
	key   string
	since time.Time
}

func newLimiter(most int, now func() time.Time) *limiter {
	return &limiter{most: most, now: now, windows: make(map[string]count)}
}

// allow counts a request. When it is one too many, allow returns how long to wait.
func (l *limiter) allow(key string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.forget(now)
	w, known := l.windows[key]
	if !known {
		w.since = now
		l.order = append(l.order, begun{key, now})
	}
	if w.n >= l.most {
		return w.since.Add(window).Sub(now), false
	}
	w.n++
	l.windows[key] = w
	return 0, true
}

// forget drops windows that are over, and the oldest one when there are too many.
func (l *limiter) forget(now time.Time) {
	drop := 0
	for _, b := range l.order {
		if now.Sub(b.since) < window && len(l.windows) < maxWindows {
			break
		}
		delete(l.windows, b.key)
		drop++
	}
	l.order = l.order[drop:]
}
