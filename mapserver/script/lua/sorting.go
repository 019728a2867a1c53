package lua

import (
	glua "github.com/yuin/gopher-lua"
)

// sorter sorts a list in place with a heap sort: its number of steps is bounded
// whatever a comparator answers, and a comparator that changes the table can do
// no more harm than get a list in some order.
type sorter struct {
	engine *Engine
	L      *glua.LState
	table  *glua.LTable
	less   *glua.LFunction
}

func (e *Engine) tableSort(L *glua.LState) int {
	s := sorter{engine: e, L: L, table: e.table(L, 1, "sort")}
	if L.Get(2) != glua.LNil {
		s.less = e.function(L, 2, "sort")
	}
	n := s.table.Len()
	for i := n / 2; i >= 1; i-- {
		s.sift(i, n)
	}
	for last := n; last > 1; last-- {
		s.swap(1, last)
		s.sift(1, last-1)
	}
	return 0
}

// sift moves the item at i down until no child is larger.
func (s *sorter) sift(i, n int) {
	for {
		child := 2 * i
		if child > n {
			return
		}
		if child < n && s.before(child, child+1) {
			child++
		}
		if !s.before(i, child) {
			return
		}
		s.swap(i, child)
		i = child
	}
}

func (s *sorter) swap(i, j int) {
	a, b := s.table.RawGetInt(i), s.table.RawGetInt(j)
	s.table.RawSetInt(i, b)
	s.table.RawSetInt(j, a)
}

func (s *sorter) before(i, j int) bool {
	L := s.L
	s.engine.spend(L, 1)
	a, b := s.table.RawGetInt(i), s.table.RawGetInt(j)
	if s.less == nil {
		if typeName(a) != typeName(b) {
			s.engine.failf(L, "attempt to compare %s with %s", typeName(a), typeName(b))
		}
		return L.LessThan(a, b)
	}
	L.Push(s.less)
	L.Push(a)
	L.Push(b)
	L.Call(2, 1)
	result := glua.LVAsBool(L.Get(-1))
	L.Pop(1)
	return result
}
