package js

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

var (
	processBytesType   = reflect.TypeFor[[]byte]()
	processBufferType  = reflect.TypeFor[goja.ArrayBuffer]()
	processProxyType   = reflect.TypeFor[goja.Proxy]()
	processPromiseType = reflect.TypeFor[*goja.Promise]()
)

// processIsProxy tells whether an object is a Proxy. Export would copy what is no
// Proxy, whatever its size.
func processIsProxy(obj *goja.Object) bool { return obj.ExportType() == processProxyType }

// processCallback is a function of the program that the host holds.
type processCallback struct {
	process *process
	fn      goja.Callable
	object  *goja.Object
}

var _ script.Callback = (*processCallback)(nil)

// Call calls the function.
func (c *processCallback) Call(args ...value.Value) (value.Value, error) {
	if err := c.process.refusal(); err != nil {
		return value.Null, err
	}
	var out value.Value
	err := c.process.outermost(func() error {
		return c.process.invoke(c.fn, goja.Undefined(), args, &out)
	})
	return out, err
}

// toJS turns a neutral value into JavaScript's. nil by itself is undefined, within
// lists and tables null.
func (p *process) toJS(v value.Value) goja.Value {
	if v.IsNil() {
		return goja.Undefined()
	}
	return p.itemToJS(v)
}

func (p *process) itemToJS(v value.Value) goja.Value {
	switch v.Kind() {
	case value.Bool:
		return p.vm.ToValue(v.Bool())
	case value.Number:
		return p.vm.ToValue(v.Num())
	case value.String:
		return p.vm.ToValue(v.Str())
	case value.List:
		items := make([]any, len(v.Items()))
		for i, it := range v.Items() {
			items[i] = p.itemToJS(it)
		}
		return p.vm.NewArray(items...)
	case value.Map:
		obj := p.vm.NewObject()
		for k, it := range v.Dict().All() {
			_ = obj.DefineDataProperty(k, p.itemToJS(it), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
		return obj
	case value.Ref:
		return p.refToJS(v.Ref())
	}
	return goja.Null()
}

func (p *process) refToJS(ref any) goja.Value {
	switch ref := ref.(type) {
	case script.Bytes:
		return p.toBuffer(ref)
	case *processCallback:
		if ref.process == p {
			return ref.object
		}
	case *script.Method:
		return p.hostFunction(ref.Fn.Name, ref)
	}
	return goja.Null()
}

// toBuffer makes a Buffer of the bytes, without copying.
func (p *process) toBuffer(b []byte) goja.Value {
	v, err := p.buffer(goja.Undefined(), p.vm.ToValue(p.vm.NewArrayBuffer(b)))
	if err != nil {
		panic(err)
	}
	return v
}

// processWriter turns JavaScript's values into neutral ones. It may call getters,
// so it runs inside of a call.
type processWriter struct {
	p      *process
	within []*goja.Object
}

func (p *process) toValue(v goja.Value) (value.Value, error) {
	w := processWriter{p: p}
	return w.value(v)
}

func (w *processWriter) value(v goja.Value) (value.Value, error) {
	w.p.guard.tick()
	switch {
	case v == nil || goja.IsUndefined(v) || goja.IsNull(v):
		return value.Null, nil
	case goja.IsNumber(v):
		return value.FromNumber(v.ToFloat()), nil
	case goja.IsString(v):
		return value.FromString(v.String()), nil
	case goja.IsBigInt(v):
		return value.FromNumber(v.ToNumber().ToFloat()), nil
	}
	switch x := v.(type) {
	case *goja.Object:
		return w.object(x)
	case *goja.Symbol:
		return value.Null, errors.New("a symbol cannot be passed to the host")
	}
	return value.FromBool(v.ToBoolean()), nil
}

func (w *processWriter) object(obj *goja.Object) (value.Value, error) {
	if fn, ok := goja.AssertFunction(obj); ok {
		return value.FromRef(&processCallback{process: w.p, fn: fn, object: obj}), nil
	}
	if b, ok := processBytes(obj); ok {
		w.p.guard.reserve(int64(len(b)))
		return value.FromRef(script.Bytes(slices.Clone(b))), nil
	}
	if slices.Contains(w.within, obj) {
		return value.Null, errors.New("the object contains itself")
	}
	if len(w.within) >= value.MaxDepth {
		return value.Null, fmt.Errorf("the object nests deeper than %d levels", value.MaxDepth)
	}
	w.within = append(w.within, obj)
	defer func() { w.within = w.within[:len(w.within)-1] }()
	switch class := obj.ClassName(); class {
	case "Array":
		return w.array(obj)
	case "Number", "String", "Boolean":
		return w.value(w.p.vm.ToValue(obj.Export()))
	}
	if toJSON, ok := goja.AssertFunction(obj.Get("toJSON")); ok {
		v, err := toJSON(obj)
		if err != nil || v == goja.Value(obj) {
			return value.Null, err
		}
		return w.value(v)
	}
	return w.fields(obj)
}

func (w *processWriter) array(obj *goja.Object) (value.Value, error) {
	n := obj.Get("length").ToInteger()
	w.p.guard.reserve(n * 16)
	items := make([]value.Value, 0, n)
	for i := range n {
		item, err := w.value(obj.Get(processIndex(i)))
		if err != nil {
			return value.Null, err
		}
		items = append(items, item)
	}
	return value.FromList(items...), nil
}

func (w *processWriter) fields(obj *goja.Object) (value.Value, error) {
	d := &value.Dict{}
	for _, key := range obj.Keys() {
		v := obj.Get(key)
		if v == nil || goja.IsUndefined(v) {
			continue // as in JSON
		}
		item, err := w.value(v)
		if err != nil {
			return value.Null, err
		}
		d.Set(key, item)
	}
	return value.FromDict(d), nil
}

// processBytes returns the bytes of a Buffer, typed array or ArrayBuffer, not copied.
func processBytes(v goja.Value) ([]byte, bool) {
	obj, ok := v.(*goja.Object)
	if !ok {
		return nil, false
	}
	switch obj.ExportType() {
	case processBytesType:
		b, ok := obj.Export().([]byte)
		return b, ok
	case processBufferType:
		b, ok := obj.Export().(goja.ArrayBuffer)
		return b.Bytes(), ok
	}
	return nil, false
}

// hostFunction makes a function of the host's callable.
func (p *process) hostFunction(name string, m *script.Method) *goja.Object {
	return p.native(name, func(call goja.FunctionCall) goja.Value {
		args := make([]value.Value, len(call.Arguments))
		for i, a := range call.Arguments {
			v, err := p.toValue(a)
			if err != nil {
				panic(p.vm.NewTypeError("%s: argument %d: %s", name, i+1, err.Error()))
			}
			args[i] = v
		}
		out, err := m.Invoke(args)
		p.guard.check()
		if err != nil {
			panic(p.newError(p.hostErrorText(err)))
		}
		return p.toJS(out)
	})
}

func (p *process) hostErrorText(err error) string {
	var fault *script.Error
	if errors.As(err, &fault) {
		return fault.Message
	}
	return err.Error()
}

// native makes a function object of Go code. Functions that goja makes carry the
// names of Go's.
func (p *process) native(name string, f func(goja.FunctionCall) goja.Value) *goja.Object {
	obj := p.vm.ToValue(f).(*goja.Object)
	_ = obj.DefineDataProperty("name", p.vm.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return obj
}

// integer reads a number that must be one.
func processInteger(v goja.Value, missing int64) int64 {
	if v == nil || goja.IsUndefined(v) {
		return missing
	}
	if f := v.ToFloat(); math.IsNaN(f) {
		return missing
	}
	return v.ToInteger()
}
