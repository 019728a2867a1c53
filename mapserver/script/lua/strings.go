package lua

import (
	"strings"

	glua "github.com/yuin/gopher-lua"
)

func (e *Engine) stringLibrary() library {
	return library{
		"byte":    e.stringByte,
		"char":    e.stringChar,
		"find":    e.stringFind,
		"format":  e.stringFormat,
		"gmatch":  e.stringGmatch,
		"gsub":    e.stringGsub,
		"len":     e.stringLen,
		"lower":   e.stringLower,
		"match":   e.stringMatch,
		"rep":     e.stringRep,
		"reverse": e.stringReverse,
		"sub":     e.stringSub,
		"upper":   e.stringUpper,
	}
}

// concat carries out a chain of .. operators, see rewrite.go: it asks for the
// size of the result before it builds it.
func (e *Engine) concat(L *glua.LState) int {
	top := L.GetTop()
	size := 0
	for i := 1; i <= top; i++ {
		switch v := L.Get(i).(type) {
		case glua.LString:
			size += len(v)
		case glua.LNumber:
			size += 24
		default:
			return e.concatMeta(L, top)
		}
	}
	e.reserve(L, size)
	var b strings.Builder
	b.Grow(size)
	for i := 1; i <= top; i++ {
		s, _ := toText(L.Get(i))
		b.WriteString(s)
	}
	L.Push(glua.LString(b.String()))
	return 1
}

// concatMeta goes pair by pair from the right, as .. associates.
func (e *Engine) concatMeta(L *glua.LState, top int) int {
	right := L.Get(top)
	for i := top - 1; i >= 1; i-- {
		left := L.Get(i)
		a, okA := toText(left)
		b, okB := toText(right)
		if okA && okB {
			e.reserve(L, len(a)+len(b))
			right = glua.LString(a + b)
			continue
		}
		mm := metaField(L, left, "__concat")
		if mm == glua.LNil {
			mm = metaField(L, right, "__concat")
		}
		if mm == glua.LNil {
			bad := left
			if okA {
				bad = right
			}
			e.failf(L, "attempt to concatenate a %s value", typeName(bad))
		}
		L.Push(mm)
		L.Push(left)
		L.Push(right)
		L.Call(2, 1)
		right = L.Get(-1)
		L.Pop(1)
	}
	L.Push(right)
	return 1
}

func (e *Engine) stringLen(L *glua.LState) int {
	L.Push(glua.LNumber(len(e.str(L, 1, "len"))))
	return 1
}

// span turns Lua's positions, counted from 1 and negative from the end, into
// the half-open range of bytes that they mean.
func span(n, from, to int) (int, int) {
	if from < 0 {
		from = max(n+from+1, 1)
	}
	if to < 0 {
		to = n + to + 1
	}
	from, to = max(from, 1), min(to, n)
	if from > to {
		return 0, 0
	}
	return from - 1, to
}

func (e *Engine) stringSub(L *glua.LState) int {
	s := e.str(L, 1, "sub")
	from, to := span(len(s), e.int(L, 2, "sub"), e.optInt(L, 3, "sub", -1))
	L.Push(glua.LString(s[from:to]))
	return 1
}

func (e *Engine) stringByte(L *glua.LState) int {
	s := e.str(L, 1, "byte")
	first := e.optInt(L, 2, "byte", 1)
	from, to := span(len(s), first, e.optInt(L, 3, "byte", first))
	if to-from > maxByteResults {
		e.fail(L, "string slice too long")
	}
	e.spend(L, to-from)
	for i := from; i < to; i++ {
		L.Push(glua.LNumber(s[i]))
	}
	return to - from
}

// maxByteResults bounds how many results string.byte gives.
const maxByteResults = 8000

func (e *Engine) stringChar(L *glua.LState) int {
	out := make([]byte, L.GetTop())
	for i := range out {
		c := e.int(L, i+1, "char")
		if c < 0 || c > 255 {
			e.argError(L, i+1, "char", "invalid value")
		}
		out[i] = byte(c)
	}
	L.Push(glua.LString(out))
	return 1
}

func (e *Engine) stringRep(L *glua.LState) int {
	s, n := e.str(L, 1, "rep"), e.int(L, 2, "rep")
	if n <= 0 || s == "" {
		L.Push(glua.LString(""))
		return 1
	}
	if int64(n) > e.limits.Memory { // the product must not overflow
		n = int(e.limits.Memory) + 1
	}
	e.reserve(L, n*len(s))
	L.Push(glua.LString(strings.Repeat(s, n)))
	return 1
}

// mapBytes builds a text from the bytes of another; letters are ASCII's, as in
// the C locale.
func (e *Engine) mapBytes(L *glua.LState, fn string, change func(out []byte, s string)) int {
	s := e.str(L, 1, fn)
	e.reserve(L, 2*len(s))
	out := make([]byte, len(s))
	change(out, s)
	L.Push(glua.LString(out))
	return 1
}

func (e *Engine) stringUpper(L *glua.LState) int {
	return e.mapBytes(L, "upper", func(out []byte, s string) {
		for i := range len(s) {
			c := s[i]
			if c >= 'a' && c <= 'z' {
				c -= 'a' - 'A'
			}
			out[i] = c
		}
	})
}

func (e *Engine) stringLower(L *glua.LState) int {
	return e.mapBytes(L, "lower", func(out []byte, s string) {
		for i := range len(s) {
			c := s[i]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			out[i] = c
		}
	})
}

func (e *Engine) stringReverse(L *glua.LState) int {
	return e.mapBytes(L, "reverse", func(out []byte, s string) {
		for i := range len(s) {
			out[len(s)-1-i] = s[i]
		}
	})
}
