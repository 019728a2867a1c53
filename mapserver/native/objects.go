package native

import (
	"errors"
	"fmt"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// objects is the global table of all entities by key.
type objects struct {
	host    *host
	methods methods
	proxy   script.Proxy
}

// Get returns an entity, or a function.
func (o *objects) Get(key string) (value.Value, error) {
	if m, ok := o.methods.get(key); ok {
		return m, nil
	}
	w, err := o.host.there()
	if err != nil {
		return value.Null, err
	}
	if e := w.Entity(key); e != nil {
		return o.host.entity(e), nil
	}
	return value.Null, nil
}

// Set removes an entity.
func (o *objects) Set(key string, v value.Value) error {
	w, err := o.host.there()
	if err != nil {
		return err
	}
	if !v.IsNil() {
		return errors.New("only nil can be assigned to objects[key], to remove an entity; call objects.add(type, data) for a new one")
	}
	if e := w.Entity(key); e != nil {
		return w.Remove(e)
	}
	return nil
}

// Next walks over the entities.
func (o *objects) Next(key string) (string, value.Value, bool) {
	if o.host.world == nil {
		return "", value.Null, false
	}
	e := o.host.world.After(key)
	if e == nil {
		return "", value.Null, false
	}
	return e.Key(), o.host.entity(e), true
}

// Proxy is part of script.Object.
func (o *objects) Proxy() *script.Proxy { return &o.proxy }

// object is an entity.
type object struct {
	host       *host
	e          *world.Entity
	methods    methods
	components *components
	events     *events
	proxy      script.Proxy
}

// The fields of an entity that are tables.
const (
	fieldComponents = "components"
	fieldEvents     = "events"
	fieldParameters = "parameters"
)

// Get reads a field.
func (o *object) Get(key string) (value.Value, error) {
	if f, ok := world.ParseField(key); ok {
		return o.e.Get(f), nil
	}
	switch key {
	case fieldComponents:
		return value.FromRef(o.componentTable()), nil
	case fieldEvents:
		return value.FromRef(o.eventTable()), nil
	case fieldParameters:
		return value.FromDict(nil), nil
	}
	if o.methods.table == nil {
		o.methods = bind(o, entityTable)
	}
	m, _ := o.methods.get(key)
	return m, nil
}

func (o *object) componentTable() *components {
	if o.components == nil {
		o.components = &components{owner: o}
	}
	return o.components
}

func (o *object) eventTable() *events {
	if o.events == nil {
		o.events = &events{owner: o}
		o.events.methods = bind(o.events, eventsTable)
		o.events.groups = make([]*event, len(o.host.world.Groups()))
	}
	return o.events
}

// Set assigns a field.
func (o *object) Set(key string, v value.Value) error {
	if f, ok := world.ParseField(key); ok {
		return o.e.Set(f, v)
	}
	switch key {
	case fieldComponents, fieldEvents, fieldParameters:
		return fmt.Errorf("%s itself cannot be assigned: assign its fields", key)
	}
	return fmt.Errorf("an entity has no field %q that can be assigned: declare a component in world.yaml and use object.components", key)
}

// entityFields are what pairs gives for an entity, in this order.
var entityFields = func() (names []string) {
	for f := world.FieldID; f < world.FieldCount; f++ {
		names = append(names, f.String())
	}
	return append(names, fieldComponents, fieldEvents, fieldParameters)
}()

// Next walks over the fields.
func (o *object) Next(key string) (string, value.Value, bool) {
	i := 0
	if key != "" {
		for i < len(entityFields) && entityFields[i] != key {
			i++
		}
		i++
	}
	if i >= len(entityFields) {
		return "", value.Null, false
	}
	v, _ := o.Get(entityFields[i])
	return entityFields[i], v, true
}

// Proxy is part of script.Object.
func (o *object) Proxy() *script.Proxy { return &o.proxy }

// components is the table of an entity's components.
type components struct {
	owner *object
	proxy script.Proxy
}

// Get reads a component; nil when the entity has none of that name.
func (c *components) Get(key string) (value.Value, error) {
	if i, ok := c.owner.host.world.Component(key); ok {
		return c.owner.e.Component(i), nil
	}
	return value.Null, nil
}

// Set assigns a component.
func (c *components) Set(key string, v value.Value) error {
	i, ok := c.owner.host.world.Component(key)
	if !ok {
		return fmt.Errorf("there is no component %q: components are declared in world.yaml", key)
	}
	return c.owner.e.SetComponent(i, v)
}

// Next walks over the components that the entity's type has.
func (c *components) Next(key string) (string, value.Value, bool) {
	list := c.owner.host.world.Schema().Components
	i := 0
	if key != "" {
		at, ok := c.owner.host.world.Component(key)
		if !ok {
			return "", value.Null, false
		}
		i = at + 1
	}
	for ; i < len(list); i++ {
		if list[i].Of[c.owner.e.Type()] {
			return list[i].Name, c.owner.e.Component(i), true
		}
	}
	return "", value.Null, false
}

// Proxy is part of script.Object.
func (c *components) Proxy() *script.Proxy { return &c.proxy }
