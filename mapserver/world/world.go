package world

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// MaxEntities is how many entities a map holds at most.
const MaxEntities = 100_000

// The groups of events that every world has beside those of its bundle.
const (
	LoadGroup = "load"
	SaveGroup = "save"
)

// Scripts runs the code of a bundle. It is what the world needs of a script
// engine; faults are its own to log and count.
type Scripts interface {
	// Run runs the code of a slot for an entity. arg is the component's new value
	// or the event's parameters, nil for enter and leave code. ok is false when
	// there is no result because the code failed or was not run.
	Run(slot Slot, e *Entity, arg value.Value) (result value.Value, ok bool)
	// Rests tells that the code of a slot is not run for now, because it keeps
	// failing.
	Rests(slot Slot) bool
	// Fault records that the code of a slot did something that is not allowed.
	Fault(slot Slot, e *Entity, err error)
}

// NopScripts is a Scripts without code.
type NopScripts struct{}

// Run does nothing.
func (NopScripts) Run(Slot, *Entity, value.Value) (value.Value, bool) { return value.Null, true }

// Rests is never true.
func (NopScripts) Rests(Slot) bool { return false }

// Fault does nothing.
func (NopScripts) Fault(Slot, *Entity, error) {}

// Config says how a World works. Schema and Terrain must be set.
type Config struct {
	Schema  *Schema
	Terrain Terrain
	// MapID is the id of this map.
	MapID string
	// Scripts runs the bundle's code (NopScripts).
	Scripts Scripts
	// Load and Save are run for the system's events load/index and save/index.
	Load, Save func(*Entity)
	// Executed is told of each client's command that has been run: wait is how
	// long it waited, in seconds.
	Executed func(e *Entity, group string, command, wait float64)
	// Ran is told what timeout a group has got by running an event, in seconds.
	Ran func(e *Entity, group int, timeout float64)
	// Removed is told of each entity that has left.
	Removed func(*Entity)
	// Seed makes random places repeatable.
	Seed uint64
}

// World is the state of a map. It is not safe for concurrent use: it belongs to
// the goroutine that runs the map.
type World struct {
	config         Config
	schema         *Schema
	groups         []Group // the bundle's, then the system's
	componentIndex map[string]int
	groupIndex     map[string]int
	rng            *rand.Rand

	now    float64 // unix seconds
	frame  uint64
	orders uint64
	depth  int
	nextID [TypeCount]int64

	order   []*Entity
	byKey   map[string]*Entity
	counts  [TypeCount]int
	removed int // how many of order are gone
	due     due
	aside   []*Event
	changed [TypeCount][]*Entity
	moving  []*Entity

	// spawned are the templates that have been carried out.
	spawned map[string]bool
	// stale tells that the last snapshot is out of date.
	stale bool
}

// New returns an empty world at the time now.
func New(c Config, now time.Time) *World {
	if c.Scripts == nil {
		c.Scripts = NopScripts{}
	}
	w := &World{
		config:  c,
		byKey:   map[string]*Entity{},
		spawned: map[string]bool{},
		rng:     rand.New(rand.NewPCG(c.Seed, 0)),
		now:     seconds(now),
		stale:   true,
	}
	w.use(c.Schema, c.Terrain)
	return w
}

// use makes a schema the world's.
func (w *World) use(s *Schema, t Terrain) {
	w.schema, w.config.Schema, w.config.Terrain = s, s, t
	w.groups = slices.Concat(s.Groups, systemGroups)
	w.componentIndex = make(map[string]int, len(s.Components))
	for i := range s.Components {
		w.componentIndex[s.Components[i].Name] = i
	}
	w.groupIndex = make(map[string]int, len(w.groups))
	for i := range w.groups {
		w.groupIndex[w.groups[i].Name] = i
	}
}

// systemGroups are the groups that every world has.
var systemGroups = []Group{
	{Name: LoadGroup, Of: [TypeCount]bool{Players: true}, Timeout: DefaultTimeout, Actions: []Action{{Name: "index", Public: true}}},
	{Name: SaveGroup, Of: [TypeCount]bool{Players: true}, Timeout: DefaultTimeout, Actions: []Action{{Name: "index"}}},
}

// Schema is what the world's bundle declares.
func (w *World) Schema() *Schema { return w.schema }

// Terrain is the ground.
func (w *World) Terrain() Terrain { return w.config.Terrain }

// ID is the id of this map.
func (w *World) ID() string { return w.config.MapID }

// Groups are the bundle's groups of events and the system's.
func (w *World) Groups() []Group { return w.groups }

// Group returns the index of the group called name.
func (w *World) Group(name string) (int, bool) { i, ok := w.groupIndex[name]; return i, ok }

// Component returns the index of the component called name.
func (w *World) Component(name string) (int, bool) { i, ok := w.componentIndex[name]; return i, ok }

// Now is the time of the current frame, in unix seconds.
func (w *World) Now() float64 { return w.now }

// Rand is the source of the world's chances.
func (w *World) Rand() *rand.Rand { return w.rng }

// Len is how many entities of a type there are.
func (w *World) Len(t Type) int { return w.counts[t] }

// Entity returns the entity with that key, nil if there is none.
func (w *World) Entity(key string) *Entity {
	if e := w.byKey[key]; e != nil && !e.gone {
		return e
	}
	return nil
}

// All walks over the entities in the order in which they came. Entities may be
// added and removed meanwhile.
func (w *World) All(yield func(*Entity) bool) {
	for e := w.Next(nil); e != nil; e = w.Next(e) {
		if !yield(e) {
			return
		}
	}
}

// Next is the entity after e, which may have left in this frame, or the first
// one for nil; nil at the end.
func (w *World) Next(e *Entity) *Entity {
	i := 0
	if e != nil {
		i = e.place + 1
	}
	for ; i < len(w.order); i++ {
		if !w.order[i].gone {
			return w.order[i]
		}
	}
	return nil
}

// After is Next by key; an entity that left in this frame still has its place.
func (w *World) After(key string) *Entity {
	if key == "" {
		return w.Next(nil)
	}
	if e := w.byKey[key]; e != nil {
		return w.Next(e)
	}
	return nil
}

// seconds is t as unix time.
func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

func (w *World) nextOrder() uint64 { w.orders++; return w.orders }

// run runs code, if there is any and the entity is there.
func (w *World) run(s Slot, e *Entity, arg value.Value) (value.Value, bool) {
	if s.Empty() {
		return value.Null, true
	}
	return w.config.Scripts.Run(s, e, arg)
}

// Tick sets the time between frames, for what is posted to the map.
func (w *World) Tick(now time.Time) { w.now = seconds(now) }

// Frame advances the world to the time now: it runs the events that are due.
func (w *World) Frame(now time.Time) {
	w.now = seconds(now)
	w.frame++
	w.runDue()
	w.compact()
}

// runDue runs the events whose time has come, in order of their times. What they
// add is for the next frame, even when it is due already.
func (w *World) runDue() {
	for len(w.due) > 0 && w.due[0].time <= w.now {
		v := w.due[0]
		w.due.remove(v)
		if v.frame == w.frame {
			w.aside = append(w.aside, v)
			continue
		}
		v.run()
	}
	for i, v := range w.aside {
		if v.action != none && !v.entity.gone {
			w.due.put(v)
		}
		w.aside[i] = nil
	}
	w.aside = w.aside[:0]
}

// restPause is how long an event waits whose code rests, in seconds, before it
// is looked at again.
const restPause = 1

// run runs a pending event. While its code runs it is still there to see; the
// code may add the next one.
func (v *Event) run() {
	w, e, g, action := v.entity.world, v.entity, v.Group(), v.action
	if !v.hasCommand && w.config.Scripts.Rests(g.Actions[action].Code) {
		// It waits: an NPC whose code is repaired must go on where it was.
		v.time = w.now + restPause
		w.due.put(v)
		return
	}
	version := v.version
	timeout := v.Timeout()
	if e.gone {
		return
	}
	v.setTime(w.now + timeout)
	command, hasCommand, received := v.command, v.hasCommand, v.received
	w.perform(e, g, action, v.data)
	if v.version == version {
		v.Remove()
	}
	if w.config.Ran != nil && !g.TimeoutCode.Empty() {
		w.config.Ran(e, v.group, timeout)
	}
	if hasCommand && w.config.Executed != nil {
		w.config.Executed(e, g.Name, command, w.now-received)
	}
}

// perform runs the code of an action.
func (w *World) perform(e *Entity, g *Group, action int, data value.Value) {
	switch g.Name {
	case LoadGroup:
		if w.config.Load != nil {
			w.config.Load(e)
		}
	case SaveGroup:
		if w.config.Save != nil {
			w.config.Save(e)
		}
	default:
		w.run(g.Actions[action].Code, e, data)
	}
}

// compact closes the gaps that entities have left.
func (w *World) compact() {
	if w.removed == 0 {
		return
	}
	kept := w.order[:0]
	for _, e := range w.order {
		if e.gone {
			if w.byKey[e.key] == e {
				delete(w.byKey, e.key)
			}
			continue
		}
		e.place = len(kept)
		kept = append(kept, e)
	}
	clear(w.order[len(kept):])
	w.order = kept
	w.removed = 0
}

// Remove takes an entity off the map: its leave code is run, and clients are
// told. Removing it again does nothing, nor does removing it in its leave code.
func (w *World) Remove(e *Entity) error {
	if e.gone || e.parting {
		return nil
	}
	if err := w.leave(e); err != nil {
		return err
	}
	w.discard(e)
	return nil
}

// leave runs the leave code.
func (w *World) leave(e *Entity) error {
	e.parting = true
	defer func() { e.parting = false }()
	for _, s := range w.schema.Leave[e.typ] {
		if err := w.nested(func() { w.run(s, e, value.Null) }); err != nil {
			return err
		}
	}
	return nil
}

// discard is Remove without code.
func (w *World) discard(e *Entity) {
	e.gone = true
	for g := range e.events {
		w.due.remove(&e.events[g])
	}
	w.counts[e.typ]--
	w.removed++
	w.stale = w.stale || e.typ != Players
	e.list()
	if w.config.Removed != nil {
		w.config.Removed(e)
	}
}

// Departures returns the players that scripts have sent to other maps since the
// last call.
func (w *World) Departures() []*Entity {
	if len(w.moving) == 0 {
		return nil
	}
	out := w.moving
	w.moving = nil
	return slices.DeleteFunc(out, func(e *Entity) bool { return e.gone || e.moving == "" })
}

// Stay takes back that a player is sent to another map.
func (e *Entity) Stay() { e.moving = "" }

var errTooMany = errors.New("the map is full of entities")

func (w *World) room() error {
	if len(w.order)-w.removed >= MaxEntities {
		return fmt.Errorf("%w: there are %d", errTooMany, MaxEntities)
	}
	return nil
}
