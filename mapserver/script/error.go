package script

import (
	"fmt"
	"hash/fnv"
	"strconv"
)

// Class tells the sorts of faults apart.
type Class string

// The classes of faults. Timeout and Memory end the call and cannot be caught
// by the script.
const (
	Compile Class = "compile"
	Runtime Class = "runtime"
	Timeout Class = "timeout"
	Memory  Class = "memory"
)

// Texts of the faults that a script cannot catch, the same for all engines.
const (
	TimeoutText = "The maximum execution time for this script was exceeded"
	MemoryText  = "not enough memory"
)

// Error is a fault in a script, in the author's terms.
type Error struct {
	Class   Class
	Message string
	// File is the path below the bundle's folder; Line and Column count from 1,
	// 0 when not known.
	File   string
	Line   int
	Column int
	// Trace is the call stack, one line a level, "" when there is none.
	Trace string
}

// Error returns "file:line:column: message" as far as the position is known.
func (e *Error) Error() string {
	if at := e.At(); at != "" {
		return at + ": " + e.Message
	}
	return e.Message
}

// At returns the position as "file:line" or "file:line:column", "" if unknown.
func (e *Error) At() string {
	switch {
	case e.File == "":
		return ""
	case e.Line == 0:
		return e.File
	case e.Column == 0:
		return e.File + ":" + strconv.Itoa(e.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
}

// Fingerprint is the same for the same fault at the same place: numbers and
// quoted texts in the message do not count, so that "player 7" and "player 8"
// are one fault.
func (e *Error) Fingerprint() string {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s|%s|%d|%s", e.Class, e.File, e.Line, generalise(e.Message))
	return strconv.FormatUint(h.Sum64(), 16)
}

// generalise replaces runs of digits by # and quoted texts by ?.
func generalise(s string) string {
	out := make([]byte, 0, len(s))
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
				out = append(out, '?')
			}
		case c == '"' || c == '\'':
			quote = c
		case c >= '0' && c <= '9':
			if n := len(out); n == 0 || out[n-1] != '#' {
				out = append(out, '#')
			}
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
