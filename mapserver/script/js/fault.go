package js

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// maxTrace is how many levels a trace shows.
	maxTrace = 22
	// maxMessage bounds the text of an error in bytes.
	maxMessage = 8 << 10
)

// own is the name of code that is not the author's.
const own = "<overworld>"

// fault turns what ended a call into a *script.Error. The first fault that cannot be
// caught is kept: calls further out end with the same.
func (m *machine) fault(file string, err error) *script.Error {
	var given *script.Error
	var thrown *goja.Exception
	var cut *goja.InterruptedError
	var deep *goja.StackOverflowError
	out := &script.Error{Class: script.Runtime, File: file}
	switch {
	case m.budget.fatal != nil:
		copied := *m.budget.fatal // the original is still needed by outer calls
		return &copied
	case errors.As(err, &given):
		return given
	case errors.As(err, &cut):
		m.budget.mu.Lock()
		out.Class = m.budget.class
		m.budget.mu.Unlock()
		out.Message = text(out.Class)
		m.place(out, cut.Stack())
		m.budget.fatal = out
		copied := *out
		return &copied
	case errors.As(err, &deep):
		out.Message = "stack overflow"
		m.place(out, deep.Stack())
	case errors.As(err, &thrown):
		if fatal := m.describe(out, thrown); fatal != nil {
			return m.fault(file, fatal)
		}
	case err != nil:
		out.Message = err.Error()
	}
	return out
}

// describe fills in what was thrown. Asking for its text may run code of the script:
// the error that this ended with is returned if it ends the call.
func (m *machine) describe(out *script.Error, thrown *goja.Exception) error {
	m.place(out, thrown.Stack())
	err := m.try(func() { out.Message = m.messageOf(thrown.Value()) })
	var cut *goja.InterruptedError
	if errors.As(err, &cut) {
		return err
	}
	if err != nil {
		out.Message = "(an error whose text cannot be read)"
	}
	if len(out.Message) > maxMessage {
		out.Message = strings.ToValidUTF8(out.Message[:maxMessage], "") + "..."
	}
	return nil
}

// messageOf is the text of what was thrown: the message of an Error with its name,
// if that says more than "Error".
func (m *machine) messageOf(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		return v.String()
	}
	message := o.Get("message")
	if message == nil || goja.IsUndefined(message) {
		if o.ClassName() == "Error" {
			return o.String()
		}
		return "(error object is a " + o.ClassName() + " without a message)"
	}
	name := o.Get("name")
	if name == nil || goja.IsUndefined(name) || name.String() == "Error" {
		return message.String()
	}
	return name.String() + ": " + message.String()
}

// rejection is the fault for a promise that failed without anybody to catch it.
func (m *machine) rejection(file string) *script.Error {
	p := m.rejected[0]
	out := &script.Error{Class: script.Runtime, File: file}
	reason := p.Result()
	err := m.try(func() {
		out.Message = "a promise failed that nobody catches: " + m.messageOf(reason)
		if o, ok := reason.(*goja.Object); ok {
			if stack := o.Get("stack"); stack != nil {
				m.placeText(out, stack.String())
			}
		}
	})
	var cut *goja.InterruptedError
	if errors.As(err, &cut) {
		return m.fault(file, err)
	}
	return out
}

// place sets position and trace to what the author wrote of a stack.
func (m *machine) place(out *script.Error, stack []goja.StackFrame) {
	var lines []string
	known := false
	for i, f := range stack {
		p := f.Position()
		if f.SrcName() == own || f.SrcName() == "<native>" || p.Line == 0 {
			continue
		}
		name := what(f.FuncName(), i == len(stack)-1)
		if p.Line == 1 && p.Column == 1 { // goja does not know
			lines = append(lines, p.Filename+": in "+name)
			continue
		}
		line, column := m.authored(p.Line, p.Column, p.Filename)
		if !known {
			out.File, out.Line, out.Column, known = p.Filename, line, column, true
		}
		if len(lines) == maxTrace {
			lines = append(lines, "...")
			break
		}
		lines = append(lines, fmt.Sprintf("%s:%d:%d: in %s", p.Filename, line, column, name))
	}
	out.Trace = strings.Join(lines, "\n")
}

// authored is a position as the author sees it: what stands before the code on its
// first line does not count, and source maps count columns from 0.
func (m *machine) authored(line, column int, file string) (int, int) {
	switch head, known := m.heads[file]; {
	case known && head == 0:
		column++
	case known && line == 1 && column > head:
		column -= head
	}
	return line, column
}

func what(name string, outermost bool) string {
	switch {
	case name == bodyName || name == "<anonymous>" && outermost:
		return "main chunk"
	case name == "" || name == "<anonymous>":
		return "a function"
	default:
		return "function '" + name + "'"
	}
}

// placeText reads the position from the text of an Error's stack:
// "	at f (file:line:column(pc))".
func (m *machine) placeText(out *script.Error, stack string) {
	for line := range strings.Lines(stack) {
		at, found := strings.CutPrefix(strings.TrimSpace(line), "at ")
		if !found || strings.Contains(at, own) || strings.Contains(at, "(native)") {
			continue
		}
		if i := strings.IndexByte(at, ' '); i >= 0 {
			at = strings.Trim(at[i+1:], "()")
		}
		at, _, _ = strings.Cut(at, "(")
		parts := strings.Split(at, ":")
		if len(parts) < 3 {
			continue
		}
		n := len(parts)
		row, err1 := strconv.Atoi(parts[n-2])
		column, err2 := strconv.Atoi(parts[n-1])
		if err1 != nil || err2 != nil {
			continue
		}
		out.File = strings.Join(parts[:n-2], ":")
		out.Line, out.Column = m.authored(row, column, out.File)
		return
	}
}

// at returns "file:line" of the author's code that is running.
func (m *machine) at() string {
	var stack [16]goja.StackFrame
	for _, f := range m.rt.CaptureCallStack(len(stack), stack[:0]) {
		if p := f.Position(); f.SrcName() != own && f.SrcName() != "<native>" && p.Line > 0 {
			return p.Filename + ":" + strconv.Itoa(p.Line)
		}
	}
	return ""
}
