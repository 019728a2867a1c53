package js

import (
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// found is what a replacement text may refer to.
type found struct {
	match, whole goja.String
	at           int
	captures     []goja.Value
	groups       *goja.Object // nil if none has a name
}

// foundIn reads the arguments that a function in the place of a replacement text gets:
// the match, its groups, where it is, the whole text, and perhaps the groups by their
// names.
func (m *machine) foundIn(args []goja.Value) found {
	f := found{}
	if o, ok := args[len(args)-1].(*goja.Object); ok {
		f.groups = o
		args = args[:len(args)-1]
	}
	last := len(args) - 1
	f.match, f.whole, f.at = m.textOf(args[0]), m.textOf(args[last]), int(args[last-1].ToInteger())
	f.captures = args[1 : last-1]
	return f
}

// substitute is what a replacement text stands for.
func (f *found) substitute(with string) string {
	var b strings.Builder
	for {
		before, after, more := strings.Cut(with, "$")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		n := f.expand(&b, after)
		if n == 0 {
			b.WriteByte('$')
		}
		with = after[n:]
	}
}

// expand writes what the signs after a $ stand for and returns how many they are.
func (f *found) expand(b *strings.Builder, after string) int {
	if after == "" {
		return 0
	}
	switch c := after[0]; {
	case c == '$':
		b.WriteByte('$')
	case c == '&':
		b.WriteString(f.match.String())
	case c == '`':
		b.WriteString(f.whole.Substring(0, f.at).String())
	case c == '\'':
		b.WriteString(f.whole.Substring(f.at+f.match.Length(), f.whole.Length()).String())
	case c == '<' && f.groups != nil:
		return f.named(b, after)
	case c >= '0' && c <= '9':
		return f.numbered(b, after)
	default:
		return 0
	}
	return 1
}

// named writes the group of that name.
func (f *found) named(b *strings.Builder, after string) int {
	name, _, closed := strings.Cut(after[1:], ">")
	if !closed {
		return 0
	}
	if v := f.groups.Get(name); v != nil && !goja.IsUndefined(v) {
		b.WriteString(v.String())
	}
	return len(name) + 2
}

// numbered writes the group of one or two digits.
func (f *found) numbered(b *strings.Builder, after string) int {
	for digits := min(2, len(after)); digits > 0; digits-- {
		n, err := strconv.Atoi(after[:digits])
		if err != nil || n < 1 || n > len(f.captures) {
			continue
		}
		if v := f.captures[n-1]; !goja.IsUndefined(v) {
			b.WriteString(v.String())
		}
		return digits
	}
	return 0
}
