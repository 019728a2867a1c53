package bots

import (
	"errors"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxTexts bounds the different texts that a table tells apart.
const maxTexts = 50

// tally is what the crowd counts together.
type tally struct {
	frames   atomic.Int64
	commands atomic.Int64
	started  atomic.Int64
	gone     atomic.Int64

	mu         sync.Mutex
	connected  int
	peak       int
	logins     int
	registered int
	reconnects int
	handovers  int
	away       time.Duration
	warned     int
	acks       int
	rtt        histogram
	failures   map[string]int
	errors     map[string]int
	closes     map[string]int
	// sum and began add up the time that bots were connected: sum for those that
	// are not any more, began for those that are, as nanoseconds since epoch.
	sum   time.Duration
	began time.Duration
	epoch time.Time
}

func newTally(now time.Time) *tally {
	return &tally{
		epoch: now, failures: make(map[string]int), errors: make(map[string]int), closes: make(map[string]int),
	}
}

// count adds one to what is counted under text.
func count(counts map[string]int, text string) {
	if _, known := counts[text]; !known && len(counts) >= maxTexts {
		text = "(others)"
	}
	counts[text]++
}

func (t *tally) signedIn(registered bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logins++
	if registered {
		t.registered++
	}
}

// failed counts a sign-in or a connection that was not.
func (t *tally) failed(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var refused *SignInError
	if errors.As(err, &refused) {
		count(t.failures, withoutNumbers(refused.Error(), len(strconv.Itoa(refused.Status))))
		return
	}
	count(t.failures, withoutNumbers(err.Error(), 0))
}

// withoutNumbers makes texts equal that differ in a count of seconds or a port
// only. The first keep bytes stay.
func withoutNumbers(text string, keep int) string {
	var b strings.Builder
	b.WriteString(text[:keep])
	digits := false
	for _, r := range text[keep:] {
		digit := r >= '0' && r <= '9'
		switch {
		case !digit:
			b.WriteRune(r)
		case !digits:
			b.WriteByte('N')
		}
		digits = digit
	}
	return b.String()
}

func (t *tally) connect(now time.Time, again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connected++
	t.peak = max(t.peak, t.connected)
	t.began += now.Sub(t.epoch)
	if again {
		t.reconnects++
	}
}

// disconnect counts the end of a connection since began; closed is nil if the
// bot ended it.
func (t *tally) disconnect(began, now time.Time, closed *CloseError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connected--
	t.began -= began.Sub(t.epoch)
	t.sum += now.Sub(began)
	if closed != nil {
		count(t.closes, strings.TrimSpace(strconv.Itoa(closed.Code)+" "+withoutNumbers(closed.Reason, 0)))
	}
}

// back counts a player who is in the world again after so long.
func (t *tally) back(away time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.away = max(t.away, away)
}

func (t *tally) warn() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.warned++
}

func (t *tally) handover() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.handovers++
}

func (t *tally) answer(rtt time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.acks++
	t.rtt.add(rtt)
}

func (t *tally) complaint(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	count(t.errors, text)
}

// result is the state of affairs at now; the rest of the Result is for others.
func (t *tally) result(now time.Time, received int64) Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	played := t.sum + time.Duration(t.connected)*now.Sub(t.epoch) - t.began
	r := Result{
		Seconds: now.Sub(t.epoch).Seconds(), PlayerSeconds: played.Seconds(),
		Connected: t.connected, Peak: t.peak, Gone: int(t.gone.Load()),
		Logins: t.logins, Registered: t.registered, Reconnects: t.reconnects, Handovers: t.handovers,
		LongestAway: t.away.Seconds(), Warned: t.warned,
		Frames: t.frames.Load(), Bytes: received, Commands: t.commands.Load(), Acks: int64(t.acks),
		LoginFailures: maps.Clone(t.failures), Errors: maps.Clone(t.errors), Closes: maps.Clone(t.closes),
		RTT: Latency{P50: millis(t.rtt.quantile(0.5)), P90: millis(t.rtt.quantile(0.9)),
			P99: millis(t.rtt.quantile(0.99)), Max: millis(t.rtt.max)},
	}
	if r.PlayerSeconds > 0 {
		r.FramesPerSecond = float64(r.Frames) / r.PlayerSeconds
		r.BytesPerSecond = float64(r.Bytes) / r.PlayerSeconds
	}
	return r
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
