package lua

import (
	glua "github.com/yuin/gopher-lua"
)

// basePairs calls __pairs if there is one. An object's or a table's __next takes
// the place of next.
func (e *Engine) basePairs(L *glua.LState) int {
	v := e.arg(L, 1, "pairs")
	if mm := metaField(L, v, "__pairs"); mm != glua.LNil {
		return e.callMeta3(L, mm, v)
	}
	if asObject(v) == nil {
		e.table(L, 1, "pairs")
	}
	L.Push(e.iter.next)
	L.Push(v)
	L.Push(glua.LNil)
	return 3
}

func (e *Engine) baseIpairs(L *glua.LState) int {
	v := e.arg(L, 1, "ipairs")
	if mm := metaField(L, v, "__ipairs"); mm != glua.LNil {
		return e.callMeta3(L, mm, v)
	}
	if asObject(v) == nil {
		e.table(L, 1, "ipairs")
	}
	L.Push(e.iter.index)
	L.Push(v)
	L.Push(glua.LNumber(0))
	return 3
}

func (e *Engine) callMeta3(L *glua.LState, mm, v glua.LValue) int {
	L.Push(mm)
	L.Push(v)
	L.Call(1, 3)
	return 3
}

// baseNext honours __next(t, key), which returns the key after it and its value.
func (e *Engine) baseNext(L *glua.LState) int {
	v, key := L.Get(1), L.Get(2)
	if mm := metaField(L, v, "__next"); mm != glua.LNil {
		L.Push(mm)
		L.Push(v)
		L.Push(key)
		L.Call(2, 2)
		return 2
	}
	k, val := e.step(L, v, key)
	L.Push(k)
	if k == glua.LNil {
		return 1
	}
	L.Push(val)
	return 2
}

func (e *Engine) step(L *glua.LState, v, key glua.LValue) (k, val glua.LValue) {
	if obj := asObject(v); obj != nil {
		return e.objectNext(L, obj, key)
	}
	return e.table(L, 1, "next").Next(key)
}

// nextIndex is the step of ipairs.
func (e *Engine) nextIndex(L *glua.LState) int {
	n, ok := L.Get(2).(glua.LNumber)
	if !ok {
		e.typeError(L, 2, "ipairs", "number")
	}
	n++
	var v glua.LValue
	if obj := asObject(L.Get(1)); obj != nil {
		v = e.objectGet(L, obj, n)
	} else {
		v = e.table(L, 1, "ipairs").RawGet(n)
	}
	if v == glua.LNil {
		L.Push(glua.LNil)
		return 1
	}
	L.Push(n)
	L.Push(v)
	return 2
}

// baseKeys is script.Builtins' keys without converting the table: its values
// may be functions.
func (e *Engine) baseKeys(L *glua.LState) int {
	v := e.arg(L, 1, "keys")
	out := e.root.CreateTable(8, 0)
	if t, ok := v.(*glua.LTable); ok {
		err := e.each(L, t, func(k, _ glua.LValue) error {
			e.spend(L, 1)
			out.Append(k)
			return nil
		})
		if err != nil {
			e.fail(L, err.Error())
		}
		L.Push(out)
		return 1
	}
	obj := asObject(v)
	if obj == nil {
		e.typeError(L, 1, "keys", "table")
	}
	for k, _, ok := e.guardNext(L, obj, ""); ok; k, _, ok = e.guardNext(L, obj, k) {
		e.spend(L, 1)
		out.Append(e.objectKey(k))
	}
	L.Push(out)
	return 1
}
