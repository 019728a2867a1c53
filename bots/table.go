package bots

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteTable writes r for people.
func WriteTable(w io.Writer, r Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	ended := ""
	if r.Interrupted {
		ended = ", interrupted"
	}
	row("players", "%d of %d connected at the end, %d at most, %d gave up", r.Connected, r.Wanted, r.Peak, r.Gone)
	row("time", "%.1f s%s; %.0f player-seconds", r.Seconds, ended, r.PlayerSeconds)
	row("logins", "%d (%d registered), %d failed", r.Logins, r.Registered, sum(r.LoginFailures))
	row("reconnects", "%d, and %d handovers; away for at most %.1f s", r.Reconnects-r.Handovers, r.Handovers, r.LongestAway)
	row("received", "%.1f frames/s and %s/s per player; %s in all", r.FramesPerSecond, size(r.BytesPerSecond), size(float64(r.Bytes)))
	row("commands", "%d sent, %d answered", r.Commands, r.Acks)
	row("round trip", "p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms", r.RTT.P50, r.RTT.P90, r.RTT.P99, r.RTT.Max)
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing table: %w", err)
	}
	for _, list := range []struct {
		title  string
		counts map[string]int
	}{{"refused", r.LoginFailures}, {"errors", r.Errors}, {"closes", r.Closes}} {
		if _, err := io.WriteString(w, counted(list.title, list.counts)); err != nil {
			return fmt.Errorf("writing table: %w", err)
		}
	}
	return nil
}

// counted lists counts, the largest first.
func counted(title string, counts map[string]int) string {
	if len(counts) == 0 {
		return fmt.Sprintf("%s: none\n", title)
	}
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s:\n", title)
	texts := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for _, text := range texts {
		_, _ = fmt.Fprintf(&b, "%8d  %s\n", counts[text], oneLine(text))
	}
	return b.String()
}

// oneLine keeps what a server wrote from breaking the table or the terminal.
func oneLine(text string) string {
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// size writes a number of bytes.
func size(n float64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if n < 1000 {
			return fmt.Sprintf("%.1f %s", n, unit)
		}
		n /= 1000
	}
	return fmt.Sprintf("%.1f GB", n)
}
