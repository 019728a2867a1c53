package js

import (
	"context"
	"log/slog"
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

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
		if !m.output.Allow(m.log) {
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
			b.WriteString(s[:min(len(s), max(0, script.MaxText+1-b.Len()))])
		}
		m.log.LogAttrs(context.Background(), level, script.Clip(b.String(), size), slog.String("at", m.at()))
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
