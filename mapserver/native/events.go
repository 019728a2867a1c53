package native

import (
	"errors"
	"fmt"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// events is the table of an entity's groups of events.
type events struct {
	owner   *object
	methods methods
	groups  []*event // by index of the world's groups, filled when asked for
	proxy   script.Proxy
}

// group returns the place of the group called name.
func (v *events) group(name string) (*world.Event, error) {
	w := v.owner.host.world
	g, ok := w.Group(name)
	if !ok {
		return nil, fmt.Errorf("there is no group of events %q: groups are declared in world.yaml", name)
	}
	if !w.Groups()[g].Of[v.owner.e.Type()] {
		return nil, fmt.Errorf("%s have no events of the group %s", v.owner.e.Type(), name)
	}
	return v.owner.e.Event(g), nil
}

// Get returns a group, or a function.
func (v *events) Get(key string) (value.Value, error) {
	if m, ok := v.methods.get(key); ok {
		return m, nil
	}
	w := v.owner.host.world
	if g, ok := w.Group(key); ok && w.Groups()[g].Of[v.owner.e.Type()] {
		return value.FromRef(v.at(g)), nil
	}
	return value.Null, nil
}

// at returns the script's form of a group.
func (v *events) at(g int) *event {
	if v.groups[g] == nil {
		e := &event{v: v.owner.e.Event(g)}
		e.methods = bind(e, eventTable)
		v.groups[g] = e
	}
	return v.groups[g]
}

// Set clears a group.
func (v *events) Set(key string, x value.Value) error {
	if !x.IsNil() {
		return errors.New("only nil can be assigned to events[group], to clear it; call events.add(group, action, params) to add an event")
	}
	e, err := v.group(key)
	if err != nil {
		return err
	}
	e.Remove()
	return nil
}

// Next walks over all groups that the entity's type has, idle ones too.
func (v *events) Next(key string) (string, value.Value, bool) {
	w := v.owner.host.world
	g := 0
	if key != "" {
		at, ok := w.Group(key)
		if !ok {
			return "", value.Null, false
		}
		g = at + 1
	}
	for ; g < len(w.Groups()); g++ {
		if w.Groups()[g].Of[v.owner.e.Type()] {
			return w.Groups()[g].Name, value.FromRef(v.at(g)), true
		}
	}
	return "", value.Null, false
}

// Proxy is part of script.Object.
func (v *events) Proxy() *script.Proxy { return &v.proxy }

// event is the place of one group on an entity.
type event struct {
	v       *world.Event
	methods methods
	proxy   script.Proxy
}

// The fields of an event, in the order in which pairs gives them.
var eventFields = []string{"action", "data", "command_id", "time"}

// Get reads a field, or returns a function.
func (e *event) Get(key string) (value.Value, error) {
	switch key {
	case "action":
		if e.v.Action() == "" {
			return value.Null, nil
		}
		return value.FromString(e.v.Action()), nil
	case "data":
		return e.v.Data(), nil
	case "command_id":
		if id, ok := e.v.Command(); ok {
			return value.FromNumber(id), nil
		}
		return value.Null, nil
	case "time":
		return value.FromNumber(e.v.Time()), nil
	}
	m, _ := e.methods.get(key)
	return m, nil
}

// Set assigns a field.
func (e *event) Set(key string, v value.Value) error {
	switch key {
	case "action":
		return e.v.SetAction(v)
	case "data":
		return e.v.SetData(v)
	case "time":
		return e.v.SetTime(v)
	case "command_id":
		return errors.New("command_id cannot be assigned: it is the client's own")
	}
	return fmt.Errorf("an event has no field %q that can be assigned: action, data and time can be", key)
}

// Next walks over the fields.
func (e *event) Next(key string) (string, value.Value, bool) {
	next := eventFields[0]
	if key != "" {
		i := 0
		for i < len(eventFields) && eventFields[i] != key {
			i++
		}
		if i+1 >= len(eventFields) {
			return "", value.Null, false
		}
		next = eventFields[i+1]
	}
	v, _ := e.Get(next)
	return next, v, true
}

// Proxy is part of script.Object.
func (e *event) Proxy() *script.Proxy { return &e.proxy }
