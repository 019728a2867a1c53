package bots

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteTable(t *testing.T) {
	r := Result{
		Wanted: 300, Started: 300, Connected: 299, Peak: 300, Gone: 1, Seconds: 60.25, PlayerSeconds: 17000, Interrupted: true,
		Logins: 303, Registered: 300, LoginFailures: map[string]int{"503: map is full": 2}, Reconnects: 4, Handovers: 1, LongestAway: 1.52,
		Frames: 1020000, Bytes: 616000000, FramesPerSecond: 60, BytesPerSecond: 36235.2, Commands: 1000, Acks: 990,
		RTT: Latency{P50: 9.1, P90: 17, P99: 21.4, Max: 80}, Closes: map[string]int{"1013 slow": 1, "1006 eof\n\x1b[2J": 2},
	}
	const want = `players     299 of 300 connected at the end, 300 at most, 1 gave up
time        60.2 s, interrupted; 17000 player-seconds
logins      303 (300 registered), 2 failed
reconnects  3, and 1 handovers; away for at most 1.5 s
received    60.0 frames/s and 36.2 kB/s per player; 616.0 MB in all
commands    1000 sent, 990 answered
round trip  p50 9.1 ms, p90 17.0 ms, p99 21.4 ms, max 80.0 ms
refused:
       2  503: map is full
errors: none
closes:
       2  1006 eof  [2J
       1  1013 slow
`
	var b strings.Builder
	if err := WriteTable(&b, r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	for ms := 1; ms <= 1000; ms++ {
		h.add(time.Duration(ms) * time.Millisecond)
	}
	h.add(-time.Second)
	for q, want := range map[float64]float64{0: 0, 0.5: 500, 0.9: 900, 0.99: 990, 1: 1000} {
		if got := millis(h.quantile(q)); math.Abs(got-want) > want/fine {
			t.Errorf("quantile %v is %v ms, want %v", q, got, want)
		}
	}
	for _, us := range []uint64{0, 1, 63, 64, 65, 127, 128, 1 << 20, 1<<35 + 12345, 1 << 50} {
		b := bucketOf(us)
		if b >= bucketCount || us < 1<<36 && topOf(b) < us || b > 0 && topOf(b-1) >= us {
			t.Errorf("%d µs is in bucket %d, which ends at %d", us, b, topOf(b))
		}
	}
}

func TestConfigTellsWhatIsWrong(t *testing.T) {
	good := Config{URL: "http://127.0.0.1:8080", Players: 1}
	if _, err := good.withDefaults(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.URL = "127.0.0.1:8080" }, `reading the gateway's URL: parse "127.0.0.1:8080": first path segment in URL cannot contain colon`},
		{func(c *Config) { c.URL = "ws://a" }, `the gateway's URL must be like http://127.0.0.1:8080 or https://game.example, not "ws://a"`},
		{func(c *Config) { c.Players = 0 }, "the number of players must be 1 to 20000, not 0"},
		{func(c *Config) { c.Duration = -1 }, "the duration must not be negative, it is -1ns"},
		{func(c *Config) { c.RampUp = math.NaN() }, "the ramp-up must be 0 (default) to 20000 players per second, not NaN"},
		{func(c *Config) { c.ActionsPerSecond = 101 }, "the actions per second must be 0 (default) to 100, not 101"},
		{func(c *Config) { c.Behaviour = "swim" }, `a behaviour must be one of walk, fight, chat and mix, not "swim"`},
		{func(c *Config) { c.Prefix = strings.Repeat("x", 25) }, `the prefix of the bots' names has 25 bytes, at most 24 are allowed: "xxxxxxxxxxxxxxxxxxxxxxxxx"`},
		{func(c *Config) { c.Commands = map[string]map[string]any{"up": nil} }, `a command must be group/action, as in fight/attack, not "up"`},
	}
	for _, tt := range tests {
		c := good
		tt.change(&c)
		if _, err := c.withDefaults(); err == nil || err.Error() != tt.want {
			t.Errorf("error %v, want %s", err, tt.want)
		}
		if _, err := Run(t.Context(), c); err == nil || err.Error() != tt.want {
			t.Errorf("Run: error %v, want %s", err, tt.want)
		}
	}
}

func TestBehaviourShares(t *testing.T) {
	for b, want := range shares {
		if want[walking]+want[fighting]+want[chatting] != 100 {
			t.Errorf("the shares of %s are %v of 100", b, want)
		}
		rng := rand.New(rand.NewPCG(1, 1))
		var got [kinds]int
		for range 10_000 {
			got[b.pick(rng)]++
		}
		for k, n := range got {
			if math.Abs(float64(n)/100-float64(want[k])) > 2 {
				t.Errorf("%s: %v of 10000, want %v of 100", b, got, want)
			}
		}
	}
}

func TestRepertoire(t *testing.T) {
	r := newRepertoire()
	for range enough {
		r.complaint("a/b", "a/b: no")
		r.complaint("a/c", "something else")
		r.complaint("a/d", "a/d: not now")
	}
	r.worked("a/d")
	for action, want := range map[string]bool{"a/b": false, "a/c": true, "a/d": true} {
		if r.usable(action) != want {
			t.Errorf("usable(%s) = %v", action, !want)
		}
	}
}
