package load

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"
)

// state is what has been counted at one moment.
type state struct {
	at       time.Time
	server   time.Duration
	core     time.Duration
	own      time.Duration
	sent     int64
	messages []int64
	bytes    int64
	late     time.Duration
}

func (c *crowd) look(w *walk) (state, error) {
	s := state{at: time.Now(), sent: w.sent.Load(), messages: make([]int64, len(c.conns))}
	s.late = time.Duration(w.late.Swap(0))
	for i, conn := range c.conns {
		s.messages[i] = conn.messages.Load()
		s.bytes += conn.bytes.Load()
	}
	for _, clock := range []struct {
		into *time.Duration
		read func() (time.Duration, error)
	}{{&s.server, c.plan.ServerCPU}, {&s.core, c.plan.ServerCore}, {&s.own, c.plan.OwnCPU}} {
		var err error
		if *clock.into, err = clock.read(); err != nil {
			return s, fmt.Errorf("reading processor time: %w", err)
		}
	}
	return s, nil
}

// report makes a Measurement of two moments.
func (c *crowd) report(before, after state) Measurement {
	seconds := after.at.Sub(before.at).Seconds()
	players := float64(c.plan.Players)
	m := Measurement{
		Players: c.plan.Players, Rate: c.plan.Rate,
		CPU:       (after.server - before.server).Seconds() / seconds,
		Core:      (after.core - before.core).Seconds() / seconds,
		Generator: (after.own - before.own).Seconds() / seconds,
		Bytes:     float64(after.bytes-before.bytes) / players / seconds,
		Late:      millis(after.late),
	}
	slowest := after.messages[0] - before.messages[0]
	for i := range after.messages {
		n := after.messages[i] - before.messages[i]
		m.Messages += float64(n) / players / seconds
		slowest = min(slowest, n)
	}
	m.Slowest = float64(slowest) / seconds / c.plan.Rate
	c.watched(&m, seconds, after.sent-before.sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	m.Lost, m.Faults = c.lost, maps.Clone(c.faults)
	return m
}

// watched adds what the watchers saw.
func (c *crowd) watched(m *Measurement, seconds float64, sent int64) {
	var latencies []time.Duration
	var frames, faults int64
	for _, w := range c.watchers {
		w.mu.Lock()
		latencies = append(latencies, w.latencies...)
		frames += w.frames
		faults += w.faults
		w.mu.Unlock()
	}
	n := float64(len(c.watchers))
	m.Held = float64(frames) / n / seconds / c.plan.Rate
	m.Seen = float64(len(latencies)) / n / max(1, float64(sent))
	m.Samples = len(latencies)
	if faults > 0 {
		c.mu.Lock()
		c.faults["packets that could not be read"] += int(faults)
		c.mu.Unlock()
	}
	if m.Samples == 0 {
		return
	}
	slices.Sort(latencies)
	m.P50 = millis(latencies[m.Samples/2])
	m.P99 = millis(latencies[min(m.Samples-1, m.Samples*99/100)])
	m.Max = millis(latencies[m.Samples-1])
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// withoutAddress makes network errors of different connections equal.
func withoutAddress(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op + ": " + op.Err.Error()
	}
	return err.Error()
}
