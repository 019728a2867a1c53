package lua

import (
	"strings"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// wordings are gopher-lua's messages that authors would not recognise.
var wordings = []struct{ from, to string }{
	{"registry overflow", "stack overflow"},
	{"__unm undefined", "attempt to perform arithmetic on a value that is not a number"},
	{"__len undefined", "attempt to get length of a value that has none"},
	{"too many recursions in gettable", "loop in gettable"},
	{"too many recursions in settable", "loop in settable"},
}

// polish puts gopher-lua's own messages into Lua's words.
func (e *Engine) polish(L *glua.LState, obj glua.LValue) glua.LValue {
	s, ok := obj.(glua.LString)
	if !ok || len(s) > script.MaxText {
		return obj
	}
	text := string(s)
	for _, w := range wordings {
		if at, ok := strings.CutSuffix(text, w.from); ok {
			text = at + w.to
		}
	}
	if at, ok := strings.CutSuffix(text, "attempt to call a non-function object"); ok {
		text = at + "attempt to call " + calledName(L)
	}
	if at, rest, ok := strings.Cut(text, "attempt to index a non-table object("); ok {
		if kind, key, ok := strings.Cut(rest, ") with key "); ok {
			text = at + "attempt to index a " + kind + " value (key " + key + ")"
		}
	}
	// There was no author's function on this state.
	return glua.LString(strings.TrimPrefix(polishArithmetic(text), " "))
}

// polishArithmetic rewrites "cannot perform add operation between nil and number".
func polishArithmetic(text string) string {
	at, rest, ok := strings.Cut(text, "cannot perform ")
	if !ok {
		return text
	}
	_, kinds, ok := strings.Cut(rest, " operation between ")
	if !ok {
		return text
	}
	left, right, ok := strings.Cut(kinds, " and ")
	if !ok {
		return text
	}
	bad := left
	if left == "number" {
		bad = right
	}
	if bad == "userdata" { // scripts see objects as tables
		bad = "table"
	}
	return at + "attempt to perform arithmetic on a " + bad + " value"
}

// something is called when the source does not tell its name.
const something = "a value that is not a function"

// calledName guesses what the running line tried to call.
func calledName(L *glua.LState) string {
	dbg, ok := L.GetStack(0)
	if !ok {
		return something
	}
	fn, err := L.GetInfo("fl", dbg, glua.LNil)
	f, isFunction := fn.(*glua.LFunction)
	if err != nil || !isFunction || f.Proto == nil {
		return something
	}
	name := ""
	for _, c := range f.Proto.DbgCalls {
		if c.Pc >= len(f.Proto.DbgSourcePositions) || f.Proto.DbgSourcePositions[c.Pc] != dbg.CurrentLine {
			continue
		}
		if strings.HasPrefix(c.Name, "(") || c.Name == "?" {
			continue
		}
		if name != "" && name != c.Name {
			return something // several calls on that line
		}
		name = c.Name
	}
	if name == "" {
		return something
	}
	return "'" + name + "', which is not a function"
}
