//go:build soak

package e2e

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/bots"
)

// The soak: how many play, for how long.
const (
	soakPlayers = 300
	soakTime    = 2 * time.Minute
)

// Two minutes of 300 players on a map whose scripts throw, loop for ever, and
// take memory without bound: no second without frames, no lost connection, and
// every fault in the log with its place and its count.
func TestSoak(t *testing.T) {
	g := run(t, t.TempDir(), "testdata/faulty")
	_, k := post(t, g.url+"/server/signin/register", "login", "observer", "password", "secret one")
	observer := dial(t, k)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var watching sync.WaitGroup
	var longest time.Duration
	var seen int
	watching.Go(func() { seen, longest = watchFrames(ctx, observer) })
	result, err := bots.Run(ctx, bots.Config{
		URL: g.url, Players: soakPlayers, Duration: soakTime, RampUp: 30, ActionsPerSecond: 3,
		Commands: map[string]map[string]any{
			"move/up": {}, "move/down": {}, "move/left": {}, "move/right": {},
			"evil/throw": {}, "evil/loop": {}, "evil/hide": {}, "evil/match": {},
			"greed/double": {}, "greed/table": {}, "greed/recurse": {}, "greed/keep": {},
		},
		Progress: func(s bots.Snapshot) {
			t.Logf("%.0f s: %d connected, %d commands, rtt p99 %.0f ms, %.0f frames/s", s.Seconds, s.Connected, s.Commands, s.RTT.P99, s.FramesNow)
		},
	})
	cancel()
	watching.Wait()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d frames, the longest pause between two was %v; %+v", seen, longest, result)
	if result.Connected != soakPlayers || len(result.Closes) > 0 || result.Reconnects > 0 {
		t.Errorf("%d of %d are still connected; closed: %v; %d came again", result.Connected, soakPlayers, result.Closes, result.Reconnects)
	}
	if longest >= time.Second {
		t.Errorf("no frame for %v", longest)
	}
	if err := g.stop(); err != nil {
		t.Errorf("the game ended with %v", err)
	}
	checkFaults(t, g.log.String())
}

// watchFrames counts the packets of a client that does nothing, and measures the
// longest time without one, once the first command of others has been seen.
func watchFrames(ctx context.Context, c *client) (seen int, longest time.Duration) {
	var last time.Time
	for {
		p, err := c.next()
		now := time.Now()
		if ctx.Err() != nil || err != nil {
			return seen, longest
		}
		if p["players"] == nil || p["action"] != nil {
			continue
		}
		if seen++; seen > soakPlayers {
			longest = max(longest, now.Sub(last))
		}
		last = now
	}
}

// checkFaults looks for each fault in the log: its place, its text, its count.
func checkFaults(t *testing.T, log string) {
	t.Helper()
	for at, text := range map[string]string{
		"events/evil/throw.lua:2":    "nil value",
		"events/evil/loop.lua:1":     "maximum execution time",
		"events/evil/hide.lua:3":     "maximum execution time",
		"events/evil/match.lua:1":    "maximum execution time",
		"events/greed/double.lua:2":  "not enough memory",
		"events/greed/table.lua:2":   "(not enough memory|maximum execution time)",
		"events/greed/recurse.lua:1": "stack overflow",
		"events/greed/keep.lua":      "not enough memory",
	} {
		line := regexp.MustCompile(fmt.Sprintf(`msg="script fault".* at=%s.* error=.*%s.* count=\d+`, regexp.QuoteMeta(at), text))
		if !line.MatchString(log) {
			t.Errorf("the log has no fault at %s with %q:\n%s", at, text, grep(log, strings.TrimSuffix(at, ":1")))
		}
	}
	for _, text := range []string{"script quarantined", "the scripts' data outgrew their memory"} {
		if !strings.Contains(log, text) {
			t.Errorf("the log has no %q", text)
		}
	}
}

// grep returns the first lines of a log with a text in them.
func grep(log, text string) string {
	var out []string
	for _, line := range strings.Split(log, "\n") {
		if strings.Contains(line, text) && len(out) < 3 {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
