package native

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/keeper"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// depart sends players away whose map_id a script has assigned. They leave this
// map at once, so that nothing can happen to them in two places.
func (g *Game) depart() {
	for _, e := range g.world.Departures() {
		p := g.players[e.ID()]
		if p == nil || p.entity != e {
			continue
		}
		if !g.leave(p, e.Moving()) {
			e.Stay()
		}
	}
}

// leave takes a player off this map and sends it to another one; false if its leaving
// code keeps it here.
func (g *Game) leave(p *player, to string) bool {
	e := p.entity
	p.waiting = true
	if err := g.world.Remove(e); err != nil || !e.Gone() {
		g.config.Log.Error("leaving for another map", slog.String("player", p.Login), slog.Any("error", err))
		p.waiting = false
		return false
	}
	g.transfer(p, to, e.Record())
	return true
}

// transfer asks the keeper to move a player.
func (g *Game) transfer(p *player, to string, record []byte) {
	g.saver.departed[p.ID] = record // should the keeper be away, it is not lost
	g.config.Background(func() {
		var address keeper.Address
		err := g.patiently(func(ctx context.Context) (err error) {
			address, err = g.config.Keeper.Transfer(ctx, p.ID, to, record)
			return err
		})
		g.config.Return(func(time.Time) { g.transferred(p, to, record, address, err) })
	})
}

// transferred is told what the keeper answered.
func (g *Game) transferred(p *player, to string, record []byte, a keeper.Address, err error) {
	p.waiting = false
	if to == "" {
		to = a.Map
		g.closing.answered(err == nil)
	}
	if err == nil {
		if same(g.saver.departed[p.ID], record) {
			delete(g.saver.departed, p.ID)
		}
		if p.session != nil {
			p.session.Send(&game.Message{Data: reconnect(to, a)})
			p.session.Close(codeReconnect, "reconnect")
		}
		return
	}
	g.config.Log.Error("moving a player to another map", slog.String("player", p.Login), slog.String("to", to), slog.Any("error", err))
	if g.players[p.ID] == p && p.session != nil && p.entity == nil {
		g.enter(p, record)
		return
	}
	g.saver.soon = true // it stays, as it left
}

// Here are the players who are connected, with ID and Login. For the loop's
// goroutine only.
func (g *Game) Here() []keeper.Record {
	var out []keeper.Record
	for _, p := range g.players {
		if p.session != nil {
			out = append(out, keeper.Record{ID: p.ID, Login: p.Login})
		}
	}
	return out
}

// SendOn tells players where they go on, when this map is about to stop here. For
// the loop's goroutine only.
func (g *Game) SendOn(to []keeper.Address) {
	for _, a := range to {
		if p := g.players[a.ID]; p != nil && p.session != nil {
			p.session.Send(&game.Message{Data: reconnect(a.Map, a)})
			p.session.Close(codeReconnect, "reconnect")
		}
	}
}

// reconnect is the packet that tells a client where to go on. Without a host it
// is the one that the client is connected to.
func reconnect(to string, a keeper.Address) []byte {
	d := &value.Dict{}
	d.Set("reconnect", value.FromBool(true))
	if a.Host != "" {
		d.Set("host", value.FromString(net.JoinHostPort(a.Host, strconv.Itoa(a.Port))))
	}
	d.Set("port", value.FromNumber(float64(a.Port)))
	d.Set("token", value.FromString(a.Token))
	d.Set("id", value.FromNumber(float64(a.ID)))
	d.Set("map", world.MapID(to))
	b, _ := value.AppendJSON(nil, value.FromDict(d))
	return b
}
