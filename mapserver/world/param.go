package world

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// noData are the parameters of an event that has none.
var noData = value.FromDict(nil)

// fill checks given parameters, nil for none, and adds the defaults of those
// that were not given.
func (a *Action) fill(given value.Value) (value.Value, error) {
	d, err := fields(given)
	if err != nil {
		return value.Null, err
	}
	if len(a.Params) == 0 && d.Len() == 0 {
		return noData, nil
	}
	for name := range d.All() {
		if !slices.ContainsFunc(a.Params, func(p Param) bool { return p.Name == name }) {
			return value.Null, fmt.Errorf("there is no parameter %q: %s", name, a.paramList())
		}
	}
	out := &value.Dict{}
	for i := range a.Params {
		p := &a.Params[i]
		v := d.Get(p.Name)
		if err := p.check(v); err != nil {
			return value.Null, fmt.Errorf("parameter %s %w", p.Name, err)
		}
		if v.IsNil() {
			v = p.Default
		}
		if !v.IsNil() {
			out.Set(p.Name, v)
		}
	}
	return value.FromDict(out), nil
}

// fields reads a table of parameters. An empty Lua table comes as a list.
func fields(v value.Value) (*value.Dict, error) {
	switch {
	case v.IsNil(), v.Kind() == value.List && len(v.Items()) == 0:
		return nil, nil
	case v.Kind() == value.Map:
		return v.Dict(), nil
	case v.Kind() == value.List:
		return nil, errors.New("the parameters must be a table with names, not a list")
	default:
		return nil, fmt.Errorf("the parameters must be a table, not %s", kindName(v))
	}
}

// check tells why v, nil for not given, is not allowed.
func (p *Param) check(v value.Value) error {
	if v.IsNil() {
		if p.Required {
			return fmt.Errorf("is missing: it must be given, a %s", p.Type)
		}
		return nil
	}
	if err := checkType(p.Type, v); err != nil {
		return err
	}
	switch p.Type {
	case NumberComponent:
		return p.inRange(v.Num(), "")
	case StringComponent:
		if len(p.OneOf) > 0 && !slices.Contains(p.OneOf, v.Str()) {
			return fmt.Errorf("must be one of %s, not %q", strings.Join(p.OneOf, ", "), v.Str())
		}
		return p.inRange(float64(utf8.RuneCountInString(v.Str())), " characters")
	default:
		return nil
	}
}

func (p *Param) inRange(n float64, unit string) error {
	if !math.IsNaN(p.Min) && n < p.Min {
		return fmt.Errorf("must be at least %v%s, not %v", p.Min, unit, n)
	}
	if !math.IsNaN(p.Max) && n > p.Max {
		return fmt.Errorf("must be at most %v%s, not %v", p.Max, unit, n)
	}
	return nil
}

func (a *Action) paramList() string {
	if len(a.Params) == 0 {
		return "the event takes none"
	}
	names := make([]string, len(a.Params))
	for i, p := range a.Params {
		names[i] = p.Name
	}
	return "the event takes " + strings.Join(names, ", ")
}

func actionList(g *Group) string {
	names := make([]string, len(g.Actions))
	for i, a := range g.Actions {
		names[i] = a.Name
	}
	if len(names) == 0 {
		return "no events"
	}
	return strings.Join(names, ", ")
}

// describe is v in a message.
func describe(v value.Value) string {
	if v.Kind() == value.Number {
		return fmt.Sprint(v.Num())
	}
	return kindName(v)
}
