package world

import (
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Field is a system field of an entity.
type Field uint8

// The system fields, in the order in which packets list them.
const (
	FieldID Field = iota
	FieldKey
	FieldType
	FieldMapID
	FieldPrefab
	FieldX
	FieldY
	FieldZ
	FieldSort
	FieldSide
	FieldAction
	FieldSpeed
	FieldCreated
	FieldLogin
	FieldCount
)

var fieldNames = [FieldCount]string{
	"id", "key", "type", "map_id", "prefab", "x", "y", "z", "sort", "side", "action", "speed", "created", "login",
}

// String returns the name in scripts and packets.
func (f Field) String() string { return fieldNames[f] }

var fieldsByName = func() map[string]Field {
	m := make(map[string]Field, FieldCount)
	for f, name := range fieldNames {
		m[name] = Field(f)
	}
	return m
}()

// ParseField returns the field called name.
func ParseField(name string) (Field, bool) {
	f, ok := fieldsByName[name]
	return f, ok
}

// MaxText is the length of the longest text in a system field, in bytes.
const MaxText = 255

// CreatedLayout is how packets and scripts write the time at which an entity
// came into being, in UTC.
const CreatedLayout = "2006-01-02 15:04:05"

// Get returns the value of a system field.
func (e *Entity) Get(f Field) value.Value {
	switch f {
	case FieldID:
		return value.FromNumber(float64(e.id))
	case FieldKey:
		return value.FromString(e.key)
	case FieldType:
		return value.FromString(e.typ.String())
	case FieldMapID:
		return MapID(e.world.config.MapID)
	case FieldPrefab:
		return value.FromString(e.prefab)
	case FieldSide:
		return value.FromString(e.side)
	case FieldAction:
		return value.FromString(e.action)
	case FieldCreated:
		return value.FromString(time.Unix(e.created, 0).UTC().Format(CreatedLayout))
	case FieldLogin:
		if e.typ != Players {
			return value.Null
		}
		return value.FromString(e.login)
	default:
		return value.FromNumber(*e.number(f))
	}
}

// number is where a field that holds a number is kept, nil for the others.
func (e *Entity) number(f Field) *float64 {
	switch f {
	case FieldX:
		return &e.x
	case FieldY:
		return &e.y
	case FieldZ:
		return &e.z
	case FieldSort:
		return &e.sort
	case FieldSpeed:
		return &e.speed
	default:
		return nil
	}
}

// text is where a field that holds a text is kept, nil for the others.
func (e *Entity) text(f Field) *string {
	switch f {
	case FieldPrefab:
		return &e.prefab
	case FieldSide:
		return &e.side
	case FieldAction:
		return &e.action
	default:
		return nil
	}
}

// Set assigns a system field. The error says what the field takes.
func (e *Entity) Set(f Field, v value.Value) error {
	if e.gone {
		return fmt.Errorf("%s has left the map", e.key)
	}
	if f == FieldMapID {
		return e.move(v)
	}
	if n := e.number(f); n != nil {
		return e.setNumber(f, n, v)
	}
	if t := e.text(f); t != nil {
		return e.setText(f, t, v)
	}
	return fmt.Errorf("%s cannot be assigned", f)
}

func (e *Entity) setNumber(f Field, to *float64, v value.Value) error {
	if err := finite(v); err != nil {
		return fmt.Errorf("%s %w", f, err)
	}
	if *to != v.Num() {
		*to = v.Num()
		e.changedField(f)
	}
	return nil
}

// finite tells why v is not a number that can be stored and sent.
func finite(v value.Value) error {
	if v.Kind() != value.Number {
		return fmt.Errorf("must be a number, not %s", kindName(v))
	}
	if math.IsNaN(v.Num()) || math.IsInf(v.Num(), 0) {
		return fmt.Errorf("must be a finite number, not %v", v.Num())
	}
	return nil
}

func (e *Entity) setText(f Field, to *string, v value.Value) error {
	if v.Kind() != value.String {
		return fmt.Errorf("%s must be a text, not %s", f, kindName(v))
	}
	if err := checkText(v.Str()); err != nil {
		return fmt.Errorf("%s %w", f, err)
	}
	if f == FieldAction && v.Str() == removeAction {
		return fmt.Errorf("action may not be %q: that tells clients to delete the entity; call remove() for it", removeAction)
	}
	if *to != v.Str() {
		*to = v.Str()
		e.changedField(f)
	}
	return nil
}

// removeAction is what packets say of an entity that has left.
const removeAction = "remove"

func checkText(s string) error {
	if len(s) > MaxText {
		return fmt.Errorf("is %d bytes long: at most %d are allowed", len(s), MaxText)
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("must be UTF-8 text")
	}
	return nil
}

// move marks the entity to be moved to another map.
func (e *Entity) move(v value.Value) error {
	id, ok := mapID(v)
	if !ok {
		return fmt.Errorf("map_id must be the id of a map, a text or a number, not %s", kindName(v))
	}
	if e.typ != Players {
		return fmt.Errorf("map_id can only be assigned on players: %s stay on their map", e.typ)
	}
	if id == e.world.config.MapID {
		id = ""
	}
	if e.moving == "" && id != "" {
		e.world.moving = append(e.world.moving, e)
	}
	e.moving = id
	return nil
}

// MapID is the id of a map as scripts and packets have it: a number where it
// reads as one, as in the original service.
func MapID(id string) value.Value {
	if n, err := strconv.ParseInt(id, 10, 53); err == nil && strconv.FormatInt(n, 10) == id {
		return value.FromNumber(float64(n))
	}
	return value.FromString(id)
}

// mapID reads the id of a map, which scripts may write as a number.
func mapID(v value.Value) (string, bool) {
	if n, ok := v.Integer(); ok {
		return fmt.Sprint(n), true
	}
	return v.Str(), v.Str() != "" && checkText(v.Str()) == nil
}

// kindName is the name of v's kind in messages to authors.
func kindName(v value.Value) string {
	if v.Kind() == value.Nil {
		return "nil"
	}
	if v.Kind() == value.List {
		return "a table"
	}
	return "a " + v.Kind().String()
}
