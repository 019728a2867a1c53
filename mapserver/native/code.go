package native

import (
	"errors"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// code is a compiled bundle in its engines: what runs the slots of a world. It
// is the world's Scripts.
type code struct {
	*compiled
	config  *Config
	host    *host
	engines []script.Engine // by language; nil where the bundle has no such file
	slots   []slot          // by Slot.ID - 1
	faults  *script.Faults
	now     func() time.Time
	// vars are the variables of the calls that run now, one inside the other.
	vars [][]script.Var
	// spent is the time of all calls, those within others not counted.
	spent time.Duration
	// exhausted tells that an engine ran out of memory for good.
	exhausted bool
}

// slot is one piece of code and what it has cost.
type slot struct {
	world.Slot
	engine script.Engine
	code   script.Code
	// failing tells that the last call failed: faults are asked whether it may run.
	failing bool
	cost    Cost
}

// Cost is what the calls of a slot took.
type Cost struct {
	// Slot is the slot's name.
	Slot string
	// Calls counts its runs, Failed those that ended in a fault.
	Calls, Failed uint64
	// Total is the time of all calls, Max that of the longest.
	Total, Max time.Duration
}

// start makes the engines of a compiled bundle and runs its init code. The host
// has no world yet.
func start(c *compiled, config *Config, faults *script.Faults) (*code, error) {
	k := &code{compiled: c, config: config, faults: faults, now: config.Now, slots: make([]slot, len(c.loaded.Schema.Slots))}
	for i, s := range c.loaded.Schema.Slots {
		k.slots[i].Slot = s
		k.slots[i].cost.Slot = s.Name
	}
	k.host = newHost(config.ID, sideTable(config.Sides), c.loaded.Terrain)
	if err := k.load(); err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

// load makes fresh engines, loads all programs into them and runs the init code.
func (k *code) load() error {
	k.engines = make([]script.Engine, len(k.config.Languages))
	k.exhausted = false
	codes := map[string]script.Code{}
	for file, p := range k.programs {
		if k.engines[p.language] == nil {
			k.engines[p.language] = k.config.Languages[p.language].NewEngine(k.env())
		}
		code, err := k.engines[p.language].Load(p.Program)
		if err != nil {
			return err
		}
		codes[file] = code
	}
	for i := range k.slots {
		s := &k.slots[i]
		s.engine, s.code = k.engines[k.programs[s.File].language], codes[s.File]
	}
	for _, s := range k.loaded.Schema.Init {
		if _, err := k.slots[s.ID-1].engine.Call(k.slots[s.ID-1].code, nil); err != nil {
			return err
		}
	}
	return nil
}

func (k *code) env() script.Env {
	return script.Env{Globals: k.host.globals(), Limits: k.config.Limits, Now: k.now, Log: k.config.Log}
}

func (k *code) close() {
	for _, e := range k.engines {
		if e != nil {
			e.Close()
		}
	}
	k.engines = nil
}

// memory estimates the bytes that the scripts' data take.
func (k *code) memory() int64 {
	var sum int64
	for _, e := range k.engines {
		if e != nil {
			sum += e.Memory()
		}
	}
	return sum
}

// The names of what slots see besides the globals.
const (
	varObject = "object"
	varData   = "data"
	varValue  = "value"
)

// Run runs the code of a slot for an entity; it is part of world.Scripts.
func (k *code) Run(ws world.Slot, e *world.Entity, arg value.Value) (value.Value, bool) {
	s := &k.slots[ws.ID-1]
	if k.Rests(ws) {
		return value.Null, false
	}
	began := k.now()
	k.vars = append(k.vars, k.variables(ws, e, arg))
	result, err := s.engine.Call(s.code, k.vars[len(k.vars)-1])
	k.vars = k.vars[:len(k.vars)-1]
	k.took(s, k.now().Sub(began))
	if err != nil {
		k.fail(s, e, err)
		return value.Null, false
	}
	if s.failing {
		s.failing = false
		k.faults.Succeeded(s.Name)
	}
	k.checkResult(s, e, result)
	return result, true
}

// Rests tells that the code of a slot is in quarantine; it is part of
// world.Scripts.
func (k *code) Rests(ws world.Slot) bool {
	return !ws.Empty() && k.slots[ws.ID-1].failing && !k.faults.Allowed(ws.Name, k.now())
}

// variables returns what the code sees, in a slice that is used again by the
// next call at this depth.
func (k *code) variables(s world.Slot, e *world.Entity, arg value.Value) []script.Var {
	var vars []script.Var
	if n := len(k.vars); n < cap(k.vars) {
		vars = k.vars[:n+1][n][:0]
	}
	vars = append(vars, script.Var{Name: varObject, Value: k.host.entity(e)})
	switch s.Kind {
	case world.EventSlot, world.TimeoutSlot:
		vars = append(vars, script.Var{Name: varData, Value: arg})
	case world.ComponentSlot:
		vars = append(vars, script.Var{Name: varValue, Value: arg})
	}
	return vars
}

func (k *code) took(s *slot, d time.Duration) {
	s.cost.Calls++
	s.cost.Total += d
	s.cost.Max = max(s.cost.Max, d)
	if len(k.vars) == 0 {
		k.spent += d
	}
}

// checkResult tells authors of a result that nobody will read.
func (k *code) checkResult(s *slot, e *world.Entity, result value.Value) {
	if s.Kind == world.ComponentSlot && !result.IsNil() {
		k.Fault(s.Slot, e, errors.New("the code of a component returned a value: it must return nothing, assign object.components instead"))
		s.failing = false
		k.faults.Succeeded(s.Name)
	}
}

// Fault records that code did something that is not allowed; it is part of
// world.Scripts.
func (k *code) Fault(ws world.Slot, e *world.Entity, err error) {
	k.fail(&k.slots[ws.ID-1], e, &script.Error{Class: script.Runtime, Message: err.Error(), File: ws.File})
}

// fail counts a fault and writes it to the log, unless it has been there often.
func (k *code) fail(s *slot, e *world.Entity, err error) {
	var fault *script.Error
	if !errors.As(err, &fault) {
		fault = &script.Error{Class: script.Runtime, Message: err.Error(), File: s.File}
	}
	s.failing = true
	s.cost.Failed++
	now := k.now()
	r := k.faults.Record(script.Occurrence{Slot: s.Name, Err: fault, Revision: k.revision, Entity: e.Key()}, now)
	if r.Log {
		k.config.Log.Error("script fault", faultAttrs(s, fault, e, k.revision, r)...)
	}
	if r.Quarantined {
		k.config.Log.Error("script quarantined", slog.String("slot", s.Name), slog.Duration("for", r.Until.Sub(now)))
	}
	if fault.Class == script.Memory {
		if x, ok := s.engine.(script.Exhaustible); ok && x.Exhausted() {
			k.exhausted = true
		}
	}
}

func faultAttrs(s *slot, fault *script.Error, e *world.Entity, revision string, r script.Recorded) []any {
	attrs := []any{
		slog.String("slot", s.Name), slog.String("at", fault.At()), slog.String("error", fault.Message),
		slog.String("entity", e.Key()), slog.String("revision", revision), slog.String("fingerprint", r.Fingerprint), slog.Int64("count", r.Count),
	}
	if r.Skipped > 0 {
		attrs = append(attrs, slog.Int64("skipped", r.Skipped))
	}
	if fault.Trace != "" {
		attrs = append(attrs, slog.String("trace", fault.Trace))
	}
	return attrs
}

// revive replaces engines whose memory is full. What scripts kept in globals is
// lost; the world is not.
func (k *code) revive() {
	if !k.exhausted {
		return
	}
	k.close()
	k.config.Log.Error("the scripts' data outgrew their memory: all globals are reset and the init code runs again",
		slog.Int64("limit", k.config.Limits.WithDefaults().Memory))
	if err := k.load(); err != nil {
		k.config.Log.Error("running the init code again", slog.Any("error", err))
	}
}

// costs returns what the slots have cost so far.
func (k *code) costs() []Cost {
	out := make([]Cost, len(k.slots))
	for i := range k.slots {
		out[i] = k.slots[i].cost
	}
	return out
}
