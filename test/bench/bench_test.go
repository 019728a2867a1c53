package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/test/bench/load"
)

// held is a measurement that is good enough.
func held() load.Measurement {
	return load.Measurement{
		Players: 500, Rate: 60, CPU: 0.29, Core: 0.36, Generator: 0.28, P50: 11, P99: 20.5, Samples: 80_000,
		Held: 1, Slowest: 0.997, Bytes: 139_900,
	}
}

func TestJudge(t *testing.T) {
	tests := []struct {
		change func(*load.Measurement)
		want   string
	}{
		{func(*load.Measurement) {}, ""},
		{func(m *load.Measurement) { m.P99 = 53 }, ""},
		{func(m *load.Measurement) { m.P99 = 54 }, "p99 54 ms, more than 53"},
		{func(m *load.Measurement) { m.Rate, m.P99 = 30, 86 }, ""},
		{func(m *load.Measurement) { m.Samples = 0 }, "p99 20 ms, more than 53"},
		{func(m *load.Measurement) { m.Held = 0.94 }, "94 % of the rate"},
		{func(m *load.Measurement) { m.Slowest = 0.5; m.Lost = 2 }, "50 % of the rate, 2 lost"},
		{func(m *load.Measurement) { m.Lost, m.Generator = 1, 0.97 }, "1 lost, but the generator was the bottleneck, 97 % busy"},
	}
	for _, tt := range tests {
		m := held()
		tt.change(&m)
		if got := judge(m); got != tt.want {
			t.Errorf("judge: %q, want %q", got, tt.want)
		}
	}
}

func TestMedian(t *testing.T) {
	rounds := []load.Measurement{{CPU: 0.5}, {CPU: 0.1}, {CPU: 0.3}}
	if got := median(rounds); got.CPU != 0.3 || rounds[0].CPU != 0.5 {
		t.Errorf("median %v, rounds %v", got.CPU, rounds)
	}
}

func TestMarkdown(t *testing.T) {
	ours := held()
	ours.CPU, ours.P99, ours.Bytes = 0.348, 28.5, 35_000
	again := ours
	again.CPU = 0.4
	r := Report{
		Machine: "Fast CPU, 2 cores, linux, go1.26", Players: 500, Rate: 60, Moves: 5, Seconds: 8,
		Compare: []Comparison{
			{Server: "floor", Median: held(), Rounds: []load.Measurement{held()}},
			{Server: "overworld", Median: ours, Rounds: []load.Measurement{again, ours}},
		},
		Search: []Search{
			{Server: "floor", Rate: 60, Held: 500, At: held(), Next: 750, Why: "1 lost"},
			{Server: "overworld", Rate: 60, Held: 500, At: ours},
		},
		Idle: []Idle{{Server: "overworld", Memory: 15 << 20, CPU: 0.006, Start: 41.5, Starts: make([]float64, 10)}},
	}
	const want = `Machine: Fast CPU, 2 cores, linux, go1.26; the server on one core, the players on another.

500 players at 60 Hz, each moving 5 times a second, all seeing all; 8 s, the median round of 1.

| server | its CPU | its core | p50 | p99 | rate held | bytes/s per player | lost | generator's CPU |
|---|---|---|---|---|---|---|---|---|
| floor | 29 % (29 to 29) | 36 % | 11 ms | 20 ms | 99.7 % | 139.9 kB | 0 | 28 % |
| overworld | 35 % (35 to 40) | 36 % | 11 ms | 28 ms | 99.7 % | 35.0 kB | 0 | 28 % |

Beside the floor, overworld uses 1.20 times the CPU and 0.25 times the bytes; its p99 is +8 ms, +0.5 frames.

Held at most: at least 95 % of the rate on every connection, p99 at most 2 frames and 20 ms, nobody lost.

| server | rate | holds | its CPU | its core | p99 | bytes/s per player | the next step |
|---|---|---|---|---|---|---|---|
| floor | 60 Hz | 500 | 29 % | 36 % | 20 ms | 139.9 kB | 750: 1 lost |
| overworld | 60 Hz | 500 | 35 % | 36 % | 28 ms | 35.0 kB | held, no larger one was tried |

Without players, at 60 Hz; the start is from exec to listening, the median of 10.

| server | resident memory | its CPU | start |
|---|---|---|---|
| overworld | 15.0 MiB | 0.60 % | 42 ms |
`
	if diff := cmp.Diff(want, markdown(r)); diff != "" {
		t.Error(diff)
	}
}

func TestReplace(t *testing.T) {
	page := "# Speed\n" + beginMark + "\nold\n" + endMark + "\nmore\n"
	got, err := replace(page, "new\n")
	if want := "# Speed\n" + beginMark + "\n\nnew\n\n" + endMark + "\nmore\n"; err != nil || got != want {
		t.Errorf("%q, error %v", got, err)
	}
	if _, err := replace("# Speed\n"+endMark+beginMark, "new"); err == nil {
		t.Error("a page with its marks the wrong way round was written")
	}
}

func TestParse(t *testing.T) {
	tests := map[string]string{
		"":                "",
		"-quick -json":    "",
		"-parts idle":     "",
		"fast":            `there are no arguments beside flags, it has ["fast"]`,
		"-parts idle,run": `-parts may have compare, search and idle, not "run"`,
		"-rate 0":         "-players must be at least 2, -rate 1 to 120 and -rounds at least 1",
	}
	for args, want := range tests {
		_, err := parse(strings.Fields(args), io.Discard)
		if got := errorText(err); got != want {
			t.Errorf("bench %s: error %q, want %q", args, got, want)
		}
	}
	o := options{only: "nakama"}
	_, _, err := o.targets(t.Context(), 0)
	if got := errorText(err); got != `-only may have floor and overworld, not "nakama"` {
		t.Errorf("-only nakama: %q", got)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestThePageHasThePlace(t *testing.T) {
	page, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := replace(string(page), "tables"); err != nil {
		t.Error(err)
	}
}
