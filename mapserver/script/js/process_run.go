package js

import (
	"time"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// outermost runs f under the budget, and what it left to do at once. Calls from
// within, by host functions that the program called, share the budget.
func (p *process) outermost(f func() error) (err error) {
	if p.depth > 0 {
		p.depth++
		defer func() { p.depth-- }()
		return p.protect(f)
	}
	p.depth = 1
	p.output.records = 0
	started := time.Now()
	p.guard.start()
	err = p.protect(f)
	if p.guard.fatal == nil && !p.exiting {
		if late := p.protect(p.drain); late != nil && err == nil {
			err = late
		}
	}
	if fatal := p.guard.stop(); fatal != nil || p.exiting {
		p.ticks, p.rejects = nil, nil
	}
	p.depth = 0
	p.used += time.Since(started)
	if p.exiting {
		err = nil
	}
	p.tellExit()
	return err
}

// protect turns panics of the engine into errors.
func (p *process) protect(f func() error) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = p.recovered(x)
		}
	}()
	return f()
}

// invoke calls fn with neutral values, within outermost.
func (p *process) invoke(fn goja.Callable, this goja.Value, args []value.Value, out *value.Value) error {
	var result goja.Value
	err := p.runGuarded(func() error {
		list := make([]goja.Value, len(args))
		for i, a := range args {
			list[i] = p.toJS(a)
		}
		var err error
		result, err = fn(this, list...)
		return err
	})
	if err != nil {
		return err
	}
	return p.result(result, out)
}

// result converts what a call returned. A promise is what it has come to, when it
// has; a rejected one is the caller's fault to hear of.
func (p *process) result(v goja.Value, out *value.Value) error {
	if promise, ok := processPromise(v); ok {
		switch promise.State() {
		case goja.PromiseStateRejected:
			p.forgive(promise)
			return p.faultOf(promise.Result(), nil)
		case goja.PromiseStatePending:
			return nil
		}
		v = promise.Result()
	}
	return p.runGuarded(func() (err error) {
		*out, err = p.toValue(v)
		return err
	})
}

func processPromise(v goja.Value) (*goja.Promise, bool) {
	if obj, ok := v.(*goja.Object); ok && obj.ExportType() == processPromiseType {
		promise, ok := obj.Export().(*goja.Promise)
		return promise, ok
	}
	return nil, false
}

// runGuarded runs f inside of the engine, so that promises wait until nextTick's
// functions are through, as in Node. Errors are *script.Error.
func (p *process) runGuarded(f func() error) error {
	body := p.vm.ToValue(func(goja.FunctionCall) goja.Value {
		if err := f(); err != nil {
			panic(processThrown(p.vm, err))
		}
		return goja.Undefined()
	})
	_, err := p.run(goja.Undefined(), body)
	return p.faultFor(err)
}

// drain runs nextTick's functions and promises until there are none, and tells of
// rejections that nobody took.
func (p *process) drain() error {
	for len(p.ticks) > 0 || len(p.rejects) > 0 {
		if len(p.ticks) == 0 {
			p.unhandled()
		}
		if p.ended() {
			return p.fatalError()
		}
		if _, err := p.run(goja.Undefined(), p.noop); err != nil {
			return p.faultFor(err)
		}
	}
	return nil
}

// ended tells that nothing more may run in this call.
func (p *process) ended() bool { return p.guard.fatal != nil || p.exiting }

// Step runs the timers that are due, and what they leave to do at once.
func (p *process) Step(now time.Time) {
	p.clock = now
	if !p.begun || p.failed != nil {
		return
	}
	last := p.timers.last()
	for p.refusal() == nil {
		t := p.timers.next(now, last)
		if t == nil {
			break
		}
		p.fire(t)
	}
	for _, t := range p.timers.takeImmediates() {
		if p.refusal() != nil {
			return
		}
		p.fire(t)
	}
}

// fire runs a timer's function under its own budget.
func (p *process) fire(t *nodeTimer) {
	err := p.outermost(func() error {
		return p.runGuarded(func() error {
			_, err := t.fn(t.object, t.args...)
			return err
		})
	})
	p.timers.again(t, p.clock)
	p.uncaught(err)
}

// tellExit tells the host, once, that the program wants to end.
func (p *process) tellExit() {
	if !p.exiting || p.told {
		return
	}
	p.told = true
	p.timers, p.ticks, p.rejects = nodeTimers{}, nil, nil
	p.config.Exit(p.exitCode)
}

// exit ends the program: it does not return.
func (p *process) exit(code int) {
	if !p.exiting {
		p.exiting, p.exitCode = true, code
	}
	p.guard.abort()
}

// trackRejection notes promises that nobody takes the rejection of.
func (p *process) trackRejection(promise *goja.Promise, op goja.PromiseRejectionOperation) {
	if op == goja.PromiseRejectionHandle {
		p.forgive(promise)
		return
	}
	p.rejects = append(p.rejects, promise)
}

func (p *process) forgive(promise *goja.Promise) {
	for i, other := range p.rejects {
		if other == promise {
			p.rejects = append(p.rejects[:i], p.rejects[i+1:]...)
			return
		}
	}
}

// unhandled tells of the rejections that are left after all jobs.
func (p *process) unhandled() {
	list := p.rejects
	p.rejects = nil
	for _, promise := range list {
		taken, err := p.announce("unhandledRejection", promise.Result(), p.vm.ToValue(promise))
		if p.ended() {
			return
		}
		if err != nil {
			p.tell(err)
		}
		if !taken {
			p.raise(promise.Result(), p.faultOf(promise.Result(), nil))
		}
		if p.ended() {
			return
		}
	}
}

// uncaught tells of a fault that no caller gets.
func (p *process) uncaught(err error) {
	fault := processFault(err)
	if fault == nil {
		return
	}
	thrown := p.guard.thrown
	p.guard.thrown = nil
	if fault.Class != script.Runtime || thrown == nil || p.refusal() != nil {
		p.config.Fault(fault)
		return
	}
	late := p.outermost(func() error {
		p.raise(thrown, fault)
		return nil
	})
	if late := processFault(late); late != nil {
		p.config.Fault(late)
	}
}

// raise gives a fault to the program's own handler of uncaught exceptions, or else
// to the host.
func (p *process) raise(thrown goja.Value, fault *script.Error) {
	taken, err := p.announce("uncaughtException", thrown, p.vm.ToValue("uncaughtException"))
	if !taken {
		p.config.Fault(fault)
	}
	if err != nil && !p.exiting {
		p.tell(err)
	}
}

func (p *process) tell(err error) {
	if fault := processFault(err); fault != nil {
		p.config.Fault(fault)
	}
}

// announce emits an event of the object process; taken tells that somebody listens.
func (p *process) announce(event string, args ...goja.Value) (taken bool, err error) {
	err = p.runGuarded(func() error {
		v, err := p.emit(goja.Undefined(), append([]goja.Value{p.vm.ToValue(event)}, args...)...)
		taken = err != nil || v.ToBoolean()
		return err
	})
	return taken, err
}
