package terrain

import "fmt"

// Error is what is wrong with a map or tileset file, in its author's terms.
type Error struct {
	// File is the path below the bundle's folder; Line and Column count from 1, 0
	// when the fault is not at one place.
	File    string
	Line    int
	Column  int
	Message string
}

// Error returns "file:line:column: message" as far as the position is known.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}
