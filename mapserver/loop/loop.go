// Package loop is the one goroutine that owns a map. It runs frames at a fixed
// rate, takes in what other goroutines post, and keeps timers and statistics.
// Time is an argument: Step is the only way a frame is run, and Run merely calls
// it on time.
package loop

import (
	"context"
	"fmt"
	"time"
)

// The rates at which a loop can run, in frames per second.
const (
	MinRate     = 1
	MaxRate     = 120
	DefaultRate = 60
)

// The defaults of Config.
const (
	DefaultCatchUp = 5
	DefaultInbox   = 4096
)

// Frame is one step of the loop.
type Frame struct {
	// Number counts frames from 1.
	Number uint64
	// Now is when the frame is. Frames that are caught up have the time at which
	// they should have been.
	Now time.Time
	// Step is the length of a frame.
	Step time.Duration
}

// Config says how a Loop works. The zero Config works.
type Config struct {
	// Rate is how many frames per second there are (60).
	Rate int
	// CatchUp is how many frames a late Step runs at most (5). What is missing
	// beyond them is given up: the map becomes slower, it does not spiral.
	CatchUp int
	// Inbox is how many posted tasks may wait (4096).
	Inbox int
	// Frame is run in each frame, after the tasks and timers.
	Frame func(Frame)
	// Clock measures the work of frames and wakes Run (time.Now).
	Clock func() time.Time
}

// Loop runs the frames of one map.
type Loop struct {
	config Config
	step   time.Duration
	inbox  inbox
	timers timers
	meter  meter

	// next is when the next frame is due; zero before the first Step.
	next   time.Time
	now    time.Time
	number uint64
}

// New returns a Loop that has not run yet.
func New(c Config) (*Loop, error) {
	if c.Rate == 0 {
		c.Rate = DefaultRate
	}
	if c.Rate < MinRate || c.Rate > MaxRate {
		return nil, fmt.Errorf("the tick rate is %d frames per second: it must be from %d to %d", c.Rate, MinRate, MaxRate)
	}
	if c.CatchUp == 0 {
		c.CatchUp = DefaultCatchUp
	}
	if c.Inbox == 0 {
		c.Inbox = DefaultInbox
	}
	if c.Frame == nil {
		c.Frame = func(Frame) {}
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	l := &Loop{config: c, step: time.Second / time.Duration(c.Rate)}
	l.inbox.limit = c.Inbox
	l.meter.init(c.Rate)
	return l, nil
}

// Step runs the frames that are due at now: none when it is too early, several
// when the loop is late. It returns when the next one is due.
func (l *Loop) Step(now time.Time) (next time.Time) {
	if l.next.IsZero() {
		l.next = now
	}
	for range l.config.CatchUp {
		if now.Before(l.next) {
			return l.next
		}
		l.frame(l.next)
		l.next = l.next.Add(l.step)
	}
	if !now.Before(l.next) {
		missed := now.Sub(l.next)/l.step + 1
		l.meter.dropped(uint64(missed))
		l.next = now.Add(l.step)
	}
	return l.next
}

func (l *Loop) frame(at time.Time) {
	began := l.config.Clock()
	l.number++
	l.now = at
	l.inbox.drain(at)
	l.timers.fire(at)
	l.config.Frame(Frame{Number: l.number, Now: at, Step: l.step})
	l.meter.record(at, l.config.Clock().Sub(began), l.step)
}

// Run runs frames until ctx is done. Afterwards nothing can be posted any more.
func (l *Loop) Run(ctx context.Context) {
	defer l.inbox.close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			next := l.Step(l.config.Clock())
			timer.Reset(next.Sub(l.config.Clock()))
		}
	}
}

// Now is the time of the current frame, or of the last one. For the loop's
// goroutine only.
func (l *Loop) Now() time.Time { return l.now }

// Rate is how many frames per second there should be.
func (l *Loop) Rate() int { return l.config.Rate }
