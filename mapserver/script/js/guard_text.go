package js

import (
	"strings"

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
				s := m.textOf(arg)
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
			m.countMatches(call.This, s)
		}
		defer m.deeper()()
		whole := m.textLength(call.This)
		with := call.Argument(1)
		if fn, ok := goja.AssertFunction(with); ok {
			if whole < reserveFrom {
				return original(call)
			}
			with = m.measured(whole, func(args []goja.Value) goja.Value {
				v, err := fn(goja.Undefined(), args...)
				if err != nil {
					panic(err)
				}
				return v
			})
		} else if s := m.textOf(with); product(whole+1, int64(s.Length())+whole) < m.limits.Memory/textShare {
			with = s
		} else {
			text := s.String()
			with = m.measured(whole, func(args []goja.Value) goja.Value {
				f := m.foundIn(args)
				return m.rt.ToValue(f.substitute(text))
			})
		}
		return original(goja.FunctionCall{This: call.This, Arguments: []goja.Value{call.Argument(0), with}})
	}
}

// matchBytes is what goja notes for each place of a text that is to be replaced.
const matchBytes = 128

// countMatches bounds how often a text is found in another.
func (m *machine) countMatches(in goja.Value, s goja.String) {
	n := m.textLength(in) / max(1, int64(s.Length()))
	if n*matchBytes < m.limits.Memory/textShare {
		return
	}
	if text, ok := in.(goja.String); ok && strings.Count(text.String(), s.String()) > int(m.limits.Memory/textShare/matchBytes) {
		m.condemn(script.Memory)
	}
}

// measured is a replacing function whose texts are added up.
func (m *machine) measured(whole int64, f func(args []goja.Value) goja.Value) goja.Value {
	var made int64
	return m.rt.ToValue(func(call goja.FunctionCall) goja.Value {
		s := m.textOf(f(call.Arguments))
		made += int64(s.Length())
		m.reserve(whole + made)
		m.spend(s.Length()>>8 + 1)
		return s
	})
}
