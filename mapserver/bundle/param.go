package bundle

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// param reads a parameter of an event and checks that its options agree.
func (l *loader) param(d *decl, where string) world.Param {
	p := world.Param{Name: d.name, Required: isTrue(d.fields["required"].Node), Min: math.NaN(), Max: math.NaN()}
	t, known := l.valueType(d, where)
	p.Type = t
	l.readBounds(d, &p, where, known)
	for _, n := range items(d.fields["oneOf"].Node) {
		if s, ok := text(n); ok {
			p.OneOf = append(p.OneOf, s)
		}
	}
	if s, ok := d.fields["oneOf"]; ok && known && t != world.StringComponent {
		l.report(s, "%s.oneOf lists texts, so %s.type must be string, not %s", where, where, t)
	}
	if s, ok := d.fields["default"]; ok && known {
		p.Default = l.typed(s, t, where+".default")
		l.checkDefault(s, &p, where)
	}
	return p
}

func (l *loader) readBounds(d *decl, p *world.Param, where string, known bool) {
	p.Min = l.bound(d, "min", p.Type, known, where)
	p.Max = l.bound(d, "max", p.Type, known, where)
	if p.Min > p.Max {
		l.report(d.fields["min"], "%s.min is %v, more than its max, %v", where, p.Min, p.Max)
	}
}

// bound reads the key min or max; NaN when it is not there.
func (l *loader) bound(d *decl, key string, t world.ComponentType, known bool, where string) float64 {
	s := d.fields[key]
	f, ok := number(s.Node)
	switch {
	case !ok:
		return math.NaN()
	case known && t != world.NumberComponent && t != world.StringComponent:
		l.report(s, "%s.%s bounds numbers and the length of texts, so %s.type cannot be %s", where, key, where, t)
	case known && t == world.StringComponent && f < 0:
		l.report(s, "%s.%s is a length, so it must be 0 or more, not %s", where, key, s.Value)
	}
	return f
}

// checkDefault reports a default that the parameter's own options refuse.
func (l *loader) checkDefault(s setting, p *world.Param, where string) {
	where += ".default"
	if p.Required {
		l.report(s, "%s is never used: a parameter that is required has no default; take out one of the two", where)
	}
	size, what := p.Default.Num(), "is"
	if p.Type == world.StringComponent {
		size, what = float64(utf8.RuneCountInString(p.Default.Str())), "has the length"
	}
	switch {
	case p.Default.Kind() == value.Nil:
	case size < p.Min:
		l.report(s, "%s %s %v, less than min, %v", where, what, size, p.Min)
	case size > p.Max:
		l.report(s, "%s %s %v, more than max, %v", where, what, size, p.Max)
	case len(p.OneOf) > 0 && !slices.Contains(p.OneOf, p.Default.Str()):
		l.report(s, "%s must be one of %s, not %s%s", where, strings.Join(p.OneOf, ", "),
			describe(s.Node), near(p.Default.Str(), p.OneOf))
	}
}
