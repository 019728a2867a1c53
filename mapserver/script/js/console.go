package js

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

const (
	// maxRecords is how many records one outermost call may write to the log; the
	// others are counted.
	maxRecords = 50
	// maxText is how many bytes of one text are written.
	maxText = 4096
)

// output counts what scripts write to the map's log.
type output struct{ records int }

// openConsole makes print and console.
func (m *machine) openConsole() {
	console := m.rt.NewObject()
	for _, f := range []struct {
		name  string
		level slog.Level
	}{{"log", slog.LevelInfo}, {"info", slog.LevelInfo}, {"debug", slog.LevelDebug}, {"warn", slog.LevelWarn}, {"error", slog.LevelError}} {
		_ = console.Set(f.name, m.printer(f.name, f.level, " "))
	}
	_ = m.rt.GlobalObject().Set("console", console)
	_ = m.rt.GlobalObject().Set("print", m.printer("print", slog.LevelInfo, "\t"))
}

// printer makes a function that writes its arguments to the log.
func (m *machine) printer(name string, level slog.Level, between string) goja.Value {
	return m.function(name, 0, func(call goja.FunctionCall) goja.Value {
		m.spend(1)
		if m.output.records++; m.log == nil || m.output.records > maxRecords {
			return goja.Undefined()
		}
		var b strings.Builder
		size := 0
		for i, arg := range call.Arguments {
			if i > 0 {
				b.WriteString(between)
				size++
			}
			s := m.shown(arg)
			size += len(s)
			b.WriteString(s[:min(len(s), max(0, maxText+1-b.Len()))])
		}
		m.log.LogAttrs(context.Background(), level, clip(b.String(), size), slog.String("at", m.at()))
		return goja.Undefined()
	})
}

// shown is the text of a value: objects and arrays as JSON, if they can be.
func (m *machine) shown(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		if sym, ok := v.(*goja.Symbol); ok {
			return sym.String()
		}
		return v.String()
	}
	switch o.ClassName() {
	case "Function":
		return "function"
	case "Error":
		if stack := o.Get("stack"); stack != nil && !goja.IsUndefined(stack) {
			return stack.String()
		}
		return m.messageOf(o)
	case "Object", "Array":
		if text, err := m.stringify(o, jsonOptions{}); err == nil {
			return text
		}
	}
	return o.String()
}

// flush tells how many records were left out, at the end of an outermost call.
func (o *output) flush(log *slog.Logger) {
	if o.records > maxRecords && log != nil {
		log.Warn("script output left out", "records", o.records-maxRecords)
	}
	o.records = 0
}

// clip cuts a text of size bytes, of which s is the beginning.
func clip(s string, size int) string {
	if size <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:min(len(s), maxText)], "") + "... (" + strconv.Itoa(size) + " bytes)"
}
