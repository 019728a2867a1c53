package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/overworld-gg/overworld/test/bench/load"
	"github.com/overworld-gg/overworld/test/bench/target"
)

// Comparison is one server with the players of the comparison.
type Comparison struct {
	Server string `json:"server"`
	// Median is the round whose CPU is the middle one.
	Median load.Measurement   `json:"median"`
	Rounds []load.Measurement `json:"rounds"`
}

// compare runs the targets in turn, so that what else happens on the machine
// hits all of them.
func (b *bench) compare(ctx context.Context, targets []target.Target) ([]Comparison, error) {
	all := make([]Comparison, len(targets))
	for range b.Rounds {
		for i, t := range targets {
			m, err := b.once(ctx, t, b.Players, b.Rate)
			if err != nil {
				return nil, err
			}
			all[i].Server = t.Name()
			all[i].Rounds = append(all[i].Rounds, m)
		}
	}
	for i := range all {
		all[i].Median = median(all[i].Rounds)
	}
	return all, nil
}

func median(rounds []load.Measurement) load.Measurement {
	sorted := slices.SortedFunc(slices.Values(rounds), func(a, b load.Measurement) int { return cmp.Compare(a.CPU, b.CPU) })
	return sorted[(len(sorted)-1)/2]
}
