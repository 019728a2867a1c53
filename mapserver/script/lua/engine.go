package lua

import (
	"errors"
	"strings"
	"time"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// maxArrayIndex bounds what one store can make gopher-lua append in a single
// instruction (4 MiB); the library's own bound is a GiB. Larger keys go into
// the table's hash part, where # and ipairs do not see them. It is a variable of
// the library, and no other package of ours uses the library.
const maxArrayIndex = 1 << 18

func init() { glua.MaxArrayIndex = maxArrayIndex }

// The sizes of a Lua stack. The stack of values is the smaller one, so that it
// is the one that overflows: gopher-lua raises a proper error for it. Both grow
// as needed.
const (
	stackValues = 64000
	stackCalls  = 65536
	innerValues = 16000
	innerCalls  = 16384
	stackFirst  = 256
	stackGrowth = 1024
	maxLevels   = 180 // nested pcall and host calls, as C Lua's 200
)

// Engine runs the Lua programs of one map; see script.Engine.
type Engine struct {
	env    script.Env
	limits script.Limits
	// root holds the globals. Code never runs on it but on the levels' states.
	root    *glua.LState
	globals *glua.LTable
	levels  []*level
	depth   int // levels in use
	budget  budget
	heap    heap
	output  script.Output
	random  uint32
	// sources are the files loaded, for telling positions in messages.
	sources  map[string]bool
	patterns map[string]*pattern
	// guards are the functions that rewritten code calls.
	guards    [2]*glua.LFunction
	objectsMT *glua.LTable
	iter      iterators
}

var _ script.Exhaustible = (*Engine)(nil)

// code is a loaded program in its engine.
type code struct {
	engine *Engine
	fn     *glua.LFunction
	file   string
}

// NewEngine makes an empty engine.
func (Language) NewEngine(env script.Env) script.Engine {
	if env.Now == nil {
		env.Now = time.Now
	}
	e := &Engine{
		env:      env,
		limits:   env.Limits.WithDefaults(),
		sources:  map[string]bool{},
		patterns: map[string]*pattern{},
	}
	e.root = glua.NewState(glua.Options{
		CallStackSize: 16, RegistrySize: stackFirst, RegistryMaxSize: stackValues,
		RegistryGrowStep: stackGrowth, SkipOpenLibs: true, MinimizeStackMemory: true,
	})
	e.globals = e.root.G.Global
	e.budget.reset()
	e.openLibraries()
	e.openHost()
	return e
}

// Load makes p callable. The program's function is made once; every Call runs
// the same one.
func (e *Engine) Load(p script.Program) (script.Code, error) {
	prog, ok := p.(*program)
	if !ok {
		return nil, errors.New("loading " + p.File() + ": not a Lua program")
	}
	outer := e.root.NewFunctionFromProto(prog.proto)
	lv := e.push(kindLoad)
	defer e.pop(lv)
	lv.L.Push(outer)
	lv.L.Push(e.guards[0])
	lv.L.Push(e.guards[1])
	if err := lv.pcall(2, 1); err != nil {
		return nil, &script.Error{Class: script.Compile, File: prog.file, Message: err.Error()}
	}
	fn, ok := lv.L.Get(1).(*glua.LFunction)
	if !ok {
		return nil, &script.Error{Class: script.Compile, File: prog.file, Message: "the compiled file is not a function"}
	}
	e.sources[prog.file] = true
	e.budget.weigh(prog.size)
	return &code{engine: e, fn: fn, file: prog.file}, nil
}

// Call runs code with vars as additional globals; see script.Engine.
func (e *Engine) Call(c script.Code, vars []script.Var) (value.Value, error) {
	cd, ok := c.(*code)
	if !ok || cd.engine != e {
		return value.Null, &script.Error{Class: script.Runtime, Message: "this code was loaded by another engine"}
	}
	outermost := e.depth == 0
	if outermost {
		if err := e.begin(cd); err != nil {
			return value.Null, err
		}
		defer e.end()
	}
	if e.depth >= maxLevels {
		return value.Null, &script.Error{Class: script.Runtime, File: cd.file, Message: "stack overflow: scripts start one another too deeply"}
	}
	var kept [8]glua.LValue
	saved := e.setVars(vars, kept[:0])
	defer e.restoreVars(vars, saved)
	return e.run(cd)
}

// begin starts an outermost call.
func (e *Engine) begin(cd *code) error {
	if e.Exhausted() {
		return &script.Error{Class: script.Memory, File: cd.file, Message: script.MemoryText}
	}
	e.budget.start(e.limits.Call)
	return nil
}

func (e *Engine) end() {
	e.budget.stop()
	e.output.Flush(e.env.Log)
}

// run calls the function on a level of its own.
func (e *Engine) run(cd *code) (value.Value, error) {
	lv := e.push(kindCall)
	defer e.pop(lv)
	lv.L.Push(lv.entry)
	lv.L.Push(cd.fn)
	err := lv.pcall(1, 0)
	if err == nil {
		return lv.result, nil
	}
	return value.Null, e.callError(lv, cd, err)
}

// setVars sets the variables of a call and returns what was there before.
func (e *Engine) setVars(vars []script.Var, saved []glua.LValue) []glua.LValue {
	for _, v := range vars {
		saved = append(saved, e.globals.RawGetString(v.Name))
		e.globals.RawSetString(v.Name, e.toLua(v.Value))
	}
	return saved
}

func (e *Engine) restoreVars(vars []script.Var, saved []glua.LValue) {
	for i := len(vars) - 1; i >= 0; i-- {
		e.globals.RawSetString(vars[i].Name, saved[i])
	}
}

// Exhausted tells that the scripts' live data are over the limit of memory; see
// script.Exhaustible. After a call that ran out of memory it looks once more:
// what only that call's own variables held is gone.
func (e *Engine) Exhausted() bool {
	h := &e.heap
	if h.full && !h.settled && e.depth == 0 {
		e.measure(0)
		h.settled = h.full
	}
	return h.full
}

// Close frees the engine.
func (e *Engine) Close() {
	e.levels, e.depth = nil, 0
	e.root.Close()
}

// setGlobal sets a global; a dotted name becomes a field of a global table.
func (e *Engine) setGlobal(name string, v glua.LValue) {
	table := e.globals
	for {
		head, rest, dotted := strings.Cut(name, ".")
		if !dotted {
			table.RawSetString(name, v)
			return
		}
		inner, ok := table.RawGetString(head).(*glua.LTable)
		if !ok {
			inner = e.root.CreateTable(0, 8)
			table.RawSetString(head, inner)
		}
		table, name = inner, rest
	}
}

// openHost makes what the owner offers visible.
func (e *Engine) openHost() {
	e.objectsMT = e.objectMetatable()
	for _, f := range script.Builtins(e.env.Now) {
		if _, native := e.globals.RawGetString(f.Name).(*glua.LFunction); !native {
			e.setGlobal(f.Name, e.hostFunction(script.NewMethod(f, nil)))
		}
	}
	for _, f := range e.env.Functions {
		e.setGlobal(f.Name, e.hostFunction(script.NewMethod(f, nil)))
	}
	for _, g := range e.env.Globals {
		e.setGlobal(g.Name, e.toLua(g.Value))
	}
}
