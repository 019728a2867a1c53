package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/overworld-gg/overworld/test/bench/machine"
	"github.com/overworld-gg/overworld/test/bench/target"
)

// idleRate is the rate of an idle map, in frames per second.
const idleRate = 60

// Idle is a server without players.
type Idle struct {
	Server string `json:"server"`
	// Memory is resident memory in bytes, CPU the share of a core.
	Memory int64   `json:"memory"`
	CPU    float64 `json:"cpu"`
	// Start is the median time from exec to listening, in milliseconds, of all
	// starts.
	Start  float64   `json:"start"`
	Starts []float64 `json:"starts"`
}

func (b *bench) idle(ctx context.Context, targets []target.Target) ([]Idle, error) {
	var all []Idle
	for _, t := range targets {
		i := Idle{Server: t.Name()}
		for n := range b.Starts {
			if err := b.startIdle(ctx, t, &i, n == b.Starts-1); err != nil {
				return nil, err
			}
		}
		slices.Sort(i.Starts)
		i.Start = (i.Starts[(len(i.Starts)-1)/2] + i.Starts[len(i.Starts)/2]) / 2
		b.say("%s idle: %.1f MiB, CPU %.2f %%, starts in %.0f ms", t.Name(), mib(i.Memory), 100*i.CPU, i.Start)
		all = append(all, i)
	}
	return all, nil
}

// startIdle starts t and, if it is to stay, watches it.
func (b *bench) startIdle(ctx context.Context, t target.Target, i *Idle, stay bool) (err error) {
	s, err := t.Start(ctx, target.Load{Rate: idleRate})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	i.Starts = append(i.Starts, float64(s.StartedIn.Microseconds())/1000)
	if !stay {
		return nil
	}
	// What the start itself takes is over after a second.
	if err := wait(ctx, time.Second); err != nil {
		return err
	}
	before, err := machine.CPU(s.PID)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := wait(ctx, b.Idle); err != nil {
		return err
	}
	after, err := machine.CPU(s.PID)
	if err != nil {
		return err
	}
	i.CPU = (after - before).Seconds() / time.Since(began).Seconds()
	i.Memory, err = machine.Memory(s.PID)
	return err
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
