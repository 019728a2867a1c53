// Package script is the engine-neutral side of scripting: what an engine is,
// how scripts see host objects and functions, how faults are told and counted.
// It knows no language and no game.
package script

import (
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Language is one script language, for example Lua.
type Language interface {
	// Name is the name in messages and metrics, for example "lua".
	Name() string
	// Extensions are the file name endings that it takes, with their dot.
	Extensions() []string
	// Compile checks and compiles one file. Errors are *Error with the author's
	// file and line. Safe from any goroutine.
	Compile(file string, source []byte) (Program, error)
	// NewEngine makes an empty engine. Safe from any goroutine.
	NewEngine(env Env) Engine
}

// Program is a compiled file. It can be loaded into any engine of its language.
type Program interface {
	// File is the path below the bundle's folder.
	File() string
}

// Engine runs the programs of one map in one language. It is not safe for
// concurrent use: it belongs to the goroutine that runs the map, or, before its
// first use there, to the one that prepares it. Call may be entered again from
// a host function that the script called (a component's trigger within an
// event); time and memory of inner calls count for the outermost.
type Engine interface {
	// Load makes p callable, without running it.
	Load(p Program) (Code, error)
	// Call runs code with vars as the variables that it sees besides the
	// globals, and returns its first result. Errors are *Error.
	Call(code Code, vars []Var) (value.Value, error)
	// Memory estimates the bytes that the scripts' live data take.
	Memory() int64
	// Close frees the engine. No method is called afterwards.
	Close()
}

// Code is a loaded program in the engine that loaded it.
type Code any

// Var is a variable that is set for one call.
type Var struct {
	Name  string
	Value value.Value
}

// Env is what an engine offers its scripts.
type Env struct {
	// Functions are global functions. A dotted name ("paths.find") becomes a
	// field of a global table.
	Functions []*Function
	// Globals are global values: numbers, texts, tables, or host objects by
	// value.FromRef.
	Globals []Var
	// Limits hold for each outermost call.
	Limits Limits
	// Now is the wall clock of the map, for time functions. Budgets are measured
	// with the process's monotonic clock instead.
	Now func() time.Time
	// Log takes what scripts print, one record a call, with the position as
	// attribute "at" ("main.lua:12").
	Log *slog.Logger
}

// Limits bound what one outermost call may take. Zero fields mean the default.
type Limits struct {
	// Call is the wall time of one outermost call. Default 50 ms.
	Call time.Duration
	// Memory is the bytes that the scripts of a map may hold. Default 128 MiB.
	Memory int64
}

// The default limits.
const (
	DefaultCall   = 50 * time.Millisecond
	DefaultMemory = 128 << 20
)

// WithDefaults returns l with its zero fields set.
func (l Limits) WithDefaults() Limits {
	if l.Call == 0 {
		l.Call = DefaultCall
	}
	if l.Memory == 0 {
		l.Memory = DefaultMemory
	}
	return l
}

// Exhaustible is an Engine whose scripts' live data may come to exceed
// Limits.Memory. Once Exhausted is true every Call fails with MemoryText, at no
// cost; what remains is to make a fresh engine, load the programs and run the
// bundle's init code again. Owners ask after a Call that failed with Memory.
type Exhaustible interface {
	Engine
	Exhausted() bool
}
