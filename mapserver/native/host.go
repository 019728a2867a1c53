package native

import (
	"errors"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/wire"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// host is what the scripts of one revision see of the map. While init code runs
// it has no world: that code may be prepared beside a map that is running.
type host struct {
	mapID   string
	terrain world.Terrain
	sides   value.Value
	world   *world.World
	// send and broadcast queue packets for one player and for all.
	send      func(e *world.Entity, packet value.Value) error
	broadcast func(packet value.Value) error

	objects objects
	ground  ground
}

func newHost(mapID string, sides value.Value, t world.Terrain) *host {
	h := &host{mapID: mapID, terrain: t, sides: sides}
	h.objects = objects{host: h, methods: bind(&h.objects, objectsTable)}
	h.ground = ground{host: h, methods: bind(&h.ground, groundTable)}
	return h
}

// sideTable is map.sides: the name of the side to the id of the map there.
func sideTable(sides []wire.Side) value.Value {
	d := &value.Dict{}
	for _, s := range sides {
		d.Set(s.Name, world.MapID(s.Map))
	}
	return value.FromDict(d)
}

// globals are the variables that all code sees.
func (h *host) globals() []script.Var {
	return []script.Var{
		{Name: "objects", Value: value.FromRef(&h.objects)},
		{Name: "map", Value: value.FromRef(&h.ground)},
	}
}

var errNoWorld = errors.New("init code runs before the map is there: use objects and map.free in events, components and enter code")

// there returns the world, or the error that there is none yet.
func (h *host) there() (*world.World, error) {
	if h.world == nil {
		return nil, errNoWorld
	}
	return h.world, nil
}

// entity returns the form in which scripts see an entity.
func (h *host) entity(e *world.Entity) value.Value {
	return value.FromRef(h.object(e))
}

func (h *host) object(e *world.Entity) *object {
	if o, ok := e.Host.(*object); ok && o.host == h {
		return o
	}
	o := &object{host: h, e: e}
	e.Host = o
	return o
}

// methods are the functions of an object, by name, made when they are first
// asked for and then kept.
type methods struct {
	table []*script.Function
	bound []*script.Method
	names []string
	recv  script.Object
}

// bind makes the functions of a table an object's methods.
func bind(recv script.Object, t functionTable) methods {
	return methods{table: t.functions, names: t.names, recv: recv}
}

// get returns the method called name.
func (m *methods) get(name string) (value.Value, bool) {
	for i, n := range m.names {
		if n != name {
			continue
		}
		if m.bound == nil {
			m.bound = make([]*script.Method, len(m.table))
		}
		if m.bound[i] == nil {
			m.bound[i] = script.NewMethod(m.table[i], m.recv)
		}
		return value.FromRef(m.bound[i]), true
	}
	return value.Null, false
}
