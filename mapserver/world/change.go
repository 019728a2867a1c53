package world

import "github.com/overworld-gg/overworld/mapserver/value"

// changes is what clients do not know yet of an entity.
type changes struct {
	// listed tells that the entity is in World.changed.
	listed bool
	// fresh is an entity that clients have not been told of at all.
	fresh      bool
	fields     uint16
	components bits
	// events are groups whose pending event changed, times those whose time did.
	events, times bits
}

// bits is a set of small numbers.
type bits []uint64

func newBits(n int) bits      { return make(bits, (n+63)/64) }
func (b bits) add(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bits) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }
func (b bits) clear()         { clear(b) }

// touch notes that the entity has changed in some way.
func (e *Entity) touch() {
	if !e.here {
		return
	}
	e.list()
	e.record.stale = true
	if e.typ != Players {
		e.world.stale = true
	}
}

// list puts the entity among the changed ones.
func (e *Entity) list() {
	if !e.changes.listed {
		e.changes.listed = true
		e.world.changed[e.typ] = append(e.world.changed[e.typ], e)
	}
}

func (e *Entity) changedField(f Field) {
	e.changes.fields |= 1 << f
	e.touch()
}

func (e *Entity) changedComponent(i int) {
	e.changes.components.add(i)
	e.touch()
}

func (e *Entity) changedEvent(group int) {
	e.changes.events.add(group)
	e.touch()
}

func (e *Entity) changedTime(group int) {
	e.changes.times.add(group)
	e.touch()
}

// Fresh tells that clients do not know the entity yet.
func (e *Entity) Fresh() bool { return e.changes.fresh }

// FieldChanged tells whether clients know an older value of the field.
func (e *Entity) FieldChanged(f Field) bool { return e.changes.fields&(1<<f) != 0 }

// AnyFieldChanged tells whether FieldChanged is true of some field.
func (e *Entity) AnyFieldChanged() bool { return e.changes.fields != 0 }

// ComponentChanged tells whether clients know an older value of the component.
func (e *Entity) ComponentChanged(i int) bool { return e.changes.components.has(i) }

// EventChanged tells whether clients know another pending event of the group.
// One that came and went in the meantime does not count.
func (e *Entity) EventChanged(group int) bool {
	return e.changes.events.has(group) && !e.events[group].isTold()
}

// isTold tells whether clients know the pending event as it is.
func (v *Event) isTold() bool {
	t := &v.told
	return v.action == t.action && v.command == t.command && v.hasCommand == t.hasCommand && value.Equal(v.data, t.data)
}

// TimeChanged tells whether clients know an older time of the group.
func (e *Entity) TimeChanged(group int) bool { return e.changes.times.has(group) }

// Changed lists the entities of a type that changed, entered or left since the
// last Settle, in the order in which they first did.
func (w *World) Changed(t Type) []*Entity { return w.changed[t] }

// Settle is called when clients have been told what changed.
func (w *World) Settle() {
	for t := range w.changed {
		for i, e := range w.changed[t] {
			e.settle()
			w.changed[t][i] = nil
		}
		w.changed[t] = w.changed[t][:0]
	}
}

func (e *Entity) settle() {
	c := &e.changes
	for g := range e.events {
		if c.events.has(g) {
			v := &e.events[g]
			v.told = told{action: v.action, data: v.data, command: v.command, hasCommand: v.hasCommand}
		}
	}
	c.listed, c.fresh, c.fields = false, false, 0
	c.components.clear()
	c.events.clear()
	c.times.clear()
}
