package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/overworld-gg/overworld/test/bench/load"
	"github.com/overworld-gg/overworld/test/bench/target"
)

const (
	// leastHeld is the share of the rate that must arrive.
	leastHeld = 0.95
	// frames and millis are what the p99 may be: two frames and 20 ms.
	latencyFrames = 2
	latencyMillis = 20
	// busy is when the generator cannot be trusted to keep up.
	busy = 0.9
	// tries is how often a number of players may fail: one failure may be the
	// machine's.
	tries = 2
)

// Search is how many players a server held at a rate.
type Search struct {
	Server string `json:"server"`
	Rate   int    `json:"rate"`
	// Held is the largest number of players held, 0 for none.
	Held int `json:"held"`
	// At is the measurement with that number.
	At load.Measurement `json:"at"`
	// Next is the number that was not held, 0 if all were, and Why.
	Next int    `json:"next,omitempty"`
	Why  string `json:"why,omitempty"`
}

// search finds the largest number of players for each target and rate.
func (b *bench) search(ctx context.Context, targets []target.Target) ([]Search, error) {
	var all []Search
	for _, rate := range b.Rates {
		for _, t := range targets {
			s, err := b.climb(ctx, t, rate)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// climb tries one step after the other, until one is not held.
func (b *bench) climb(ctx context.Context, t target.Target, rate int) (Search, error) {
	s := Search{Server: t.Name(), Rate: rate}
	for _, players := range b.Steps {
		m, why, err := b.step(ctx, t, players, rate)
		if err != nil {
			return s, err
		}
		if why != "" {
			s.Next, s.Why = players, why
			return s, nil
		}
		s.Held, s.At = players, m
	}
	return s, nil
}

// step tells why players are not held, in each of the tries; "" if they are. A
// server that falls over under the load has not held it.
func (b *bench) step(ctx context.Context, t target.Target, players, rate int) (m load.Measurement, why string, err error) {
	for range tries {
		m, err = b.once(ctx, t, players, rate)
		if ctx.Err() != nil {
			return m, "", ctx.Err()
		}
		if err != nil {
			why = err.Error()
			b.say("%s", why)
			continue
		}
		if why = judge(m); why == "" {
			return m, "", nil
		}
	}
	return m, why, nil
}

// judge tells why m does not count as held, "" if it does.
func judge(m load.Measurement) string {
	var why []string
	if share := min(m.Held, m.Slowest); share < leastHeld {
		why = append(why, fmt.Sprintf("%.0f %% of the rate", 100*share))
	}
	if most := latencyFrames*1000/m.Rate + latencyMillis; m.P99 > most || m.Samples == 0 {
		why = append(why, fmt.Sprintf("p99 %.0f ms, more than %.0f", m.P99, most))
	}
	if m.Lost > 0 {
		why = append(why, fmt.Sprintf("%d lost", m.Lost))
	}
	if len(why) > 0 && m.Generator > busy {
		why = append(why, fmt.Sprintf("but the generator was the bottleneck, %.0f %% busy", 100*m.Generator))
	}
	return strings.Join(why, ", ")
}
