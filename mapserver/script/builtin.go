package script

import (
	"errors"
	"math"
	"strings"
	"time"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Builtins are the functions that every engine offers besides its language's own
// ones. now is the wall clock of the map. An engine may carry out an entry in
// its own way when it can do so without converting whole tables, as long as the
// result is the same.
func Builtins(now func() time.Time) []*Function {
	return []*Function{
		{
			Name:    "microtime",
			Doc:     "Returns the server's time.",
			Returns: "number: seconds since 1970-01-01 UTC, with four decimals",
			Call: func(Object, []value.Value) (value.Value, error) {
				seconds := float64(now().UnixMicro()) / 1e6
				return value.FromNumber(math.Floor(seconds*1e4) / 1e4), nil
			},
		},
		{
			Name:    "keys",
			Doc:     "Returns the keys of a table or an object, in the order in which they are walked.",
			Params:  []Param{{Name: "t", Type: "table", Doc: "the table or object"}},
			Returns: "table: a list of keys",
			Call:    func(_ Object, args []value.Value) (value.Value, error) { return Keys(args[0]) },
		},
		{
			Name: "split",
			Doc:  "Cuts a text into parts. An empty separator cuts it into single bytes; an empty text has one empty part.",
			Params: []Param{
				{Name: "str", Type: "string", Doc: "the text"},
				{Name: "sep", Type: "string", Doc: "the separator, taken literally"},
			},
			Returns: "table: a list of texts",
			Call: func(_ Object, args []value.Value) (value.Value, error) {
				return split(args[0].Str(), args[1].Str()), nil
			},
		},
	}
}

// Keys returns the keys of a table, a list or a host object as a list.
func Keys(t value.Value) (value.Value, error) {
	var out []value.Value
	switch t.Kind() {
	case value.List:
		for i := range t.Items() {
			out = append(out, value.FromNumber(float64(i+1)))
		}
	case value.Map:
		for k := range t.Dict().All() {
			out = append(out, value.FromString(k))
		}
	default:
		obj, ok := t.Ref().(Object)
		if !ok {
			return value.Null, errors.New("keys: argument 1 (t): table expected, got a function")
		}
		for key, _, more := obj.Next(""); more; key, _, more = obj.Next(key) {
			out = append(out, value.FromString(key))
		}
	}
	return value.FromList(out...), nil
}

func split(s, sep string) value.Value {
	if sep == "" {
		out := make([]value.Value, len(s))
		for i := range len(s) {
			out[i] = value.FromString(s[i : i+1])
		}
		return value.FromList(out...)
	}
	parts := strings.Split(s, sep)
	out := make([]value.Value, len(parts))
	for i, p := range parts {
		out[i] = value.FromString(p)
	}
	return value.FromList(out...)
}
