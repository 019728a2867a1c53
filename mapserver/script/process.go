package script

import (
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Bytes is a block of bytes in scripts, by value.FromRef: in JavaScript a Buffer.
// Scripts may keep it, and both sides leave it as it is.
type Bytes []byte

// Platform is a language that runs whole programs, as Node.js does: the dialects of
// other systems are such programs around a bundle.
type Platform interface {
	// NewProcess makes a process that has run nothing yet. Safe from any goroutine.
	NewProcess(c ProcessConfig) (Process, error)
}

// ProcessConfig says what a Process is made of.
type ProcessConfig struct {
	// Files are the bundle's, by their paths below its folder: what the program may
	// require and read. Nothing else of the host is there.
	Files map[string][]byte
	// Shim is the dialect's own program. It runs first, sees Functions, and exports
	// what Call calls. Modules are further modules of the dialect that programs may
	// require, by their names.
	Shim    []byte
	Modules map[string][]byte
	// Functions are properties of the shim's global object host. The bundle does not
	// see it. A Function may be given functions of the script, as Refs that are
	// Callbacks.
	Functions []*Function
	// Args and Env are process.argv after the program's name, and process.env.
	Args []string
	Env  map[string]string
	// Limits hold for each call from outside, and for each timer.
	Limits Limits
	// Now is the wall clock.
	Now func() time.Time
	// Log takes what the program prints, with the position as attribute "at".
	Log *slog.Logger
	// Exit is told, once, that the program wants to end; nothing of it runs afterwards.
	Exit func(code int)
	// Fault is told of faults that no caller gets: in timers, and promises that nobody
	// catches.
	Fault func(*Error)
}

// Process is a running program. Like an Engine it belongs to one goroutine.
type Process interface {
	// Call calls a function that the shim exports, and then what it left to do at once
	// (promises, nextTick). Bytes are Refs. Errors are *Error.
	Call(name string, args ...value.Value) (value.Value, error)
	// Step runs the timers that are due, and what they leave to do at once.
	Step(now time.Time)
	// Memory estimates the bytes that the program's live data take. Once Exhausted is
	// true, every Call fails with MemoryText.
	Memory() int64
	Exhausted() bool
	// Close frees the process. No method is called afterwards.
	Close()
}

// Callback is a function of a script that a host function was given. It is called on
// the process's goroutine.
type Callback interface {
	Call(args ...value.Value) (value.Value, error)
}
