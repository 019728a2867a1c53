package bots

import (
	"cmp"
	"maps"
	"slices"
)

// World is the mirror of a map, as a client sees it.
type World struct {
	entities map[string]*Entity
	groups   map[string]Group
	loads    int
}

// Entity is one entity of the mirror.
type Entity struct {
	// Type and Key name it; ID is its number, unique within the type.
	Type, Key string
	ID        int64
	// X and Y are where it is, in tiles.
	X, Y float64
	// Fields has everything that the map told; components and events are merged
	// by name.
	Fields map[string]any
}

// NewWorld returns an empty mirror.
func NewWorld() *World {
	return &World{entities: make(map[string]*Entity), groups: make(map[string]Group)}
}

// Apply brings the mirror up to date with p. As in the clients of the time,
// changes of unknown entities count only if they tell the prefab.
func (w *World) Apply(p *Packet) {
	load := p.Action == LoadAction
	if load {
		w.entities = make(map[string]*Entity)
		w.loads++
	}
	for _, c := range p.Changes {
		w.change(c, load)
	}
	mergeGroups(w.groups, p.Timeouts)
}

// mergeGroups adds news to known: a group without actions changes its timeout.
func mergeGroups(known, news map[string]Group) {
	for name, g := range news {
		if g.Actions == nil {
			g.Actions = known[name].Actions
		}
		known[name] = g
	}
}

func (w *World) change(c Change, load bool) {
	if c.Fields["action"] == "remove" {
		delete(w.entities, c.Key)
		return
	}
	e := w.entities[c.Key]
	if e == nil {
		if _, told := c.Fields["prefab"]; !told && !load {
			return
		}
		e = &Entity{Type: c.Type, Key: c.Key, Fields: make(map[string]any, len(c.Fields))}
		w.entities[c.Key] = e
	}
	e.merge(c.Fields)
}

func (e *Entity) merge(fields map[string]any) {
	for name, v := range fields {
		switch name {
		case "components", "events":
			e.mergeNamed(name, v)
			continue
		case "x":
			e.X, _ = v.(float64)
		case "y":
			e.Y, _ = v.(float64)
		case "id":
			if id, ok := v.(float64); ok {
				e.ID = int64(id)
			}
		}
		e.Fields[name] = v
	}
}

func (e *Entity) mergeNamed(name string, v any) {
	news, _ := v.(map[string]any)
	known, ok := e.Fields[name].(map[string]any)
	if !ok {
		known = make(map[string]any, len(news))
		e.Fields[name] = known
	}
	maps.Copy(known, news)
}

// Text returns the field called name, "" if it is no text.
func (e *Entity) Text(name string) string {
	s, _ := e.Fields[name].(string)
	return s
}

// Component returns the component called name, nil if the entity has none such.
func (e *Entity) Component(name string) any {
	components, _ := e.Fields["components"].(map[string]any)
	return components[name]
}

// Entity returns the entity called key, nil if there is none.
func (w *World) Entity(key string) *Entity { return w.entities[key] }

// Len returns how many entities there are.
func (w *World) Len() int { return len(w.entities) }

// Loads returns how often the full world came.
func (w *World) Loads() int { return w.loads }

// Groups returns the event groups by name.
func (w *World) Groups() map[string]Group { return w.groups }

// Of returns the entities of a type, by id.
func (w *World) Of(kind string) []*Entity {
	var list []*Entity
	for _, e := range w.entities {
		if e.Type == kind {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b *Entity) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// nearest returns the entity of a type that is nearest to x, y, nil if there is
// none. Of equals it takes the one with the lowest id.
func (w *World) nearest(kind string, x, y float64) *Entity {
	var best *Entity
	var least float64
	for _, e := range w.entities {
		if e.Type != kind {
			continue
		}
		d := (e.X-x)*(e.X-x) + (e.Y-y)*(e.Y-y)
		if best == nil || d < least || d == least && e.ID < best.ID {
			best, least = e, d
		}
	}
	return best
}
