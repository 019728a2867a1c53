package js

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// proxy is the form that this machine gives to a host object or method. It is kept
// in the object's own slot, so that the same object is the same JavaScript value each
// time. After a reload the slot holds the proxy of the machine before.
type proxy struct {
	machine *machine
	object  script.Object
	js      *goja.Object
}

var _ goja.DynamicObject = (*proxy)(nil)

// refToJS returns the JavaScript form of a host reference.
func (m *machine) refToJS(ref any) goja.Value {
	switch r := ref.(type) {
	case script.Object:
		if p, ok := r.Proxy().Slot(script.SlotJS).(*proxy); ok && p.machine == m {
			return p.js
		}
		p := &proxy{machine: m, object: r}
		p.js = m.rt.NewDynamicObject(p)
		r.Proxy().SetSlot(script.SlotJS, p)
		return p.js
	case *script.Method:
		if p, ok := r.Proxy().Slot(script.SlotJS).(*proxy); ok && p.machine == m {
			return p.js
		}
		p := &proxy{machine: m, js: m.hostFunction(r)}
		r.Proxy().SetSlot(script.SlotJS, p)
		return p.js
	case *script.Function:
		return m.hostFunction(script.NewMethod(r, nil))
	default:
		return goja.Null()
	}
}

// refOf returns the host object of a proxy of this machine.
func (m *machine) refOf(o *goja.Object) script.Object {
	if o.ExportType() != typeHost { // exporting anything else may take long
		return nil
	}
	if p, ok := o.Export().(*proxy); ok && p.machine == m {
		return p.object
	}
	return nil
}

// What goja says of objects before they are exported.
var (
	typeHost    = reflect.TypeFor[*proxy]()
	typeProxy   = reflect.TypeFor[goja.Proxy]()
	typePromise = reflect.TypeFor[*goja.Promise]()
	typeBuffer  = reflect.TypeFor[goja.ArrayBuffer]()
)

// Get reads a field. What is nil to the host is undefined, so that the methods that
// every object has (toString, ...) are found.
func (p *proxy) Get(key string) goja.Value {
	p.machine.spend(1)
	v, err := guardGet(p.object, key)
	p.machine.check(err)
	if v.IsNil() {
		return nil
	}
	return p.machine.toJS(v)
}

// Set writes a field. undefined and null are both nil to the host.
func (p *proxy) Set(key string, val goja.Value) bool {
	v, err := p.machine.toValue(val)
	if err != nil {
		p.machine.raise("field '" + key + "': " + err.Error())
	}
	p.machine.check(guardSet(p.object, key, v))
	return true
}

// Has tells that a field is there. It has to be true for a field that can only be
// written, too: otherwise a setter of a prototype would take the write.
func (p *proxy) Has(key string) bool {
	p.machine.spend(1)
	v, err := guardGet(p.object, key)
	return err == nil && !v.IsNil()
}

// Delete writes nil, as Lua's scripts do.
func (p *proxy) Delete(key string) bool {
	p.machine.check(guardSet(p.object, key, value.Null))
	return true
}

// Keys walks over the fields.
func (p *proxy) Keys() []string {
	var keys []string
	key := ""
	for {
		p.machine.spend(1)
		next, more, err := guardNext(p.object, key)
		p.machine.check(err)
		if !more {
			return keys
		}
		keys = append(keys, next)
		key = next
	}
}

// check throws an error of the host.
func (m *machine) check(err error) {
	m.alive()
	if err != nil {
		m.raise(err.Error())
	}
}

// hostFunction makes a function that calls a method of the host.
func (m *machine) hostFunction(method *script.Method) *goja.Object {
	fn := m.rt.ToValue(func(call goja.FunctionCall) goja.Value {
		m.spend(1)
		params := len(method.Fn.Params)
		// An object that is passed as receiver comes before the parameters.
		n := min(len(call.Arguments), params+1)
		args := make([]value.Value, n, n+1)
		for i := range args {
			v, err := m.toValue(call.Arguments[i])
			if err != nil && i < params {
				m.raise(fmt.Sprintf("%s: argument %d: %s", method.Fn.Name, i+1, err))
			}
			args[i] = v
		}
		v, err := guardInvoke(method, args)
		m.check(err)
		if v.IsNil() {
			return goja.Undefined()
		}
		return m.toJS(v)
	}).(*goja.Object)
	name := method.Fn.Name
	_ = fn.DefineDataProperty("name", m.rt.ToValue(name[strings.LastIndexByte(name, '.')+1:]), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return fn
}

// A panic of host code is an error of that call: the script and the map go on. What
// JavaScript throws, and what ends the call, are no panics of the host.

func guardInvoke(m *script.Method, args []value.Value) (v value.Value, err error) {
	defer rescue(&err, m.Fn.Name)
	return m.Invoke(args)
}

func guardGet(obj script.Object, key string) (v value.Value, err error) {
	defer rescue(&err, key)
	return obj.Get(key)
}

func guardSet(obj script.Object, key string, v value.Value) (err error) {
	defer rescue(&err, key)
	return obj.Set(key, v)
}

func guardNext(obj script.Object, key string) (next string, more bool, err error) {
	defer rescue(&err, key)
	next, _, more = obj.Next(key)
	return next, more, nil
}

func rescue(err *error, name string) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("internal error in '%s': %s", name, strings.TrimSpace(fmt.Sprint(r)))
	}
}
