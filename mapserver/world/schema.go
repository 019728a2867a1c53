package world

import (
	"math/rand/v2"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Type is the type of an entity. The names are those of the service that the
// native protocol comes from, spelling included.
type Type uint8

// The entity types, in the order in which packets list them.
const (
	Players Type = iota
	Enemys
	Animals
	Objects
	TypeCount
)

var typeNames = [TypeCount]string{"players", "enemys", "animals", "objects"}

// String returns the name in scripts and packets.
func (t Type) String() string { return typeNames[t] }

// ParseType returns the type called name.
func ParseType(name string) (Type, bool) {
	for t, n := range typeNames {
		if n == name {
			return Type(t), true
		}
	}
	return 0, false
}

// Schema is what a bundle's world.yaml declares, checked and resolved: every
// reference is by index, every piece of code a Slot.
type Schema struct {
	Components []Component
	Groups     []Group
	// Init is run once when the bundle is loaded, before any other code and in
	// this order: it defines what the slots share. Empty: none.
	Init []Slot
	// Enter is run when an entity of the type enters the map (slot 3 of the
	// reference), Leave when it leaves: the slots of the library's features first,
	// in the order of use, then the bundle's. Empty: none.
	Enter [TypeCount][]Slot
	Leave [TypeCount][]Slot
	// Prefabs holds what is special to one prefab of a type.
	Prefabs []Prefab
	Spawns  []Spawn
	// Player is the template of a player that enters the game for the first time.
	Player Spawn
	// Slots are all pieces of code of the bundle; Slot.ID is an index into it.
	Slots []Slot
	// Files are the sources of the slots by path, those of the built-in library
	// included where the bundle uses them.
	Files map[string][]byte
}

// SlotKind is what a piece of code is for.
type SlotKind uint8

// The kinds of code.
const (
	InitSlot SlotKind = iota
	ComponentSlot
	EventSlot
	TimeoutSlot
	EnterSlot
	LeaveSlot
)

// Slot is a place in the schema that code hangs on. The zero Slot has no code.
type Slot struct {
	// ID is 1 more than the index into Schema.Slots.
	ID   int
	Kind SlotKind
	// File is the path of the code, below the bundle or the library.
	File string
	// Name is the slot as logs and the performance page show it, for example
	// "event move/up", "component hp", "enter enemys", "timeout move".
	Name string
}

// Empty tells that the slot has no code.
func (s Slot) Empty() bool { return s.ID == 0 }

// ComponentType is the declared type of a component or an event's parameter.
type ComponentType uint8

// The types of components and parameters.
const (
	NumberComponent ComponentType = iota
	StringComponent
	BoolComponent
	JSONComponent
)

var componentTypeNames = [...]string{"number", "string", "bool", "json"}

// String returns the name in world.yaml.
func (t ComponentType) String() string { return componentTypeNames[t] }

// ParseComponentType returns the type called name.
func ParseComponentType(name string) (ComponentType, bool) {
	for t, n := range componentTypeNames {
		if n == name {
			return ComponentType(t), true
		}
	}
	return 0, false
}

// Accepts tells whether v is of the type; nil is not.
func (t ComponentType) Accepts(v value.Value) bool {
	switch t {
	case NumberComponent:
		return v.Kind() == value.Number
	case StringComponent:
		return v.Kind() == value.String
	case BoolComponent:
		return v.Kind() == value.Bool
	default:
		return v.Kind() != value.Ref && v.Kind() != value.Nil
	}
}

// Component is a declared component.
type Component struct {
	Name    string
	Type    ComponentType
	Default value.Value
	// Of are the entity types that have it.
	Of [TypeCount]bool
	// Private components are sent to their owner only.
	Private bool
	// OnChange is run when the value changes and when an entity enters with a
	// value that is not nil.
	OnChange Slot
}

// Group is a group of events: at most one of them is pending on an entity.
type Group struct {
	Name string
	// Of are the entity types that have the group.
	Of [TypeCount]bool
	// Timeout is the pause after an event of the group, in seconds, when
	// TimeoutCode is empty.
	Timeout     float64
	TimeoutCode Slot
	Actions     []Action
}

// Action returns the action called name and its index.
func (g *Group) Action(name string) (int, bool) {
	for i := range g.Actions {
		if g.Actions[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

// Action is one event of a group.
type Action struct {
	Name string
	// Public events may be called by a client for its own player.
	Public bool
	Params []Param
	Code   Slot
}

// Param is a declared parameter of an event.
type Param struct {
	Name    string
	Type    ComponentType
	Default value.Value
	// Required parameters must be given; they have no default.
	Required bool
	// Min and Max bound a number, or the length in characters of a string. NaN:
	// no bound.
	Min, Max float64
	// OneOf, when not empty, lists the allowed texts.
	OneOf []string
}

// Prefab is what is special to one prefab of an entity type.
type Prefab struct {
	Type       Type
	Name       string
	Components []Default
	// Enter is run, in order, after the Enter slots of the type.
	Enter []Slot
}

// Default is a component's value in a template; Component is an index into
// Schema.Components.
type Default struct {
	Component int
	Value     value.Value
}

// Spawn is a template of entities that are there from the start.
type Spawn struct {
	Type   Type
	Prefab string
	Count  int
	// At are the places; entities beyond them, and all where it is empty, get
	// random free ones (within Area, if it has a size).
	At   []Point
	Area Rect
	Side string
	// Speed is free for the game to use.
	Speed      float64
	Components []Default
}

// Point is a place on the map, in tiles.
type Point struct{ X, Y, Z float64 }

// Rect is an area in tiles: X, Y is its first tile, W by H its size.
type Rect struct{ X, Y, W, H int }

// Terrain is the ground of a map: which tiles can be walked on. Coordinates are
// in tiles; x grows to the right, y downwards, as in Tiled; a place (x, y)
// belongs to the tile (floor x, floor y). It never changes.
type Terrain interface {
	// Bounds is the area that the map covers.
	Bounds() Rect
	// Walkable tells whether the tile can be walked on; tiles outside cannot.
	Walkable(x, y int) bool
	// Path finds a shortest way over walkable tiles, diagonal steps only where
	// both neighbours are free. It holds the tiles after from, up to to; ok is
	// false when there is none, or none within limit visited tiles.
	Path(from, to [2]int, limit int) (tiles [][2]int, ok bool)
	// RandomFree picks a walkable tile of area (everywhere when it has no size)
	// that is not taken; ok is false when there is none. The same state of rng
	// gives the same tile.
	RandomFree(rng *rand.Rand, area Rect, taken func(x, y int) bool) (x, y int, ok bool)
}
