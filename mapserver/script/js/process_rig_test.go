package js

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// processRig runs a process and writes down what it does.
type processRig struct {
	t      *testing.T
	p      script.Process
	clock  time.Time
	lines  []string
	held   []script.Callback
	faults []*script.Error
	exits  []int
}

// processStart is the time at which the tests' processes start.
var processStart = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func (r *processRig) write(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// Handle is for slog.
func (r *processRig) Handle(_ context.Context, record slog.Record) error {
	at := ""
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "at" {
			at = a.Value.String()
		}
		return true
	})
	r.write("log %s %s: %s", strings.ToLower(record.Level.String()), at, record.Message)
	return nil
}

// Enabled is for slog.
func (r *processRig) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs is for slog.
func (r *processRig) WithAttrs([]slog.Attr) slog.Handler { return r }

// WithGroup is for slog.
func (r *processRig) WithGroup(string) slog.Handler { return r }

// newProcessRig makes a process of files, with a shim that exports what the bundle's
// index.js does unless there is another one.
func newProcessRig(t *testing.T, files map[string]string, change ...func(*script.ProcessConfig)) *processRig {
	t.Helper()
	r := &processRig{t: t, clock: processStart}
	c := script.ProcessConfig{
		Files: map[string][]byte{}, Shim: []byte("module.exports = require('./index.js')"), Modules: map[string][]byte{},
		Now: func() time.Time { return r.clock }, Log: slog.New(r), Functions: r.functions(),
		Args: []string{"--fast"}, Env: map[string]string{"NAME": "meadow"}, Limits: script.Limits{Call: 5 * time.Second},
		Exit:  func(code int) { r.exits = append(r.exits, code); r.write("exit %d", code) },
		Fault: func(e *script.Error) { r.faults = append(r.faults, e); r.write("fault %s %s", e.Class, e) },
	}
	for name, text := range files {
		switch {
		case name == "shim.js":
			c.Shim = []byte(text)
		case strings.HasPrefix(name, "modules/"):
			c.Modules[strings.TrimPrefix(name, "modules/")] = []byte(text)
		default:
			c.Files[strings.TrimPrefix(name, "bundle/")] = []byte(text)
		}
	}
	for _, f := range change {
		f(&c)
	}
	p, err := Platform{}.NewProcess(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	r.p = p
	return r
}

// functions are what the rig's shims find in host.
func (r *processRig) functions() []*script.Function {
	return []*script.Function{
		{Name: "send", Params: []script.Param{{Name: "to", Type: "number"}, {Name: "data", Type: "any"}},
			Call: func(_ script.Object, args []value.Value) (value.Value, error) {
				r.write("send %s %s", processShow(args[0]), processShow(args[1]))
				return value.Null, nil
			}},
		{Name: "fail", Call: func(script.Object, []value.Value) (value.Value, error) {
			return value.Null, fmt.Errorf("the host says no")
		}},
		{Name: "hold", Params: []script.Param{{Name: "f", Type: "any"}},
			Call: func(_ script.Object, args []value.Value) (value.Value, error) {
				r.held = append(r.held, args[0].Ref().(script.Callback))
				return value.FromNumber(float64(len(r.held) - 1)), nil
			}},
		{Name: "now.call", Params: []script.Param{{Name: "i", Type: "number"}, {Name: "v", Type: "any"}},
			Call: func(_ script.Object, args []value.Value) (value.Value, error) {
				return r.held[int(args[0].Num())].Call(args[1])
			}},
		{Name: "bytes", Params: []script.Param{{Name: "n", Type: "number"}},
			Call: func(_ script.Object, args []value.Value) (value.Value, error) {
				b := make(script.Bytes, int(args[0].Num()))
				for i := range b {
					b[i] = byte(i)
				}
				return value.FromRef(b), nil
			}},
	}
}

// processShow shows a value as the cases write it.
func processShow(v value.Value) string {
	switch ref := v.Ref().(type) {
	case script.Bytes:
		return fmt.Sprintf("<% x>", []byte(ref))
	case script.Callback:
		return "<function>"
	}
	switch v.Kind() {
	case value.List:
		var parts []string
		for _, it := range v.Items() {
			parts = append(parts, processShow(it))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case value.Map:
		var parts []string
		for k, it := range v.Dict().All() {
			parts = append(parts, k+":"+processShow(it))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// call calls a function of the shim's with arguments in JSON.
func (r *processRig) call(name, args string) (value.Value, error) {
	r.t.Helper()
	var list []value.Value
	if args != "" {
		v, err := value.ParseJSON([]byte("[" + args + "]"))
		if err != nil {
			r.t.Fatal(err)
		}
		list = v.Items()
	}
	return r.p.Call(name, list...)
}

// step moves the clock on.
func (r *processRig) step(d time.Duration) {
	r.clock = r.clock.Add(d)
	r.p.Step(r.clock)
}

// run does one line of a case.
func (r *processRig) run(line string) {
	r.t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	r.write("> %s", line)
	switch verb {
	case "call":
		name, args, _ := strings.Cut(rest, " ")
		v, err := r.call(name, args)
		r.result(v, err)
	case "callback":
		v, err := r.held[0].Call(value.FromString(rest))
		r.result(v, err)
	case "step":
		d, err := time.ParseDuration(rest)
		if err != nil {
			r.t.Fatal(err)
		}
		r.step(d)
	default:
		r.t.Fatalf("no such step: %s", line)
	}
}

func (r *processRig) result(v value.Value, err error) {
	if err == nil {
		r.write("= %s", processShow(v))
		return
	}
	fault := processFault(err)
	r.write("! %s %s", fault.Class, fault)
}

// mustCall calls a function that must not fail, and compares what it returns as JSON.
func (r *processRig) mustCall(name, args, want string) {
	r.t.Helper()
	v, err := r.call(name, args)
	if err != nil {
		r.t.Errorf("%s(%s): %v\n%s", name, args, err, processFault(err).Trace)
		return
	}
	if got := processShow(v); got != want {
		r.t.Errorf("%s(%s) = %s, want %s", name, args, got, want)
	}
}
