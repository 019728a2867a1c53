package js

import (
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

const (
	// matchTime is how long one match may take. It is a setting of the library, and no
	// other package of ours uses the library.
	matchTime = 100 * time.Millisecond
	// matchCheck is how exact that is.
	matchCheck = 10 * time.Millisecond
	// maxPattern bounds the text of a regular expression.
	maxPattern = 16 << 10
	// maxGroups bounds how deep its groups nest.
	maxGroups = 200
	// weighFrom is the length of a text from which a match is weighed.
	weighFrom = 4096
	// maxRepeat is the most by which the regular expressions of Go repeat a part.
	maxRepeat = 1000
)

func init() {
	regexp2.DefaultMatchTimeout = matchTime
	regexp2.SetTimeoutCheckPeriod(matchCheck)
}

// guardPatterns bounds regular expressions. goja matches with Go's package where it
// can, which takes time in proportion to text and pattern, and else with regexp2,
// which may go back for ever and has a timeout. With an exec that is not its own goja
// also calls it for each match of a replace or a split.
func (m *machine) guardPatterns() {
	proto := m.object("RegExp", "prototype")
	exec := m.bounded(m.native("RegExp", "prototype", "exec"))
	m.wrap(proto, "exec", func(builtin) builtin { return exec })
	m.wrap(proto, "test", func(builtin) builtin {
		return func(call goja.FunctionCall) goja.Value { return m.rt.ToValue(!goja.IsNull(exec(call))) }
	})
	m.wrap(proto, "compile", func(original builtin) builtin {
		return func(call goja.FunctionCall) goja.Value {
			m.checkPattern(call.Argument(0))
			return original(call)
		}
	})
}

// bounded is exec with its bounds.
func (m *machine) bounded(exec builtin) builtin {
	return func(call goja.FunctionCall) goja.Value {
		m.spend(1)
		s := m.textOf(call.Argument(0))
		m.weighMatch(call.This, s)
		start := time.Now()
		found := exec(goja.FunctionCall{This: call.This, Arguments: []goja.Value{s}})
		if goja.IsNull(found) && time.Since(start) > matchTime-2*matchCheck {
			m.raise("the regular expression takes too long")
		}
		return found
	}
}

// weighMatch refuses a match of a long text with a large expression.
func (m *machine) weighMatch(pattern goja.Value, s goja.String) {
	o, ok := pattern.(*goja.Object)
	if !ok || s.Length() < weighFrom {
		return
	}
	source, ok := o.Get("source").(goja.String)
	if ok && product(weight(source.String()), int64(s.Length())) > 2*maxSearch {
		m.rangeError("the text is too long for this regular expression")
	}
}

// weight is about how many states an expression has.
func weight(source string) int64 {
	times := int64(1)
	for rest := source; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return times * int64(len(source))
		}
		inner, _, _ := strings.Cut(after, "}")
		for part := range strings.SplitSeq(inner, ",") {
			if n, err := strconv.ParseInt(part, 10, 32); err == nil && n > 1 {
				times = min(maxRepeat, times*n)
			}
		}
		rest = after
	}
}

// checkPattern refuses the source of an expression that takes too long to compile.
func (m *machine) checkPattern(v goja.Value) {
	s, ok := v.(goja.String)
	if !ok {
		return
	}
	if s.Length() > maxPattern {
		m.rangeError("the regular expression is too long")
	}
	depth := 0
	for _, c := range s.String() {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth > maxGroups {
			m.rangeError("the groups of the regular expression nest too deeply")
		}
	}
}
