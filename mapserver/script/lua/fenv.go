package lua

import (
	glua "github.com/yuin/gopher-lua"
)

// baseGetfenv returns the environment of a function or of a level of the stack.
func (e *Engine) baseGetfenv(L *glua.LState) int {
	fn, level := e.fenvTarget(L, "getfenv")
	switch {
	case level == 0, fn == nil, fn.Proto == nil:
		L.Push(e.globals)
	default:
		L.Push(fn.Env)
	}
	return 1
}

// baseSetfenv sets it. Level 0, the environment of everything that comes later,
// cannot be changed: the map's files share one.
func (e *Engine) baseSetfenv(L *glua.LState) int {
	env := e.table(L, 2, "setfenv")
	fn, level := e.fenvTarget(L, "setfenv")
	if level == 0 || fn == nil || fn.Proto == nil {
		e.fail(L, "'setfenv' cannot change environment of given object")
	}
	fn.Env = env
	L.Push(fn)
	return 1
}

// fenvTarget returns the function that the first argument means; level is 0 only
// when that level was asked for.
func (e *Engine) fenvTarget(L *glua.LState, name string) (*glua.LFunction, int) {
	if fn, ok := L.Get(1).(*glua.LFunction); ok {
		return fn, 1
	}
	level := e.optInt(L, 1, name, 1)
	if level < 0 {
		e.argError(L, 1, name, "level must be non-negative")
	}
	if level == 0 {
		return nil, 0
	}
	dbg, ok := L.GetStack(level)
	if !ok {
		e.argError(L, 1, name, "invalid level")
	}
	v, err := L.GetInfo("f", dbg, glua.LNil)
	fn, isFunction := v.(*glua.LFunction)
	if err != nil || !isFunction {
		e.argError(L, 1, name, "invalid level")
	}
	return fn, level
}
