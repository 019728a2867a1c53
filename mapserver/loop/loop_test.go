package loop

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// rig is a loop whose clock is moved by hand.
type rig struct {
	*Loop
	clock  time.Time
	frames []Frame
	// work is how long each frame takes.
	work time.Duration
}

func newRig(t *testing.T, c Config) *rig {
	t.Helper()
	r := &rig{clock: start}
	c.Clock = func() time.Time { return r.clock }
	c.Frame = func(f Frame) {
		r.frames = append(r.frames, f)
		r.clock = r.clock.Add(r.work)
	}
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	r.Loop = l
	return r
}

// pass lets d go by and steps.
func (r *rig) pass(d time.Duration) {
	r.clock = r.clock.Add(d)
	r.Step(r.clock)
}

func TestStepRunsFramesOnTime(t *testing.T) {
	r := newRig(t, Config{Rate: 10})
	r.pass(0)
	r.pass(50 * time.Millisecond) // too early
	r.pass(50 * time.Millisecond)
	r.pass(250 * time.Millisecond) // two are late
	var at []time.Duration
	for i, f := range r.frames {
		if f.Number != uint64(i+1) || f.Step != 100*time.Millisecond {
			t.Errorf("frame %d is %+v", i, f)
		}
		at = append(at, f.Now.Sub(start))
	}
	want := []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond}
	if !slices.Equal(at, want) {
		t.Errorf("frames were at %v, want %v", at, want)
	}
}

func TestLateLoopGivesUpFrames(t *testing.T) {
	r := newRig(t, Config{Rate: 10, CatchUp: 3})
	r.pass(0)
	r.pass(2 * time.Second)
	if len(r.frames) != 4 {
		t.Fatalf("%d frames, want 1 and 3 caught up", len(r.frames))
	}
	if s := r.Stats(r.clock); s.Dropped != 17 {
		t.Errorf("%d frames dropped, want 17", s.Dropped)
	}
	if next := r.Step(r.clock); next != r.clock.Add(100*time.Millisecond) {
		t.Errorf("the next frame is at %v", next.Sub(start))
	}
}

func TestRates(t *testing.T) {
	for _, rate := range []int{-1, 121} {
		if _, err := New(Config{Rate: rate}); err == nil {
			t.Errorf("rate %d is accepted", rate)
		}
	}
	l, err := New(Config{})
	if err != nil || l.Rate() != 60 {
		t.Errorf("the default is %d, %v", l.Rate(), err)
	}
}

func TestInbox(t *testing.T) {
	r := newRig(t, Config{Rate: 10, Inbox: 2})
	var got []int
	task := func(n int) Task { return Func(func(time.Time) { got = append(got, n) }) }
	again := Func(func(time.Time) { r.Post(task(9)) })
	if !r.Post(again) || !r.Post(task(1)) {
		t.Fatal("an empty inbox refuses")
	}
	if r.Post(task(2)) {
		t.Error("a full inbox accepts")
	}
	if !r.Return(task(3)) {
		t.Error("a full inbox refuses what the loop waits for")
	}
	r.pass(0)
	if !slices.Equal(got, []int{1, 3}) {
		t.Errorf("ran %v, want 1 3", got)
	}
	r.pass(100 * time.Millisecond)
	if !slices.Equal(got, []int{1, 3, 9}) {
		t.Errorf("ran %v, want 1 3 9", got)
	}
	if s := r.Stats(r.clock); s.Refused != 1 {
		t.Errorf("%d refused, want 1", s.Refused)
	}
}

func TestTimers(t *testing.T) {
	r := newRig(t, Config{Rate: 10})
	r.pass(0)
	var got []string
	note := func(s string) func() { return func() { got = append(got, s) } }
	r.After(150*time.Millisecond, note("second"))
	r.After(100*time.Millisecond, note("first"))
	r.After(100*time.Millisecond, note("tie"))
	r.After(100*time.Millisecond, note("never")).Stop()
	var renew func()
	renew = func() { got = append(got, "renewed"); r.After(0, renew) }
	r.After(200*time.Millisecond, renew)
	r.pass(100 * time.Millisecond)
	r.pass(100 * time.Millisecond)
	want := []string{"first", "tie", "second", "renewed"}
	if !slices.Equal(got, want) {
		t.Errorf("ran %v, want %v", got, want)
	}
	r.pass(100 * time.Millisecond)
	if len(got) != 5 {
		t.Errorf("a renewed timer ran %d times more", len(got)-4)
	}
}

func TestStats(t *testing.T) {
	r := newRig(t, Config{Rate: 10})
	r.work = 10 * time.Millisecond
	for range 200 {
		r.pass(90 * time.Millisecond)
	}
	s := r.Stats(r.clock)
	if s.Frames < 199 || s.FPS1 < 9 || s.FPS1 > 10 || s.FPS10 < 9.8 || s.FPS10 > 10 {
		t.Errorf("%d frames, %v and %v per second", s.Frames, s.FPS1, s.FPS10)
	}
	if s.P50 != r.work || s.P99 != r.work || s.Max != r.work || s.Overruns != 0 {
		t.Errorf("work is %v %v %v, %d overruns", s.P50, s.P99, s.Max, s.Overruns)
	}
	if s.Busy < 0.09 || s.Busy > 0.11 || s.Reachable < 99 || s.Reachable > 101 {
		t.Errorf("busy %v, reachable %v", s.Busy, s.Reachable)
	}
}

func TestStatsOfASlowLoop(t *testing.T) {
	r := newRig(t, Config{Rate: 10})
	r.pass(0)
	r.work = 150 * time.Millisecond
	r.pass(100 * time.Millisecond)
	if s := r.Stats(r.clock); s.Overruns != 1 || s.Max != r.work || s.Work != r.work {
		t.Errorf("%d overruns, longest %v, %v in all", s.Overruns, s.Max, s.Work)
	}
	if s := r.Stats(r.clock.Add(time.Minute)); s.FPS1 != 0 || s.FPS10 != 0 {
		t.Errorf("a loop that stands has %v and %v frames per second", s.FPS1, s.FPS10)
	}
}

func TestYoungLoopIsJudgedByItsAge(t *testing.T) {
	r := newRig(t, Config{Rate: 10})
	for range 4 {
		r.pass(100 * time.Millisecond)
	}
	if s := r.Stats(r.clock); s.FPS1 < 9.9 || s.FPS10 < 9.9 {
		t.Errorf("%v and %v frames per second after 4 frames, want 10", s.FPS1, s.FPS10)
	}
}

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	frames := make(chan Frame, 1)
	l, err := New(Config{Rate: 120, Frame: func(f Frame) {
		select {
		case frames <- f:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { l.Run(ctx); close(done) }()
	<-frames
	ran := false
	if err := l.Do(t.Context(), func(time.Time) { ran = true }); err != nil || !ran {
		t.Errorf("Do returned %v, ran %v", err, ran)
	}
	cancel()
	<-done
	if l.Post(Func(func(time.Time) {})) {
		t.Error("a stopped loop accepts tasks")
	}
	if err := l.Do(t.Context(), func(time.Time) {}); !errors.Is(err, ErrStopped) {
		t.Errorf("Do on a stopped loop returns %v", err)
	}
}

func BenchmarkStepIdle(b *testing.B) {
	l, err := New(Config{Rate: 60})
	if err != nil {
		b.Fatal(err)
	}
	now := start
	b.ReportAllocs()
	for b.Loop() {
		now = l.Step(now)
	}
}
