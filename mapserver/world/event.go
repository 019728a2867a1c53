package world

import (
	"errors"
	"fmt"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// none is the action of a group without a pending event.
const none = -1

// DefaultTimeout is the pause after an event whose group declares none, or whose
// timeout code fails, in seconds.
const DefaultTimeout = 1

// Event is an entity's place for the events of one group: at most one is
// pending. Times are unix time in seconds.
type Event struct {
	entity *Entity
	group  int
	// action is the index of the pending action, none if there is none.
	action int
	data   value.Value // a table with all parameters
	// time is when the group's timeout ends; it outlives the event.
	time float64
	// command is the client's id for the event, when hasCommand; received is when
	// it came.
	command    float64
	hasCommand bool
	received   float64

	// order breaks ties between events that are due at the same time; frame is
	// the one in which the event was added, place its index in the heap.
	order uint64
	frame uint64
	place int
	// version counts additions, so that the code of an event can be told to have
	// added another one.
	version uint32
	// told is what clients were told last.
	told told
}

// told is what clients know of a pending event.
type told struct {
	action     int
	data       value.Value
	command    float64
	hasCommand bool
}

// Group is the group's declaration.
func (v *Event) Group() *Group { return &v.entity.world.groups[v.group] }

// Action is the name of the pending action, "" if there is none.
func (v *Event) Action() string {
	if v.action == none {
		return ""
	}
	return v.Group().Actions[v.action].Name
}

// Data is a table of the pending event's parameters, nil if there is none.
func (v *Event) Data() value.Value {
	if v.action == none {
		return value.Null
	}
	return v.data
}

// Command is the client's id of the pending event; ok is false if there is none
// or code added it.
func (v *Event) Command() (id float64, ok bool) { return v.command, v.hasCommand }

// Time is when the group's timeout ends, in unix seconds.
func (v *Event) Time() float64 { return v.time }

// Add makes the action with that name pending, instead of what was. An empty
// name means "index". params is nil or a table of declared parameters.
func (v *Event) Add(action string, params value.Value) error {
	i, data, err := v.prepare(action, params)
	if err != nil {
		return err
	}
	v.set(i, data)
	return nil
}

// Call is Add for a client's command with the id that it gave, if it gave one.
// Only public actions can be called.
func (v *Event) Call(action string, params value.Value, id float64, hasID bool) error {
	if g := v.Group(); action == "" || isAction(g, action) {
		if i, _ := g.Action(actionName(action)); !g.Actions[i].Public {
			return fmt.Errorf("%s/%s is not a public event: only the game's own code can run it", g.Name, actionName(action))
		}
	}
	i, data, err := v.prepare(action, params)
	if err != nil {
		return err
	}
	v.set(i, data)
	v.command, v.hasCommand, v.received = id, hasID, v.entity.world.now
	return nil
}

func actionName(name string) string {
	if name == "" {
		return "index"
	}
	return name
}

func isAction(g *Group, name string) bool {
	_, ok := g.Action(actionName(name))
	return ok
}

// prepare checks what is to be added.
func (v *Event) prepare(action string, params value.Value) (int, value.Value, error) {
	g := v.Group()
	if v.entity.gone {
		return 0, value.Null, fmt.Errorf("%s has left the map", v.entity.key)
	}
	i, ok := g.Action(actionName(action))
	if !ok {
		return 0, value.Null, fmt.Errorf("there is no event %s/%s: the group %s has %s", g.Name, actionName(action), g.Name, actionList(g))
	}
	data, err := g.Actions[i].fill(params)
	if err != nil {
		return 0, value.Null, fmt.Errorf("event %s/%s: %w", g.Name, g.Actions[i].Name, err)
	}
	return i, data, nil
}

func (v *Event) set(action int, data value.Value) {
	w := v.entity.world
	v.action, v.data = action, data
	v.command, v.hasCommand, v.received = 0, false, 0
	v.version++
	v.frame = w.frame
	v.order = w.nextOrder()
	if v.entity.here {
		w.due.put(v)
	}
	v.entity.changedEvent(v.group)
}

// Remove clears the pending event; the time stays.
func (v *Event) Remove() {
	if v.action == none {
		return
	}
	v.action, v.data = none, value.Null
	v.command, v.hasCommand, v.received = 0, false, 0
	v.entity.world.due.remove(v)
	v.entity.changedEvent(v.group)
}

// SetTime assigns when the group's timeout ends; 0 lets a pending event run in
// the next frame.
func (v *Event) SetTime(t value.Value) error {
	if err := finite(t); err != nil {
		return fmt.Errorf("time %w", err)
	}
	v.setTime(t.Num())
	return nil
}

func (v *Event) setTime(t float64) {
	if v.time == t {
		return
	}
	v.time = t
	v.entity.world.due.moved(v)
	v.entity.changedTime(v.group)
}

// SetAction makes an action of the group pending with its default parameters.
func (v *Event) SetAction(a value.Value) error {
	if a.Kind() != value.String {
		return fmt.Errorf("action must be the name of an event of the group %s, not %s; call remove() to clear it", v.Group().Name, kindName(a))
	}
	return v.Add(a.Str(), value.Null)
}

// SetData assigns the pending event's parameters; an empty table resets them to
// their defaults.
func (v *Event) SetData(d value.Value) error {
	if d.Kind() != value.Map && d.Kind() != value.List {
		return fmt.Errorf("data must be a table, not %s", kindName(d))
	}
	if v.action == none {
		return fmt.Errorf("data cannot be assigned: no event of the group %s is pending", v.Group().Name)
	}
	a := &v.Group().Actions[v.action]
	data, err := a.fill(d)
	if err != nil {
		return fmt.Errorf("event %s/%s: %w", v.Group().Name, a.Name, err)
	}
	v.data = data
	v.entity.changedEvent(v.group)
	return nil
}

// Timeout is the group's pause for the entity as it is now, in seconds.
func (v *Event) Timeout() float64 {
	g := v.Group()
	if g.TimeoutCode.Empty() {
		return g.Timeout
	}
	data := v.data
	if v.action == none {
		data = value.FromDict(nil)
	}
	seconds, ok := value.Null, false
	w := v.entity.world
	if err := w.nested(func() { seconds, ok = w.run(g.TimeoutCode, v.entity, data) }); err != nil || !ok {
		return DefaultTimeout
	}
	if finite(seconds) != nil || seconds.Num() < 0 {
		w.config.Scripts.Fault(g.TimeoutCode, v.entity, fmt.Errorf(
			"the code of a timeout must return a number of seconds from 0 on, not %s", describe(seconds)))
		return DefaultTimeout
	}
	return seconds.Num()
}

// ResetTime starts the timeout again from now. seconds is nil for the group's.
func (v *Event) ResetTime(seconds value.Value) error {
	if seconds.IsNil() {
		v.setTime(v.entity.world.now + v.Timeout())
		return nil
	}
	if err := finite(seconds); err != nil {
		return fmt.Errorf("the timeout %w", err)
	}
	if seconds.Num() < 0 {
		return errors.New("the timeout must not be negative")
	}
	v.setTime(v.entity.world.now + seconds.Num())
	return nil
}
