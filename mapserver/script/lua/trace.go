package lua

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// maxTrace is how many levels a trace shows.
	maxTrace = 22
	// maxScan is how many frames are looked at for them.
	maxScan = 64
)

// place is where a function of the author's is.
type place struct {
	file string
	line int
	what string // "function 'move'", "main chunk"
}

func (p place) String() string { return p.file + ":" + strconv.Itoa(p.line) }

// places returns the author's functions that are running, innermost first, at
// most most of them; more tells that there are others.
func (e *Engine) places(L *glua.LState, most int) (list []place, more bool) {
	for d := e.depth - 1; d >= 0; d-- {
		lv := e.levels[d]
		if lv == nil {
			continue
		}
		if L == nil || lv.L == L {
			L = nil // the innermost state is found
			if list, more = appendPlaces(list, lv.L, most); more {
				return list, true
			}
		}
	}
	return list, false
}

func appendPlaces(list []place, L *glua.LState, most int) ([]place, bool) {
	for i := range maxScan {
		dbg, ok := L.GetStack(i)
		if !ok {
			return list, false
		}
		if _, err := L.GetInfo("Sln", dbg, glua.LNil); err != nil || dbg.Source == "" {
			continue // a function of ours
		}
		if len(list) == most {
			return list, true
		}
		list = append(list, place{file: dbg.Source, line: dbg.CurrentLine, what: describe(dbg)})
	}
	return list, true
}

func describe(dbg *glua.Debug) string {
	switch {
	case dbg.LineDefined == 0:
		return "main chunk"
	case dbg.Name == "" || strings.HasPrefix(dbg.Name, "<") || strings.HasPrefix(dbg.Name, "(") || dbg.Name == "?":
		return fmt.Sprintf("function <%s:%d>", dbg.Source, dbg.LineDefined)
	default:
		return "function '" + dbg.Name + "'"
	}
}

// trace returns the stack as text, one line a level.
func (e *Engine) trace(L *glua.LState) string {
	list, more := e.places(L, maxTrace)
	return traceText(list, more)
}

func traceText(list []place, more bool) string {
	lines := make([]string, 0, len(list)+1)
	for _, p := range list {
		lines = append(lines, p.String()+": in "+p.what)
	}
	if more {
		lines = append(lines, "...")
	}
	return strings.Join(lines, "\n")
}

// where returns "file:line: " of the author's function at the level, counted
// from 0 over the author's functions, or "" when there is none.
func (e *Engine) where(L *glua.LState, level int) string {
	list, _ := e.places(L, level+1)
	if len(list) <= level {
		return ""
	}
	return list[level].String() + ": "
}

// fail raises an error at the author's line.
func (e *Engine) fail(L *glua.LState, message string) {
	if e.budget.fatal != nil {
		e.abort(L)
	}
	L.Error(glua.LString(e.where(L, 0)+message), 0)
}

// failf is fail with a format.
func (e *Engine) failf(L *glua.LState, format string, args ...any) {
	e.fail(L, fmt.Sprintf(format, args...))
}

// faultAt is a fault at the line that is running.
func (e *Engine) faultAt(L *glua.LState) *script.Error {
	list, more := e.places(L, maxTrace)
	fault := &script.Error{Class: script.Runtime, Trace: traceText(list, more)}
	if len(list) > 0 {
		fault.File, fault.Line = list[0].file, list[0].line
	}
	return fault
}

// faultOf is the fault for an error that nothing in the script catches. A
// position that the message starts with is the better one: error(text, 2) names
// the caller's.
func (e *Engine) faultOf(L *glua.LState, obj glua.LValue) *script.Error {
	fault := e.faultAt(L)
	fault.Message = messageOf(obj)
	if file, line, rest, ok := e.splitPosition(fault.Message); ok {
		fault.File, fault.Line, fault.Message = file, line, rest
	}
	return fault
}

// messageOf is the text of an error value.
func messageOf(obj glua.LValue) string {
	switch v := obj.(type) {
	case glua.LString:
		return string(v)
	case glua.LNumber:
		return numberText(v)
	case *glua.LTable:
		if text, ok := v.RawGetString("message").(glua.LString); ok {
			return string(text)
		}
	}
	return "(error object is a " + typeName(obj) + " value)"
}

// splitPosition cuts "file:line: " off a message if file is one of ours.
func (e *Engine) splitPosition(s string) (file string, line int, rest string, ok bool) {
	for file := range e.sources {
		after, found := strings.CutPrefix(s, file+":")
		if !found {
			continue
		}
		digits, rest, found := strings.Cut(after, ":")
		if n, err := strconv.Atoi(digits); found && err == nil {
			return file, n, strings.TrimPrefix(rest, " "), true
		}
	}
	return "", 0, s, false
}

// callError makes the error that Engine.Call returns.
func (e *Engine) callError(lv *level, cd *code, err error) *script.Error {
	var fault *script.Error
	switch {
	case e.budget.fatal != nil:
		copied := *e.budget.fatal // the original is still needed by outer calls
		fault = &copied
	case lv.fault != nil && !isPanic(err):
		fault = lv.fault
	default:
		fault = e.panicFault(err)
	}
	if isPanic(err) {
		e.discard(lv)
	}
	if fault.File == "" {
		fault.File = cd.file
	}
	return fault
}

// panicFault is the fault for a panic inside gopher-lua. Its stack is gone; the
// position is read from the trace that gopher-lua took.
func (e *Engine) panicFault(err error) *script.Error {
	fault := &script.Error{Class: script.Runtime, Message: panicText(err)}
	var api *glua.ApiError
	if !errors.As(err, &api) {
		return fault
	}
	for line := range strings.Lines(api.StackTrace) {
		line = strings.TrimSpace(line)
		if file, n, _, ok := e.splitPosition(line); ok {
			fault.File, fault.Line = file, n
			break
		}
	}
	return fault
}

// panicText says what a panic means to the author.
func panicText(err error) string {
	text := err.Error()
	var api *glua.ApiError
	if errors.As(err, &api) && api.Object != nil {
		text = api.Object.String()
	}
	if strings.Contains(text, "callstack overflow") || strings.Contains(text, "index out of range [-1]") {
		return "stack overflow" // see level.pcall
	}
	return "internal error of the Lua engine: " + text
}
