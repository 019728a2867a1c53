package world

import (
	"errors"
	"fmt"
	"math"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// newEntity returns an entity with the defaults of its type and prefab, which is
// not on the map yet.
func (w *World) newEntity(t Type, id int64, prefab string) *Entity {
	e := &Entity{
		world: w, typ: t, id: id, key: keyOf(t, id), prefab: prefab,
		created:    int64(w.now),
		components: make([]value.Value, len(w.schema.Components)),
		events:     make([]Event, len(w.groups)),
	}
	e.changes.components = newBits(len(e.components))
	e.changes.events = newBits(len(e.events))
	e.changes.times = newBits(len(e.events))
	e.record.stale = true
	for g := range e.events {
		e.events[g] = Event{entity: e, group: g, action: none, place: -1, told: told{action: none}}
	}
	for i := range w.schema.Components {
		if c := &w.schema.Components[i]; c.Of[t] {
			e.components[i] = c.Default
		}
	}
	if p := w.schema.prefab(t, prefab); p != nil {
		e.preset(p.Components)
	}
	return e
}

// prefab returns what is special to a prefab, nil if nothing is.
func (s *Schema) prefab(t Type, name string) *Prefab {
	for i := range s.Prefabs {
		if p := &s.Prefabs[i]; p.Type == t && p.Name == name {
			return p
		}
	}
	return nil
}

// preset sets components of an entity that is not on the map yet.
func (e *Entity) preset(values []Default) {
	for _, d := range values {
		e.components[d.Component] = d.Value
	}
}

// enter puts a new entity on the map and runs its triggers and enter code.
func (w *World) enter(e *Entity) error {
	if w.depth >= maxDepth {
		return fmt.Errorf("entities are added by enter code deeper than %d levels: does it add itself?", maxDepth)
	}
	w.place(e)
	for i := range e.components {
		if e.gone {
			return nil
		}
		if !e.components[i].IsNil() {
			if err := e.trigger(i); err != nil {
				return err
			}
		}
	}
	slots := w.schema.Enter[e.typ]
	if p := w.schema.prefab(e.typ, e.prefab); p != nil {
		slots = append(slots[:len(slots):len(slots)], p.Enter...)
	}
	for _, s := range slots {
		if e.gone {
			return nil
		}
		if err := w.nested(func() { w.run(s, e, value.Null) }); err != nil {
			return err
		}
	}
	return nil
}

// place puts an entity on the map without running code.
func (w *World) place(e *Entity) {
	e.place = len(w.order)
	w.order = append(w.order, e)
	w.byKey[e.key] = e
	w.counts[e.typ]++
	e.here, e.changes.fresh = true, true
	e.touch()
	for g := range e.events {
		if e.events[g].action != none {
			w.due.put(&e.events[g])
		}
	}
}

// Add puts a new entity on the map for a script. data holds system fields,
// components and events; without x and y, or where the tile cannot be walked on,
// the entity gets a random free place.
func (w *World) Add(t Type, data value.Value) (*Entity, error) {
	if t == Players {
		return nil, errors.New("players cannot be added: they come by signing in")
	}
	if err := w.room(); err != nil {
		return nil, err
	}
	d, err := fields(data)
	if err != nil {
		return nil, err
	}
	prefab := d.Get(FieldPrefab.String())
	if !prefab.IsNil() && prefab.Kind() != value.String {
		return nil, fmt.Errorf("prefab must be a text, not %s", kindName(prefab))
	}
	e := w.newEntity(t, w.nextID[t]+1, prefab.Str())
	for name, v := range d.All() {
		if err := e.initial(name, v); err != nil {
			return nil, err
		}
	}
	placed := d.Get("x").Kind() == value.Number && d.Get("y").Kind() == value.Number
	if !placed || !w.walkable(e.x, e.y) {
		if err := w.scatter(e, Rect{}); err != nil {
			return nil, err
		}
	}
	w.nextID[t]++
	return e, w.enter(e)
}

// initial sets a field of an entity that is not on the map yet.
func (e *Entity) initial(name string, v value.Value) error {
	switch name {
	case "components":
		return e.initialComponents(v)
	case "type":
		return errors.New("type is the first argument, not a field of the data")
	case "events":
		return errors.New("events cannot be given; add them to the entity that is returned: e.events.add(group, action)")
	}
	f, ok := ParseField(name)
	if !ok || f == FieldMapID {
		return fmt.Errorf("there is no field %q to be given: prefab, x, y, z, sort, side, action, speed and components can be", name)
	}
	return e.Set(f, v)
}

func (e *Entity) initialComponents(v value.Value) error {
	d, err := fields(v)
	if err != nil {
		return fmt.Errorf("components: %w", err)
	}
	for name, v := range d.All() {
		i, ok := e.world.Component(name)
		if !ok || !e.world.schema.Components[i].Of[e.typ] {
			return fmt.Errorf("%s have no component %q", e.typ, name)
		}
		if err := e.world.schema.Components[i].check(v); err != nil {
			return fmt.Errorf("component %s %w", name, err)
		}
		e.components[i] = v
	}
	return nil
}

func (w *World) walkable(x, y float64) bool {
	tx, ty := math.Floor(x), math.Floor(y)
	if math.Abs(tx) > math.MaxInt32 || math.Abs(ty) > math.MaxInt32 {
		return false
	}
	return w.config.Terrain.Walkable(int(tx), int(ty))
}

// scatter gives an entity a random free place in an area, or, where all are
// taken, one that it shares.
func (w *World) scatter(e *Entity, area Rect) error {
	x, y, ok := w.Free(area)
	if !ok {
		return errors.New("the map has no tile that can be walked on")
	}
	e.x, e.y = float64(x), float64(y)
	return nil
}

// Free picks a random walkable tile of area, everywhere when it has no size: one
// without an entity while there is one.
func (w *World) Free(area Rect) (x, y int, ok bool) {
	taken := w.taken
	if len(w.order) > 10_000 {
		taken = nil // looking for a gap would take too long
	}
	if x, y, ok = w.config.Terrain.RandomFree(w.rng, area, taken); ok {
		return x, y, true
	}
	return w.config.Terrain.RandomFree(w.rng, area, nil)
}

func (w *World) taken(x, y int) bool {
	for _, e := range w.order {
		if !e.gone && int(math.Floor(e.x)) == x && int(math.Floor(e.y)) == y {
			return true
		}
	}
	return false
}
