package mapserver

import (
	"errors"
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
	players func() int
}

// errLater is why a script of another system is not changed under its players.
var errLater = errors.New("somebody plays: a script of this dialect holds the state of its game session, and can only change between two; save it again when nobody does")

// Prepare refuses while somebody plays.
func (r realtime) Prepare(b *game.Bundle) (func(), error) {
	if r.players() > 0 {
		return nil, errLater
	}
	return r.Game.Prepare(b)
}

// Check tells what is wrong with a bundle, and whether it can run all the same.
func Check(dialect, entry string, b *game.Bundle) (problems []string, runs bool) {
	if dialect == DialectGameLift {
		err := gamelift.Check(gamelift.Config{ID: "check", Bundle: b, Entry: entry, Platform: Platform()})
		if err != nil {
			problems = append(problems, err.Error())
		}
		return problems, err == nil
	}
	found := native.Check(b, Languages())
	for _, p := range found {
		problems = append(problems, p.String())
	}
	return problems, found.Err() == nil
}

// buildRealtime makes the game and its sessions for the dialect GameLift.
func (s *Server) buildRealtime() error {
	m := s.config.Map
	g, err := gamelift.New(gamelift.Config{
		ID: m.ID, Bundle: s.config.Bundle, Entry: s.config.Entry, Platform: Platform(),
		Limits: script.Limits{Call: m.CallBudget, Memory: m.ScriptMemory}, MaxPlayers: m.MaxPlayers, Log: s.log,
	})
	if err != nil {
		return &BundleError{err}
	}
	s.game = realtime{Game: g, players: s.Players}
	return s.open(session.Config{
		Door: &session.Anyone{}, MaxMessage: 8 << 10, Rate: 200, Burst: 400,
		ErrorFrame: func(string) *game.Message { return nil },
	})
}
