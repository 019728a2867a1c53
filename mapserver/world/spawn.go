package world

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Spawn carries out the templates of the schema that have not been yet, and
// takes away the entities of templates that the schema no longer has. So a
// changed world.yaml shows on a map that keeps its state.
func (w *World) Spawn() error {
	wanted := make(map[string]bool, len(w.schema.Spawns))
	names := make([]string, len(w.schema.Spawns))
	for i := range w.schema.Spawns {
		name := w.schema.Spawns[i].name(w.schema)
		for n := 2; wanted[name]; n++ {
			name = w.schema.Spawns[i].name(w.schema) + "-" + strconv.Itoa(n)
		}
		wanted[name], names[i] = true, name
	}
	w.withdraw(wanted)
	for i := range w.schema.Spawns {
		if w.spawned[names[i]] {
			continue
		}
		w.spawned[names[i]] = true
		if err := w.spawn(&w.schema.Spawns[i], names[i]); err != nil {
			return fmt.Errorf("spawning %s %q: %w", w.schema.Spawns[i].Type, w.schema.Spawns[i].Prefab, err)
		}
	}
	return nil
}

// withdraw removes the entities of templates that are not wanted.
func (w *World) withdraw(wanted map[string]bool) {
	for name := range w.spawned {
		if !wanted[name] {
			delete(w.spawned, name)
		}
	}
	for e := range w.All {
		if e.spawn != "" && !wanted[e.spawn] {
			w.discard(e)
		}
	}
}

func (w *World) spawn(s *Spawn, name string) error {
	for i := range s.Count {
		if err := w.room(); err != nil {
			return err
		}
		w.nextID[s.Type]++
		e := w.newEntity(s.Type, w.nextID[s.Type], s.Prefab)
		e.spawn = name
		if err := w.furnish(e, s, i); err != nil {
			return err
		}
		if err := w.enter(e); err != nil {
			return err
		}
	}
	return nil
}

// furnish gives an entity what the template says, for the nth of its entities.
func (w *World) furnish(e *Entity, s *Spawn, n int) error {
	e.side, e.speed = s.Side, s.Speed
	e.preset(s.Components)
	if n < len(s.At) {
		e.x, e.y, e.z = s.At[n].X, s.At[n].Y, s.At[n].Z
		return nil
	}
	return w.scatter(e, s.Area)
}

// name is the same for the same template.
func (s *Spawn) name(schema *Schema) string {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s|%q|%d|%v|%v|%q|%v", s.Type, s.Prefab, s.Count, s.At, s.Area, s.Side, s.Speed)
	for _, d := range s.Components {
		text, _ := value.AppendJSON(nil, d.Value)
		_, _ = fmt.Fprintf(h, "|%s=%s", schema.Components[d.Component].Name, text)
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// Player puts a player on the map: as record, what AppendRecord wrote of it, or
// as a new one when record is nil. A record of an older bundle is fitted to the
// schema.
func (w *World) Player(id int64, login string, record value.Value) (*Entity, error) {
	if err := w.room(); err != nil {
		return nil, err
	}
	s := &w.schema.Player
	prefab := s.Prefab
	if prefab == "" {
		prefab = DefaultPlayer
	}
	e := w.newEntity(Players, id, prefab)
	e.login = login
	if err := w.furnish(e, s, w.pick(len(s.At))); err != nil {
		return nil, err
	}
	if d := record.Dict(); d != nil {
		e.restore(d)
		if !w.walkable(e.x, e.y) {
			if err := w.scatter(e, Rect{}); err != nil {
				return nil, err
			}
		}
	}
	return e, w.enter(e)
}

// DefaultPlayer is the prefab of players when world.yaml does not say another.
const DefaultPlayer = "Player"

// pick returns a random index below n, 0 for none.
func (w *World) pick(n int) int {
	if n < 2 {
		return 0
	}
	return w.rng.IntN(n)
}
