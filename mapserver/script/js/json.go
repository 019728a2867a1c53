package js

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// maxJSON is how deep JSON may nest, in both directions.
	maxJSON = 1000
	// What parts of a JSON text take when they are read, about.
	jsonObject, jsonField = 200, 48
)

// guardJSON replaces JSON.stringify, which goja cannot interrupt, and looks at what
// JSON.parse reads before it does.
func (m *machine) guardJSON() {
	owner := m.object("JSON")
	m.wrap(owner, "parse", func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			s := m.textOf(call.Argument(0))
			m.checkJSON(s.String())
			defer m.deeper()()
			call.Arguments = append([]goja.Value{s}, call.Arguments[min(1, len(call.Arguments)):]...)
			return original(call)
		}
	})
	m.wrap(owner, "stringify", func(builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			defer m.deeper()()
			return m.jsonStringify(call)
		}
	})
}

func (m *machine) checkJSON(s string) {
	depth, most, bytes := 0, 0, int64(0)
	text := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '[' || c == '{':
			bytes += jsonObject
			depth++
			most = max(most, depth)
		case c == ']' || c == '}':
			depth--
		case c == ',':
			bytes += jsonField
		}
	}
	if most > maxJSON {
		m.rangeError("the JSON text nests too deeply")
	}
	if bytes > m.limits.Memory {
		m.condemn(script.Memory)
	}
	m.alive()
}

// jsonOptions are the second and third argument of JSON.stringify.
type jsonOptions struct {
	replacer goja.Callable
	fields   []string
	indent   string
	// lenient leaves out toJSON, and tells of what cannot be written by an error.
	lenient bool
}

var errNoJSON = errors.New("the object contains itself")

// jsonWriter writes one value.
type jsonWriter struct {
	m *machine
	jsonOptions
	b      strings.Builder
	within []*goja.Object
}

func (m *machine) jsonStringify(call goja.FunctionCall) goja.Value {
	options := jsonOptions{indent: m.indent(call.Argument(2))}
	if o, ok := call.Argument(1).(*goja.Object); ok {
		if fn, ok := goja.AssertFunction(o); ok {
			options.replacer = fn
		} else if m.isArray(o) {
			options.fields = m.fieldNames(o)
		}
	}
	w := jsonWriter{m: m, jsonOptions: options}
	holder := m.rt.NewObject()
	_ = holder.Set("", call.Argument(0))
	if !w.value(holder, "", call.Argument(0), "\n") {
		return goja.Undefined()
	}
	return m.rt.ToValue(w.b.String())
}

// stringify is JSON.stringify for code of ours.
func (m *machine) stringify(v goja.Value, options jsonOptions) (text string, err error) {
	options.lenient = true
	w := jsonWriter{m: m, jsonOptions: options}
	defer func() {
		if r := recover(); r != nil {
			if r != any(errNoJSON) {
				panic(r)
			}
			err = errNoJSON
		}
	}()
	w.value(nil, "", v, "\n")
	return w.b.String(), nil
}

func (m *machine) indent(v goja.Value) string {
	const most = 10
	switch x := v.Export().(type) {
	case string:
		return x[:min(len(x), most)]
	case int64:
		return strings.Repeat(" ", int(max(0, min(most, x))))
	case float64:
		return strings.Repeat(" ", int(max(0, min(most, x))))
	}
	return ""
}

func (m *machine) fieldNames(o *goja.Object) []string {
	names := []string{}
	for i := range m.lengthOf(o) {
		m.spend(1)
		switch v := o.Get(strconv.FormatInt(i, 10)); v.Export().(type) {
		case string, int64, float64:
			names = append(names, v.String())
		}
	}
	return names
}

// value writes a value with its separators and tells whether there was one.
func (w *jsonWriter) value(holder *goja.Object, key string, v goja.Value, newline string) bool {
	w.m.spend(1)
	v = w.replaced(holder, key, v)
	o, ok := v.(*goja.Object)
	if !ok {
		return w.primitive(v)
	}
	switch o.ClassName() {
	case "Function":
		return false
	case "String":
		return w.primitive(w.m.textOf(o))
	case "Number", "Boolean":
		return w.primitive(w.m.rt.ToValue(o.Export()))
	}
	for _, outer := range w.within {
		if outer == o {
			w.fail("Converting circular structure to JSON")
		}
	}
	if len(w.within) >= maxJSON {
		w.fail("the object nests too deeply for JSON")
	}
	w.within = append(w.within, o)
	if w.m.isArray(o) {
		w.list(o, newline)
	} else {
		w.fieldsOf(o, newline)
	}
	w.within = w.within[:len(w.within)-1]
	return true
}

func (w *jsonWriter) fail(text string) {
	if w.lenient {
		panic(errNoJSON)
	}
	panic(w.m.rt.NewTypeError(text))
}

// replaced applies toJSON and the replacer.
func (w *jsonWriter) replaced(holder *goja.Object, key string, v goja.Value) goja.Value {
	if w.lenient {
		return v
	}
	if o, ok := v.(*goja.Object); ok && w.m.refOf(o) == nil {
		if f, ok := goja.AssertFunction(o.Get("toJSON")); ok {
			v = w.call(f, o, w.m.rt.ToValue(key))
		}
	}
	if w.replacer != nil {
		v = w.call(w.replacer, holder, w.m.rt.ToValue(key), v)
	}
	return v
}

func (w *jsonWriter) call(f goja.Callable, this goja.Value, args ...goja.Value) goja.Value {
	v, err := f(this, args...)
	if err != nil {
		panic(err)
	}
	return v
}

func (w *jsonWriter) primitive(v goja.Value) bool {
	if s, ok := v.(goja.String); ok {
		w.text(s.String())
		return true
	}
	if v == nil || goja.IsUndefined(v) {
		return false
	}
	if _, symbol := v.(*goja.Symbol); symbol {
		return false
	}
	switch x := v.Export().(type) {
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			w.b.WriteString("null")
			return true
		}
	case nil:
		w.b.WriteString("null")
		return true
	}
	w.b.WriteString(v.String())
	return true
}

func (w *jsonWriter) text(s string) {
	w.m.reserve(int64(w.b.Len() + len(s)))
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)
	out := strings.TrimSuffix(b.String(), "\n")
	// Go's package writes these two in another way than JavaScript.
	out = strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(out)
	w.b.WriteString(out)
}

func (w *jsonWriter) list(o *goja.Object, newline string) {
	inner := newline + w.indent
	n := w.m.lengthOf(o)
	w.b.WriteByte('[')
	for i := range n {
		w.separate(i == 0, inner)
		key := strconv.FormatInt(i, 10)
		if !w.value(o, key, o.Get(key), inner) {
			w.b.WriteString("null")
		}
	}
	w.end(n == 0, newline, ']')
}

func (w *jsonWriter) fieldsOf(o *goja.Object, newline string) {
	inner := newline + w.indent
	names := w.fields
	if names == nil {
		names = o.Keys()
	}
	w.b.WriteByte('{')
	first := true
	for _, name := range names {
		before := w.b.Len()
		v := o.Get(name)
		w.separate(first, inner)
		w.text(name)
		w.b.WriteByte(':')
		if w.indent != "" {
			w.b.WriteByte(' ')
		}
		if w.value(o, name, v, inner) {
			first = false
			continue
		}
		kept := w.b.String()[:before]
		w.b.Reset()
		w.b.WriteString(kept)
	}
	w.end(first, newline, '}')
}

func (w *jsonWriter) separate(first bool, newline string) {
	w.m.reserve(int64(w.b.Len()))
	if !first {
		w.b.WriteByte(',')
	}
	if w.indent != "" {
		w.b.WriteString(newline)
	}
}

func (w *jsonWriter) end(empty bool, newline string, c byte) {
	if !empty && w.indent != "" {
		w.b.WriteString(newline)
	}
	w.b.WriteByte(c)
}
