package lua

import (
	"fmt"
	"strings"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// proxy is the form that this engine gives to a host object or method. It is
// kept in the object's own slot, so that the same object is the same Lua value
// each time. After a reload the slot holds the proxy of the engine before.
type proxy struct {
	engine *Engine
	object script.Object
	lua    glua.LValue
}

// refToLua returns the Lua form of a host reference.
func (e *Engine) refToLua(ref any) glua.LValue {
	switch r := ref.(type) {
	case script.Object:
		if p, ok := r.Proxy().Slot(script.SlotLua).(*proxy); ok && p.engine == e {
			return p.lua
		}
		return e.newProxy(r)
	case *script.Method:
		if p, ok := r.Proxy().Slot(script.SlotLua).(*proxy); ok && p.engine == e {
			return p.lua
		}
		p := &proxy{engine: e, lua: e.hostFunction(r)}
		r.Proxy().SetSlot(script.SlotLua, p)
		return p.lua
	case *script.Function:
		return e.hostFunction(script.NewMethod(r, nil))
	default:
		return glua.LNil
	}
}

func (e *Engine) newProxy(obj script.Object) glua.LValue {
	p := &proxy{engine: e, object: obj}
	p.lua = &glua.LUserData{Value: p, Env: e.globals, Metatable: e.objectsMT}
	obj.Proxy().SetSlot(script.SlotLua, p)
	return p.lua
}

// objectOf returns the object of a proxy of this engine.
func (e *Engine) objectOf(v glua.LValue) script.Object {
	if ud, ok := v.(*glua.LUserData); ok {
		if p, ok := ud.Value.(*proxy); ok && p.engine == e {
			return p.object
		}
	}
	return nil
}

// objectMetatable is shared by all proxies. Scripts cannot get at it.
func (e *Engine) objectMetatable() *glua.LTable {
	mt := e.root.CreateTable(0, 4)
	mt.RawSetString("__index", e.root.NewFunction(e.objectIndex))
	mt.RawSetString("__newindex", e.root.NewFunction(e.objectNewIndex))
	mt.RawSetString("__metatable", glua.LFalse)
	mt.RawSetString("__len", e.root.NewFunction(e.objectLen))
	return mt
}

// keyText is the neutral form of a key.
func keyText(k glua.LValue) (string, bool) {
	switch k := k.(type) {
	case glua.LString:
		return string(k), true
	case glua.LNumber:
		name, err := fieldName(k)
		return name, err == nil
	default:
		return "", false
	}
}

// objectIndex reads a field.
func (e *Engine) objectIndex(L *glua.LState) int {
	L.Push(e.objectGet(L, asObject(L.Get(1)), L.Get(2)))
	return 1
}

func (e *Engine) objectGet(L *glua.LState, obj script.Object, k glua.LValue) glua.LValue {
	key, ok := keyText(k)
	if !ok || obj == nil {
		return glua.LNil
	}
	v, err := e.guardGet(obj, key)
	if err != nil {
		e.fail(L, err.Error())
	}
	return e.toLua(v)
}

// objectNewIndex writes a field; nil is passed on like every other value.
func (e *Engine) objectNewIndex(L *glua.LState) int {
	e.objectSet(L, asObject(L.Get(1)), L.Get(2), L.Get(3))
	return 0
}

func (e *Engine) objectSet(L *glua.LState, obj script.Object, k, lv glua.LValue) {
	key, ok := keyText(k)
	if !ok || obj == nil {
		e.failf(L, "an object's field cannot have a key of type %s", typeName(k))
	}
	v, err := e.toValue(L, lv)
	if err != nil {
		e.failf(L, "field '%s': %s", key, err)
	}
	if err := e.guardSet(obj, key, v); err != nil {
		e.fail(L, err.Error())
	}
}

// objectLen counts the fields 1..n, as # does for a table.
func (e *Engine) objectLen(L *glua.LState) int {
	obj := asObject(L.Get(1))
	n := 0
	for obj != nil {
		e.spend(L, 1)
		v, err := e.guardGet(obj, fmt.Sprint(n+1))
		if err != nil || v.IsNil() {
			break
		}
		n++
	}
	L.Push(glua.LNumber(n))
	return 1
}

// objectNext is one step of the walk over an object.
func (e *Engine) objectNext(L *glua.LState, obj script.Object, k glua.LValue) (glua.LValue, glua.LValue) {
	key := ""
	if k != glua.LNil {
		text, ok := keyText(k)
		if !ok {
			e.failf(L, "invalid key of type %s to 'next'", typeName(k))
		}
		key = text
	}
	next, v, ok := e.guardNext(L, obj, key)
	if !ok {
		return glua.LNil, glua.LNil
	}
	return e.objectKey(next), e.toLua(v)
}

// objectKey is the Lua form of an object's key: numbers come back as numbers.
func (e *Engine) objectKey(key string) glua.LValue {
	if n, ok := integerKey(key); ok {
		return glua.LNumber(n)
	}
	return glua.LString(key)
}

// hostFunction makes a Lua function that calls a method of the host.
func (e *Engine) hostFunction(m *script.Method) *glua.LFunction {
	return e.root.NewFunction(func(L *glua.LState) int {
		// An object that is passed as receiver comes before the parameters.
		n := min(L.GetTop(), len(m.Fn.Params)+1)
		args := make([]value.Value, n, n+1)
		for i := range args {
			v, err := e.toValue(L, L.Get(i+1))
			if err != nil && i < len(m.Fn.Params) {
				e.failf(L, "%s: argument %d: %s", m.Fn.Name, i+1, err)
			}
			args[i] = v
		}
		v, err := guardInvoke(m, args)
		if e.budget.fatal != nil {
			e.abort(L)
		}
		if err != nil {
			e.fail(L, err.Error())
		}
		L.Push(e.toLua(v))
		return 1
	})
}

// A panic of host code is an error of that call: the script and the map go on.

func guardInvoke(m *script.Method, args []value.Value) (v value.Value, err error) {
	defer rescue(&err, m.Fn.Name)
	return m.Invoke(args)
}

func (e *Engine) guardGet(obj script.Object, key string) (v value.Value, err error) {
	defer rescue(&err, key)
	return obj.Get(key)
}

func (e *Engine) guardSet(obj script.Object, key string, v value.Value) (err error) {
	defer rescue(&err, key)
	if err := obj.Set(key, v); err != nil {
		return err
	}
	if f := e.budget.fatal; f != nil { // in a trigger that the write started
		return f
	}
	return nil
}

func (e *Engine) guardNext(L *glua.LState, obj script.Object, key string) (next string, v value.Value, ok bool) {
	err := func() (err error) {
		defer rescue(&err, key)
		next, v, ok = obj.Next(key)
		return nil
	}()
	if err != nil {
		e.fail(L, err.Error())
	}
	return next, v, ok
}

func rescue(err *error, name string) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("internal error in '%s': %s", name, strings.TrimSpace(fmt.Sprint(r)))
	}
}
