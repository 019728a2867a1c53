package mapserver

import (
	"errors"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/dialect/gamelift"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/keeper"
	"github.com/overworld-gg/overworld/mapserver/native"
	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/script/js"
	"github.com/overworld-gg/overworld/mapserver/session"
)

// Platform runs the scripts of other systems.
func Platform() script.Platform { return js.Platform{} }

// hosted is the game of a map, whatever its dialect.
type hosted interface {
	game.Game
	game.Reloader
	Faults() *script.Faults
	Costs() []native.Cost
	ScriptTime() time.Duration
	Saved() (last time.Time, err error)
	Here() []keeper.Record
	SendOn(to []keeper.Address)
	CloseBy(by time.Time)
	Skipped(player int64)
}

// unkept is what the game of another system has not: nothing of it is kept, and its
// players belong to no gateway.
type unkept struct{}

// Costs are not counted for each piece of code.
func (unkept) Costs() []native.Cost { return nil }

// Saved tells that nothing is.
func (unkept) Saved() (time.Time, error) { return time.Time{}, nil }

// Here are no players that a gateway knows.
func (unkept) Here() []keeper.Record { return nil }

// SendOn sends nobody anywhere.
func (unkept) SendOn([]keeper.Address) {}

// CloseBy does nothing: the protocol has no word for it.
func (unkept) CloseBy(time.Time) {}

// Skipped does not happen.
func (unkept) Skipped(int64) {}

// realtime is the game of the dialect GameLift.
type realtime struct {
	*gamelift.Game
	unkept
}

// errLater is why a script of another system cannot be changed under its players.
var errLater = errors.New("a script of this dialect changes when its map starts again: it holds the state of the game session")

// Prepare refuses.
func (realtime) Prepare(*game.Bundle) (func(), error) { return nil, errLater }

// buildRealtime makes the game and its sessions for the dialect GameLift.
func (s *Server) buildRealtime() error {
	m := s.config.Map
	g, err := gamelift.New(gamelift.Config{
		ID: m.ID, Bundle: s.config.Bundle, Entry: s.config.Entry, Platform: Platform(),
		Limits: script.Limits{Call: m.CallBudget, Memory: m.ScriptMemory}, MaxPlayers: m.MaxPlayers, Log: s.log,
		Over: func(code int) { s.log.Info("game session over", slog.Int("code", code)) },
	})
	if err != nil {
		return &BundleError{err}
	}
	s.game = realtime{Game: g}
	return s.open(session.Config{
		Door: &session.Anyone{}, MaxMessage: 8 << 10, Rate: 200, Burst: 400,
		ErrorFrame: func(string) *game.Message { return nil },
	})
}
