package script

import (
	"log/slog"
	"strconv"
	"strings"
)

const (
	// MaxRecords is how many records one outermost call may write to the log; the
	// others are counted.
	MaxRecords = 50
	// MaxText is how many bytes of one text are written.
	MaxText = 4096
)

// Output counts what the scripts of an engine write to the map's log. The zero Output
// is that of a call that has written nothing.
type Output struct{ records int }

// Allow counts a record and tells whether it is to be written.
func (o *Output) Allow(log *slog.Logger) bool {
	o.records++
	return log != nil && o.records <= MaxRecords
}

// Flush tells how many records were left out, at the end of an outermost call.
func (o *Output) Flush(log *slog.Logger) {
	if o.records > MaxRecords && log != nil {
		log.Warn("script output left out", "records", o.records-MaxRecords)
	}
	o.records = 0
}

// Clip cuts a text of size bytes, of which s is the beginning.
func Clip(s string, size int) string {
	if size <= MaxText {
		return s
	}
	return strings.ToValidUTF8(s[:min(len(s), MaxText)], "") + "... (" + strconv.Itoa(size) + " bytes)"
}
