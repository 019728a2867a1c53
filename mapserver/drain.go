package mapserver

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// CloseBy says until when players may stay on the map; zero: as long as they like.
// They are told, and moved to another map of the fleet then.
func (s *Server) CloseBy(ctx context.Context, by time.Time) {
	_ = s.loop.Do(ctx, func(time.Time) { s.game.CloseBy(by) }) // it fails when the map stops anyway
}

// FollowDrain tells the server until when players may stay: the time that read
// returns, in RFC 3339, or nothing. It ends with ctx.
func (s *Server) FollowDrain(ctx context.Context, read func() ([]byte, error)) {
	ticker := time.NewTicker(slotsEvery)
	defer ticker.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		text, err := read()
		if err != nil || string(text) == last {
			continue // the kubelet is about to write it
		}
		last = string(text)
		by, err := time.Parse(time.RFC3339, strings.TrimSpace(last))
		if err != nil && strings.TrimSpace(last) != "" {
			s.log.Error("reading until when players may stay", slog.Any("error", err))
			continue
		}
		s.log.Info("players may stay", slog.String("until", strings.TrimSpace(last)))
		s.CloseBy(ctx, by)
	}
}
