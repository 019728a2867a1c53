package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/overworld-gg/overworld/test/bench/load"
	"github.com/overworld-gg/overworld/test/bench/machine"
	"github.com/overworld-gg/overworld/test/bench/target"
)

// Settings are how long and with how many it is measured.
type Settings struct {
	Players         int
	Rate            int
	Rounds          int
	Moves           float64
	Watchers        int
	Warmup, Measure time.Duration
	// Steps are the numbers of players that are tried, at each of Rates.
	Steps []int
	Rates []int
	// Idle is how long an idle map is watched, Starts how often it is started.
	Idle   time.Duration
	Starts int
}

func (o options) settings() Settings {
	if o.quick {
		return Settings{
			Players: 40, Rate: 20, Rounds: 1, Moves: 5, Watchers: 4, Warmup: 500 * time.Millisecond, Measure: 1500 * time.Millisecond,
			Steps: []int{40, 80}, Rates: []int{20}, Idle: time.Second, Starts: 3,
		}
	}
	return Settings{
		Players: o.players, Rate: o.rate, Rounds: o.rounds, Moves: 5, Watchers: 4, Warmup: 2 * time.Second, Measure: 8 * time.Second,
		Steps: []int{500, 750, 1000, 1250, 1500, 2000}, Rates: []int{60, 30}, Idle: 10 * time.Second, Starts: 10,
	}
}

// bench runs the parts.
type bench struct {
	Settings
	parts []string
	log   io.Writer
}

func newBench(o options, log io.Writer) *bench {
	return &bench{Settings: o.settings(), parts: words(o.parts), log: log}
}

func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.log, "%s "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}

// Report is all that was found.
type Report struct {
	Machine string       `json:"machine"`
	Players int          `json:"players"`
	Rate    int          `json:"rate"`
	Moves   float64      `json:"moves"`
	Seconds float64      `json:"seconds"`
	Quick   bool         `json:"quick,omitempty"`
	Compare []Comparison `json:"compare,omitempty"`
	Search  []Search     `json:"search,omitempty"`
	Idle    []Idle       `json:"idle,omitempty"`
}

// run runs the parts on all targets.
func (b *bench) run(ctx context.Context, targets []target.Target) (Report, error) {
	r := Report{
		Machine: machine.Describe(), Players: b.Players, Rate: b.Rate, Moves: b.Moves,
		Seconds: b.Measure.Seconds(), Quick: b.Measure < 5*time.Second,
	}
	parts := []struct {
		name string
		run  func() error
	}{
		{"compare", func() (err error) { r.Compare, err = b.compare(ctx, targets); return err }},
		{"search", func() (err error) { r.Search, err = b.search(ctx, targets); return err }},
		{"idle", func() (err error) { r.Idle, err = b.idle(ctx, targets); return err }},
	}
	for _, part := range parts {
		if !slices.Contains(b.parts, part.name) {
			continue
		}
		if err := part.run(); err != nil {
			return r, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return r, nil
}

// once starts t, lets players walk and stops it.
func (b *bench) once(ctx context.Context, t target.Target, players, rate int) (m load.Measurement, err error) {
	s, err := t.Start(ctx, target.Load{Players: players, Rate: rate})
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	m, err = load.Run(ctx, load.Plan{
		Address: s.Address, Players: players, Rate: float64(rate), Moves: b.Moves, Watchers: b.Watchers,
		Compression: s.Compression, Credentials: s.Credentials, Warmup: b.Warmup, Measure: b.Measure,
		ServerCPU:  func() (time.Duration, error) { return machine.CPU(s.PID) },
		ServerCore: func() (time.Duration, error) { return machine.CoreBusy(s.Core) },
		OwnCPU:     func() (time.Duration, error) { return machine.CPU(os.Getpid()) },
	})
	if err != nil {
		return m, fmt.Errorf("%s with %d players: %w", t.Name(), players, err)
	}
	b.say("%s, %d players at %d Hz: CPU %.0f %% (core %.0f %%), p99 %.1f ms, held %.1f %%, %.1f kB/s, lost %d, seen %.1f %%, generator %.0f %%", t.Name(), players, rate,
		100*m.CPU, 100*m.Core, m.P99, 100*min(m.Held, m.Slowest), m.Bytes/1000, m.Lost, 100*m.Seen, 100*m.Generator)
	return m, nil
}
