package lua

import (
	"errors"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// A Lua pattern is compiled into items, which the matcher in match.go works
// through. Compiled patterns are kept: scripts use few different ones.

const (
	maxCaptures = 32
	// maxPatterns is how many compiled patterns an engine keeps.
	maxPatterns = 256
)

type itemKind uint8

const (
	itemSet      itemKind = iota // one byte of set, repeated as rep says
	itemOpen                     // (
	itemClose                    // ) of capture n
	itemPosition                 // ()
	itemBack                     // %1..%9
	itemBalance                  // %bxy
	itemFrontier                 // %f[set]
	itemEnd                      // $ at the end
)

// item is one step of a pattern.
type item struct {
	kind itemKind
	rep  byte // 0, '*', '+', '-' or '?'
	n    uint8
	x, y byte
	set  byteSet
}

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *byteSet) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *byteSet) merge(t byteSet) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (s *byteSet) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// pattern is a compiled pattern.
type pattern struct {
	items    []item
	anchored bool
	captures int
}

// The errors of patterns, in Lua's words.
var (
	errPatternEnd      = errors.New("malformed pattern (ends with '%')")
	errPatternBracket  = errors.New("malformed pattern (missing ']')")
	errPatternFrontier = errors.New("missing '[' after '%f' in pattern")
	errPatternBalance  = errors.New("unbalanced pattern (missing characters after '%b')")
	errPatternCapture  = errors.New("invalid pattern capture")
	errPatternIndex    = errors.New("invalid capture index")
	errPatternOpen     = errors.New("unfinished capture")
	errPatternMany     = errors.New("too many captures")
)

// compilePattern returns the compiled form of p. In gmatch a leading ^ has no
// special meaning.
func (e *Engine) compilePattern(p string, anchors bool) (*pattern, error) {
	key := p
	if !anchors && len(p) > 0 && p[0] == '^' {
		key = "%" + p // the same items as for a literal ^
	}
	if done, ok := e.patterns[key]; ok {
		return done, nil
	}
	c := patternCompiler{src: key}
	out, err := c.compile()
	if err != nil {
		return nil, err
	}
	if len(e.patterns) >= maxPatterns || len(key) > script.MaxText {
		clear(e.patterns)
	}
	e.patterns[key] = out
	return out, nil
}

type patternCompiler struct {
	src  string
	pos  int
	out  pattern
	open []uint8
}

func (c *patternCompiler) compile() (*pattern, error) {
	if len(c.src) > 0 && c.src[0] == '^' {
		c.out.anchored = true
		c.pos = 1
	}
	for c.pos < len(c.src) {
		if err := c.next(); err != nil {
			return nil, err
		}
	}
	if len(c.open) > 0 {
		return nil, errPatternOpen
	}
	return &c.out, nil
}

func (c *patternCompiler) emit(it item) { c.out.items = append(c.out.items, it) }

// next compiles the item at pos.
func (c *patternCompiler) next() error {
	switch ch := c.src[c.pos]; ch {
	case '(':
		return c.openCapture()
	case ')':
		return c.closeCapture()
	case '$':
		if c.pos == len(c.src)-1 {
			c.pos++
			c.emit(item{kind: itemEnd})
			return nil
		}
	case '%':
		if c.pos+1 >= len(c.src) {
			return errPatternEnd
		}
		if done, err := c.escape(c.src[c.pos+1]); done || err != nil {
			return err
		}
	}
	return c.single()
}

func (c *patternCompiler) openCapture() error {
	if c.out.captures >= maxCaptures {
		return errPatternMany
	}
	n := uint8(c.out.captures)
	c.out.captures++
	c.pos++
	if c.pos < len(c.src) && c.src[c.pos] == ')' {
		c.pos++
		c.emit(item{kind: itemPosition, n: n})
		return nil
	}
	c.open = append(c.open, n)
	c.emit(item{kind: itemOpen, n: n})
	return nil
}

func (c *patternCompiler) closeCapture() error {
	if len(c.open) == 0 {
		return errPatternCapture
	}
	n := c.open[len(c.open)-1]
	c.open = c.open[:len(c.open)-1]
	c.pos++
	c.emit(item{kind: itemClose, n: n})
	return nil
}

// escape compiles the escapes that are not a class: back references, %b, %f.
func (c *patternCompiler) escape(ch byte) (done bool, err error) {
	switch {
	case ch >= '0' && ch <= '9':
		n := int(ch) - '1'
		if n < 0 || n >= c.out.captures || c.isOpen(uint8(n)) {
			return false, errPatternIndex
		}
		c.pos += 2
		c.emit(item{kind: itemBack, n: uint8(n)})
		return true, nil
	case ch == 'b':
		if c.pos+3 >= len(c.src) {
			return false, errPatternBalance
		}
		c.emit(item{kind: itemBalance, x: c.src[c.pos+2], y: c.src[c.pos+3]})
		c.pos += 4
		return true, nil
	case ch == 'f':
		c.pos += 2
		if c.pos >= len(c.src) || c.src[c.pos] != '[' {
			return false, errPatternFrontier
		}
		set, err := c.bracket()
		c.emit(item{kind: itemFrontier, set: set})
		return true, err
	}
	return false, nil
}

func (c *patternCompiler) isOpen(n uint8) bool {
	for _, o := range c.open {
		if o == n {
			return true
		}
	}
	return false
}

// single compiles a byte, a class or a set, and the repetition after it.
func (c *patternCompiler) single() error {
	it := item{kind: itemSet}
	switch ch := c.src[c.pos]; ch {
	case '.':
		it.set.invert()
		c.pos++
	case '%':
		it.set = classSet(c.src[c.pos+1])
		c.pos += 2
	case '[':
		set, err := c.bracket()
		if err != nil {
			return err
		}
		it.set = set
	default:
		it.set.add(ch)
		c.pos++
	}
	if c.pos < len(c.src) {
		switch r := c.src[c.pos]; r {
		case '*', '+', '-', '?':
			it.rep = r
			c.pos++
		}
	}
	c.emit(it)
	return nil
}

// bracket compiles [set], with pos at the opening bracket.
func (c *patternCompiler) bracket() (byteSet, error) {
	var set byteSet
	c.pos++
	negated := c.pos < len(c.src) && c.src[c.pos] == '^'
	if negated {
		c.pos++
	}
	for first := true; ; first = false {
		if c.pos >= len(c.src) {
			return set, errPatternBracket
		}
		ch := c.src[c.pos]
		switch {
		case ch == ']' && !first:
			c.pos++
			if negated {
				set.invert()
			}
			return set, nil
		case ch == '%':
			if c.pos+1 >= len(c.src) {
				return set, errPatternEnd
			}
			set.merge(classSet(c.src[c.pos+1]))
			c.pos += 2
		case c.pos+2 < len(c.src) && c.src[c.pos+1] == '-' && c.src[c.pos+2] != ']':
			for b := int(ch); b <= int(c.src[c.pos+2]); b++ {
				set.add(byte(b))
			}
			c.pos += 3
		default:
			set.add(ch)
			c.pos++
		}
	}
}

// classSet is the set of %a, %d and so on; an upper case letter is everything
// else, other characters mean themselves.
func classSet(ch byte) byteSet {
	var set byteSet
	lower := ch | 0x20
	member, ok := classes[lower]
	if !ok || !isLetter(ch) {
		set.add(ch)
		return set
	}
	for c := range 256 {
		if member(byte(c)) {
			set.add(byte(c))
		}
	}
	if ch != lower {
		set.invert()
	}
	return set
}

func isLetter(c byte) bool  { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool   { return c >= '0' && c <= '9' }
func isControl(c byte) bool { return c < ' ' || c == 0x7f }
func isSpace(c byte) bool   { return c == ' ' || c >= '\t' && c <= '\r' }

// classes are the character classes of the C locale.
var classes = map[byte]func(byte) bool{
	'a': isLetter,
	'c': isControl,
	'd': isDigit,
	'l': func(c byte) bool { return c >= 'a' && c <= 'z' },
	'p': func(c byte) bool { return c > ' ' && c < 0x7f && !isLetter(c) && !isDigit(c) },
	's': isSpace,
	'u': func(c byte) bool { return c >= 'A' && c <= 'Z' },
	'w': func(c byte) bool { return isLetter(c) || isDigit(c) },
	'x': func(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' },
	'z': func(c byte) bool { return c == 0 },
}
