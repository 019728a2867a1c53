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
		b.WriteString(s[:min(len(s), max(0, maxText+1-b.Len()))])
	}
	at := strings.TrimSuffix(e.where(L, 0), ": ")
	e.env.Log.LogAttrs(context.Background(), slog.LevelInfo, clip(b.String(), size), slog.String("at", at))
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
	e.env.Log.LogAttrs(context.Background(), slog.LevelError, clip(text, len(text)),
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

// clip cuts a text of size bytes, of which s is the beginning.
func clip(s string, size int) string {
	if size <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:min(len(s), maxText)], "") + "... (" + strconv.Itoa(size) + " bytes)"
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
