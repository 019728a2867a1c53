package bots

import (
	"context"
	"time"
)

// act sends commands until ctx ends. A command that cannot be sent ends it, too:
// the reader will find out why.
func (b *bot) act(ctx context.Context) {
	every := time.Duration(float64(time.Second) / b.crowd.cfg.ActionsPerSecond)
	if !pause(ctx, time.Duration(b.rng.Int64N(int64(every)))) {
		return
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var all [kinds][]choice
	seen := 0
	for {
		if now, groups := b.pace.known(seen); groups != nil {
			seen, all = now, choices(groups, b.crowd.cfg.Commands)
		}
		if seen > 0 {
			if err := b.once(all); err != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// once does one thing, if there is one to do.
func (b *bot) once(all [kinds][]choice) error {
	if b.scene.claim(b) {
		// The last observer has left: its mirror starts afresh.
		_, err := b.client.Command(LoadAction, nil)
		return err
	}
	k := b.crowd.cfg.Behaviour.pick(b.rng)
	here := b.scene.look(b.client.self.ID, k == fighting || len(b.crowd.cfg.Commands) > 0, b.rng)
	for _, list := range [][]choice{all[k], all[walking]} {
		if c, params, ok := b.choose(list, here); ok {
			return b.command(c, params)
		}
	}
	return nil
}

// choose takes one of the actions that are possible now.
func (b *bot) choose(list []choice, here situation) (choice, map[string]any, bool) {
	if len(list) == 0 {
		return choice{}, nil, false
	}
	first := b.rng.IntN(len(list))
	now := b.crowd.cfg.Now()
	for i := range list {
		c := list[(first+i)%len(list)]
		if !b.pace.free(c.group, now) || !b.crowd.repertoire.usable(c.action()) {
			continue
		}
		if params, ok := here.fill(c.params); ok {
			return c, params, true
		}
	}
	return choice{}, nil, false
}

func (b *bot) command(c choice, params map[string]any) error {
	action := c.action()
	b.last.Store(&action)
	now := b.crowd.cfg.Now()
	id := b.client.nextID()
	// The answer may be there before the call that sends returns.
	b.pace.sent(c.group, pending{id: id, action: action, sent: now})
	if err := b.client.command(id, action, params); err != nil {
		return err
	}
	b.crowd.tally.commands.Add(1)
	return nil
}
