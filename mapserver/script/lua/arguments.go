package lua

import (
	"math"
	"strconv"
	"strings"

	glua "github.com/yuin/gopher-lua"
)

// Reading arguments of library functions. Each names the function in its error,
// as Lua does: bad argument #1 to 'insert' (table expected, got nil).

func (e *Engine) argError(L *glua.LState, n int, fn, problem string) {
	e.fail(L, "bad argument #"+strconv.Itoa(n)+" to '"+fn+"' ("+problem+")")
}

func (e *Engine) typeError(L *glua.LState, n int, fn, want string) {
	got := "no value"
	if n <= L.GetTop() {
		got = typeName(L.Get(n))
	}
	e.argError(L, n, fn, want+" expected, got "+got)
}

// arg returns an argument that must be there, even if it is nil.
func (e *Engine) arg(L *glua.LState, n int, fn string) glua.LValue {
	if n > L.GetTop() {
		e.argError(L, n, fn, "value expected")
	}
	return L.Get(n)
}

func (e *Engine) table(L *glua.LState, n int, fn string) *glua.LTable {
	t, ok := L.Get(n).(*glua.LTable)
	if !ok {
		if asObject(L.Get(n)) != nil {
			e.argError(L, n, fn, "a table of the script expected, got a game object; use pairs over it")
		}
		e.typeError(L, n, fn, "table")
	}
	return t
}

func (e *Engine) function(L *glua.LState, n int, fn string) *glua.LFunction {
	f, ok := L.Get(n).(*glua.LFunction)
	if !ok {
		e.typeError(L, n, fn, "function")
	}
	return f
}

// str returns a text; numbers count as texts.
func (e *Engine) str(L *glua.LState, n int, fn string) string {
	switch v := L.Get(n).(type) {
	case glua.LString:
		return string(v)
	case glua.LNumber:
		return numberText(v)
	}
	e.typeError(L, n, fn, "string")
	return ""
}

// num returns a number; texts that read as numbers count.
func (e *Engine) num(L *glua.LState, n int, fn string) float64 {
	v, ok := toNumber(L.Get(n))
	if !ok {
		e.typeError(L, n, fn, "number")
	}
	return float64(v)
}

func (e *Engine) number(L *glua.LState, n int, fn string, otherwise float64) float64 {
	if L.Get(n) == glua.LNil {
		return otherwise
	}
	return e.num(L, n, fn)
}

// int returns a number without its fraction, within ±2^53.
func (e *Engine) int(L *glua.LState, n int, fn string) int {
	return truncate(e.num(L, n, fn))
}

func (e *Engine) optInt(L *glua.LState, n int, fn string, otherwise int) int {
	if L.Get(n) == glua.LNil {
		return otherwise
	}
	return e.int(L, n, fn)
}

func truncate(f float64) int {
	switch {
	case math.IsNaN(f):
		return 0
	case f > maxInteger:
		return maxInteger
	case f < -maxInteger:
		return -maxInteger
	default:
		return int(f)
	}
}

// toNumber converts as Lua does: numbers and texts like " 12 ", "1e3", "0x1F".
func toNumber(v glua.LValue) (glua.LNumber, bool) {
	switch v := v.(type) {
	case glua.LNumber:
		return v, true
	case glua.LString:
		return parseNumber(string(v))
	}
	return 0, false
}

func parseNumber(s string) (glua.LNumber, bool) {
	const longest = 400 // no number that makes sense is longer
	s = strings.Trim(s, " \t\n\v\f\r")
	if s == "" || len(s) > longest || strings.ContainsAny(s, "_pP") {
		return 0, false
	}
	digits, negative := s, false
	if s[0] == '-' || s[0] == '+' {
		digits, negative = s[1:], s[0] == '-'
	}
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); ok {
		n, err := strconv.ParseUint(hex, 16, 64)
		f := float64(n)
		if negative {
			f = -f
		}
		return glua.LNumber(f), err == nil
	}
	if digits == "" || !strings.Contains("0123456789.", digits[:1]) {
		return 0, false // "inf" and "nan" are no numbers
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return glua.LNumber(f), true
}

// numberText is the text of a number, as C's %.14g writes it.
func numberText(n glua.LNumber) string {
	const exact = 1e14
	f := float64(n)
	switch {
	case f == math.Trunc(f) && math.Abs(f) < exact && (f != 0 || !math.Signbit(f)):
		return strconv.FormatInt(int64(f), 10)
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	default:
		return strconv.FormatFloat(f, 'g', 14, 64)
	}
}
