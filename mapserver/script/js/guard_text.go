package js

import (
	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// guardStrings looks at the sizes of texts before they are made or searched.
func (m *machine) guardStrings() {
	proto := m.object("String", "prototype")
	m.wrap(proto, "repeat", func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			times := m.rt.ToValue(call.Argument(0).ToFloat())
			m.reserve(product(m.textLength(call.This), size(times)))
			return original(goja.FunctionCall{This: call.This, Arguments: []goja.Value{times}})
		}
	})
	m.wrapAll(proto, func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			length := m.rt.ToValue(call.Argument(0).ToFloat())
			m.reserve(size(length))
			args := append([]goja.Value{length}, call.Arguments[min(1, len(call.Arguments)):]...)
			return original(goja.FunctionCall{This: call.This, Arguments: args})
		}
	}, "padStart", "padEnd")
	m.wrapAll(proto, func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			n := m.textLength(call.This)
			for i, arg := range call.Arguments {
				s := textOf(arg)
				call.Arguments[i] = s
				n += int64(s.Length())
			}
			m.reserve(n)
			return original(call)
		}
	}, "concat")
	m.wrapAll(proto, m.searching, "indexOf", "lastIndexOf", "includes")
	m.wrapAll(proto, func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			m.reserve(m.textLength(call.This))
			return original(call)
		}
	}, "normalize", "toUpperCase", "toLowerCase", "toLocaleUpperCase", "toLocaleLowerCase", "localeCompare", "trim", "trimStart", "trimEnd")
	m.wrap(proto, "split", m.splitting)
	m.wrapAll(proto, m.replacing, "replace", "replaceAll")
}

// textLength is the length of a text; other values are short, or become texts by
// guarded functions.
func (m *machine) textLength(v goja.Value) int64 {
	if s, ok := v.(goja.String); ok {
		return int64(s.Length())
	}
	return 0
}

func product(a, b int64) int64 {
	if a > 0 && b > maxInteger/a {
		return maxInteger
	}
	return a * b
}

// searching bounds what looking for one text in another takes: goja compares texts
// with letters beyond ASCII at each place.
func (m *machine) searching(original builtin) builtin {
	return func(call goja.FunctionCall) goja.Value {
		if s, ok := call.Argument(0).(goja.String); ok {
			m.search(call.This, s)
		}
		return original(call)
	}
}

func (m *machine) search(in goja.Value, s goja.String) {
	n := m.textLength(in)
	m.spend(int(n>>12) + 1)
	if product(n, int64(s.Length())) < maxSearch {
		return
	}
	if text, ok := in.(goja.String); ok && ascii(text) && ascii(s) {
		return
	}
	m.rangeError("these texts are too long to be searched")
}

func ascii(s goja.String) bool { return len(s.String()) == s.Length() && plain(s.String()) }

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// splitting bounds the number of parts.
func (m *machine) splitting(original builtin) builtin {
	return func(call goja.FunctionCall) goja.Value {
		most := m.limits.Memory / (4 * slotBytes)
		if s, ok := call.Argument(0).(goja.String); ok {
			m.search(call.This, s)
			if n := m.textLength(call.This) / max(1, int64(s.Length())); n > most && goja.IsUndefined(call.Argument(1)) {
				m.condemn(script.Memory)
			}
		}
		return original(call)
	}
}

// replacing bounds the text that comes out. A replacement that may make it too long
// is carried out by a function, piece by piece.
func (m *machine) replacing(original builtin) builtin {
	return func(call goja.FunctionCall) goja.Value {
		m.spend(1)
		if s, ok := call.Argument(0).(goja.String); ok {
			m.search(call.This, s)
		}
		fn, isFunction := goja.AssertFunction(call.Argument(1))
		whole := m.textLength(call.This)
		var made int64
		if isFunction {
			if whole < reserveFrom {
				return original(call)
			}
			return original(goja.FunctionCall{This: call.This, Arguments: []goja.Value{call.Argument(0), m.rt.ToValue(func(inner goja.FunctionCall) goja.Value {
				v, err := fn(goja.Undefined(), inner.Arguments...)
				if err != nil {
					panic(err)
				}
				s := textOf(v)
				made += int64(s.Length())
				m.reserve(whole + made)
				return s
			})}})
		}
		with := textOf(call.Argument(1))
		most := product(whole+1, int64(with.Length())+whole)
		if most < m.limits.Memory/textShare {
			return original(goja.FunctionCall{This: call.This, Arguments: []goja.Value{call.Argument(0), with}})
		}
		return original(goja.FunctionCall{This: call.This, Arguments: []goja.Value{call.Argument(0), m.rt.ToValue(func(inner goja.FunctionCall) goja.Value {
			s := substitute(with.String(), inner.Arguments)
			made += int64(len(s))
			m.reserve(whole + made)
			m.spend(len(s)>>8 + 1)
			return m.rt.ToValue(s)
		})}})
	}
}
