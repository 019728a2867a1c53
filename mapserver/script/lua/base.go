package lua

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	glua "github.com/yuin/gopher-lua"
)

// iterators are the functions that pairs and ipairs return.
type iterators struct {
	next, index *glua.LFunction
}

func sortedNames(functions library) []string {
	return slices.Sorted(maps.Keys(functions))
}

func (e *Engine) baseLibrary() library {
	return library{
		"assert":       e.baseAssert,
		"error":        e.baseError,
		"getfenv":      e.baseGetfenv,
		"getmetatable": e.baseGetmetatable,
		"ipairs":       e.baseIpairs,
		"keys":         e.baseKeys,
		"pairs":        e.basePairs,
		"pcall":        e.basePcall,
		"print":        e.basePrint,
		"rawequal":     e.baseRawequal,
		"rawget":       e.baseRawget,
		"rawset":       e.baseRawset,
		"select":       e.baseSelect,
		"setfenv":      e.baseSetfenv,
		"setmetatable": e.baseSetmetatable,
		"tonumber":     e.baseTonumber,
		"tostring":     e.baseTostring,
		"type":         e.baseType,
		"unpack":       e.baseUnpack,
		"xpcall":       e.baseXpcall,
	}
}

// typeName is what type() says: host objects are tables to scripts.
func typeName(v glua.LValue) string {
	if asObject(v) != nil {
		return "table"
	}
	if v == nil {
		return "nil"
	}
	return v.Type().String()
}

func (e *Engine) baseType(L *glua.LState) int {
	L.Push(glua.LString(typeName(e.arg(L, 1, "type"))))
	return 1
}

func (e *Engine) baseAssert(L *glua.LState) int {
	if glua.LVAsBool(e.arg(L, 1, "assert")) {
		return L.GetTop()
	}
	message := L.Get(2)
	if message == glua.LNil {
		message = glua.LString("assertion failed!")
	}
	e.throw(L, message)
	return 0
}

// throw raises a value as it is.
func (e *Engine) throw(L *glua.LState, v glua.LValue) {
	if e.budget.fatal != nil {
		e.abort(L)
	}
	L.Error(v, 0)
}

// baseTostring gives only the type's name for tables and functions: addresses
// would differ from run to run.
func (e *Engine) baseTostring(L *glua.LState) int {
	L.Push(e.tostring(L, e.arg(L, 1, "tostring")))
	return 1
}

func (e *Engine) tostring(L *glua.LState, v glua.LValue) glua.LValue {
	if mm := metaField(L, v, "__tostring"); mm != glua.LNil {
		L.Push(mm)
		L.Push(v)
		L.Call(1, 1)
		out := L.Get(-1)
		L.Pop(1)
		return out
	}
	switch v := v.(type) {
	case glua.LString:
		return v
	case glua.LNumber:
		return glua.LString(numberText(v))
	case glua.LBool, *glua.LNilType:
		return glua.LString(v.String())
	default:
		return glua.LString(typeName(v))
	}
}

func (e *Engine) baseTonumber(L *glua.LState) int {
	v := e.arg(L, 1, "tonumber")
	base := e.optInt(L, 2, "tonumber", 10)
	if base == 10 {
		if n, ok := toNumber(v); ok {
			L.Push(n)
		} else {
			L.Push(glua.LNil)
		}
		return 1
	}
	if base < 2 || base > 36 {
		e.argError(L, 2, "tonumber", "base out of range")
	}
	s := strings.ToLower(strings.TrimSpace(e.str(L, 1, "tonumber")))
	if base == 16 {
		s = strings.TrimPrefix(s, "0x")
	}
	n, err := strconv.ParseUint(s, base, 64)
	if err != nil {
		L.Push(glua.LNil)
		return 1
	}
	L.Push(glua.LNumber(n))
	return 1
}

func (e *Engine) baseRawequal(L *glua.LState) int {
	L.Push(glua.LBool(L.RawEqual(e.arg(L, 1, "rawequal"), e.arg(L, 2, "rawequal"))))
	return 1
}

// baseRawget and baseRawset treat a host object like a table: there is nothing
// rawer in it than its fields.
func (e *Engine) baseRawget(L *glua.LState) int {
	if obj := asObject(L.Get(1)); obj != nil {
		L.Push(e.objectGet(L, obj, L.Get(2)))
		return 1
	}
	L.Push(e.table(L, 1, "rawget").RawGet(e.arg(L, 2, "rawget")))
	return 1
}

func (e *Engine) baseRawset(L *glua.LState) int {
	k, v := e.arg(L, 2, "rawset"), e.arg(L, 3, "rawset")
	if obj := asObject(L.Get(1)); obj != nil {
		e.objectSet(L, obj, k, v)
	} else {
		t := e.table(L, 1, "rawset")
		e.guardIndex(L, k)
		L.RawSet(t, k, v)
	}
	L.SetTop(1)
	return 1
}

func (e *Engine) baseSelect(L *glua.LState) int {
	if s, ok := L.Get(1).(glua.LString); ok && s == "#" {
		L.Push(glua.LNumber(L.GetTop() - 1))
		return 1
	}
	n, top := e.int(L, 1, "select"), L.GetTop()
	if n < 0 {
		n = top + n
	}
	if n < 1 {
		e.argError(L, 1, "select", "index out of range")
	}
	return max(0, top-n)
}

func (e *Engine) baseUnpack(L *glua.LState) int {
	const maxResults = 8000 // as C Lua's stack, and well within ours
	v := e.arg(L, 1, "unpack")
	obj := asObject(v)
	length := 0
	if obj == nil {
		length = e.table(L, 1, "unpack").Len()
	} else if L.Get(3) == glua.LNil {
		length = L.ObjLen(v)
	}
	from, to := e.number(L, 2, "unpack", 1), e.number(L, 3, "unpack", float64(length))
	if !(from <= to) {
		return 0
	}
	if to-from >= maxResults {
		e.fail(L, "too many results to unpack")
	}
	n := int(to-from) + 1
	e.spend(L, n)
	for i := range n {
		if obj != nil {
			L.Push(e.objectGet(L, obj, glua.LNumber(from)+glua.LNumber(i)))
			continue
		}
		L.Push(v.(*glua.LTable).RawGet(glua.LNumber(int(from) + i)))
	}
	return n
}

func (e *Engine) baseGetmetatable(L *glua.LState) int {
	L.Push(L.GetMetatable(e.arg(L, 1, "getmetatable")))
	return 1
}

func (e *Engine) baseSetmetatable(L *glua.LState) int {
	t, ok := L.Get(1).(*glua.LTable)
	if !ok {
		if asObject(L.Get(1)) != nil {
			e.fail(L, "cannot change a protected metatable")
		}
		e.typeError(L, 1, "setmetatable", "table")
	}
	mt := L.Get(2)
	if _, isTable := mt.(*glua.LTable); !isTable && (mt != glua.LNil || L.GetTop() < 2) {
		e.argError(L, 2, "setmetatable", "nil or table expected")
	}
	if metaField(L, t, "__metatable") != glua.LNil {
		e.fail(L, "cannot change a protected metatable")
	}
	t.Metatable = mt
	L.SetTop(1)
	return 1
}
