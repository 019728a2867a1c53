package lua

import (
	"strings"

	glua "github.com/yuin/gopher-lua"
)

// maxMatchDepth bounds the recursion of the matcher, as LuaSandbox does.
const maxMatchDepth = 20000

// matcher finds one pattern in one subject. Every step counts as work of the
// call, so a pattern that tries too much is cut by the time budget.
type matcher struct {
	pattern *pattern
	s       string
	// spend counts work; fail raises an error. Neither returns in that case.
	spend func(n int)
	fail  func(text string)
	depth int
	start [maxCaptures]int
	end   [maxCaptures]int
}

// The ends of captures that are no text.
const (
	capturePosition = -1
	captureOpen     = -2
)

// newMatcher makes a matcher for the running call.
func (e *Engine) newMatcher(L *glua.LState, p *pattern, s string) *matcher {
	return &matcher{
		pattern: p, s: s,
		spend: func(n int) { e.spend(L, n) },
		fail:  func(text string) { e.fail(L, text) },
	}
}

// at matches the whole pattern at position si and returns the end, or -1.
func (m *matcher) at(si int) int {
	m.depth = 0
	return m.match(si, 0)
}

// find returns the first match at or after init, -1 when there is none.
func (m *matcher) find(init int) (start, end int) {
	for si := init; si <= len(m.s); si++ {
		if end := m.at(si); end >= 0 {
			return si, end
		}
		if m.pattern.anchored {
			break
		}
	}
	return -1, -1
}

// match matches the items from pi on at si.
func (m *matcher) match(si, pi int) int {
	m.depth++
	if m.depth > maxMatchDepth {
		m.fail("recursion depth limit exceeded")
	}
	defer func() { m.depth-- }()
	for ; pi < len(m.pattern.items); pi++ {
		m.spend(1)
		it := &m.pattern.items[pi]
		if it.rep != 0 {
			return m.repeat(it, si, pi)
		}
		if it.kind == itemOpen || it.kind == itemClose || it.kind == itemPosition {
			return m.capture(it, si, pi)
		}
		if si = m.simple(it, si); si < 0 {
			return -1
		}
	}
	return si
}

// simple matches an item that can match in one way only.
func (m *matcher) simple(it *item, si int) int {
	switch it.kind {
	case itemSet:
		if si < len(m.s) && it.set.has(m.s[si]) {
			return si + 1
		}
	case itemEnd:
		if si == len(m.s) {
			return si
		}
	case itemBack:
		text := m.text(int(it.n))
		m.spend(len(text) >> 6)
		if strings.HasPrefix(m.s[si:], text) {
			return si + len(text)
		}
	case itemBalance:
		return m.balance(it, si)
	case itemFrontier:
		if !it.set.has(m.byteAt(si-1)) && it.set.has(m.byteAt(si)) {
			return si
		}
	}
	return -1
}

// byteAt is the byte at i, 0 outside of the subject.
func (m *matcher) byteAt(i int) byte {
	if i < 0 || i >= len(m.s) {
		return 0
	}
	return m.s[i]
}

func (m *matcher) balance(it *item, si int) int {
	if si >= len(m.s) || m.s[si] != it.x {
		return -1
	}
	nested := 1
	for i := si + 1; i < len(m.s); i++ {
		if i&63 == 0 {
			m.spend(1)
		}
		switch m.s[i] {
		case it.y: // first, as x and y may be the same
			if nested--; nested == 0 {
				return i + 1
			}
		case it.x:
			nested++
		}
	}
	return -1
}

// repeat matches a repeated set and then the rest.
func (m *matcher) repeat(it *item, si, pi int) int {
	switch it.rep {
	case '-':
		return m.fewest(it, si, pi)
	case '?':
		if si < len(m.s) && it.set.has(m.s[si]) {
			if end := m.match(si+1, pi+1); end >= 0 {
				return end
			}
		}
		return m.match(si, pi+1)
	default:
		return m.most(it, si, pi)
	}
}

func (m *matcher) most(it *item, si, pi int) int {
	n := 0
	for si+n < len(m.s) && it.set.has(m.s[si+n]) {
		n++
	}
	m.spend(n >> 4)
	least := 0
	if it.rep == '+' {
		least = 1
	}
	for ; n >= least; n-- {
		if end := m.match(si+n, pi+1); end >= 0 {
			return end
		}
	}
	return -1
}

func (m *matcher) fewest(it *item, si, pi int) int {
	for {
		if end := m.match(si, pi+1); end >= 0 {
			return end
		}
		if si >= len(m.s) || !it.set.has(m.s[si]) {
			return -1
		}
		si++
	}
}

// capture notes a capture, matches the rest, and takes the note back when the
// rest does not match.
func (m *matcher) capture(it *item, si, pi int) int {
	n := it.n
	start, end := m.start[n], m.end[n]
	switch it.kind {
	case itemOpen:
		m.start[n], m.end[n] = si, captureOpen
	case itemPosition:
		m.start[n], m.end[n] = si, capturePosition
	case itemClose:
		m.end[n] = si
	}
	out := m.match(si, pi+1)
	if out < 0 {
		m.start[n], m.end[n] = start, end
	}
	return out
}

// text is the text of a capture, "" for a position.
func (m *matcher) text(n int) string {
	if m.end[n] < 0 {
		return ""
	}
	return m.s[m.start[n]:m.end[n]]
}

// value is capture n as a Lua value; without captures in the pattern, n = 0 is
// the whole match.
func (m *matcher) value(n, start, end int) glua.LValue {
	if m.pattern.captures == 0 {
		return glua.LString(m.s[start:end])
	}
	if m.end[n] == capturePosition {
		return glua.LNumber(m.start[n] + 1)
	}
	return glua.LString(m.text(n))
}

// push pushes all captures, or the whole match when there are none.
func (m *matcher) push(L *glua.LState, start, end int) int {
	n := max(1, m.pattern.captures)
	for i := range n {
		L.Push(m.value(i, start, end))
	}
	return n
}
