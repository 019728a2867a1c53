package js

import (
	"context"
	"log/slog"
	"path"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// nodeRecords is how many records one call may write to the log; the others are
	// counted. nodeText bounds the text of one.
	nodeRecords = 50
	nodeText    = 4096
)

// nodeOutput counts what a program writes to the map's log.
type nodeOutput struct {
	records int
	skipped int
}

// nodeTick is a function of process.nextTick.
type nodeTick struct {
	fn   goja.Callable
	args []goja.Value
}

// bootstrap runs the module that makes Node's globals.
func (p *process) bootstrap() error {
	json := p.vm.GlobalObject().Get("JSON").(*goja.Object)
	p.parseJSON, _ = goja.AssertFunction(json.Get("parse"))
	p.errors = map[string]goja.Value{}
	for _, class := range []string{"Error", "SyntaxError", "RangeError"} {
		p.errors[class] = p.vm.Get(class)
	}
	p.hostObject = p.host()
	p.run = func(this goja.Value, args ...goja.Value) (goja.Value, error) {
		fn, _ := goja.AssertFunction(args[0])
		return fn(this)
	}
	v, err := p.modules.embedded("bootstrap")
	if err != nil {
		return p.faultFor(err)
	}
	made := v.(*goja.Object)
	p.run, _ = goja.AssertFunction(made.Get("run"))
	p.emit, _ = goja.AssertFunction(made.Get("emit"))
	p.buffer, _ = goja.AssertFunction(made.Get("buffer"))
	p.noop = made.Get("noop")
	return nil
}

// host is the object of the host's functions, for the dialect alone.
func (p *process) host() goja.Value {
	obj := p.vm.NewObject()
	for _, f := range p.config.Functions {
		target := obj
		parts := strings.Split(f.Name, ".")
		for _, part := range parts[:len(parts)-1] {
			inner, ok := target.Get(part).(*goja.Object)
			if !ok {
				inner = p.vm.NewObject()
				p.constant(target, part, inner)
			}
			target = inner
		}
		p.constant(target, parts[len(parts)-1], p.hostFunction(f.Name, script.NewMethod(f, nil)))
	}
	return obj
}

// constant sets a field for good.
func (p *process) constant(obj *goja.Object, name string, v goja.Value) {
	_ = obj.DefineDataProperty(name, v, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_TRUE)
}

// loadShim runs the dialect's program.
func (p *process) loadShim() error {
	v, err := p.modules.execute(nodeShim, nodeShim, p.modules.programs[nodeShim], p.hostObject)
	if err != nil {
		return err
	}
	exports, ok := v.(*goja.Object)
	if !ok {
		return p.faultText("the shim exports no object")
	}
	p.exports = exports
	return nil
}

func (p *process) newError(text string) *goja.Object { return p.newErrorOf("Error", text) }

func (p *process) newErrorOf(class, text string) *goja.Object {
	obj, err := p.vm.New(p.errors[class], p.vm.ToValue(text))
	if err != nil {
		panic(err)
	}
	return obj
}

// binding is the object that the embedded modules reach the host by.
func (p *process) binding() goja.Value {
	if p.bound != nil {
		return p.bound
	}
	obj := p.vm.NewObject()
	p.bound = obj
	set := func(name string, f func(goja.FunctionCall) goja.Value) { _ = obj.Set(name, p.native(name, f)) }
	p.timerBinding(set)
	p.bytesBinding(set)
	p.cryptoBinding(set)
	p.fileBinding(set)
	p.processBinding(obj, set)
	return obj
}

func (p *process) processBinding(obj *goja.Object, set func(string, func(goja.FunctionCall) goja.Value)) {
	_ = obj.Set("argv", p.strings(p.config.Args))
	env := p.vm.NewObject()
	for k, v := range p.config.Env {
		_ = env.Set(k, v)
	}
	_ = obj.Set("env", env)
	_ = obj.Set("root", nodeRoot)
	_ = obj.Set("builtinModules", p.strings(nodePublic))
	set("url", func(goja.FunctionCall) goja.Value { return p.loadURL() })
	set("exit", func(call goja.FunctionCall) goja.Value {
		p.exit(int(processInteger(call.Argument(0), 0)))
		return nil
	})
	set("log", func(call goja.FunctionCall) goja.Value {
		p.log(call.Argument(0).String(), call.Argument(1).String())
		return goja.Undefined()
	})
	set("tick", func(call goja.FunctionCall) goja.Value {
		fn, _ := goja.AssertFunction(call.Argument(0))
		p.ticks = append(p.ticks, nodeTick{fn: fn, args: p.callArguments(call, 1)})
		return goja.Undefined()
	})
	set("drain", func(goja.FunctionCall) goja.Value {
		p.drainTicks()
		return goja.Undefined()
	})
	set("clock", func(goja.FunctionCall) goja.Value { // nanoseconds since the start
		return p.vm.ToValue(p.config.Now().Sub(p.started).Nanoseconds())
	})
	set("wall", func(goja.FunctionCall) goja.Value { return p.vm.ToValue(p.started.UnixNano() / 1e6) })
	set("cpu", func(goja.FunctionCall) goja.Value { return p.vm.ToValue(p.used.Microseconds()) })
	set("memory", func(goja.FunctionCall) goja.Value { return p.vm.ToValue(max(p.guard.known, 1<<20)) })
	set("limit", func(goja.FunctionCall) goja.Value { return p.vm.ToValue(p.config.Limits.Memory) })
	set("promiseState", func(call goja.FunctionCall) goja.Value {
		promise, ok := processPromise(call.Argument(0))
		if !ok {
			return goja.Undefined()
		}
		return p.vm.NewArray(int(promise.State()), promise.Result())
	})
	set("isProxy", func(call goja.FunctionCall) goja.Value {
		o, ok := call.Argument(0).(*goja.Object)
		if ok {
			ok = processIsProxy(o)
		}
		return p.vm.ToValue(ok)
	})
	set("className", func(call goja.FunctionCall) goja.Value {
		if o, ok := call.Argument(0).(*goja.Object); ok {
			return p.vm.ToValue(o.ClassName())
		}
		return goja.Undefined()
	})
}

func (p *process) strings(list []string) *goja.Object {
	items := make([]any, len(list))
	for i, s := range list {
		items[i] = s
	}
	return p.vm.NewArray(items...)
}

// drainTicks runs nextTick's functions, those that come on the way too. A fault in
// one is told and the others run.
func (p *process) drainTicks() {
	for len(p.ticks) > 0 {
		t := p.ticks[0]
		if p.ticks = p.ticks[1:]; len(p.ticks) == 0 {
			p.ticks = nil
		}
		_, err := t.fn(goja.Undefined(), t.args...)
		if err == nil {
			continue
		}
		fault := processFault(p.faultFor(err))
		if p.ended() {
			panic(processThrown(p.vm, err))
		}
		thrown := p.guard.thrown
		taken, late := p.announce("uncaughtException", thrown, p.vm.ToValue("uncaughtException"))
		if !taken {
			p.config.Fault(fault)
		}
		p.tell(late)
	}
}

// log writes what a program prints to the map's log.
func (p *process) log(level, text string) {
	if p.output.records++; p.output.records > nodeRecords {
		p.output.skipped++
		return
	}
	if len(text) > nodeText {
		text = text[:nodeText] + "..."
	}
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "warn": slog.LevelWarn, "error": slog.LevelError}
	attrs := []slog.Attr{slog.String("at", p.where())}
	if p.output.skipped > 0 {
		attrs = append(attrs, slog.Int("skipped", p.output.skipped))
		p.output.skipped = 0
	}
	p.config.Log.LogAttrs(context.Background(), levels[level], strings.ToValidUTF8(text, "\ufffd"), attrs...)
}

// where is the author's position that runs.
func (p *process) where() string {
	fault := &script.Error{}
	processLocate(fault, processPlaces(p.vm.CaptureCallStack(0, nil)))
	return fault.At()
}

// fileBinding are the functions behind the module fs.
func (p *process) fileBinding(set func(string, func(goja.FunctionCall) goja.Value)) {
	set("read", func(call goja.FunctionCall) goja.Value {
		b, ok := p.modules.content(nodePath(call.Argument(0).String()))
		if !ok {
			return goja.Undefined()
		}
		p.guard.reserve(int64(len(b)))
		return p.vm.ToValue(p.vm.NewArrayBuffer(slices.Clone(b)))
	})
	set("stat", func(call goja.FunctionCall) goja.Value { // the size, -1 for folders
		file := nodePath(call.Argument(0).String())
		if p.modules.folders[file] {
			return p.vm.ToValue(-1)
		}
		if b, ok := p.modules.content(file); ok {
			return p.vm.ToValue(len(b))
		}
		return goja.Undefined()
	})
	set("list", func(call goja.FunctionCall) goja.Value {
		return p.strings(p.modules.list(nodePath(call.Argument(0).String())))
	})
}

func nodePath(file string) string {
	if !path.IsAbs(file) {
		file = nodeRoot + "/" + file
	}
	return path.Clean(file)
}

// list names what is in a folder.
func (m *nodeModules) list(dir string) []string {
	var names []string
	for file := range m.p.config.Files {
		if rest, ok := strings.CutPrefix(path.Join(nodeRoot, file), dir+"/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
