// Package value holds the neutral values that pass between scripts, the world,
// the wire and the store: what JSON can say, plus references to host objects
// that only a script engine ever sees.
//
// A Value is immutable once it has been handed on: whoever wants a changed list
// or map builds a new one. That makes it safe to keep the same Value in the
// world, in a snapshot and in a packet without copying.
package value

import "math"

// Kind says which sort of value a Value holds.
type Kind uint8

// The kinds. Ref is a host object or host function; it never reaches the wire
// or the store.
const (
	Nil Kind = iota
	Bool
	Number
	String
	List
	Map
	Ref
)

// String returns the name of the kind as messages to authors use it.
func (k Kind) String() string {
	return [...]string{"nil", "boolean", "number", "string", "list", "table", "object"}[k]
}

// Value is one neutral value. The zero Value is nil.
type Value struct {
	kind Kind
	num  float64
	str  string
	ref  any // *[]Value, *Dict or a host reference
}

// Null is the nil value.
var Null = Value{}

// FromBool returns b as a Value.
func FromBool(b bool) Value {
	if b {
		return Value{kind: Bool, num: 1}
	}
	return Value{kind: Bool}
}

// FromNumber returns f as a Value. NaN and infinities are kept as they are;
// JSON encodes them as null.
func FromNumber(f float64) Value { return Value{kind: Number, num: f} }

// FromString returns s as a Value. s may hold any bytes.
func FromString(s string) Value { return Value{kind: String, str: s} }

// FromList returns a list of items; the caller must not change items afterwards.
func FromList(items ...Value) Value { return Value{kind: List, ref: &items} }

// FromDict returns d as a Value; the caller must not change d afterwards.
// A nil d gives an empty table.
func FromDict(d *Dict) Value {
	if d == nil {
		d = &Dict{}
	}
	return Value{kind: Map, ref: d}
}

// FromRef returns a reference to a host object or function.
func FromRef(r any) Value { return Value{kind: Ref, ref: r} }

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// IsNil tells whether v is nil.
func (v Value) IsNil() bool { return v.kind == Nil }

// Bool returns the boolean that v holds, and false for every other kind.
func (v Value) Bool() bool { return v.kind == Bool && v.num != 0 }

// Num returns the number that v holds, and 0 for every other kind.
func (v Value) Num() float64 {
	if v.kind != Number {
		return 0
	}
	return v.num
}

// Str returns the string that v holds, and "" for every other kind.
func (v Value) Str() string { return v.str }

// Items returns the items of a list, nil for every other kind. Read only.
func (v Value) Items() []Value {
	if v.kind != List {
		return nil
	}
	return *v.ref.(*[]Value)
}

// Dict returns the fields of a table, nil for every other kind. Read only.
func (v Value) Dict() *Dict {
	if v.kind != Map {
		return nil
	}
	return v.ref.(*Dict)
}

// Ref returns the host reference that v holds, nil for every other kind.
func (v Value) Ref() any {
	if v.kind != Ref {
		return nil
	}
	return v.ref
}

// Integer returns v as an integer when it holds a number without a fraction
// that an int64 can hold exactly.
func (v Value) Integer() (int64, bool) {
	if v.kind != Number || v.num != math.Trunc(v.num) || math.Abs(v.num) > 1<<53 {
		return 0, false
	}
	return int64(v.num), true
}

// Equal tells whether a and b are the same value; lists and tables are compared
// by content, references by identity. The order of a table's fields does not count.
func Equal(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case Nil:
		return true
	case Bool, Number:
		return a.num == b.num
	case String:
		return a.str == b.str
	case List:
		return equalItems(a.Items(), b.Items())
	case Map:
		return equalDicts(a.Dict(), b.Dict())
	default:
		return a.ref == b.ref
	}
}

func equalItems(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalDicts(a, b *Dict) bool {
	if a.Len() != b.Len() {
		return false
	}
	for k, v := range a.All() {
		w, ok := b.Lookup(k)
		if !ok || !Equal(v, w) {
			return false
		}
	}
	return true
}

// IsFinite tells that f is neither NaN nor an infinity.
func IsFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
