package bots

import (
	"errors"
	"time"
)

// listen reads packets until the connection ends, or the bot is to leave it.
func (b *bot) listen() *CloseError {
	t := b.crowd.tally
	for {
		data, err := b.client.readFrame()
		if err != nil {
			var closed *CloseError
			_ = errors.As(err, &closed)
			return closed
		}
		t.frames.Add(1)
		observer := b.scene.observer.Load() == b
		if !observer && !concerns(data) {
			continue
		}
		p, err := b.decode(data, observer)
		if err != nil {
			t.complaint("(bots) " + err.Error())
			continue
		}
		if b.hear(p) {
			return nil
		}
	}
}

// decode reads as much of a packet as the bot needs: everything for the mirror,
// the head otherwise.
func (b *bot) decode(data []byte, observer bool) (*Packet, error) {
	if observer {
		return b.observe(data)
	}
	p, err := decodeHead(data)
	if err == nil && p.Action == LoadAction && b.scene.claim(b) {
		return b.observe(data)
	}
	return p, err
}

func (b *bot) observe(data []byte) (*Packet, error) {
	p, err := Decode(data)
	if err == nil {
		b.scene.apply(p)
	}
	return p, err
}

// hear takes in what a packet says to the bot; leave tells that it says to go.
func (b *bot) hear(p *Packet) (leave bool) {
	if p.Error != "" {
		b.crowd.tally.complaint(p.Error)
		b.crowd.repertoire.complaint(*b.last.Load(), p.Error)
	}
	if len(p.Timeouts) > 0 {
		b.pace.learn(p.Timeouts)
	}
	for group, ack := range p.Commands {
		b.answered(group, ack)
	}
	if p.Action == LoadAction && !b.ended.IsZero() {
		b.crowd.tally.back(b.crowd.cfg.Now().Sub(b.ended))
		b.ended = time.Time{}
	}
	if p.Drain && !b.warned {
		b.warned = true
		b.crowd.tally.warn()
	}
	switch {
	case p.Host != "" && p.Token != "":
		b.next = Credentials{ID: b.client.self.ID, Host: p.Host, Token: p.Token}
	case p.Reconnect:
		b.again = true
	default:
		return false
	}
	b.crowd.tally.handover()
	return true
}

func (b *bot) answered(group string, ack Ack) {
	sent, action, ok := b.pace.answered(group, ack.CommandID)
	if !ok {
		return
	}
	b.crowd.repertoire.worked(action)
	waited := time.Duration(ack.WaitTime * float64(time.Second))
	b.crowd.tally.answer(b.crowd.cfg.Now().Sub(sent) - waited)
}
