package lua

import (
	"context"
	"log/slog"
	"strings"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// basePrint writes its arguments, separated by tabs, to the map's log.
func (e *Engine) basePrint(L *glua.LState) int {
	if !e.output.Allow(e.env.Log) {
		return 0
	}
	var b strings.Builder
	size := 0
	for i := range L.GetTop() {
		if i > 0 {
			b.WriteByte('\t')
			size++
		}
		s, ok := toText(e.tostring(L, L.Get(i+1)))
		if !ok {
			e.fail(L, "'tostring' must return a string to 'print'")
		}
		size += len(s)
		b.WriteString(s[:min(len(s), max(0, script.MaxText+1-b.Len()))])
	}
	at := strings.TrimSuffix(e.where(L, 0), ": ")
	e.env.Log.LogAttrs(context.Background(), slog.LevelInfo, script.Clip(b.String(), size), slog.String("at", at))
	return 0
}

// logError writes what error() was called with.
func (e *Engine) logError(L *glua.LState, v glua.LValue) {
	if !e.output.Allow(e.env.Log) {
		return
	}
	at := strings.TrimSuffix(e.where(L, 0), ": ")
	text := messageOf(v)
	if _, _, rest, ok := e.splitPosition(text); ok {
		text = rest
	}
	e.env.Log.LogAttrs(context.Background(), slog.LevelError, script.Clip(text, len(text)),
		slog.String("at", at), slog.String("trace", e.trace(L)))
}

// toText returns the text of a string or a number.
func toText(v glua.LValue) (string, bool) {
	switch v := v.(type) {
	case glua.LString:
		return string(v), true
	case glua.LNumber:
		return numberText(v), true
	}
	return "", false
}
