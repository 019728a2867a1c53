package lua

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	glua "github.com/yuin/gopher-lua"
)

const (
	// maxRecords is how many records one outermost call may write to the log;
	// the others are counted.
	maxRecords = 50
	// maxText is how many bytes of one text are written.
	maxText = 4096
)

// output counts what scripts write to the map's log.
type output struct {
	records int
}

// basePrint writes its arguments, separated by tabs, to the map's log.
func (e *Engine) basePrint(L *glua.LState) int {
	if !e.mayWrite() {
		return 0
	}
	var b strings.Builder
	for i := range L.GetTop() {
		if i > 0 {
			b.WriteByte('\t')
		}
		text := e.tostring(L, L.Get(i+1))
		if _, ok := toText(text); !ok {
			e.fail(L, "'tostring' must return a string to 'print'")
		}
		s, _ := toText(text)
		e.reserve(L, len(s))
		b.WriteString(s[:min(len(s), maxText+1)])
	}
	at := strings.TrimSuffix(e.where(L, 0), ": ")
	e.env.Log.LogAttrs(context.Background(), slog.LevelInfo, clip(b.String()), slog.String("at", at))
	return 0
}

// logError writes what error() was called with.
func (e *Engine) logError(L *glua.LState, v glua.LValue) {
	if !e.mayWrite() {
		return
	}
	at := strings.TrimSuffix(e.where(L, 0), ": ")
	text := messageOf(v)
	if _, _, rest, ok := e.splitPosition(text); ok {
		text = rest
	}
	e.env.Log.LogAttrs(context.Background(), slog.LevelError, clip(text),
		slog.String("at", at), slog.String("trace", e.trace(L)))
}

// mayWrite counts a record and tells whether it is to be written.
func (e *Engine) mayWrite() bool {
	e.output.records++
	return e.env.Log != nil && e.output.records <= maxRecords
}

// flush tells how many records were left out, at the end of an outermost call.
func (o *output) flush(log *slog.Logger) {
	if o.records > maxRecords && log != nil {
		log.Warn("script output left out", "records", o.records-maxRecords)
	}
	o.records = 0
}

func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "... (" + strconv.Itoa(len(s)) + " bytes)"
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
