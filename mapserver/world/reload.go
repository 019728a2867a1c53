package world

// Reload makes another schema and ground the world's, between two frames.
// Entities stay with what fits the new schema: components keep their values
// where name and type are the same, pending events stay where the event still
// exists and takes their parameters. New components get their defaults; no
// enter code runs. Everything counts as told to clients afterwards: send them
// the whole world.
func (w *World) Reload(s *Schema, t Terrain) {
	w.compact()
	w.Settle()
	old := *w
	w.due = nil
	w.use(s, t)
	for _, e := range w.order {
		e.adopt(&old)
	}
	w.stale = true
}

// adopt moves an entity from the schema of the old world to that of its own.
func (e *Entity) adopt(old *World) {
	w := e.world
	model := w.newEntity(e.typ, e.id, e.prefab)
	for i := range w.schema.Components {
		c := &w.schema.Components[i]
		j, ok := old.componentIndex[c.Name]
		if ok && c.Of[e.typ] && old.schema.Components[j].Of[e.typ] && c.check(e.components[j]) == nil {
			model.components[i] = e.components[j]
		}
	}
	events := e.events
	e.components, e.events, e.changes = model.components, model.events, model.changes
	for g := range e.events {
		v := &e.events[g]
		v.entity = e
		if j, ok := old.groupIndex[w.groups[g].Name]; ok {
			v.adopt(&events[j], old.groups[j].Actions)
		}
	}
	e.record.stale = true
}

// adopt takes over the time and the pending event of the group as it was.
func (v *Event) adopt(was *Event, actions []Action) {
	v.time = was.time
	if was.action == none {
		return
	}
	i, data, err := v.prepare(actions[was.action].Name, was.data)
	if err != nil {
		return
	}
	v.set(i, data)
	v.command, v.hasCommand, v.received = was.command, was.hasCommand, was.received
	v.frame = was.frame
}
