package js

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// toJS turns a neutral value into JavaScript's. Lists become arrays, which start at
// index 0; nil is null. Bytes that are no UTF-8 are replaced.
func (m *machine) toJS(v value.Value) goja.Value {
	switch v.Kind() {
	case value.Bool:
		return m.rt.ToValue(v.Bool())
	case value.Number:
		return toNumber(m.rt, v.Num())
	case value.String:
		return m.rt.ToValue(strings.ToValidUTF8(v.Str(), "\uFFFD"))
	case value.List:
		items := make([]any, len(v.Items()))
		for i, it := range v.Items() {
			items[i] = m.toJS(it)
		}
		return m.rt.NewArray(items...)
	case value.Map:
		o := m.rt.NewObject()
		for k, it := range v.Dict().All() {
			// A field of its own, also when it is called __proto__.
			_ = o.DefineDataProperty(strings.ToValidUTF8(k, "\uFFFD"), m.toJS(it), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
		return o
	case value.Ref:
		return m.refToJS(v.Ref())
	default:
		return goja.Null()
	}
}

// maxInteger is the largest integer that a number holds exactly.
const maxInteger = 1 << 53

func toNumber(rt *goja.Runtime, f float64) goja.Value {
	if f == math.Trunc(f) && math.Abs(f) < maxInteger && (f != 0 || !math.Signbit(f)) {
		return rt.ToValue(int64(f))
	}
	return rt.ToValue(f)
}

var (
	errDepth = fmt.Errorf("the object nests deeper than %d levels", value.MaxDepth)
	errCycle = errors.New("the object contains itself")
)

// converter turns JavaScript's values into neutral ones. It may run getters of the
// script: what they throw goes through as a panic, so it runs inside of try.
type converter struct {
	m      *machine
	within []*goja.Object
}

// toValue turns a JavaScript value into a neutral one: undefined and null are nil, a
// Date is its number of milliseconds, an Array is a list (holes are nil), and every
// other object is a table of its own enumerable fields, in their order, but for those
// that are undefined.
func (m *machine) toValue(v goja.Value) (value.Value, error) {
	c := converter{m: m}
	return c.value(v)
}

// toResult is toValue for the result of a call, which may throw; a promise is nil:
// nobody waits for it.
func (m *machine) toResult(v goja.Value) (value.Value, error) {
	if o, ok := v.(*goja.Object); ok && o.ExportType() == typePromise {
		return value.Null, nil
	}
	return m.toValue(v)
}

func (c *converter) value(v goja.Value) (value.Value, error) {
	switch v := v.(type) {
	case nil:
		return value.Null, nil
	case *goja.Object:
		return c.object(v)
	case goja.String:
		return value.FromString(v.String()), nil
	case *goja.Symbol:
		return value.Null, errors.New("a symbol cannot be passed to the host")
	}
	switch x := v.Export().(type) {
	case nil:
		return value.Null, nil
	case bool:
		return value.FromBool(x), nil
	case int64:
		return value.FromNumber(float64(x)), nil
	case float64:
		return value.FromNumber(x), nil
	default:
		return value.Null, fmt.Errorf("a %T cannot be passed to the host", x)
	}
}

func (c *converter) object(o *goja.Object) (value.Value, error) {
	switch o.ClassName() {
	case "Function":
		return value.Null, errors.New("a function cannot be passed to the host")
	case "Date":
		if t, ok := o.Export().(time.Time); ok {
			return value.FromNumber(float64(t.UnixMilli())), nil
		}
		return value.FromNumber(math.NaN()), nil
	case "String":
		return value.FromString(c.m.textOf(o).String()), nil
	case "Number", "Boolean":
		return c.value(c.m.rt.ToValue(o.Export()))
	case "Promise":
		return value.Null, errors.New("a promise cannot be passed to the host")
	}
	if ref := c.m.refOf(o); ref != nil {
		return value.FromRef(ref), nil
	}
	for _, outer := range c.within {
		if outer == o {
			return value.Null, errCycle
		}
	}
	if len(c.within) >= value.MaxDepth {
		return value.Null, errDepth
	}
	c.within = append(c.within, o)
	defer func() { c.within = c.within[:len(c.within)-1] }()
	if c.m.isArray(o) {
		return c.list(o)
	}
	return c.table(o)
}

func (c *converter) list(o *goja.Object) (value.Value, error) {
	n := c.m.lengthOf(o)
	items := make([]value.Value, 0, min(n, 1<<16))
	for i := range n {
		c.m.spend(1)
		item, err := c.value(o.Get(strconv.FormatInt(i, 10)))
		if err != nil {
			return value.Null, err
		}
		items = append(items, item)
	}
	return value.FromList(items...), nil
}

func (c *converter) table(o *goja.Object) (value.Value, error) {
	d := &value.Dict{}
	for _, k := range o.Keys() {
		c.m.spend(1)
		v := o.Get(k)
		if v == nil || goja.IsUndefined(v) {
			continue
		}
		item, err := c.value(v)
		if err != nil {
			return value.Null, err
		}
		d.Set(k, item)
	}
	return value.FromDict(d), nil
}

// raise throws an Error with the text.
func (m *machine) raise(text string) {
	m.alive()
	err, failed := m.rt.New(m.makeError, m.rt.ToValue(text))
	if failed != nil {
		panic(failed)
	}
	panic(err)
}

// rangeError throws a RangeError with the text.
func (m *machine) rangeError(text string) {
	m.alive()
	err, failed := m.rt.New(m.guards.rangeError, m.rt.ToValue(text))
	if failed != nil {
		panic(failed)
	}
	panic(err)
}
