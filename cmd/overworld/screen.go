package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/overworld-gg/overworld/local"
)

// screen writes log lines and, on a terminal, one live line below them.
type screen struct {
	mu   sync.Mutex
	out  io.Writer
	live bool
	line string
}

func newScreen(out io.Writer, live bool) *screen { return &screen{out: out, live: live} }

// clearLine goes to the beginning of the terminal's line and clears it.
const clearLine = "\r\x1b[K"

// Write writes whole lines above the live line.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != "" {
		_, _ = io.WriteString(s.out, clearLine)
	}
	n, err := s.out.Write(p)
	if s.line != "" {
		_, _ = io.WriteString(s.out, s.line)
	}
	return n, err
}

// show replaces the live line.
func (s *screen) show(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line = line
	_, _ = io.WriteString(s.out, clearLine+line)
}

// tell writes what happened to a map.
func (s *screen) tell(n local.Notice, g *local.Game) {
	var b strings.Builder
	switch {
	case n.Map == "" && g != nil:
		_, _ = fmt.Fprintf(&b, "\n  play       %s\n", g.URL())
		for _, m := range g.States() {
			_, _ = fmt.Fprintf(&b, "  map        %-14s %s\n", m.ID, m.URL)
		}
		b.WriteString("  stop       Ctrl-C; everything is saved\n\n")
	case n.Err != nil:
		_, _ = fmt.Fprintf(&b, "%s: %s:\n  %s\n", n.Map, n.Text, strings.ReplaceAll(n.Err.Error(), "\n", "\n  "))
	default:
		_, _ = fmt.Fprintf(&b, "%s: %s\n", n.Map, n.Text)
	}
	_, _ = s.Write([]byte(b.String()))
}

// watch keeps the live line up to date until it is told to stop.
func (s *screen) watch(ctx context.Context, g *local.Game) (stop func()) {
	if !s.live {
		return func() {}
	}
	done := make(chan struct{})
	var drawing sync.WaitGroup
	drawing.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			switch {
			case ctx.Err() != nil:
				s.show("saving ...")
			case g.Ready() == nil:
				s.show(statusLine(g.States()))
			}
		}
	})
	return func() {
		close(done)
		drawing.Wait()
		s.show("")
	}
}

// maxShown is how many maps the live line has room for.
const maxShown = 4

func statusLine(states []local.State) string {
	var parts []string
	for i, m := range states {
		if i == maxShown {
			parts = append(parts, fmt.Sprintf("%d more", len(states)-i))
			break
		}
		part := fmt.Sprintf("%s %.0f/%d fps, %s, %.0f%% busy", m.ID, m.FPS, m.Rate, plural(m.Players, "player"), 100*m.Busy)
		if m.Faults > 0 {
			part += ", " + plural(int(m.Faults), "script fault")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " | ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
