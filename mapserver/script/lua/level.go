package lua

import (
	"errors"
	"fmt"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// kind says why a level was entered.
type kind uint8

const (
	kindLoad kind = iota
	kindCall
	kindProtect
	kindHandle // xpcall: the handler runs where the error is raised
	kindFinal  // the handler itself: its errors cannot be caught
)

// level is one protected call: an outermost or nested Engine.Call, a pcall or
// an xpcall. Each runs on a Lua state of its own. On one shared state an error,
// even one that is caught, would cut every closure off from the variables of the
// functions that are still running: gopher-lua closes all of them.
type level struct {
	L     *glua.LState
	kind  kind
	hook  *hook
	entry *glua.LFunction
	// result and fault are what a kindCall gave.
	result value.Value
	fault  *script.Error
	// handler and handled are of xpcall.
	handler *glua.LFunction
	handled []glua.LValue
}

// raised marks the errors that went through Engine.raise, and keeps gopher-lua
// from building its own trace, which takes quadratic time.
const raised = "raised"

// push enters a level, on the state that was used there before if it is clean.
func (e *Engine) push(k kind) *level {
	if e.depth == len(e.levels) {
		e.levels = append(e.levels, nil)
	}
	lv := e.levels[e.depth]
	if lv == nil {
		lv = e.newLevel()
		e.levels[e.depth] = lv
	}
	lv.kind = k
	e.depth++
	return lv
}

// pop leaves the level.
func (e *Engine) pop(lv *level) {
	e.depth--
	if e.levels[e.depth] == lv { // else it was discarded
		lv.L.SetTop(0)
	}
	lv.result, lv.fault, lv.handler, lv.handled = value.Null, nil, nil, nil
}

// pcall is gopher-lua's, which may itself panic while it handles a panic: where
// a tail call overflows the stack it looks for the line of no instruction.
func (lv *level) pcall(nargs, nret int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return lv.L.PCall(nargs, nret, nil)
}

// discard drops the state of a level that a Go panic went through: variables of
// its functions may still be bound to its stack.
func (e *Engine) discard(lv *level) {
	for i := range e.levels {
		if e.levels[i] == lv {
			e.levels[i] = nil
		}
	}
}

func (e *Engine) newLevel() *level {
	options := &e.root.Options
	options.RegistryMaxSize, options.CallStackSize = stackValues, stackCalls
	if e.depth > 0 {
		options.RegistryMaxSize, options.CallStackSize = innerValues, innerCalls
	}
	th, _ := e.root.NewThread()
	lv := &level{L: th}
	lv.hook = &hook{engine: e, L: th}
	th.SetContext(lv.hook)
	lv.entry = th.NewFunction(func(L *glua.LState) int { return e.enter(L, lv) })
	return lv
}

// enter is the first function on a level's state: it calls the one wanted with
// our way of raising errors in place.
func (e *Engine) enter(L *glua.LState, lv *level) int {
	L.Panic = e.raise
	args := L.GetTop() - 1
	if lv.kind != kindCall {
		L.Call(args, glua.MultRet)
		return L.GetTop()
	}
	L.Call(args, 1)
	v, err := e.toValue(L, L.Get(-1))
	if err != nil {
		e.fail(L, "the result of the file cannot be passed on: "+err.Error())
	}
	lv.result = v
	return 0
}

// raise is called by gopher-lua where an error is raised, with the stack as it
// is there and the error on top of it.
func (e *Engine) raise(L *glua.LState) {
	obj := L.Get(-1)
	lv := e.levels[e.depth-1]
	if e.budget.fatal == nil {
		obj = e.polish(L, obj)
		switch lv.kind {
		case kindCall, kindFinal:
			lv.fault = e.faultOf(L, obj)
		case kindHandle:
			lv.handled = e.handle(lv, obj)
		}
	}
	panic(&glua.ApiError{Type: glua.ApiErrorRun, Object: obj, StackTrace: raised})
}

// handle runs the handler of xpcall, above the function that failed.
func (e *Engine) handle(lv *level, obj glua.LValue) []glua.LValue {
	if e.depth >= maxLevels {
		return []glua.LValue{glua.LString("stack overflow")}
	}
	final := e.push(kindFinal)
	defer e.pop(final)
	results, err := e.protect(final, lv.handler, []glua.LValue{obj})
	if err == nil {
		return results
	}
	if e.budget.fatal == nil {
		fault := final.fault
		if fault == nil {
			fault = e.panicFault(err)
		}
		fault.Message = "error in error handling (" + fault.Message + ")"
		e.budget.fatal = fault
	}
	return nil
}

// protect calls fn on a level and returns its results.
func (e *Engine) protect(lv *level, fn glua.LValue, args []glua.LValue) ([]glua.LValue, error) {
	lv.L.Push(lv.entry)
	lv.L.Push(fn)
	for _, a := range args {
		lv.L.Push(a)
	}
	if err := lv.pcall(len(args)+1, glua.MultRet); err != nil {
		if isPanic(err) {
			e.discard(lv)
		}
		return nil, err
	}
	results := make([]glua.LValue, lv.L.GetTop())
	for i := range results {
		results[i] = lv.L.Get(i + 1)
	}
	return results, nil
}

// isPanic tells errors raised in the proper way from panics of Go code.
func isPanic(err error) bool {
	var api *glua.ApiError
	return !errors.As(err, &api) || api.StackTrace != raised
}
