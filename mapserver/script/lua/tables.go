package lua

import (
	"math"
	"strings"

	glua "github.com/yuin/gopher-lua"
)

func (e *Engine) tableLibrary() library {
	return library{
		"concat":   e.tableConcat,
		"foreach":  e.tableForeach,
		"foreachi": e.tableForeachi,
		"getn":     e.tableGetn,
		"insert":   e.tableInsert,
		"maxn":     e.tableMaxn,
		"remove":   e.tableRemove,
		"setn":     e.tableSetn,
		"sort":     e.tableSort,
	}
}

// checkIndex is the guard around the keys of stores, see rewrite.go. gopher-lua
// fills an array with nil up to the key in one instruction.
func (e *Engine) checkIndex(L *glua.LState) int {
	if n, ok := L.Get(1).(glua.LNumber); ok && n > smallIndex {
		e.guardIndex(L, n)
	}
	return 1
}

func (e *Engine) guardIndex(L *glua.LState, k glua.LValue) {
	n, ok := k.(glua.LNumber)
	if !ok || !(n > smallIndex) || n >= maxArrayIndex {
		return
	}
	e.budget.weigh(int(n))
	// The table may be as long already: this only brings the next look at the
	// heap forward.
	e.heap.reserved += int(n)
	e.budget.ticks--
	if e.heap.reserved >= reserveCheck {
		e.heap.reserved = 0
		if e.checkHeap(L, 0) {
			e.abort(L)
		}
	}
}

func (e *Engine) tableGetn(L *glua.LState) int {
	L.Push(glua.LNumber(e.table(L, 1, "getn").Len()))
	return 1
}

func (e *Engine) tableSetn(L *glua.LState) int {
	e.fail(L, "'setn' is obsolete")
	return 0
}

func (e *Engine) tableMaxn(L *glua.LState) int {
	t := e.table(L, 1, "maxn")
	largest := 0.0
	for k, _ := t.Next(glua.LNil); k != glua.LNil; k, _ = t.Next(k) {
		e.spend(L, 1)
		if n, ok := k.(glua.LNumber); ok {
			largest = math.Max(largest, float64(n))
		}
	}
	L.Push(glua.LNumber(largest))
	return 1
}

func (e *Engine) tableInsert(L *glua.LState) int {
	t := e.table(L, 1, "insert")
	n := t.Len()
	switch L.GetTop() {
	case 2:
		e.guardIndex(L, glua.LNumber(n+1))
		L.RawSet(t, glua.LNumber(n+1), L.Get(2))
	case 3:
		e.insertAt(L, t, n, e.int(L, 2, "insert"))
	default:
		e.fail(L, "wrong number of arguments to 'insert'")
	}
	return 0
}

func (e *Engine) insertAt(L *glua.LState, t *glua.LTable, n, pos int) {
	v := L.Get(3)
	if pos < 1 || pos > n+1 { // outside of the list nothing moves
		e.guardIndex(L, glua.LNumber(pos))
		L.RawSet(t, glua.LNumber(pos), v)
		return
	}
	e.guardIndex(L, glua.LNumber(n+1))
	e.spend(L, (n-pos)/64)
	t.Insert(pos, v)
}

func (e *Engine) tableRemove(L *glua.LState) int {
	t := e.table(L, 1, "remove")
	n := t.Len()
	pos := e.optInt(L, 2, "remove", n)
	if pos < 1 || pos > n {
		return 0
	}
	v := t.RawGetInt(pos)
	for i := pos; i < n; i++ {
		t.RawSetInt(i, t.RawGetInt(i+1))
	}
	e.spend(L, (n-pos)/16)
	t.RawSetInt(n, glua.LNil)
	L.Push(v)
	return 1
}

func (e *Engine) tableConcat(L *glua.LState) int {
	t := e.table(L, 1, "concat")
	sep := ""
	if L.Get(2) != glua.LNil {
		sep = e.str(L, 2, "concat")
	}
	from, to := e.optInt(L, 3, "concat", 1), e.optInt(L, 4, "concat", t.Len())
	var b strings.Builder
	for i := from; i <= to; i++ {
		e.spend(L, 1)
		s, ok := toText(t.RawGet(glua.LNumber(i)))
		if !ok {
			e.failf(L, "invalid value (%s) at index %d in table for 'concat'", typeName(t.RawGet(glua.LNumber(i))), i)
		}
		if i > from {
			e.grow(L, &b, len(sep))
			b.WriteString(sep)
		}
		e.grow(L, &b, len(s))
		b.WriteString(s)
	}
	L.Push(glua.LString(b.String()))
	return 1
}

// grow makes room in a builder, and asks for what its growing will cost.
func (e *Engine) grow(L *glua.LState, b *strings.Builder, n int) {
	if b.Cap()-b.Len() >= n {
		return
	}
	e.reserve(L, 2*b.Cap()+n)
	b.Grow(n)
}

func (e *Engine) tableForeach(L *glua.LState) int {
	t, fn := e.table(L, 1, "foreach"), e.function(L, 2, "foreach")
	for k, v := t.Next(glua.LNil); k != glua.LNil; k, v = t.Next(k) {
		e.spend(L, 1)
		if e.visit(L, fn, k, v) {
			return 1
		}
	}
	return 0
}

func (e *Engine) tableForeachi(L *glua.LState) int {
	t, fn := e.table(L, 1, "foreachi"), e.function(L, 2, "foreachi")
	for i := 1; i <= t.Len(); i++ {
		e.spend(L, 1)
		if e.visit(L, fn, glua.LNumber(i), t.RawGetInt(i)) {
			return 1
		}
	}
	return 0
}

// visit calls fn(k, v); a result that is not nil ends the walk and stays on top.
func (e *Engine) visit(L *glua.LState, fn *glua.LFunction, k, v glua.LValue) bool {
	L.Push(fn)
	L.Push(k)
	L.Push(v)
	L.Call(2, 1)
	if L.Get(-1) != glua.LNil {
		return true
	}
	L.Pop(1)
	return false
}
