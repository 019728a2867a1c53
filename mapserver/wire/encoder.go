package wire

import (
	"strconv"

	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// Form is how a map writes its frames.
type Form struct {
	// Dictionaries writes entities by key, {"players":{"players_24":{...}}},
	// instead of in lists, {"players":[{...}]}.
	Dictionaries bool
	// ListsAsObjects writes lists as {"1":...,"2":...}, as the original service
	// did, instead of [...].
	ListsAsObjects bool
}

// Encoder writes the frames of one world. It knows the world's schema: after a
// reload of the world, make another one. All its methods append to a buffer.
type Encoder struct {
	world *world.World
	form  Form
	// sides are the neighbour maps, as JSON with the key before it.
	sides []byte
	// What is the same in every frame, with the comma or brace before it.
	fields     [world.FieldCount][]byte
	components [][]byte
	groups     [][]byte
	lists      [world.TypeCount][]byte
}

// NewEncoder returns an encoder of w. sides tells which map lies on which side.
func NewEncoder(w *world.World, form Form, sides []Side) *Encoder {
	e := &Encoder{world: w, form: form, sides: appendSides(nil, sides)}
	for f := range world.FieldCount {
		e.fields[f] = appendKey([]byte{','}, f.String())
	}
	for i := range w.Schema().Components {
		e.components = append(e.components, appendKey(nil, w.Schema().Components[i].Name))
	}
	for i := range w.Groups() {
		e.groups = append(e.groups, appendKey(nil, w.Groups()[i].Name))
	}
	for t := range world.TypeCount {
		e.lists[t] = appendKey([]byte{','}, t.String())
	}
	return e
}

// Side is a neighbour of a map.
type Side struct {
	// Name is "center" for the map itself, "left", "right", ...
	Name string
	Map  string
}

func appendSides(b []byte, sides []Side) []byte {
	b = append(b, `,"sides":{`...)
	for i, s := range sides {
		if i > 0 {
			b = append(b, ',')
		}
		b, _ = value.AppendJSON(appendKey(b, s.Name), world.MapID(s.Map))
	}
	return append(b, '}')
}

func appendKey(b []byte, name string) []byte {
	return append(value.AppendString(b, name), ':')
}

// plain appends a value of the world, which is known to be encodable.
func (e *Encoder) plain(b []byte, v value.Value) []byte {
	if e.form.ListsAsObjects {
		v = listsAsObjects(v)
	}
	b, _ = value.AppendJSON(b, v)
	return b
}

// listsAsObjects turns the lists in v into tables with the keys "1", "2", ...
func listsAsObjects(v value.Value) value.Value {
	switch v.Kind() {
	case value.List:
		d := &value.Dict{}
		for i, it := range v.Items() {
			d.Set(strconv.Itoa(i+1), listsAsObjects(it))
		}
		return value.FromDict(d)
	case value.Map:
		d := &value.Dict{}
		for k, it := range v.Dict().All() {
			d.Set(k, listsAsObjects(it))
		}
		return value.FromDict(d)
	default:
		return v
	}
}

// Table appends what a script sends. It fails for what JSON cannot say.
func (e *Encoder) Table(b []byte, v value.Value) ([]byte, error) {
	if e.form.ListsAsObjects {
		if err := value.Plain(v); err != nil {
			return b, err
		}
		v = listsAsObjects(v)
	}
	return value.AppendJSON(b, v)
}

// AppendError appends a frame that tells a client what was wrong.
func AppendError(b []byte, text string) []byte {
	return append(value.AppendString(append(b, `{"error":`...), text), '}')
}

// World appends the whole world, as everybody may see it.
func (e *Encoder) World(b []byte) []byte {
	b = append(b, `{"action":"load/index"`...)
	b = append(b, e.sides...)
	b = e.timeouts(b)
	for t := range world.TypeCount {
		b = append(b, e.lists[t]...)
		b = e.open(b)
		first := true
		for ent := range e.world.All {
			if ent.Type() == t {
				b = e.full(e.begin(b, ent, &first), ent)
			}
		}
		b = e.close(b)
	}
	return append(b, '}')
}

// timeouts appends what a client may ask for, and how often.
func (e *Encoder) timeouts(b []byte) []byte {
	b = append(b, `,"timeouts":{`...)
	first := true
	for i := range e.world.Groups() {
		g := &e.world.Groups()[i]
		if !g.Of[world.Players] {
			continue
		}
		b = comma(b, &first)
		b = append(append(b, e.groups[i]...), `{"timeout":`...)
		b = value.AppendNumber(b, baseTimeout(g))
		b = append(b, `,"actions":{`...)
		for j, a := range g.Actions {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendBool(appendKey(b, a.Name), a.Public)
		}
		b = append(b, "}}"...)
	}
	return append(b, '}')
}

// baseTimeout is what is known of a group's timeout before an event has run.
func baseTimeout(g *world.Group) float64 {
	if g.TimeoutCode.Empty() {
		return g.Timeout
	}
	return world.DefaultTimeout
}

// Changes appends what has changed for everybody; ok is false, and b is as it
// was, when nothing has.
func (e *Encoder) Changes(b []byte) (out []byte, ok bool) {
	start := len(b)
	b = append(b, '{')
	for t := range world.TypeCount {
		listed := false
		first := true
		for _, ent := range e.world.Changed(t) {
			if !e.tells(ent) {
				continue
			}
			if !listed {
				listed = true
				b = e.open(append(b, e.list(t, len(b) == start+1)...))
			}
			b = e.change(e.begin(b, ent, &first), ent)
		}
		if listed {
			b = e.close(b)
		}
	}
	if len(b) == start+1 {
		return b[:start], false
	}
	return append(b, '}'), true
}

// list is the key of a type's list, without the comma where it is the first.
func (e *Encoder) list(t world.Type, first bool) []byte {
	if first {
		return e.lists[t][1:]
	}
	return e.lists[t]
}

// tells whether everybody has to be told of the entity.
func (e *Encoder) tells(ent *world.Entity) bool {
	if ent.Gone() {
		// One that came and went is nobody's concern, and of one that is back the
		// full set is sent.
		return !ent.Fresh() && e.world.Entity(ent.Key()) == nil
	}
	if ent.Fresh() || ent.AnyFieldChanged() {
		return true
	}
	schema := e.world.Schema()
	for i := range schema.Components {
		if ent.ComponentChanged(i) && !schema.Components[i].Private {
			return true
		}
	}
	for g := range e.world.Groups() {
		if ent.EventChanged(g) {
			return true
		}
	}
	return false
}

func (e *Encoder) open(b []byte) []byte {
	if e.form.Dictionaries {
		return append(b, '{')
	}
	return append(b, '[')
}

func (e *Encoder) close(b []byte) []byte {
	if e.form.Dictionaries {
		return append(b, '}')
	}
	return append(b, ']')
}

// begin starts an entity: its key where that is the form, and its id.
func (e *Encoder) begin(b []byte, ent *world.Entity, first *bool) []byte {
	b = comma(b, first)
	if e.form.Dictionaries {
		b = append(b, '"')
		b = append(b, ent.Key()...)
		b = append(b, `":`...)
	}
	b = append(b, `{"id":`...)
	return strconv.AppendInt(b, ent.ID(), 10)
}

func comma(b []byte, first *bool) []byte {
	if !*first {
		b = append(b, ',')
	}
	*first = false
	return b
}
