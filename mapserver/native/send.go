package native

import (
	"bytes"
	"fmt"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/wire"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// maxPacket is the largest packet that a script can send, in bytes.
const maxPacket = 256 << 10

// packet is what a script sends; to is nil for everybody.
type packet struct {
	to   *player
	data []byte
}

// send queues a packet for one player.
func (g *Game) send(e *world.Entity, v value.Value) error {
	data, err := g.packet(v)
	if err != nil {
		return err
	}
	if p := g.players[e.ID()]; p != nil {
		g.packets = append(g.packets, packet{to: p, data: data})
	}
	return nil
}

// broadcast queues a packet for all players.
func (g *Game) broadcast(v value.Value) error {
	data, err := g.packet(v)
	if err == nil {
		g.packets = append(g.packets, packet{data: data})
	}
	return err
}

func (g *Game) packet(v value.Value) ([]byte, error) {
	if v.Kind() == value.List && len(v.Items()) == 0 {
		v = value.FromDict(nil) // an empty Lua table
	}
	data, err := g.encoder.Table(nil, v)
	if err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	if len(data) > maxPacket {
		return nil, fmt.Errorf("send: the packet has %d bytes: at most %d are allowed", len(data), maxPacket)
	}
	return data, nil
}

// flush sends what has changed since the last flush: first what everybody may
// know, then what is a player's own, the whole world to whoever needs it, and at
// last what scripts sent.
func (g *Game) flush() {
	g.flushChanges()
	g.flushPrivate()
	g.flushFull()
	g.world.Settle()
	g.flushPackets()
}

// live tells that a player's client knows the world and is told changes only.
func (p *player) live() bool { return p.session != nil && p.entity != nil && !p.full }

func (g *Game) flushChanges() {
	var ok bool
	if g.scratch, ok = g.encoder.Changes(g.scratch[:0]); !ok {
		return
	}
	m := &game.Message{Data: bytes.Clone(g.scratch), State: true}
	for _, p := range g.order {
		if p.live() {
			p.session.Send(m)
		}
	}
}

// flushPrivate sends each player its own in one buffer for all of them: what is
// allocated does not depend on how many they are.
func (g *Game) flushPrivate() {
	for _, e := range g.world.Changed(world.Players) {
		if p := g.players[e.ID()]; p != nil && p.entity == e {
			g.tell(p)
		}
	}
	if len(g.told) == 0 {
		return
	}
	messages := make([]game.Message, len(g.told))
	buffer := make([]byte, 0, 128*len(g.told))
	for i, p := range g.told {
		g.told[i] = nil
		p.listed = false
		if !p.live() {
			continue
		}
		start, ok := len(buffer), false
		buffer, ok = g.encoder.Private(buffer, &wire.Private{Entity: p.entity, Acks: p.acks, Timeouts: p.timeouts})
		p.acks, p.timeouts = p.acks[:0], p.timeouts[:0]
		if ok {
			messages[i].Data = buffer[start:len(buffer):len(buffer)]
			p.session.Send(&messages[i])
		}
	}
	g.told = g.told[:0]
}

// flushFull sends the whole world, encoded once for all who need it.
func (g *Game) flushFull() {
	var m *game.Message
	for _, p := range g.order {
		if !p.full || p.session == nil || p.entity == nil {
			continue
		}
		if m == nil {
			m = &game.Message{Data: g.encoder.World(nil), State: true}
		}
		p.full = false
		p.session.Send(m)
		private := wire.Private{Entity: p.entity, Acks: p.acks, Timeouts: p.timeouts, All: true}
		if data, ok := g.encoder.Private(nil, &private); ok {
			p.session.Send(&game.Message{Data: data, State: true})
		}
		if left := g.closing.by.Sub(g.config.Now()); !g.closing.by.IsZero() && left > 0 {
			p.session.Send(&game.Message{Data: drainPacket(left)})
		}
		p.acks, p.timeouts = p.acks[:0], p.timeouts[:0]
	}
}

func (g *Game) flushPackets() {
	for i, k := range g.packets {
		g.packets[i] = packet{}
		m := &game.Message{Data: k.data}
		if k.to != nil {
			if k.to.session != nil {
				k.to.session.Send(m)
			}
			continue
		}
		for _, p := range g.order {
			if p.live() {
				p.session.Send(m)
			}
		}
	}
	g.packets = g.packets[:0]
}
