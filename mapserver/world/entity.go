package world

import (
	"strconv"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Entity is one thing on the map. It belongs to its world, and to the goroutine
// that runs it.
type Entity struct {
	world *World
	typ   Type
	id    int64
	key   string

	prefab, side, action, login string
	x, y, z, sort, speed        float64
	created                     int64 // unix seconds
	// moving is the map that a script sends the entity to, "" if none.
	moving string
	// spawn names the template that the entity comes from, "" if none.
	spawn string

	components []value.Value // by index of Schema.Components
	events     []Event       // by index of the world's groups

	place   int  // in World.order
	here    bool // it has been put on the map
	parting bool // its leave code runs
	gone    bool // and taken away
	changes changes
	record  record

	// Host is what the game keeps with the entity: its form for scripts.
	Host any
}

// Type is the entity's type.
func (e *Entity) Type() Type { return e.typ }

// ID is the entity's number, unique within its type. A player's is that of the
// account.
func (e *Entity) ID() int64 { return e.id }

// Key is unique within the map: "players_24".
func (e *Entity) Key() string { return e.key }

// Prefab is the entity's kind within its type.
func (e *Entity) Prefab() string { return e.prefab }

// Login is a player's name, "" for other entities.
func (e *Entity) Login() string { return e.login }

// Position returns the place in tiles.
func (e *Entity) Position() (x, y, z float64) { return e.x, e.y, e.z }

// Gone tells that the entity has left the map.
func (e *Entity) Gone() bool { return e.gone }

// Moving is the map that a script has assigned, "" if none: whoever runs the
// world moves the player there at the end of the frame.
func (e *Entity) Moving() string { return e.moving }

// Component returns the value of the component with that index.
func (e *Entity) Component(i int) value.Value { return e.components[i] }

// Event returns the entity's place for events of the group with that index.
func (e *Entity) Event(group int) *Event { return &e.events[group] }

// keyOf is the key of an entity.
func keyOf(t Type, id int64) string {
	return t.String() + "_" + strconv.FormatInt(id, 10)
}
