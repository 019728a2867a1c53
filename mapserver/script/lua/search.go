package lua

import (
	"strings"

	glua "github.com/yuin/gopher-lua"
)

func (e *Engine) stringFind(L *glua.LState) int  { return e.search(L, "find") }
func (e *Engine) stringMatch(L *glua.LState) int { return e.search(L, "match") }

// search is find and match.
func (e *Engine) search(L *glua.LState, fn string) int {
	s, p := e.str(L, 1, fn), e.str(L, 2, fn)
	init := e.optInt(L, 3, fn, 1)
	if init < 0 {
		init = len(s) + init + 1
	}
	init = min(max(init-1, 0), len(s))
	if fn == "find" && (glua.LVAsBool(L.Get(4)) || !strings.ContainsAny(p, "^$*+?.([%-")) {
		return e.plainFind(L, s, p, init)
	}
	m := e.newMatcher(L, e.pattern(L, p, true), s)
	start, end := m.find(init)
	if start < 0 {
		L.Push(glua.LNil)
		return 1
	}
	if fn == "match" {
		return m.push(L, start, end)
	}
	L.Push(glua.LNumber(start + 1))
	L.Push(glua.LNumber(end))
	if m.pattern.captures == 0 {
		return 2
	}
	return 2 + m.push(L, start, end)
}

// pattern compiles, or raises what is wrong.
func (e *Engine) pattern(L *glua.LState, p string, anchors bool) *pattern {
	e.spend(L, len(p)>>4)
	out, err := e.compilePattern(p, anchors)
	if err != nil {
		e.fail(L, err.Error())
	}
	return out
}

func (e *Engine) plainFind(L *glua.LState, s, p string, init int) int {
	e.spend(L, (len(s)-init)>>6)
	at := strings.Index(s[init:], p)
	if at < 0 {
		L.Push(glua.LNil)
		return 1
	}
	L.Push(glua.LNumber(init + at + 1))
	L.Push(glua.LNumber(init + at + len(p)))
	return 2
}

// stringGmatch returns a function that gives the next match at each call.
func (e *Engine) stringGmatch(L *glua.LState) int {
	s := e.str(L, 1, "gmatch")
	p := e.pattern(L, e.str(L, 2, "gmatch"), false)
	pos := 0
	L.Push(e.root.NewFunction(func(L *glua.LState) int {
		if pos > len(s) {
			return 0
		}
		m := e.newMatcher(L, p, s)
		start, end := m.find(pos)
		if start < 0 {
			pos = len(s) + 1
			return 0
		}
		pos = end
		if start == end {
			pos++
		}
		return m.push(L, start, end)
	}))
	return 1
}

// substitution is one call of gsub.
type substitution struct {
	engine *Engine
	L      *glua.LState
	m      *matcher
	with   glua.LValue
	out    strings.Builder
}

func (e *Engine) stringGsub(L *glua.LState) int {
	s, p := e.str(L, 1, "gsub"), e.str(L, 2, "gsub")
	with := L.Get(3)
	if n, ok := with.(glua.LNumber); ok {
		with = glua.LString(numberText(n))
	}
	switch with.(type) {
	case glua.LString, *glua.LTable, *glua.LFunction:
	default:
		if asObject(with) == nil {
			e.typeError(L, 3, "gsub", "string/function/table")
		}
	}
	most := e.optInt(L, 4, "gsub", len(s)+1)
	g := substitution{engine: e, L: L, m: e.newMatcher(L, e.pattern(L, p, true), s), with: with}
	count := g.run(s, most)
	L.Push(glua.LString(g.out.String()))
	L.Push(glua.LNumber(count))
	return 2
}

func (g *substitution) run(s string, most int) (count int) {
	si := 0
	for count < most {
		end := g.m.at(si)
		if end >= 0 {
			count++
			g.replace(si, end)
		}
		switch {
		case end > si:
			si = end
		case si < len(s):
			g.write(s[si : si+1])
			si++
		default:
			return count
		}
		if g.m.pattern.anchored {
			break
		}
	}
	g.write(s[si:])
	return count
}

func (g *substitution) write(s string) {
	g.engine.grow(g.L, &g.out, len(s))
	g.out.WriteString(s)
}

func (g *substitution) replace(start, end int) {
	if text, ok := g.with.(glua.LString); ok {
		g.expand(string(text), start, end)
		return
	}
	v := g.lookup(start, end)
	if glua.LVIsFalse(v) {
		g.write(g.m.s[start:end])
		return
	}
	text, ok := toText(v)
	if !ok {
		g.engine.failf(g.L, "invalid replacement value (a %s)", typeName(v))
	}
	g.write(text)
}

// lookup asks the table or the function for the replacement.
func (g *substitution) lookup(start, end int) glua.LValue {
	L := g.L
	fn, ok := g.with.(*glua.LFunction)
	if !ok {
		return L.GetTable(g.with, g.m.value(0, start, end))
	}
	L.Push(fn)
	n := g.m.push(L, start, end)
	L.Call(n, 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}

// expand writes a replacement text with its %0 to %9.
func (g *substitution) expand(with string, start, end int) {
	for {
		plain, rest, escaped := strings.Cut(with, "%")
		g.write(plain)
		if !escaped {
			return
		}
		if rest == "" {
			g.engine.fail(g.L, "invalid use of '%' in replacement string")
		}
		c := rest[0]
		with = rest[1:]
		switch {
		case c == '0':
			g.write(g.m.s[start:end])
		case isDigit(c):
			n := int(c - '1')
			if n >= max(1, g.m.pattern.captures) {
				g.engine.fail(g.L, "invalid capture index")
			}
			text, _ := toText(g.m.value(n, start, end))
			g.write(text)
		default:
			g.write(string([]byte{c}))
		}
	}
}
