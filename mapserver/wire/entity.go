package wire

import (
	"math"

	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// full appends all fields of an entity that everybody may see.
func (e *Encoder) full(b []byte, ent *world.Entity) []byte {
	for f := world.FieldKey; f < world.FieldCount; f++ {
		if f != world.FieldLogin || ent.Type() == world.Players {
			b = e.field(b, ent, f)
		}
	}
	if ent.Type() == world.Players {
		b = append(b, e.sides...)
	}
	b = append(b, `,"components":{`...)
	first := true
	for i := range e.components {
		c := &e.world.Schema().Components[i]
		if c.Of[ent.Type()] && !c.Private {
			b = e.component(comma(b, &first), ent, i)
		}
	}
	b = append(b, `},"events":{`...)
	first = true
	for g := range e.groups {
		if ent.Event(g).Action() != "" {
			b = e.event(comma(b, &first), ent, g, true)
		}
	}
	return append(b, "}}"...)
}

// change appends the fields that have changed.
func (e *Encoder) change(b []byte, ent *world.Entity) []byte {
	switch {
	case ent.Gone():
		return append(b, `,"action":"remove"}`...)
	case ent.Fresh():
		return e.full(b, ent)
	}
	for f := world.FieldKey; f < world.FieldCount; f++ {
		if ent.FieldChanged(f) {
			b = e.field(b, ent, f)
		}
	}
	opened := false
	for i := range e.components {
		if ent.ComponentChanged(i) && !e.world.Schema().Components[i].Private {
			b = e.component(e.enter(b, `,"components":{`, &opened), ent, i)
		}
	}
	b = leave(b, opened)
	opened = false
	for g := range e.groups {
		if ent.EventChanged(g) {
			b = e.event(e.enter(b, `,"events":{`, &opened), ent, g, false)
		}
	}
	return append(leave(b, opened), '}')
}

// enter opens a table before its first field, and parts the others by commas.
func (e *Encoder) enter(b []byte, opening string, opened *bool) []byte {
	if *opened {
		return append(b, ',')
	}
	*opened = true
	return append(b, opening...)
}

// leave closes a table that enter has opened.
func leave(b []byte, opened bool) []byte {
	if opened {
		return append(b, '}')
	}
	return b
}

func (e *Encoder) field(b []byte, ent *world.Entity, f world.Field) []byte {
	b, _ = value.AppendJSON(append(b, e.fields[f]...), ent.Get(f))
	return b
}

func (e *Encoder) component(b []byte, ent *world.Entity, i int) []byte {
	return e.plain(append(b, e.components[i]...), ent.Component(i))
}

// event appends the place of a group: what is pending, and the time if asked.
func (e *Encoder) event(b []byte, ent *world.Entity, g int, withTime bool) []byte {
	v := ent.Event(g)
	b = append(append(b, e.groups[g]...), '{')
	if withTime {
		b = append(appendSeconds(append(b, `"time":`...), v.Time()), ',')
	}
	if v.Action() == "" {
		return append(b, `"action":null,"data":null,"command_id":null}`...)
	}
	b = value.AppendString(append(b, `"action":`...), v.Action())
	b = append(b, `,"data":`...)
	if v.Data().Dict().Len() > 0 {
		b = e.plain(b, v.Data())
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"command_id":`...)
	if id, ok := v.Command(); ok {
		return append(value.AppendNumber(b, id), '}')
	}
	return append(b, "null}"...)
}

// Ack tells a client that its command was carried out.
type Ack struct {
	// Group is that of the event, ID what the client called the command.
	Group string
	ID    float64
	// Wait is how long the command waited for its turn, in seconds.
	Wait float64
}

// Timeout tells a client that a group has another timeout now.
type Timeout struct {
	// Group is the index of the group in the world.
	Group int
	// Seconds is the timeout.
	Seconds float64
}

// Private is what only the owner of a player is told.
type Private struct {
	Entity   *world.Entity
	Acks     []Ack
	Timeouts []Timeout
	// All tells everything private, not only what has changed.
	All bool
}

// Private appends what only the owner of a player is told; ok is false, and b is
// as it was, when there is nothing.
func (e *Encoder) Private(b []byte, p *Private) (out []byte, ok bool) {
	start := len(b)
	b = append(b, '{')
	b = e.acks(b, p.Acks)
	b = e.newTimeouts(b, p.Timeouts, len(b) == start+1)
	before := len(b)
	b = e.own(b, p, len(b) == start+1)
	if len(b) == before && before == start+1 {
		return b[:start], false
	}
	return append(b, '}'), true
}

func (e *Encoder) acks(b []byte, acks []Ack) []byte {
	if len(acks) == 0 {
		return b
	}
	b = append(b, `"commands":{`...)
	first := true
	for i, a := range acks {
		if last(acks[i+1:], a.Group) {
			continue // the client knows commands by their group: the last one counts
		}
		b = appendKey(comma(b, &first), a.Group)
		b = value.AppendNumber(append(b, `{"command_id":`...), a.ID)
		b = append(appendSeconds(append(b, `,"wait_time":`...), a.Wait), '}')
	}
	return append(b, '}')
}

// last tells whether a later one is of the same group.
func last(later []Ack, group string) bool {
	for _, a := range later {
		if a.Group == group {
			return true
		}
	}
	return false
}

func (e *Encoder) newTimeouts(b []byte, timeouts []Timeout, first bool) []byte {
	if len(timeouts) == 0 {
		return b
	}
	b = append(comma(b, &first), `"timeouts":{`...)
	for i, t := range timeouts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, e.groups[t.Group]...), `{"timeout":`...)
		b = append(value.AppendNumber(b, t.Seconds), '}')
	}
	return append(b, '}')
}

// own appends the player's private components and times.
func (e *Encoder) own(b []byte, p *Private, first bool) []byte {
	start := len(b)
	b = e.open(append(comma(b, &first), e.lists[world.Players][1:]...))
	none := true
	b = e.begin(b, p.Entity, &none)
	empty := len(b)
	b = e.ownComponents(b, p)
	b = e.ownTimes(b, p)
	if len(b) == empty {
		return b[:start]
	}
	return e.close(append(b, '}'))
}

func (e *Encoder) ownComponents(b []byte, p *Private) []byte {
	opened := false
	for i := range e.components {
		c := &e.world.Schema().Components[i]
		if c.Private && c.Of[world.Players] && (p.All || p.Entity.ComponentChanged(i)) {
			b = e.component(e.enter(b, `,"components":{`, &opened), p.Entity, i)
		}
	}
	return leave(b, opened)
}

func (e *Encoder) ownTimes(b []byte, p *Private) []byte {
	opened := false
	for g := range e.groups {
		t := p.Entity.Event(g).Time()
		if p.Entity.TimeChanged(g) || p.All && t != 0 {
			b = append(e.enter(b, `,"events":{`, &opened), e.groups[g]...)
			b = append(appendSeconds(append(b, `{"time":`...), t), '}')
		}
	}
	return leave(b, opened)
}

// appendSeconds appends a time with four decimals, as scripts have it.
func appendSeconds(b []byte, s float64) []byte {
	return value.AppendNumber(b, math.Round(s*1e4)/1e4)
}
