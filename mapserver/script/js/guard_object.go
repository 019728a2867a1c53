package js

import (
	"fmt"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// bufferShare bounds a buffer to a part of the memory: 4 MiB by default.
	bufferShare = 32
	// maxKeys bounds the elements of a text or a buffer that become fields.
	maxKeys = 1 << 20
	// maxCode bounds what eval and Function compile.
	maxCode = 64 << 10
)

// guardObjects bounds what becomes lists of fields or arguments.
func (m *machine) guardObjects() {
	m.wrapAll(m.object("Object"), func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			for _, arg := range call.Arguments {
				m.checkKeys(arg)
			}
			return original(call)
		}
	}, "keys", "values", "entries", "getOwnPropertyNames", "getOwnPropertyDescriptors", "assign", "fromEntries", "freeze", "seal", "isFrozen", "isSealed")
	second := func(n int) func(original builtin) builtin {
		return func(original builtin) builtin {
			return func(call goja.FunctionCall) goja.Value {
				m.spend(1)
				if o, ok := call.Argument(n).(*goja.Object); ok && m.lengthOf(o) > maxArguments {
					m.rangeError(fmt.Sprintf("a function cannot have more than %d arguments", maxArguments))
				}
				return original(call)
			}
		}
	}
	m.wrap(m.object("Function", "prototype"), "apply", second(1))
	m.wrap(m.object("Reflect"), "apply", second(2))
	m.wrap(m.object("Reflect"), "construct", second(1))
	m.wrap(m.object("String"), "raw", func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			if o, ok := call.Argument(0).(*goja.Object); ok {
				if raw, ok := o.Get("raw").(*goja.Object); ok {
					m.lengthOf(raw)
				}
			}
			return original(call)
		}
	})
}

// checkKeys refuses a text or a buffer with too many elements.
func (m *machine) checkKeys(v goja.Value) {
	m.spend(1)
	n := m.textLength(v)
	if o, ok := v.(*goja.Object); ok {
		switch o.ClassName() {
		case "Array", "String", "Object":
			if o.ClassName() == "Object" && o.Get("BYTES_PER_ELEMENT") == nil {
				return
			}
			if size := o.Get("length"); size != nil && o.ClassName() != "Array" {
				n = size.ToInteger()
			}
		}
	}
	if n > maxKeys {
		m.rangeError("this has too many elements")
	}
}

// checkBuffer bounds the elements of buffers; prelude.js calls it.
func (m *machine) checkBuffer(call goja.FunctionCall) goja.Value {
	m.spend(1)
	width := call.Argument(1).ToInteger()
	n := int64(0)
	switch v := call.Argument(0).(type) {
	case *goja.Object:
		if v.ExportType() != typeBuffer {
			n = m.lengthOf(v)
		}
	default:
		n = size(m.rt.ToValue(v.ToFloat()))
	}
	if product(n, width) > m.limits.Memory/bufferShare {
		m.condemn(script.Memory)
	}
	return goja.Undefined()
}

// guardBuffers bounds the walks over buffers that call nothing.
func (m *machine) guardBuffers() {
	proto := m.mustRun("Object.getPrototypeOf(Uint8Array.prototype)").ToObject(m.rt)
	ticking := func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			m.spend(ticksMax)
			return original(call)
		}
	}
	m.wrapAll(proto, ticking, "fill", "sort", "toSorted", "join", "indexOf", "lastIndexOf", "includes", "reverse", "slice", "copyWithin")
}

// removeBigInt takes away what makes numbers of any size, literals of which are refused
// when code is compiled, and goja's own error.
func (m *machine) removeBigInt() {
	for _, name := range []string{"BigInt", "BigInt64Array", "BigUint64Array", "GoError"} {
		_ = m.rt.GlobalObject().Delete(name)
	}
	view := m.object("DataView", "prototype")
	for _, name := range []string{"getBigInt64", "getBigUint64", "setBigInt64", "setBigUint64"} {
		_ = view.Delete(name)
	}
}

// evaluate runs code that a script made, as global code that is not strict. It is
// compiled as files are; prelude.js calls it.
func (m *machine) evaluate(call goja.FunctionCall) goja.Value {
	m.spend(ticksMax)
	text := m.textOf(call.Argument(0)).String()
	if len(text) > maxCode {
		m.rangeError(fmt.Sprintf("code made by a script cannot be longer than %d KiB", maxCode>>10))
	}
	if fault := tooDeep(made, []byte(text)); fault != nil {
		m.rangeError(fault.Message)
	}
	prog, err := (&source{file: made, code: text}).parse("", "")
	if err != nil {
		m.syntaxError((&source{file: made}).syntaxError(err, 0))
	}
	v, err := m.rt.RunProgram(prog)
	if err != nil {
		panic(err)
	}
	return v
}

// made is the file name of code that a script made.
const made = "eval"

func (m *machine) syntaxError(fault *script.Error) {
	err, failed := m.rt.New(m.guards.syntaxError, m.rt.ToValue(fault.Error()))
	if failed != nil {
		panic(failed)
	}
	panic(err)
}

// openPrelude runs the guards that are written in JavaScript.
func (m *machine) openPrelude() {
	native := m.rt.NewObject()
	for name, f := range map[string]builtin{
		"length": func(call goja.FunctionCall) goja.Value {
			return m.rt.ToValue(m.lengthOf(call.Argument(0).ToObject(m.rt)))
		},
		"enter":        func(goja.FunctionCall) goja.Value { m.deeper(); return goja.Undefined() },
		"leave":        func(goja.FunctionCall) goja.Value { m.guards.depth = max(0, m.guards.depth-1); return goja.Undefined() },
		"checkBuffer":  m.checkBuffer,
		"evaluate":     m.evaluate,
		"checkPattern": func(call goja.FunctionCall) goja.Value { m.checkPattern(call.Argument(0)); return goja.Undefined() },
	} {
		_ = native.Set(name, f)
	}
	open := m.mustCallable(m.mustProgram(prelude))
	if _, err := open(goja.Undefined(), native); err != nil {
		panic(err)
	}
}
