package lua

import (
	"fmt"
	"strings"
	"time"

	glua "github.com/yuin/gopher-lua"
)

func (e *Engine) osLibrary() library {
	return library{"clock": e.osClock, "date": e.osDate, "difftime": e.osDifftime, "time": e.osTime}
}

// osClock is the time that this engine's scripts took, in seconds.
func (e *Engine) osClock(L *glua.LState) int {
	L.Push(glua.LNumber(e.budget.clock().Seconds()))
	return 1
}

func (e *Engine) osDifftime(L *glua.LState) int {
	L.Push(glua.LNumber(e.num(L, 1, "difftime") - e.number(L, 2, "difftime", 0)))
	return 1
}

// osTime returns whole seconds, for now or for a table's local time.
func (e *Engine) osTime(L *glua.LState) int {
	if L.Get(1) == glua.LNil {
		L.Push(glua.LNumber(e.env.Now().Unix()))
		return 1
	}
	t := e.table(L, 1, "time")
	field := func(name string, otherwise int) int {
		n, ok := toNumber(t.RawGetString(name))
		if ok {
			return truncate(float64(n))
		}
		if otherwise < 0 {
			e.failf(L, "field '%s' missing in date table", name)
		}
		return otherwise
	}
	at := time.Date(field("year", -1), time.Month(field("month", -1)), field("day", -1),
		field("hour", 12), field("min", 0), field("sec", 0), 0, e.env.Now().Location())
	L.Push(glua.LNumber(at.Unix()))
	return 1
}

// osDate formats a time; "*t" gives its parts, a leading "!" means UTC.
func (e *Engine) osDate(L *glua.LState) int {
	format := "%c"
	if L.Get(1) != glua.LNil {
		format = e.str(L, 1, "date")
	}
	at := e.env.Now()
	if L.Get(2) != glua.LNil {
		at = time.Unix(int64(e.int(L, 2, "date")), 0).In(at.Location())
	}
	if utc, ok := strings.CutPrefix(format, "!"); ok {
		format, at = utc, at.UTC()
	}
	if strings.HasPrefix(format, "*t") {
		L.Push(e.dateTable(at))
		return 1
	}
	e.reserve(L, 8*len(format))
	L.Push(glua.LString(formatDate(format, at)))
	return 1
}

func (e *Engine) dateTable(at time.Time) *glua.LTable {
	t := e.root.CreateTable(0, 9)
	for _, f := range []struct {
		name string
		n    int
	}{
		{"year", at.Year()}, {"month", int(at.Month())}, {"day", at.Day()},
		{"hour", at.Hour()}, {"min", at.Minute()}, {"sec", at.Second()},
		{"wday", int(at.Weekday()) + 1}, {"yday", at.YearDay()},
	} {
		t.RawSetString(f.name, glua.LNumber(f.n))
	}
	t.RawSetString("isdst", glua.LBool(at.IsDST()))
	return t
}

// dateLayouts are the letters of strftime that Go's layouts can say, in the C
// locale.
var dateLayouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'c': "Mon Jan _2 15:04:05 2006",
	'd': "02", 'H': "15", 'I': "03", 'm': "01", 'M': "04", 'p': "PM", 'S': "05",
	'x': "01/02/06", 'X': "15:04:05", 'y': "06", 'Y': "2006", 'Z': "MST",
}

func formatDate(format string, at time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		b.WriteString(datePart(format[i], at))
	}
	return b.String()
}

func datePart(c byte, at time.Time) string {
	if layout, ok := dateLayouts[c]; ok {
		return at.Format(layout)
	}
	day, weekday := at.YearDay()-1, int(at.Weekday())
	switch c {
	case 'j':
		return fmt.Sprintf("%03d", day+1)
	case 'w':
		return fmt.Sprint(weekday)
	case 'U': // weeks begin on Sunday
		return fmt.Sprintf("%02d", (day+7-weekday)/7)
	case 'W': // weeks begin on Monday
		return fmt.Sprintf("%02d", (day+7-(weekday+6)%7)/7)
	case '%':
		return "%"
	default:
		return "%" + string(c)
	}
}
