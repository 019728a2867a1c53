package world

import (
	"fmt"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// maxDepth is how deep code that is run by code may nest: triggers that change
// components with triggers, enter code that adds entities with enter code.
const maxDepth = 16

// SetComponent assigns the component with that index: a value of its type or
// nil. A value that differs runs the component's trigger at once.
func (e *Entity) SetComponent(i int, v value.Value) error {
	c := &e.world.schema.Components[i]
	switch {
	case e.gone:
		return fmt.Errorf("%s has left the map", e.key)
	case !c.Of[e.typ]:
		return fmt.Errorf("%s have no component %s", e.typ, c.Name)
	}
	if err := c.check(v); err != nil {
		return fmt.Errorf("component %s %w", c.Name, err)
	}
	if value.Equal(e.components[i], v) {
		return nil
	}
	e.components[i] = v
	e.changedComponent(i)
	return e.trigger(i)
}

// check tells why v cannot be the component's value.
func (c *Component) check(v value.Value) error {
	if v.IsNil() {
		return nil
	}
	return checkType(c.Type, v)
}

// checkType tells why v is not of a declared type.
func checkType(t ComponentType, v value.Value) error {
	if !t.Accepts(v) {
		return fmt.Errorf("must be a %s, not %s", t, kindName(v))
	}
	switch t {
	case NumberComponent:
		return finite(v)
	case JSONComponent:
		return value.Plain(v)
	default:
		return nil
	}
}

// trigger runs the component's code.
func (e *Entity) trigger(i int) error {
	c := &e.world.schema.Components[i]
	if c.OnChange.Empty() {
		return nil
	}
	return e.world.nested(func() { e.world.run(c.OnChange, e, e.components[i]) })
}

// nested runs f one level deeper.
func (w *World) nested(f func()) error {
	if w.depth >= maxDepth {
		return fmt.Errorf("triggers and enter code nest deeper than %d levels: they seem to call each other without end", maxDepth)
	}
	w.depth++
	defer func() { w.depth-- }()
	f()
	return nil
}
