package js

import (
	"fmt"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// guardArrays looks at the lengths of lists before built-ins walk over them.
func (m *machine) guardArrays() {
	proto := m.object("Array", "prototype")
	bounded := func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			m.list(call.This)
			return original(call)
		}
	}
	m.wrapAll(proto, bounded, "copyWithin", "fill", "includes", "indexOf", "lastIndexOf", "reverse", "shift", "slice", "splice", "unshift",
		"with", "toReversed", "toSpliced")
	m.wrapAll(proto, m.nested, "every", "filter", "find", "findIndex", "findLast", "findLastIndex", "forEach", "map", "reduce", "reduceRight", "some")
	m.wrapAll(proto, m.sorted, "sort", "toSorted")
	m.wrap(proto, "join", m.joined)
	m.wrap(proto, "toString", m.nested)
	m.wrap(proto, "toLocaleString", m.joined)
	m.wrap(proto, "concat", func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			n := m.list(call.This)
			for _, arg := range call.Arguments {
				n += m.spread(arg)
			}
			m.reserveList(n)
			return original(call)
		}
	})
	m.wrap(m.object("Array"), "from", func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			if o, ok := call.Argument(0).(*goja.Object); ok && o.GetSymbol(goja.SymIterator) == nil {
				m.reserveList(m.lengthOf(o))
			}
			defer m.deeper()()
			return original(call)
		}
	})
}

// spread is how many elements an argument of concat adds.
func (m *machine) spread(v goja.Value) int64 {
	o, ok := v.(*goja.Object)
	if !ok {
		return 1
	}
	if flag := o.GetSymbol(goja.SymIsConcatSpreadable); m.isArray(o) || flag != nil && flag.ToBoolean() {
		return m.lengthOf(o)
	}
	return 1
}

// reserveList is called before a list of n elements is made.
func (m *machine) reserveList(n int64) {
	if n > m.limits.Memory/slotBytes {
		m.condemn(script.Memory)
	}
	m.spend(int(n>>6) + 1)
}

// nested is the guard of functions that call others, or themselves for lists in lists.
func (m *machine) nested(original builtin) builtin {
	return func(call goja.FunctionCall) goja.Value {
		m.list(call.This)
		defer m.deeper()()
		return original(call)
	}
}

// joined also bounds the text of separators; that of the elements is found by the
// timer, as they are texts already.
func (m *machine) joined(original builtin) builtin {
	return func(call goja.FunctionCall) goja.Value {
		n := m.list(call.This)
		between := int64(1)
		if s, ok := call.Argument(0).(goja.String); ok {
			between = int64(s.Length())
		}
		m.reserve(n*between + m.textsOf(call.This, n))
		defer m.deeper()()
		return original(call)
	}
}

// textsOf adds up the lengths of the texts in a long list of them.
func (m *machine) textsOf(v goja.Value, n int64) int64 {
	o, ok := v.(*goja.Object)
	if !ok || o.ClassName() != "Array" {
		return 0
	}
	var sum int64
	for i := range n {
		if s, ok := o.Get(fmt.Sprint(i)).(goja.String); ok {
			sum += int64(s.Length())
		}
		m.spend(1)
		if sum > m.limits.Memory {
			break
		}
	}
	return sum
}

// sorted gives a sort without a comparator one that looks at the clock.
func (m *machine) sorted(original builtin) builtin {
	byText := m.rt.ToValue(func(call goja.FunctionCall) goja.Value {
		m.spend(1)
		a, b := m.textOf(call.Argument(0)), m.textOf(call.Argument(1))
		return m.rt.ToValue(a.CompareTo(b))
	})
	return func(call goja.FunctionCall) goja.Value {
		m.list(call.This)
		defer m.deeper()()
		if goja.IsUndefined(call.Argument(0)) {
			call.Arguments = []goja.Value{byText}
		}
		return original(call)
	}
}

// textOf is a value as the language turns it into a text.
func (m *machine) textOf(v goja.Value) goja.String {
	if o, ok := v.(*goja.Object); ok {
		v = o.ToString() // a value that is no object
	}
	switch v := v.(type) {
	case goja.String:
		return v
	case *goja.Symbol:
		panic(m.rt.NewTypeError("Cannot convert a Symbol value to a string"))
	default:
		s, _ := m.rt.ToValue(v.String()).(goja.String)
		return s
	}
}

// guardIterators makes loops of built-ins over iterators look at the clock.
func (m *machine) guardIterators() {
	for _, source := range []string{
		"[][Symbol.iterator]()", "new Map().entries()", "new Set().values()", "''[Symbol.iterator]()", "''.matchAll(/x/g)",
	} {
		proto := m.mustRun(source).ToObject(m.rt).Prototype()
		m.wrap(proto, "next", func(original builtin) builtin {
			return func(call goja.FunctionCall) goja.Value {
				m.spend(1)
				return original(call)
			}
		})
	}
	ticking := func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			m.spend(1)
			return original(call)
		}
	}
	m.wrapAll(m.object("Promise", "prototype"), ticking, "then", "catch", "finally")
	m.wrapAll(m.object("Promise"), ticking, "resolve", "reject", "all", "allSettled", "any", "race")
	calling := func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			defer m.deeper()()
			return original(call)
		}
	}
	m.wrapAll(m.object("Map", "prototype"), calling, "forEach")
	m.wrapAll(m.object("Set", "prototype"), calling, "forEach", "union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom")
}
