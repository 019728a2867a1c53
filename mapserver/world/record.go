package world

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// recordVersion is that of the form of records and snapshots.
const recordVersion = 1

// record is what the store keeps of an entity, made again only when the entity
// has changed.
type record struct {
	stale bool
	data  []byte
}

// Record returns the entity as JSON, all that is needed to put it on a map
// again. It must not be changed.
func (e *Entity) Record() []byte {
	if e.record.stale {
		// The slice may be held by a save that is under way: make a new one.
		e.record.data = e.appendRecord(make([]byte, 0, len(e.record.data)+64))
		e.record.stale = false
	}
	return e.record.data
}

func (e *Entity) appendRecord(b []byte) []byte {
	b = append(b, `{"version":`...)
	b = strconv.AppendInt(b, recordVersion, 10)
	b = append(b, `,"type":"`...)
	b = append(b, e.typ.String()...)
	b = append(b, `","id":`...)
	b = strconv.AppendInt(b, e.id, 10)
	b = append(b, `,"created":`...)
	b = strconv.AppendInt(b, e.created, 10)
	for _, f := range [...]Field{FieldX, FieldY, FieldZ, FieldSort, FieldSpeed} {
		b = value.AppendNumber(appendName(b, f.String()), *e.number(f))
	}
	for _, f := range [...]Field{FieldPrefab, FieldSide, FieldAction} {
		b = value.AppendString(appendName(b, f.String()), *e.text(f))
	}
	if e.spawn != "" {
		b = value.AppendString(appendName(b, "spawn"), e.spawn)
	}
	b = e.appendComponents(append(b, `,"components":{`...))
	b = e.appendEvents(append(b, `},"events":{`...))
	return append(b, "}}"...)
}

func appendName(b []byte, name string) []byte {
	return append(value.AppendString(append(b, ','), name), ':')
}

func (e *Entity) appendComponents(b []byte) []byte {
	first := true
	for i, v := range e.components {
		c := &e.world.schema.Components[i]
		if !c.Of[e.typ] {
			continue
		}
		b = appendKey(b, c.Name, &first)
		b, _ = value.AppendJSON(b, v) // components are checked to be plain
	}
	return b
}

func (e *Entity) appendEvents(b []byte) []byte {
	first := true
	for g := range e.events {
		v := &e.events[g]
		if v.time == 0 && v.action == none {
			continue
		}
		b = appendKey(b, v.Group().Name, &first)
		b = value.AppendNumber(append(b, `{"time":`...), v.time)
		if v.action != none {
			b = value.AppendString(append(b, `,"action":`...), v.Action())
			b, _ = value.AppendJSON(append(b, `,"data":`...), v.data)
		}
		b = append(b, '}')
	}
	return b
}

func appendKey(b []byte, name string, first *bool) []byte {
	if !*first {
		b = append(b, ',')
	}
	*first = false
	return append(value.AppendString(b, name), ':')
}

// restore takes over what a record says, as far as it fits.
func (e *Entity) restore(d *value.Dict) {
	for f := FieldX; f < FieldCount; f++ {
		v := d.Get(f.String())
		if n := e.number(f); n != nil && finite(v) == nil {
			*n = v.Num()
		}
		if t := e.text(f); t != nil && f != FieldPrefab && v.Kind() == value.String {
			*t = v.Str()
		}
	}
	if p := d.Get("prefab"); p.Kind() == value.String {
		e.prefab = p.Str()
	}
	if n, ok := d.Get("created").Integer(); ok {
		e.created = n
	}
	e.spawn = d.Get("spawn").Str()
	for name, v := range d.Get("components").Dict().All() {
		if i, ok := e.world.Component(name); ok && e.world.schema.Components[i].Of[e.typ] && e.world.schema.Components[i].check(v) == nil {
			e.components[i] = v
		}
	}
	for name, v := range d.Get("events").Dict().All() {
		if g, ok := e.world.Group(name); ok {
			e.events[g].restore(v.Dict())
		}
	}
}

// restore takes over a pending event, if there still is such an event.
func (v *Event) restore(d *value.Dict) {
	if t := d.Get("time"); finite(t) == nil {
		v.time = t.Num()
	}
	if a := d.Get("action"); a.Kind() == value.String {
		if i, data, err := v.prepare(a.Str(), d.Get("data")); err == nil {
			v.set(i, data)
		}
	}
}

// Snapshot returns the map's own state as JSON: all entities but players, and
// what has been spawned. changed is false when it is the same as the last time.
func (w *World) Snapshot() (data []byte, changed bool) {
	if !w.stale {
		return nil, false
	}
	w.stale = false
	size := 256
	for e := range w.All {
		if e.typ != Players {
			size += len(e.Record()) + 1
		}
	}
	b := append(make([]byte, 0, size), `{"version":`...)
	b = strconv.AppendInt(b, recordVersion, 10)
	b = append(b, `,"ids":{`...)
	for t := Players + 1; t < TypeCount; t++ {
		first := t == Players+1
		b = strconv.AppendInt(appendKey(b, t.String(), &first), w.nextID[t], 10)
	}
	b = w.appendSpawned(append(b, `},"spawned":[`...))
	b = append(b, `],"entities":[`...)
	first := true
	for e := range w.All {
		if e.typ == Players {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, e.Record()...)
	}
	return append(b, "]}"...), true
}

func (w *World) appendSpawned(b []byte) []byte {
	first := true
	for _, name := range slices.Sorted(maps.Keys(w.spawned)) {
		b = appendText(b, name, &first)
	}
	return b
}

func appendText(b []byte, s string, first *bool) []byte {
	if !*first {
		b = append(b, ',')
	}
	*first = false
	return value.AppendString(b, s)
}

// Restore puts back what Snapshot wrote, without running enter code: the
// entities have been there before. The world must be empty.
func (w *World) Restore(snapshot value.Value) error {
	d := snapshot.Dict()
	if d == nil {
		return errors.New("the snapshot is not a table")
	}
	if v, ok := d.Get("version").Integer(); !ok || v != recordVersion {
		return fmt.Errorf("the snapshot has version %s: this program reads version %d", describe(d.Get("version")), recordVersion)
	}
	for _, name := range d.Get("spawned").Items() {
		w.spawned[name.Str()] = true
	}
	for i, it := range d.Get("entities").Items() {
		if err := w.restoreEntity(it.Dict()); err != nil {
			return fmt.Errorf("entity %d of the snapshot: %w", i+1, err)
		}
	}
	for t := Players + 1; t < TypeCount; t++ {
		if n, ok := d.Get("ids").Dict().Get(t.String()).Integer(); ok {
			w.nextID[t] = max(w.nextID[t], n)
		}
	}
	return nil
}

func (w *World) restoreEntity(d *value.Dict) error {
	t, ok := ParseType(d.Get("type").Str())
	if !ok || t == Players {
		return fmt.Errorf("it has the type %q", d.Get("type").Str())
	}
	id, ok := d.Get("id").Integer()
	if !ok || w.byKey[keyOf(t, id)] != nil {
		return errors.New("its id is missing or there twice")
	}
	if err := w.room(); err != nil {
		return err
	}
	e := w.newEntity(t, id, d.Get("prefab").Str())
	e.restore(d)
	w.nextID[t] = max(w.nextID[t], id)
	w.place(e)
	return nil
}

// Unsaved tells the world that its last snapshot was not kept.
func (w *World) Unsaved() { w.stale = true }
