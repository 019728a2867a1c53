package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/overworld-gg/overworld/test/bench/target"
)

// targets returns the servers to run, the floor first. clean is to be called in
// any case.
func (o options) targets(ctx context.Context, core int) (list []target.Target, clean func(), err error) {
	clean = func() {}
	only := words(o.only)
	for _, name := range only {
		if name != "floor" && name != "overworld" {
			return nil, clean, fmt.Errorf("-only may have floor and overworld, not %q", name)
		}
	}
	wanted := func(name string) bool { return len(only) == 0 || slices.Contains(only, name) }
	if wanted("floor") {
		list = append(list, target.Floor{Core: core})
	}
	if !wanted("overworld") {
		return list, clean, nil
	}
	dir, err := os.MkdirTemp("", "overworld-bench-")
	if err != nil {
		return nil, clean, fmt.Errorf("making a folder: %w", err)
	}
	clean = func() { _ = os.RemoveAll(dir) }
	ours, err := target.NewOverworld(ctx, target.OverworldConfig{Dir: dir, Binary: o.binary, Core: core})
	if errors.Is(err, target.ErrNoMapserver) && len(only) == 0 {
		_, _ = fmt.Fprintln(os.Stderr, "bench: ", err, "- only the floor is measured")
		return list, clean, nil
	}
	if err != nil {
		return nil, clean, err
	}
	return append(list, ours), clean, nil
}
