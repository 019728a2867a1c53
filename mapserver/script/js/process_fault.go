package js

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// processTrace is how many levels a trace shows, and processTraceScan how many
	// frames are looked at for them.
	processTrace     = 22
	processTraceScan = 64
	// processMessage bounds the text of a fault.
	processMessage = 4096
)

// processPlace is a level of the call stack.
type processPlace struct {
	file         string
	line, column int
	what         string
}

// internal tells that a place is in our own code and not the author's.
func (a processPlace) internal() bool {
	return a.file == "" || strings.HasPrefix(a.file, nodeInternal) || strings.HasPrefix(a.file, "<")
}

func processPlaces(stack []goja.StackFrame) []processPlace {
	var list []processPlace
	for i := range stack {
		at := processPlace{file: processFileName(stack[i].SrcName()), what: stack[i].FuncName()}
		if at.internal() {
			continue
		}
		pos := stack[i].Position()
		at.line, at.column = pos.Line, pos.Column
		if list = append(list, at); len(list) > processTrace {
			break
		}
	}
	return list
}

// processFileName undoes what goja does to names when there is a source map.
func processFileName(name string) string {
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

// processStackLine is a line of an error's property stack.
var processStackLine = regexp.MustCompile(`^\s*at (?:(.*) \()?(.*?):(\d+):(\d+)(?:\(\d+\))?\)?$`)

// processStackText reads the places from an error's property stack.
func processStackText(stack string) []processPlace {
	var list []processPlace
	for line := range strings.Lines(stack) {
		m := processStackLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		row, _ := strconv.Atoi(m[3])
		column, _ := strconv.Atoi(m[4])
		if m[1] == "" {
			m[1] = "<anonymous>"
		}
		list = append(list, processPlace{file: processFileName(m[2]), line: row, column: column, what: m[1]})
		if len(list) == processTraceScan {
			break
		}
	}
	return list
}

// processLocate puts a position and a trace into a fault.
func processLocate(fault *script.Error, list []processPlace) {
	var lines []string
	for _, at := range list {
		if at.internal() || len(lines) > processTrace {
			continue
		}
		if len(lines) == processTrace {
			lines = append(lines, "...")
			continue
		}
		if fault.File == "" {
			fault.File, fault.Line, fault.Column = at.file, at.line, at.column
		}
		lines = append(lines, fmt.Sprintf("%s:%d:%d: in %s", at.file, at.line, at.column, at.what))
	}
	fault.Trace = strings.Join(lines, "\n")
}

func processFatal(class script.Class, stack []goja.StackFrame) *script.Error {
	fault := &script.Error{Class: class, Message: script.TimeoutText}
	if class == script.Memory {
		fault.Message = script.MemoryText
	}
	processLocate(fault, processPlaces(stack))
	return fault
}

// faultFor makes the fault for an error that goja returned, nil for nil.
func (p *process) faultFor(err error) error {
	var fault *script.Error
	var stop *goja.InterruptedError
	var deep *goja.StackOverflowError
	var thrown *goja.Exception
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault) && !errors.As(err, &thrown):
		return fault
	case p.exiting:
		return processEnded()
	case errors.As(err, &stop):
		return p.interrupted(stop)
	case errors.As(err, &deep):
		fault = &script.Error{Class: script.Runtime, Message: "RangeError: Maximum call stack size exceeded"}
		processLocate(fault, processPlaces(deep.Stack()))
		return fault
	case errors.As(err, &thrown):
		return p.faultOf(thrown.Value(), thrown.Stack())
	}
	return &script.Error{Class: script.Runtime, Message: err.Error()}
}

// interrupted is the fault of a call that was ended from outside of the script.
func (p *process) interrupted(stop *goja.InterruptedError) *script.Error {
	if p.guard.fatal == nil {
		class, _ := stop.Value().(script.Class)
		if class == "" {
			class = script.Timeout
		}
		p.guard.fatal = processFatal(class, stop.Stack())
	}
	return p.fatalFault()
}

// fatalFault is a copy: the original is still needed by outer calls.
func (p *process) fatalFault() *script.Error {
	copied := *p.guard.fatal
	return &copied
}

// fatalError is the fault of a call that is over.
func (p *process) fatalError() error {
	if p.exiting {
		return nil
	}
	if p.guard.fatal == nil {
		p.guard.mu.Lock()
		why := p.guard.why
		p.guard.mu.Unlock()
		p.guard.fatal = processFatal(why, nil)
	}
	return p.fatalFault()
}

// faultOf is the fault for a value that was thrown.
func (p *process) faultOf(v goja.Value, stack []goja.StackFrame) *script.Error {
	p.guard.thrown = v
	fault := &script.Error{Class: script.Runtime}
	obj, ok := v.(*goja.Object)
	if ok && p.compiling[obj] != nil {
		copied := *p.compiling[obj]
		processLocate(&script.Error{}, nil)
		return &copied
	}
	var text, trace string
	if caught := p.vm.Try(func() {
		text = processThrownText(v)
		if ok && len(stack) == 0 {
			trace = obj.Get("stack").String()
		}
	}); caught != nil && text == "" {
		text = "an error whose text cannot be read"
	}
	fault.Message = text[:min(len(text), processMessage)]
	places := processPlaces(stack)
	if len(places) == 0 {
		places = processStackText(trace)
	}
	processLocate(fault, places)
	return fault
}

// processThrownText is the text of a value that was thrown.
func processThrownText(v goja.Value) string {
	obj, ok := v.(*goja.Object)
	if !ok {
		if v == nil {
			return "undefined"
		}
		return "Uncaught " + v.String()
	}
	message := obj.Get("message")
	if obj.ClassName() != "Error" && (message == nil || goja.IsUndefined(message)) {
		return "Uncaught " + obj.String()
	}
	if message == nil {
		return obj.String()
	}
	if name := obj.Get("name"); name != nil && name.String() != "Error" && !goja.IsUndefined(name) {
		return name.String() + ": " + message.String()
	}
	return message.String()
}

// faultText is a fault of the host's.
func (p *process) faultText(text string) error {
	return &script.Error{Class: script.Runtime, Message: text}
}

// recovered is the error for a panic that left the engine.
func (p *process) recovered(x any) error {
	if err, ok := x.(error); ok {
		var stop *goja.InterruptedError
		var thrown *goja.Exception
		if errors.As(err, &stop) || errors.As(err, &thrown) {
			return p.faultFor(err)
		}
	}
	if v, ok := x.(goja.Value); ok {
		return p.faultOf(v, nil)
	}
	return &script.Error{Class: script.Runtime, Message: processPanicText(x)}
}

func processPanicText(x any) string {
	return fmt.Sprintf("internal error of the JavaScript engine: %v", x)
}

// processThrown is what to panic with so that a script sees err.
func processThrown(vm *goja.Runtime, err error) any {
	var thrown *goja.Exception
	var stop *goja.InterruptedError
	var deep *goja.StackOverflowError
	switch {
	case errors.As(err, &stop):
		return stop
	case errors.As(err, &deep):
		return deep
	case errors.As(err, &thrown):
		return thrown
	}
	var fault *script.Error
	text := err.Error()
	if errors.As(err, &fault) {
		text = fault.Message
	}
	return processNewError(vm, "Error", text)
}

// processNewError makes an error of one of the language's classes.
func processNewError(vm *goja.Runtime, class, text string) *goja.Object {
	obj, err := vm.New(vm.GlobalObject().Get(class), vm.ToValue(text))
	if err != nil {
		return vm.NewTypeError("%s", text)
	}
	return obj
}
