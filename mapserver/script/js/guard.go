package js

import (
	"fmt"
	"math"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// slotBytes is what a place of a list takes.
	slotBytes = 16
	// textShare bounds a text that a built-in makes to an eighth of the memory, as in
	// Lua: 16 MiB by default. Making a larger one takes longer than a call may.
	textShare = 8
	// reserveFrom is the size below which an operation is not counted.
	reserveFrom = 512
	// maxArguments is how many arguments a list can become.
	maxArguments = 100_000
	// maxRecursion is how deep built-ins that call functions may be within each other.
	maxRecursion = 500
	// maxSearch is how many comparisons one search may take at worst: about a tenth of
	// a second.
	maxSearch = 50_000_000
)

// guards is what guarded built-ins need.
type guards struct {
	rangeError, syntaxError *goja.Object
	isArrayFn               func(goja.FunctionCall) goja.Value
	describe                func(goja.FunctionCall) goja.Value
	concat                  builtin
	depth                   int
}

// builtin is a built-in function as goja calls it.
type builtin = func(goja.FunctionCall) goja.Value

// function makes a built-in.
func (m *machine) function(name string, length int, f builtin) *goja.Object {
	o := m.rt.ToValue(f).(*goja.Object)
	m.entitle(o, name, length)
	return o
}

// entitle gives a function its name and length.
func (m *machine) entitle(o *goja.Object, name string, length int) {
	_ = o.DefineDataProperty("name", m.rt.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	_ = o.DefineDataProperty("length", m.rt.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// wrap puts a guard around a method of an object.
func (m *machine) wrap(owner *goja.Object, name string, guard func(original builtin) builtin) {
	v, _ := owner.Get(name).(*goja.Object)
	if v == nil {
		return
	}
	original, ok := v.Export().(func(goja.FunctionCall) goja.Value)
	if !ok {
		panic("not a built-in function: " + name)
	}
	f := m.function(name, int(v.Get("length").ToInteger()), guard(original))
	_ = owner.DefineDataProperty(name, f, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// wrapAll puts the same guard around many methods.
func (m *machine) wrapAll(owner *goja.Object, guard func(original builtin) builtin, names ...string) {
	for _, name := range names {
		m.wrap(owner, name, guard)
	}
}

// object finds an object of the language by its path, as in "Array", "prototype".
func (m *machine) object(path ...string) *goja.Object {
	o := m.rt.GlobalObject()
	for _, name := range path {
		o = o.Get(name).ToObject(m.rt)
	}
	return o
}

// guard replaces what goja cannot interrupt.
func (m *machine) guard() {
	m.guards.rangeError = m.object("RangeError")
	m.guards.isArrayFn = m.native("Array", "isArray")
	m.guards.describe = m.native("Object", "getOwnPropertyDescriptor")
	m.guards.syntaxError = m.object("SyntaxError")
	m.guards.concat = m.native("String", "prototype", "concat")
	m.removeBigInt()
	m.guardArrays()
	m.guardIterators()
	m.guardStrings()
	m.guardPatterns()
	m.guardBuffers()
	m.guardObjects()
	m.guardJSON()
	m.openPrelude()
	m.openRewritten()
}

// reserve is called before n bytes are made by one operation.
func (m *machine) reserve(n int64) {
	if n < reserveFrom {
		return
	}
	if n > m.limits.Memory/textShare {
		m.condemn(script.Memory)
	}
	m.alive()
}

// isArray tells whether o is an array, or a proxy of one.
func (m *machine) isArray(o *goja.Object) bool {
	return m.guards.isArrayFn(goja.FunctionCall{Arguments: []goja.Value{o}}).ToBoolean()
}

// lengthOf is the length of a list, or of what looks like one. Built-ins walk up to
// it without a look at the clock, so it is bounded, and must not change between our
// look and theirs: it has to be a number that stands there.
func (m *machine) lengthOf(o *goja.Object) int64 {
	v := o.Get("length")
	if v == nil {
		return 0
	}
	n := v.ToInteger()
	if o.ClassName() != "Array" && n > 0 {
		if _, object := v.(*goja.Object); object || !m.plainLength(o) {
			m.raise("the length of this object is computed: copy it into an array first")
		}
	}
	if n > m.limits.Memory/slotBytes {
		m.rangeError(fmt.Sprintf("a list of %d elements is too long", n))
	}
	return n
}

// plainLength tells that the length is a plain number of the object, or that every
// access to it runs code that can be interrupted.
func (m *machine) plainLength(o *goja.Object) bool {
	const maxPrototypes = 100
	for range maxPrototypes {
		if o == nil {
			return true
		}
		if t := o.ExportType(); t == typeProxy || t == typeHost {
			return true
		}
		switch o.ClassName() {
		case "Array", "String", "Arguments":
			return true
		}
		d := m.guards.describe(goja.FunctionCall{Arguments: []goja.Value{o, m.rt.ToValue("length")}})
		if found, ok := d.(*goja.Object); ok {
			getter := found.Get("get")
			return getter == nil || goja.IsUndefined(getter) || m.typed(o)
		}
		o = o.Prototype()
	}
	return false
}

// typed tells that o is where typed arrays have their length.
func (m *machine) typed(o *goja.Object) bool {
	return o.ClassName() != "Object" || o.Get("BYTES_PER_ELEMENT") != nil || o.Get("subarray") != nil
}

// list checks the receiver of a method of lists.
func (m *machine) list(v goja.Value) int64 {
	o, ok := v.(*goja.Object)
	if !ok {
		if s, ok := v.(goja.String); ok {
			return int64(s.Length())
		}
		return 0
	}
	n := m.lengthOf(o)
	m.spend(int(n>>6) + 1)
	return n
}

// deeper raises an error when too many built-ins are within each other; done takes it
// back.
func (m *machine) deeper() (done func()) {
	if m.guards.depth >= maxRecursion {
		m.rangeError("stack overflow: the calls nest too deeply")
	}
	m.guards.depth++
	return func() { m.guards.depth-- }
}

// argument is an argument as a size in [0, 2^53].
func size(v goja.Value) int64 {
	f := v.ToFloat()
	switch {
	case math.IsNaN(f) || f < 0:
		return 0
	case f > maxInteger:
		return maxInteger
	default:
		return int64(f)
	}
}
