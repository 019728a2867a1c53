package gamelift

import (
	_ "embed"
	"errors"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

//go:embed shim.js
var shim []byte

// program is the script in its process, with its faults counted.
type program struct {
	process script.Process
	faults  *script.Faults
	log     *slog.Logger
	now     func() time.Time
	// revision is the bundle's.
	revision string
	listens  struct{ player, group, server bool }
	spent    time.Duration
}

// start loads the entry file and runs the script's init and onProcessStarted.
func (p *program) start(entry string, args []string) error {
	list := make([]value.Value, len(args))
	for i, a := range args {
		list[i] = value.FromString(a)
	}
	ready, err := p.process.Call("start", value.FromString("./"+entry), value.FromList(list...))
	if err != nil {
		return err
	}
	if !ready.Bool() {
		return errors.New(entry + ": onProcessStarted did not return true: the script is not ready for a game session")
	}
	heard, err := p.process.Call("listens")
	if err != nil {
		return err
	}
	is := func(name string) bool { return heard.Dict().Get(name).Bool() }
	p.listens.player, p.listens.group, p.listens.server = is("player"), is("group"), is("server")
	return nil
}

// maxPlayers is the script's configuration, 0 if it has none.
func (p *program) maxPlayers() int {
	v, err := p.process.Call("maxPlayers")
	if err != nil {
		return 0
	}
	return int(v.Num())
}

// ask calls a callback of the script that answers yes or no. A fault is a no.
func (p *program) ask(callback string, args ...value.Value) bool {
	began := time.Now()
	v, err := p.process.Call(callback, args...)
	p.spent += time.Since(began)
	if err != nil {
		p.fault(callback, err)
		return false
	}
	return v.Kind() == value.Bool && v.Bool()
}

// tell calls a callback that answers nothing.
func (p *program) tell(callback string, args ...value.Value) { p.ask(callback, args...) }

// step runs the timers that are due.
func (p *program) step(now time.Time) {
	began := time.Now()
	p.process.Step(now)
	p.spent += time.Since(began)
}

// fault counts and logs a fault of the script.
func (p *program) fault(callback string, err error) {
	var fault *script.Error
	if !errors.As(err, &fault) {
		fault = &script.Error{Class: script.Runtime, Message: err.Error()}
	}
	r := p.faults.Record(script.Occurrence{Slot: callback, Err: fault, Revision: p.revision}, p.now())
	if !r.Log {
		return
	}
	p.log.Error("script fault", slog.String("slot", callback), slog.String("at", fault.At()), slog.String("error", fault.Message),
		slog.String("trace", fault.Trace), slog.Int64("count", r.Count), slog.Int64("skipped", r.Skipped))
}

func number(n int32) value.Value { return value.FromNumber(float64(n)) }
