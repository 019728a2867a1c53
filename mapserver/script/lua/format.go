package lua

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	glua "github.com/yuin/gopher-lua"
)

// verb is one conversion of string.format: flags, width, precision, letter.
type verb struct {
	minus, plus, space, alt, zero bool
	width, precision              int // precision -1: none
	letter                        byte
}

// stringFormat is C's printf for numbers and texts.
func (e *Engine) stringFormat(L *glua.LState) int {
	format := e.str(L, 1, "format")
	var b strings.Builder
	arg := 1
	for {
		plain, rest, more := strings.Cut(format, "%")
		e.grow(L, &b, len(plain))
		b.WriteString(plain)
		if !more {
			break
		}
		if strings.HasPrefix(rest, "%") {
			b.WriteByte('%')
			format = rest[1:]
			continue
		}
		v, rest, err := parseVerb(rest)
		if err != "" {
			e.fail(L, err)
		}
		arg++
		e.spend(L, 1)
		text := e.formatArg(L, v, arg)
		e.grow(L, &b, len(text))
		b.WriteString(text)
		format = rest
	}
	L.Push(glua.LString(b.String()))
	return 1
}

// parseVerb reads what is after a %. Width and precision have two digits at
// most, as in C Lua, so that a format cannot ask for a gigabyte.
func parseVerb(s string) (v verb, rest, problem string) {
	v.precision = -1
	for len(s) > 0 && v.flag(s[0]) {
		s = s[1:]
	}
	v.width, s = digits(s)
	if strings.HasPrefix(s, ".") {
		v.precision, s = digits(s[1:])
	}
	if s == "" || v.width > 99 || v.precision > 99 {
		if s != "" && isDigit(s[0]) || v.width > 99 || v.precision > 99 {
			return v, s, "invalid format (width or precision too long)"
		}
		return v, s, "invalid option '%' to 'format'"
	}
	v.letter = s[0]
	if !strings.ContainsRune("cdiouxXeEfgGqs", rune(v.letter)) {
		return v, s, "invalid option '%" + strings.ToValidUTF8(s[:1], "?") + "' to 'format'"
	}
	return v, s[1:], ""
}

func (v *verb) flag(c byte) bool {
	switch c {
	case '-':
		v.minus = true
	case '+':
		v.plus = true
	case ' ':
		v.space = true
	case '#':
		v.alt = true
	case '0':
		v.zero = true
	default:
		return false
	}
	return true
}

// digits reads a number; one of more than two digits comes back as 100.
func digits(s string) (int, string) {
	n := 0
	for len(s) > 0 && isDigit(s[0]) {
		n = min(100, n*10+int(s[0]-'0'))
		s = s[1:]
	}
	return n, s
}

func (e *Engine) formatArg(L *glua.LState, v verb, arg int) string {
	switch v.letter {
	case 'q':
		s := e.str(L, arg, "format")
		e.reserve(L, 2*len(s))
		return quote(s)
	case 's':
		s := e.str(L, arg, "format")
		if v.precision >= 0 {
			s = s[:min(len(s), v.precision)]
		}
		v.zero = false
		return v.pad("", s)
	case 'c':
		v.zero = false
		return v.pad("", string([]byte{byte(e.int(L, arg, "format"))}))
	case 'd', 'i', 'o', 'u', 'x', 'X':
		return v.integer(e.num(L, arg, "format"))
	default:
		return v.float(e.num(L, arg, "format"))
	}
}

// pad puts sign or prefix before the digits and fills up to the width.
func (v *verb) pad(sign, s string) string {
	fill := v.width - len(sign) - len(s)
	switch {
	case fill <= 0:
		return sign + s
	case v.minus:
		return sign + s + strings.Repeat(" ", fill)
	case v.zero:
		return sign + strings.Repeat("0", fill) + s
	default:
		return strings.Repeat(" ", fill) + sign + s
	}
}

func (v *verb) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case v.plus:
		return "+"
	case v.space:
		return " "
	default:
		return ""
	}
}

func (v *verb) integer(f float64) string {
	n := int64(math.MinInt64) // what C gives for a number that does not fit
	if f >= math.MinInt64 && f < math.MaxInt64 {
		n = int64(f)
	}
	sign, s := "", ""
	switch v.letter {
	case 'd', 'i':
		sign = v.sign(n < 0)
		s = strings.TrimPrefix(strconv.FormatInt(n, 10), "-")
	case 'u':
		s = strconv.FormatUint(uint64(n), 10)
	case 'o':
		s = strconv.FormatUint(uint64(n), 8)
		if v.alt && s != "0" {
			s = "0" + s
		}
	default:
		s = strconv.FormatUint(uint64(n), 16)
		if v.alt && n != 0 {
			sign = "0x"
		}
		if v.letter == 'X' {
			sign, s = strings.ToUpper(sign), strings.ToUpper(s)
		}
	}
	if v.precision >= 0 {
		v.zero = false
		if missing := v.precision - len(s); missing > 0 {
			s = strings.Repeat("0", missing) + s
		}
	}
	return v.pad(sign, s)
}

func (v *verb) float(f float64) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return v.special(f)
	}
	precision := v.precision
	if precision < 0 {
		precision = 6
	}
	if precision == 0 && (v.letter == 'g' || v.letter == 'G') {
		precision = 1
	}
	format := "%." + strconv.Itoa(precision) + string(rune(v.letter))
	if v.alt {
		format = "%#." + strconv.Itoa(precision) + string(rune(v.letter))
	}
	return v.pad(v.sign(math.Signbit(f)), fmt.Sprintf(format, math.Abs(f)))
}

func (v *verb) special(f float64) string {
	v.zero = false
	s := "inf"
	if math.IsNaN(f) {
		s = "nan"
	}
	if v.letter == 'E' || v.letter == 'G' {
		s = strings.ToUpper(s)
	}
	return v.pad(v.sign(f < 0), s)
}

// quote writes a text as a Lua literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\', '\n':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\r':
			b.WriteString(`\r`)
		case 0:
			b.WriteString(`\000`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
