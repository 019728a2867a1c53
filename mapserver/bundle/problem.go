package bundle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level tells faults from hints.
type Level uint8

// The levels. A bundle with an Error does not run; one with Warnings does.
const (
	Error Level = iota
	Warning
)

// Problem is one thing that is wrong with a bundle.
type Problem struct {
	Level Level
	// File is the path below the bundle's folder, with "library/" before it for
	// the built-in library. Line and Column count from 1; 0 when not known.
	File    string
	Line    int
	Column  int
	Message string
}

// String returns "file:line:column: message", with "warning: " before the
// message of a warning, as far as the position is known.
func (p Problem) String() string {
	at := p.File
	if p.Line > 0 {
		at += fmt.Sprintf(":%d", p.Line)
		if p.Column > 0 {
			at += fmt.Sprintf(":%d", p.Column)
		}
	}
	if at != "" {
		at += ": "
	}
	if p.Level == Warning {
		at += "warning: "
	}
	return at + p.Message
}

// Problems are all problems of a bundle, sorted by file, line and column. As an
// error it tells all of them, one a line.
type Problems []Problem

// Add puts p in its place; a problem that is there already is not added twice.
func (ps *Problems) Add(p Problem) {
	i, found := slices.BinarySearchFunc(*ps, p, compare)
	if !found {
		*ps = slices.Insert(*ps, i, p)
	}
}

// Err returns ps as an error, nil when it holds nothing worse than warnings.
func (ps Problems) Err() error {
	if slices.ContainsFunc(ps, func(p Problem) bool { return p.Level == Error }) {
		return ps
	}
	return nil
}

// Error returns all problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func compare(a, b Problem) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Level, b.Level), cmp.Compare(a.Message, b.Message),
	)
}
