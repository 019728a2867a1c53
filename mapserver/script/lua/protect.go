package lua

import (
	"errors"
	"strings"

	glua "github.com/yuin/gopher-lua"
)

// basePcall calls a function on a level of its own. What ended the call for
// good is raised again at once.
func (e *Engine) basePcall(L *glua.LState) int {
	fn := e.arg(L, 1, "pcall")
	if _, ok := fn.(*glua.LFunction); !ok && metaField(L, fn, "__call") == glua.LNil {
		L.Push(glua.LFalse)
		L.Push(glua.LString("attempt to call a " + typeName(fn) + " value"))
		return 2
	}
	return e.protected(L, kindProtect, fn, L.GetTop()-1, nil)
}

// baseXpcall takes exactly a function and a handler. The handler runs where the
// error is raised, so that it can take a traceback.
func (e *Engine) baseXpcall(L *glua.LState) int {
	e.arg(L, 2, "xpcall")
	handler, ok := L.Get(2).(*glua.LFunction)
	if !ok {
		handler = e.root.NewFunction(func(L *glua.LState) int { // as calling what is no function would
			e.fail(L, "attempt to call a "+typeName(L.Get(2))+" value")
			return 0
		})
	}
	return e.protected(L, kindHandle, L.Get(1), 0, handler)
}

// protected calls fn with the nargs arguments after the first of L.
func (e *Engine) protected(L *glua.LState, k kind, fn glua.LValue, nargs int, handler *glua.LFunction) int {
	if e.depth >= maxLevels {
		e.fail(L, "stack overflow")
	}
	lv := e.push(k)
	defer e.pop(lv)
	lv.handler = handler
	lv.L.Push(lv.entry)
	lv.L.Push(fn)
	for i := range nargs {
		lv.L.Push(L.Get(i + 2))
	}
	if err := lv.pcall(nargs+1, glua.MultRet); err != nil {
		return e.caught(L, lv, err)
	}
	n := lv.L.GetTop()
	L.Push(glua.LTrue)
	for i := range n {
		L.Push(lv.L.Get(i + 1))
	}
	return n + 1
}

// caught gives the results of a pcall or xpcall whose function failed.
func (e *Engine) caught(L *glua.LState, lv *level, err error) int {
	handled := lv.handled
	obj := errorValue(err)
	if isPanic(err) {
		e.discard(lv)
		if lv.kind == kindHandle && e.budget.fatal == nil {
			e.depth-- // the failed level is gone; the handler takes its place
			handled = e.handle(lv, obj)
			e.depth++
		}
	}
	if e.budget.fatal != nil {
		e.budget.ticks = 0
		e.abort(L)
	}
	L.Push(glua.LFalse)
	if lv.kind == kindHandle {
		for _, v := range handled {
			L.Push(v)
		}
		return len(handled) + 1
	}
	L.Push(obj)
	return 2
}

// errorValue is the value that was raised.
func errorValue(err error) glua.LValue {
	var api *glua.ApiError
	if !isPanic(err) && errors.As(err, &api) {
		return api.Object
	}
	return glua.LString(panicText(err))
}

// baseError writes to the map's log, with a trace, and raises the value.
func (e *Engine) baseError(L *glua.LState) int {
	v, level := L.Get(1), e.optInt(L, 2, "error", 1)
	if s, ok := toText(v); ok && level > 0 {
		v = glua.LString(e.where(L, level-1) + s)
	}
	if e.budget.fatal == nil {
		e.logError(L, v)
	}
	e.throw(L, v)
	return 0
}

// debugTraceback returns the message, if it is a text, and the stack.
func (e *Engine) debugTraceback(L *glua.LState) int {
	message := ""
	switch v := L.Get(1).(type) {
	case glua.LString:
		message = string(v) + "\n"
	case glua.LNumber:
		message = numberText(v) + "\n"
	case *glua.LNilType:
	default:
		L.SetTop(1)
		return 1
	}
	e.reserve(L, len(message))
	text := "stack traceback:"
	if t := e.trace(L); t != "" {
		text += "\n\t" + strings.ReplaceAll(t, "\n", "\n\t")
	}
	L.Push(glua.LString(message + text))
	return 1
}
