package lua

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// toLua turns a neutral value into Lua's. Lists start at index 1. A field whose
// name reads as an integer becomes a number key, as in the original service, so
// that a sparse Lua table comes back as it was.
func (e *Engine) toLua(v value.Value) glua.LValue {
	switch v.Kind() {
	case value.Bool:
		return glua.LBool(v.Bool())
	case value.Number:
		return glua.LNumber(v.Num())
	case value.String:
		return e.toText(v.Str())
	case value.List:
		return e.toList(v.Items())
	case value.Map:
		return e.toTable(v.Dict())
	case value.Ref:
		return e.refToLua(v.Ref())
	default:
		return glua.LNil
	}
}

func (e *Engine) toText(s string) glua.LValue {
	if len(s) >= reserveFrom {
		e.budget.weigh(len(s))
	}
	return glua.LString(s)
}

func (e *Engine) toList(items []value.Value) glua.LValue {
	t := e.root.CreateTable(len(items), 0)
	for i, it := range items {
		t.RawSetInt(i+1, e.toLua(it))
	}
	e.budget.weigh(len(items))
	return t
}

func (e *Engine) toTable(d *value.Dict) glua.LValue {
	t := e.root.CreateTable(0, d.Len())
	for k, it := range d.All() {
		if n, ok := integerKey(k); ok && e.mayFill(n, d.Len()) {
			t.RawSet(glua.LNumber(n), e.toLua(it))
			continue
		}
		t.RawSetString(k, e.toLua(it))
	}
	return t
}

// maxFill is how many empty slots one call may cost by sparse number keys in
// host tables, which a client may have sent.
const maxFill = 1 << 20

// mayFill tells whether n can become a number key: gopher-lua fills the array
// up to it. After too many of these in one call, keys stay texts.
func (e *Engine) mayFill(n int64, fields int) bool {
	if n <= smallIndex+4*int64(fields) || n >= maxArrayIndex {
		return true
	}
	if e.budget.filled += int(n); e.budget.filled > maxFill {
		return false
	}
	e.budget.weigh(int(n))
	return true
}

// maxInteger is the largest integer that a number holds exactly.
const maxInteger = 1 << 53

// integerKey reads keys like "17" and "-3", in their shortest form only.
func integerKey(s string) (int64, bool) {
	if s == "" || len(s) > 17 || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > maxInteger || n < -maxInteger || strconv.FormatInt(n, 10) != s {
		return 0, false
	}
	return n, true
}

var errDepth = fmt.Errorf("the table nests deeper than %d levels", value.MaxDepth)

// converter turns Lua's values into neutral ones. It may call the script's
// __pairs, so it runs inside a call.
type converter struct {
	engine *Engine
	L      *glua.LState
	within []*glua.LTable
}

// toValue turns a Lua value into a neutral one. Tables with the keys 1..n become
// lists, others tables with text keys; the empty table is a table.
func (e *Engine) toValue(L *glua.LState, v glua.LValue) (value.Value, error) {
	switch v := v.(type) {
	case glua.LBool:
		return value.FromBool(bool(v)), nil
	case glua.LNumber:
		return value.FromNumber(float64(v)), nil
	case glua.LString:
		return value.FromString(string(v)), nil
	case *glua.LTable:
		c := converter{engine: e, L: L}
		return c.table(v)
	case *glua.LUserData:
		if obj := e.objectOf(v); obj != nil {
			return value.FromRef(obj), nil
		}
		return value.Null, errors.New("a userdata cannot be passed to the host")
	case *glua.LNilType, nil:
		return value.Null, nil
	default:
		return value.Null, fmt.Errorf("a %s cannot be passed to the host", v.Type())
	}
}

func (c *converter) value(v glua.LValue) (value.Value, error) {
	if t, ok := v.(*glua.LTable); ok {
		return c.table(t)
	}
	return c.engine.toValue(c.L, v)
}

func (c *converter) table(t *glua.LTable) (value.Value, error) {
	for _, outer := range c.within {
		if outer == t {
			return value.Null, errors.New("the table contains itself")
		}
	}
	if len(c.within) >= value.MaxDepth {
		return value.Null, errDepth
	}
	c.within = append(c.within, t)
	defer func() { c.within = c.within[:len(c.within)-1] }()
	b := tableBuilder{}
	err := c.engine.each(c.L, t, func(k, v glua.LValue) error {
		c.engine.spend(c.L, 1)
		item, err := c.value(v)
		if err != nil {
			return err
		}
		return b.add(k, item)
	})
	if err != nil {
		return value.Null, err
	}
	return b.done(), nil
}

// tableBuilder collects fields; it stays a list as long as the keys are 1..n.
type tableBuilder struct {
	items []value.Value
	dict  *value.Dict
}

func (b *tableBuilder) add(k glua.LValue, v value.Value) error {
	if n, ok := k.(glua.LNumber); ok && b.dict == nil && float64(n) == float64(len(b.items)+1) {
		b.items = append(b.items, v)
		return nil
	}
	key, err := fieldName(k)
	if err != nil {
		return err
	}
	if b.dict == nil {
		b.dict = &value.Dict{}
		for i, it := range b.items {
			b.dict.Set(strconv.Itoa(i+1), it)
		}
	}
	if _, twice := b.dict.Lookup(key); twice {
		return fmt.Errorf("the table has the key %q both as a number and as a text", key)
	}
	b.dict.Set(key, v)
	return nil
}

func (b *tableBuilder) done() value.Value {
	if b.dict != nil || len(b.items) == 0 {
		return value.FromDict(b.dict)
	}
	return value.FromList(b.items...)
}

func fieldName(k glua.LValue) (string, error) {
	switch k := k.(type) {
	case glua.LString:
		return string(k), nil
	case glua.LNumber:
		f := float64(k)
		if f == 0 {
			return "0", nil // also for -0
		}
		if f == math.Trunc(f) && math.Abs(f) <= 1<<63 {
			return strconv.FormatFloat(f, 'f', -1, 64), nil
		}
		return numberText(k), nil
	default:
		return "", fmt.Errorf("a table with a key of type %s cannot be passed to the host; keys must be numbers or texts", typeName(k))
	}
}

// each walks over a table with its __pairs, if it has one.
func (e *Engine) each(L *glua.LState, t *glua.LTable, visit func(k, v glua.LValue) error) error {
	if pairs := metaField(L, t, "__pairs"); pairs != glua.LNil {
		return e.eachPair(L, pairs, t, visit)
	}
	for k, v := t.Next(glua.LNil); k != glua.LNil; k, v = t.Next(k) {
		if err := visit(k, v); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) eachPair(L *glua.LState, pairs glua.LValue, t *glua.LTable, visit func(k, v glua.LValue) error) error {
	step, state, control := call3(L, pairs, t)
	for {
		e.spend(L, 1)
		L.Push(step)
		L.Push(state)
		L.Push(control)
		L.Call(2, 2)
		k, v := L.Get(-2), L.Get(-1)
		L.Pop(2)
		if k == glua.LNil {
			return nil
		}
		control = k
		if err := visit(k, v); err != nil {
			return err
		}
	}
}

// call3 calls fn(arg) and returns its first three results.
func call3(L *glua.LState, fn, arg glua.LValue) (a, b, c glua.LValue) {
	L.Push(fn)
	L.Push(arg)
	L.Call(1, 3)
	a, b, c = L.Get(-3), L.Get(-2), L.Get(-1)
	L.Pop(3)
	return a, b, c
}

// metaField returns a field of v's metatable, nil when there is none.
func metaField(L *glua.LState, v glua.LValue, name string) glua.LValue {
	var mt glua.LValue
	switch v := v.(type) {
	case *glua.LTable:
		mt = v.Metatable
	case *glua.LUserData:
		mt = v.Metatable
	case glua.LString:
		return L.GetMetaField(v, name)
	}
	if t, ok := mt.(*glua.LTable); ok {
		return t.RawGetString(name)
	}
	return glua.LNil
}

// asObject is the object of a proxy, for library functions.
func asObject(v glua.LValue) script.Object {
	if ud, ok := v.(*glua.LUserData); ok {
		if p, ok := ud.Value.(*proxy); ok {
			return p.object
		}
	}
	return nil
}
