package main

import (
	"fmt"
	"os"
	"strings"
)

// The generated part of a page is between these lines.
const (
	beginMark = "<!-- bench: begin, written by go run ./test/bench -write -->"
	endMark   = "<!-- bench: end -->"
)

// markdown writes r as tables.
func markdown(r Report) string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("Machine: %s; the server on one core, the players on another.", r.Machine)
	if r.Quick {
		line("\n**A quick run: it shows that everything works, its numbers mean nothing.**")
	}
	if len(r.Compare) > 0 {
		compareTable(line, r)
	}
	if len(r.Search) > 0 {
		searchTable(line, r)
	}
	if len(r.Idle) > 0 {
		idleTable(line, r)
	}
	return b.String()
}

type lineFunc func(format string, args ...any)

func compareTable(line lineFunc, r Report) {
	line("\n%d players at %d Hz, each moving %g times a second, all seeing all; %g s, the median round of %d.\n",
		r.Players, r.Rate, r.Moves, r.Seconds, len(r.Compare[0].Rounds))
	line("| server | its CPU | its core | p50 | p99 | rate held | bytes/s per player | lost | generator's CPU |")
	line("|---|---|---|---|---|---|---|---|---|")
	for _, c := range r.Compare {
		m := c.Median
		line("| %s | %.0f %% (%s) | %.0f %% | %.0f ms | %.0f ms | %.1f %% | %.1f kB | %d | %.0f %% |",
			c.Server, 100*m.CPU, spread(c), 100*m.Core, m.P50, m.P99, 100*min(m.Held, m.Slowest), m.Bytes/1000, m.Lost, 100*m.Generator)
	}
	if len(r.Compare) == 2 {
		floor, ours := r.Compare[0].Median, r.Compare[1].Median
		line("\nBeside the %s, %s uses %.2f times the CPU and %.2f times the bytes; its p99 is %+.0f ms, %+.1f frames.", r.Compare[0].Server,
			r.Compare[1].Server, ours.CPU/max(floor.CPU, 0.001), ours.Bytes/max(floor.Bytes, 1), ours.P99-floor.P99, (ours.P99-floor.P99)*ours.Rate/1000)
	}
}

// spread is the least and the most CPU of all rounds.
func spread(c Comparison) string {
	least, most := c.Rounds[0].CPU, c.Rounds[0].CPU
	for _, m := range c.Rounds {
		least, most = min(least, m.CPU), max(most, m.CPU)
	}
	return fmt.Sprintf("%.0f to %.0f", 100*least, 100*most)
}

func searchTable(line lineFunc, r Report) {
	line("\nHeld at most: at least %.0f %% of the rate on every connection, p99 at most %d frames and %d ms, nobody lost.\n",
		100*leastHeld, latencyFrames, latencyMillis)
	line("| server | rate | holds | its CPU | its core | p99 | bytes/s per player | the next step |")
	line("|---|---|---|---|---|---|---|---|")
	for _, s := range r.Search {
		next := "held, no larger one was tried"
		if s.Next > 0 {
			next = fmt.Sprintf("%d: %s", s.Next, strings.ReplaceAll(s.Why, "|", "/"))
		}
		line("| %s | %d Hz | %d | %.0f %% | %.0f %% | %.0f ms | %.1f kB | %s |", s.Server, s.Rate, s.Held,
			100*s.At.CPU, 100*s.At.Core, s.At.P99, s.At.Bytes/1000, next)
	}
}

func idleTable(line lineFunc, r Report) {
	line("\nWithout players, at %d Hz; the start is from exec to listening, the median of %d.\n", idleRate, len(r.Idle[0].Starts))
	line("| server | resident memory | its CPU | start |")
	line("|---|---|---|---|")
	for _, i := range r.Idle {
		line("| %s | %.1f MiB | %.2f %% | %.0f ms |", i.Server, mib(i.Memory), 100*i.CPU, i.Start)
	}
}

// insert puts text between the markers in file.
func insert(file, text string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("writing the tables: %w", err)
	}
	page, err := replace(string(data), text)
	if err != nil {
		return fmt.Errorf("writing the tables: %s: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		return fmt.Errorf("writing the tables: %w", err)
	}
	return nil
}

func replace(page, text string) (string, error) {
	before, rest, ok := strings.Cut(page, beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return "", fmt.Errorf("the page must have the lines %q and %q, in this order", beginMark, endMark)
	}
	return before + beginMark + "\n\n" + text + "\n" + endMark + after, nil
}
