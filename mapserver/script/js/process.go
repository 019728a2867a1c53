package js

import (
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// Platform runs whole JavaScript programs in an environment that looks like
// Node.js to them. The zero Platform is ready to use.
type Platform struct{}

var _ script.Platform = Platform{}

// NewProcess makes a process that has run nothing yet: the shim runs at the first
// Call. Errors in the shim's or a module's text are *script.Error.
func (Platform) NewProcess(c script.ProcessConfig) (script.Process, error) {
	p := &process{config: processDefaults(c)}
	p.modules = newNodeModules(p)
	shim, err := processCompile(nodeShim, c.Shim, nodeHostScope)
	if err != nil {
		return nil, err
	}
	p.modules.programs[nodeShim] = shim
	p.vm = goja.New()
	p.guard = newProcessGuard(p.vm, p.config.Limits)
	p.guard.walk = p.size
	p.clock = p.config.Now()
	p.started = p.clock
	if err := p.setUp(); err != nil {
		return nil, err
	}
	return p, nil
}

func processDefaults(c script.ProcessConfig) script.ProcessConfig {
	c.Limits = c.Limits.WithDefaults()
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if c.Exit == nil {
		c.Exit = func(int) {}
	}
	if c.Fault == nil {
		c.Fault = func(*script.Error) {}
	}
	return c
}

// process is a program that runs. Everything in it belongs to one goroutine; the
// guard's watch alone looks at it from another one.
type process struct {
	config  script.ProcessConfig
	vm      *goja.Runtime
	guard   *processGuard
	modules *nodeModules
	timers  nodeTimers
	ticks   []nodeTick
	rejects []*goja.Promise
	output  nodeOutput

	exports *goja.Object
	begun   bool
	failed  *script.Error // why the shim did not start

	clock   time.Time // of the last Step
	started time.Time
	used    time.Duration // by all calls
	depth   int           // of calls into each other

	exiting  bool // the program has asked to end
	exitCode int
	told     bool

	// What the embedded modules gave to the host.
	run       goja.Callable                  // runs a function, then nextTick's
	noop      goja.Value                     // a function that does nothing
	emit      goja.Callable                  // process.emit, as it was at first
	buffer    goja.Callable                  // makes a Buffer of an ArrayBuffer
	compiling map[*goja.Object]*script.Error // SyntaxErrors of files

	bound      *goja.Object // the embedded modules' way to the host
	hostObject goja.Value   // the dialect's
	parseJSON  goja.Callable
	errors     map[string]goja.Value // classes of errors
}

// setUp fills the runtime with what programs may see.
func (p *process) setUp() (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = &script.Error{Class: script.Runtime, Message: processPanicText(x)}
		}
	}()
	p.compiling = map[*goja.Object]*script.Error{}
	p.vm.SetMaxCallStackSize(processStackSize)
	p.vm.SetParserOptions(processParserOptions...)
	p.vm.SetTimeSource(p.config.Now)
	p.vm.SetPromiseRejectionTracker(p.trackRejection)
	if err := processGuardBuiltins(p.vm, p.guard, p.evaluate); err != nil {
		return err
	}
	return p.bootstrap()
}

// Call calls a function that the shim exports.
func (p *process) Call(name string, args ...value.Value) (value.Value, error) {
	if err := p.refusal(); err != nil {
		return value.Null, err
	}
	if p.begin(); p.failed != nil {
		return value.Null, p.failed
	}
	if p.exiting {
		return value.Null, processEnded()
	}
	var out value.Value
	err := p.outermost(func() error {
		fn, ok := goja.AssertFunction(p.exports.Get(name))
		if !ok {
			return p.faultText("the shim exports no function " + name)
		}
		return p.invoke(fn, goja.Undefined(), args, &out)
	})
	return out, err
}

// begin runs the shim, once.
func (p *process) begin() {
	if p.begun {
		return
	}
	p.begun = true
	err := p.outermost(func() error { return p.runGuarded(p.loadShim) })
	p.failed = processFault(err)
}

func processFault(err error) *script.Error {
	var fault *script.Error
	if errors.As(err, &fault) {
		return fault
	}
	return nil
}

// refusal tells why nothing may run any more, nil if it may.
func (p *process) refusal() error {
	switch {
	case p.guard.exhausted:
		return &script.Error{Class: script.Memory, Message: script.MemoryText}
	case p.exiting:
		return processEnded()
	case p.guard.fatal != nil:
		return p.fatalFault() // a host function called in although its script is over
	}
	return nil
}

func processEnded() *script.Error {
	return &script.Error{Class: script.Runtime, Message: "the process has ended"}
}

// Memory estimates the bytes that the program's live data take.
func (p *process) Memory() int64 { return p.size(p.config.Limits.Memory * 2) }

// Exhausted tells that the program holds more than it may.
func (p *process) Exhausted() bool { return p.guard.exhausted }

// Close frees the process.
func (p *process) Close() {
	p.guard.close()
	p.exiting, p.told = true, true
	p.timers, p.ticks, p.rejects = nodeTimers{}, nil, nil
}
