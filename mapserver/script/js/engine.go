package js

import (
	"errors"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// Engine runs the JavaScript programs of one map; see script.Engine. Code that is
// called without variables (a bundle's init code) runs as a script does, so that what
// it declares is global; all other code is the body of a function.
type Engine struct {
	*machine
	env     script.Env
	globals *goja.Object
}

var _ script.Exhaustible = (*Engine)(nil)

// code is a loaded program in its engine.
type code struct {
	engine *Engine
	prog   *program
	fn     goja.Callable
	// others are the function with other variables, by their names.
	others map[string]goja.Callable
}

// NewEngine makes an empty engine.
func (Language) NewEngine(env script.Env) script.Engine {
	e := &Engine{machine: newMachine(env.Limits, env.Now, env.Log), env: env}
	e.globals = e.rt.GlobalObject()
	for _, f := range script.Builtins(e.now) {
		if f.Name == "keys" {
			e.setGlobal(f.Name, e.function(f.Name, 1, e.keys))
			continue
		}
		e.setGlobal(f.Name, e.hostFunction(script.NewMethod(f, nil)))
	}
	for _, f := range env.Functions {
		e.setGlobal(f.Name, e.hostFunction(script.NewMethod(f, nil)))
	}
	for _, g := range env.Globals {
		e.setGlobal(g.Name, e.toJS(g.Value))
	}
	return e
}

// setGlobal sets a global; a dotted name becomes a field of a global object.
func (e *Engine) setGlobal(name string, v goja.Value) {
	object := e.globals
	for {
		head, rest, dotted := strings.Cut(name, ".")
		if !dotted {
			_ = object.Set(name, v)
			return
		}
		inner, ok := object.Get(head).(*goja.Object)
		if !ok {
			inner = e.rt.NewObject()
			_ = object.Set(head, inner)
		}
		object, name = inner, rest
	}
}

// keys is script.Builtins' keys without converting the object: its values may be
// functions.
func (e *Engine) keys(call goja.FunctionCall) goja.Value { return e.objectKeys(call) }

// Load makes p callable. The program's function is made once; every Call runs the
// same one.
func (e *Engine) Load(p script.Program) (script.Code, error) {
	prog, ok := p.(*program)
	if !ok {
		return nil, errors.New("loading " + p.File() + ": not a JavaScript program")
	}
	v, err := e.rt.RunProgram(prog.body)
	if err != nil {
		return nil, &script.Error{Class: script.Compile, File: prog.file, Message: err.Error()}
	}
	fn, ok := goja.AssertFunction(v)
	if !ok {
		return nil, &script.Error{Class: script.Compile, File: prog.file, Message: "the file closes more brackets than it opens"}
	}
	e.heads[prog.file] = prog.head
	return &code{engine: e, prog: prog, fn: fn}, nil
}

// Call runs code with vars as the function's parameters; see script.Engine.
func (e *Engine) Call(c script.Code, vars []script.Var) (value.Value, error) {
	cd, ok := c.(*code)
	if !ok || cd.engine != e {
		return value.Null, &script.Error{Class: script.Runtime, Message: "this code was loaded by another engine"}
	}
	if fault := e.enter(cd.prog.file); fault != nil {
		return value.Null, fault
	}
	defer e.leave()
	return e.run(cd.prog.file, func() (goja.Value, error) {
		if len(vars) == 0 {
			if global := cd.prog.global(); global != nil {
				_, err := e.rt.RunProgram(global)
				return goja.Undefined(), err
			}
		}
		var kept [8]goja.Value
		if args, ok := e.arguments(vars, kept[:0]); ok {
			return cd.fn(goja.Undefined(), args...)
		}
		return e.callWith(cd, vars)
	})
}

// arguments are the values of vars in the order of the function's parameters.
func (e *Engine) arguments(vars []script.Var, args []goja.Value) ([]goja.Value, bool) {
	for range variables {
		args = append(args, goja.Undefined())
	}
	for _, v := range vars {
		i := slices.Index(variables, v.Name)
		if i < 0 {
			return nil, false
		}
		args[i] = e.toJS(v.Value)
	}
	return args, true
}

// callWith calls a file with variables of other names than the usual ones.
func (e *Engine) callWith(cd *code, vars []script.Var) (goja.Value, error) {
	var names []string
	var args []goja.Value
	for _, v := range vars {
		names = append(names, v.Name)
		args = append(args, e.toJS(v.Value))
	}
	key := strings.Join(names, ", ")
	if fn, ok := cd.others[key]; ok {
		return fn(goja.Undefined(), args...)
	}
	prog, err := cd.prog.source.compile(headWith(key), bodyFoot)
	if err != nil {
		return nil, err
	}
	v, err := e.rt.RunProgram(prog)
	if err != nil {
		return nil, err
	}
	fn := e.mustCallable(v)
	if cd.others == nil {
		cd.others = map[string]goja.Callable{}
	}
	cd.others[key] = fn
	return fn(goja.Undefined(), args...)
}

// Close frees the engine.
func (e *Engine) Close() { e.close() }
