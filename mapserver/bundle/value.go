package bundle

import (
	"math"

	"go.yaml.in/yaml/v3"

	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// What follows reads nodes that the schema has checked; where they are not what
// they should be, which is then reported already, ok is false.

func text(n *yaml.Node) (s string, ok bool) {
	if n == nil || n.Kind != yaml.ScalarNode {
		return "", false
	}
	tag := n.ShortTag()
	return n.Value, tag == "!!str" || tag == "!!timestamp"
}

func number(n *yaml.Node) (f float64, ok bool) {
	if n == nil || n.Kind != yaml.ScalarNode {
		return 0, false
	}
	if tag := n.ShortTag(); tag != "!!int" && tag != "!!float" {
		return 0, false
	}
	err := n.Decode(&f)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

func whole(n *yaml.Node) (i int, ok bool) {
	f, ok := number(n)
	return int(f), ok && f == math.Trunc(f) && math.Abs(f) <= 1<<31
}

func isTrue(n *yaml.Node) bool {
	b := false
	return n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" && n.Decode(&b) == nil && b
}

// neutral turns a node into a value. Anything odd has been reported by plain.
func neutral(n *yaml.Node, depth int) value.Value {
	switch {
	case n == nil || depth > maxYAMLDepth:
		return value.Null
	case n.Kind == yaml.MappingNode:
		d := &value.Dict{}
		for k, v := range pairs(n) {
			d.Set(k.Value, neutral(v, depth+1))
		}
		return value.FromDict(d)
	case n.Kind == yaml.SequenceNode:
		list := make([]value.Value, len(n.Content))
		for i, c := range n.Content {
			list[i] = neutral(c, depth+1)
		}
		return value.FromList(list...)
	}
	if s, ok := text(n); ok {
		return value.FromString(s)
	}
	if f, ok := number(n); ok {
		return value.FromNumber(f)
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" {
		return value.FromBool(isTrue(n))
	}
	return value.Null
}

// typed reads a value that must be of type t, or nothing, for the key where.
func (l *loader) typed(s setting, t world.ComponentType, where string) value.Value {
	v := neutral(s.Node, 0)
	if v.IsNil() || t.Accepts(v) {
		return v
	}
	l.report(s, "%s must be %s, not %s", where, valueTypeText(t), describe(s.Node))
	return value.Null
}

func valueTypeText(t world.ComponentType) string {
	switch t {
	case world.NumberComponent:
		return "a number"
	case world.StringComponent:
		return `a text (write numbers in quotes: "5")`
	default:
		return "true or false"
	}
}
