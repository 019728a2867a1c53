package js

import (
	_ "embed"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

const (
	// maxStack is how many functions may be running inside each other. Built-ins
	// between them take Go's stack, about 3 KiB each, and the time to end a call from
	// within them grows with the square: a third of a second at worst.
	maxStack = 2000
	// maxLevels is how many calls from the host may be nested.
	maxLevels = 100
)

// machine is a goja runtime that is safe to run other people's code in. It belongs
// to one goroutine.
type machine struct {
	rt     *goja.Runtime
	limits script.Limits
	now    func() time.Time
	depth  int // calls from the host that are running
	budget budget
	heap   heap
	output script.Output
	log    *slog.Logger
	// makeError is the first Error, which scripts cannot change.
	makeError  *goja.Object
	objectKeys func(goja.FunctionCall) goja.Value
	// nothing is an empty function: calling it raises a pending interrupt.
	nothing goja.Callable
	// trying calls tried, see try.
	trying goja.Callable
	tried  func()
	// rejected are the promises of this call that failed, and nobody catches.
	rejected []*goja.Promise
	guards   guards
	// heads has the author's files: how much stands before the code on its first line,
	// 0 for those that have a source map.
	heads map[string]int
}

// newMachine makes a machine with guarded built-ins, and without anything of the
// host's.
func newMachine(limits script.Limits, now func() time.Time, log *slog.Logger) *machine {
	if now == nil {
		now = time.Now
	}
	m := &machine{rt: goja.New(), limits: limits.WithDefaults(), now: now, log: log, heads: map[string]int{}}
	m.rt.SetMaxCallStackSize(maxStack)
	// The same numbers in each run of a map, as in Lua.
	m.rt.SetRandSource(rand.New(rand.NewPCG(0, 0)).Float64)
	m.rt.SetTimeSource(func() time.Time { return m.now() })
	m.rt.SetPromiseRejectionTracker(m.trackRejection)
	m.makeError = m.rt.Get("Error").ToObject(m.rt)
	m.objectKeys = m.native("Object", "keys")
	m.nothing = m.mustCallable(m.mustRun("(function () {})"))
	m.trying = m.mustCallable(m.rt.ToValue(func(goja.FunctionCall) goja.Value {
		m.tried()
		return goja.Undefined()
	}))
	m.guard()
	m.openConsole()
	m.budget.watch(m)
	m.heap.idle = m.walk(1 << 62).total
	return m
}

//go:embed prelude.js
var preludeSource string

// prelude is compiled once for all machines.
var prelude = goja.MustCompile(own, preludeSource, true)

// mustProgram runs a program of ours.
func (m *machine) mustProgram(p *goja.Program) goja.Value {
	v, err := m.rt.RunProgram(p)
	if err != nil {
		panic(err)
	}
	return v
}

// mustRun evaluates code of ours.
func (m *machine) mustRun(source string) goja.Value {
	v, err := m.rt.RunScript(own, source)
	if err != nil {
		panic(err)
	}
	return v
}

func (m *machine) mustCallable(v goja.Value) goja.Callable {
	f, ok := goja.AssertFunction(v)
	if !ok {
		panic("not a function: " + v.String())
	}
	return f
}

// enter begins a call from outside; each that returned nil is ended by leave. file
// is what an error names.
func (m *machine) enter(file string) *script.Error {
	if m.depth >= maxLevels {
		return &script.Error{Class: script.Runtime, File: file, Message: "stack overflow: scripts start one another too deeply"}
	}
	if m.depth == 0 {
		if m.Exhausted() {
			return &script.Error{Class: script.Memory, File: file, Message: script.MemoryText}
		}
		m.rejected = nil
		m.budget.start(m.limits.Call)
	}
	m.depth++
	return nil
}

// leave ends what enter began.
func (m *machine) leave() {
	if m.depth--; m.depth > 0 {
		return
	}
	cut := m.budget.fatal != nil
	m.guards.depth = 0
	m.budget.stop()
	m.rt.ClearInterrupt()
	if cut {
		_, _ = m.nothing(goja.Undefined()) // goja lets go of the stack only now
	}
	m.output.Flush(m.log)
	m.look()
}

// run carries out f between enter and leave and converts its result. At the end of
// an outermost call the promises' jobs have run, too; what failed without a catch is
// the error of a call that has no other.
func (m *machine) run(file string, f func() (goja.Value, error)) (out value.Value, err error) {
	defer m.rescue(file, &err)
	result, err := f()
	if err != nil || m.budget.fatal != nil {
		return value.Null, m.fault(file, err)
	}
	var refused error
	if _, object := result.(*goja.Object); !object {
		out, refused = m.toValue(result) // runs no code
	} else {
		err = m.try(func() { out, refused = m.toResult(result) })
	}
	switch {
	case err != nil:
		return value.Null, m.fault(file, err)
	case refused != nil:
		return value.Null, m.fault(file, refused)
	case m.depth == 1 && len(m.rejected) > 0:
		return value.Null, m.rejection(file)
	}
	return out, nil
}

// rescue turns a panic that JavaScript does not know into an error: a fault of goja's
// or ours. goja has put its stacks in order when it gets here.
func (m *machine) rescue(file string, err *error) {
	if r := recover(); r != nil {
		*err = &script.Error{Class: script.Runtime, File: file, Message: fmt.Sprint("internal error of the JavaScript engine: ", r)}
	}
}

// try runs code of ours that may raise what JavaScript throws.
func (m *machine) try(f func()) error {
	before := m.tried
	m.tried = f
	_, err := m.trying(goja.Undefined())
	m.tried = before
	return err
}

// native returns a built-in function in the form in which goja calls it: what it
// throws goes through Go as a panic.
func (m *machine) native(path ...string) func(goja.FunctionCall) goja.Value {
	v := goja.Value(m.rt.GlobalObject())
	for _, name := range path {
		v = v.ToObject(m.rt).Get(name)
	}
	f, ok := v.Export().(func(goja.FunctionCall) goja.Value)
	if !ok {
		panic("not a built-in function: " + path[len(path)-1])
	}
	return f
}

// trackRejection notes promises that fail, and takes back those that are caught
// later.
func (m *machine) trackRejection(p *goja.Promise, op goja.PromiseRejectionOperation) {
	const most = 100
	if op == goja.PromiseRejectionReject && len(m.rejected) < most {
		m.rejected = append(m.rejected, p)
		return
	}
	for i, other := range m.rejected {
		if other == p {
			m.rejected = append(m.rejected[:i], m.rejected[i+1:]...)
			return
		}
	}
}

// Memory estimates the bytes of the scripts' live data.
func (m *machine) Memory() int64 { return max(0, m.walk(4*m.limits.Memory).total-m.heap.idle) }

// close frees what the machine has outside of itself.
func (m *machine) close() { m.budget.close() }
