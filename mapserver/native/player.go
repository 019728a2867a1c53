package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/keeper"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/wire"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// How long a player waits for the keeper, and the pause between tries.
const (
	keeperPatience = 10 * time.Second
	keeperPause    = 500 * time.Millisecond
)

// The close codes of the native game.
const (
	codeReconnect = 4000
	codeRemoved   = 4003
	codeRefused   = 4410
	codeAway      = 1013
)

// player is who is behind a session, and what it is to be told.
type player struct {
	game.Player
	// session is nil once it has gone.
	session game.Session
	// entity is nil while the player is being loaded or moved.
	entity *world.Entity
	// waiting tells that the keeper is asked to load or to move the player.
	waiting bool

	// full asks for the whole world; until then nothing else is sent.
	full     bool
	acks     []wire.Ack
	timeouts []wire.Timeout
	listed   bool // in Game.told
	// known are the timeouts that the client knows, by group.
	known map[int]float64
	// kept is the record that was saved last.
	kept []byte
}

// Join lets a player in: back into the entity that is still there, or as it was
// kept.
func (g *Game) Join(s game.Session) error {
	if g.stopping {
		return errStopping
	}
	id := s.Player().ID
	p := g.players[id]
	if p == nil {
		p = &player{}
		g.players[id] = p
		g.order = append(g.order, p)
	}
	p.Player, p.session, p.full = s.Player(), s, p.entity != nil
	p.acks, p.timeouts, p.known = p.acks[:0], p.timeouts[:0], nil
	g.leaving = slices.DeleteFunc(g.leaving, func(l *player) bool { return l == p })
	if p.entity == nil && !p.waiting {
		g.admit(p)
	}
	return nil
}

// admit puts a player on the map who is not there: as the last save that is
// under way has it, or as the keeper has it.
func (g *Game) admit(p *player) {
	if data, ok := g.saver.departed[p.ID]; ok {
		g.enter(p, data)
		return
	}
	g.load(p)
}

// load asks the keeper for a player.
func (g *Game) load(p *player) {
	id := p.ID
	p.waiting = true
	g.config.Background(func() {
		var record keeper.Record
		err := g.patiently(func(ctx context.Context) (err error) {
			record, err = g.config.Keeper.Load(ctx, id)
			return err
		})
		g.config.Return(func(time.Time) { g.loaded(p, record.Data, err) })
	})
}

// patiently asks the keeper until it answers or patience ends.
func (g *Game) patiently(ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(g.ctx, keeperPatience)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil || !keeper.Retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(keeperPause):
		}
	}
}

// loaded is told what the keeper answered.
func (g *Game) loaded(p *player, data json.RawMessage, err error) {
	p.waiting = false
	if g.players[p.ID] != p || p.session == nil || g.stopping {
		return
	}
	if err != nil {
		g.config.Log.Warn("loading player", slog.String("player", p.Login), slog.Any("error", err))
		g.refuse(p, err)
		return
	}
	g.enter(p, data)
}

// refuse ends the session of a player who cannot come in.
func (g *Game) refuse(p *player, err error) {
	code, text := codeAway, "The game's store cannot be reached: try again in a minute."
	if !keeper.Retryable(err) {
		code, text = codeRefused, "You cannot enter this map: "+err.Error()+". Sign in again."
	}
	g.end(p, code, text)
}

// end tells a player why and ends its session.
func (g *Game) end(p *player, code int, text string) {
	if p.session != nil {
		p.session.Send(&game.Message{Data: wire.AppendError(nil, text)})
		p.session.Close(code, reason(text))
	}
}

// reason cuts a text to what a close frame holds.
func reason(text string) string {
	const most = 123
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut]
}

// enter puts a player on the map.
func (g *Game) enter(p *player, data json.RawMessage) {
	record := value.Null
	if len(data) > 0 {
		v, err := value.ParseJSON(data)
		if err != nil {
			g.config.Log.Error("reading a player's record", slog.String("player", p.Login), slog.Any("error", err))
			g.end(p, codeRefused, "Your character cannot be read. Please tell the game's owner.")
			return
		}
		record = v
	}
	e, err := g.world.Player(p.ID, p.Login, record)
	if e == nil {
		g.config.Log.Error("entering", slog.String("player", p.Login), slog.Any("error", err))
		g.end(p, codeRefused, "You cannot enter this map: "+err.Error())
		return
	}
	if err != nil {
		g.config.Log.Error("entering", slog.String("player", p.Login), slog.Any("error", err))
	}
	delete(g.saver.departed, p.ID)
	if e.Gone() { // its own enter code has removed it
		g.end(p, codeRemoved, "You have been removed from the map.")
		return
	}
	p.entity, p.full, p.kept = e, true, nil
}

// Leave is told that a session has gone. The entity stays until the frame: the
// player may be back on another connection.
func (g *Game) Leave(s game.Session) {
	p := g.players[s.Player().ID]
	if p == nil || p.session == nil || p.session.ID() != s.ID() {
		return
	}
	p.session = nil
	g.leaving = append(g.leaving, p)
}

// farewell takes players off the map whose session has gone.
func (g *Game) farewell() {
	for i, p := range g.leaving {
		g.leaving[i] = nil
		if p.session != nil {
			continue
		}
		// When the map stops, the player has been saved, and has not left.
		if e := p.entity; e != nil && !g.stopping {
			if err := g.world.Remove(e); err != nil {
				g.config.Log.Error("leaving", slog.String("player", p.Login), slog.Any("error", err))
			}
			g.saver.depart(p.ID, e.Record())
		}
		g.forget(p)
	}
	g.leaving = g.leaving[:0]
}

// forget drops a player.
func (g *Game) forget(p *player) {
	if g.players[p.ID] == p {
		delete(g.players, p.ID)
	}
	g.order = slices.DeleteFunc(g.order, func(o *player) bool { return o == p })
}

// removed is told by the world of entities that have left. A player that a
// script has removed loses the session.
func (g *Game) removed(e *world.Entity) {
	if e.Type() != world.Players {
		return
	}
	p := g.players[e.ID()]
	if p == nil || p.entity != e {
		return
	}
	p.entity = nil
	if p.session == nil || p.waiting {
		return
	}
	g.expelled = append(g.expelled, e)
	g.end(p, codeRemoved, "You have been removed from the map.")
}

// settleExpelled saves players whom scripts have removed, once the events that
// did so are over: otherwise these would still be pending when they come back.
func (g *Game) settleExpelled() {
	for i, e := range g.expelled {
		g.saver.depart(e.ID(), e.Record())
		g.expelled[i] = nil
	}
	g.expelled = g.expelled[:0]
}

// Receive runs a client's command.
func (g *Game) Receive(s game.Session, data []byte) {
	p := g.players[s.Player().ID]
	if p == nil {
		return
	}
	if err := g.command(p, data); err != nil {
		s.Send(&game.Message{Data: wire.AppendError(nil, err.Error())})
	}
}

func (g *Game) command(p *player, data []byte) error {
	c, err := wire.Decode(data)
	if err != nil {
		return err
	}
	if p.entity == nil || g.stopping {
		return errors.New("you are not on the map yet: wait for load/index")
	}
	g.world.Tick(g.config.Clock())
	i, ok := g.world.Group(c.Group)
	if !ok || !g.world.Groups()[i].Of[world.Players] {
		return fmt.Errorf("there is no group of events %q", c.Group)
	}
	return p.entity.Event(i).Call(c.Action, c.Params, c.ID, c.HasID)
}

// Skipped is told by the keeper of a player that it did not save because the
// player is on another map.
func (g *Game) Skipped(id int64) {
	p := g.players[id]
	if p == nil || p.entity == nil {
		return
	}
	p.waiting = true // so that the removal is not saved
	e := p.entity
	if err := g.world.Remove(e); err != nil {
		g.config.Log.Error("leaving", slog.String("player", p.Login), slog.Any("error", err))
	}
	p.waiting = false
	g.end(p, codeRemoved, "You are on another map now: sign in again.")
}

// Resync sends a client the whole world again.
func (g *Game) Resync(s game.Session) {
	if p := g.players[s.Player().ID]; p != nil {
		p.full = p.entity != nil
	}
}

// loadAsked is the event load/index.
func (g *Game) loadAsked(e *world.Entity) {
	if p := g.players[e.ID()]; p != nil {
		p.full = true
	}
}

// saveAsked is the event save/index.
func (g *Game) saveAsked(*world.Entity) { g.saver.soon = true }

// executed is told by the world of commands that have been run.
func (g *Game) executed(e *world.Entity, group string, command, wait float64) {
	if p := g.players[e.ID()]; p != nil && p.session != nil {
		p.acks = append(p.acks, wire.Ack{Group: group, ID: command, Wait: wait})
		g.tell(p)
	}
}

// ran is told by the world which timeout an event has got from code.
func (g *Game) ran(e *world.Entity, group int, timeout float64) {
	if e.Type() != world.Players {
		return
	}
	p := g.players[e.ID()]
	if p == nil || p.session == nil {
		return
	}
	if known, ok := p.known[group]; ok && known == timeout {
		return
	}
	if p.known == nil {
		p.known = map[int]float64{}
	}
	p.known[group] = timeout
	p.timeouts = append(p.timeouts, wire.Timeout{Group: group, Seconds: timeout})
	g.tell(p)
}

// tell lists a player among those with something private to be told.
func (g *Game) tell(p *player) {
	if !p.listed {
		p.listed = true
		g.told = append(g.told, p)
	}
}
