package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Limits of world.yaml. Values in it may not nest deeper than packets may.
const (
	maxYAMLBytes = 1 << 20
	maxYAMLDepth = value.MaxDepth
)

// reportFunc takes a problem at a node of the file that is read.
type reportFunc func(n *yaml.Node, format string, args ...any)

// parseYAML reads the one document of data; nil without an error is an empty one.
func parseYAML(data []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("yaml: line %d: a second document begins here; the file holds only one (remove the ---)", more.Line)
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

// yamlFault turns an error of the YAML parser into its line, 0 if it knows none,
// and a sentence.
func yamlFault(data []byte, err error) (line int, message string) {
	m := yamlLine.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	line, _ = strconv.Atoi(m[1]) // "" gives 0
	message = "this is not YAML: " + m[2]
	if strings.Contains(m[2], "a second document") {
		message = m[2]
	}
	for i, text := range bytes.Split(data, []byte("\n")) {
		if bytes.HasPrefix(bytes.TrimLeft(text, " "), []byte("\t")) {
			return i + 1, "a tab indents this line; YAML allows only spaces there"
		}
	}
	return line, message
}

// plain turns a node into what package jsonschema validates, and reports what
// YAML allows but these files do not: aliases, keys that come twice, and so on.
func plain(n *yaml.Node, depth int, report reportFunc) any {
	switch {
	case depth > maxYAMLDepth:
		report(n, "lists and tables nest deeper than %d levels here", maxYAMLDepth)
		return nil
	case n.Anchor != "" || n.Kind == yaml.AliasNode:
		report(n, "anchors (&name) and aliases (*name) are not allowed; write the value out where it is used")
		return nil
	case n.Kind != yaml.ScalarNode && n.ShortTag() != "!!map" && n.ShortTag() != "!!seq":
		report(n, "the tag %s is not allowed; leave it out", n.Tag)
		return nil
	case n.Kind == yaml.MappingNode:
		return plainTable(n, depth, report)
	case n.Kind == yaml.SequenceNode:
		items := make([]any, len(n.Content))
		for i, c := range n.Content {
			items[i] = plain(c, depth+1, report)
		}
		return items
	default:
		return plainScalar(n, report)
	}
}

func plainTable(n *yaml.Node, depth int, report reportFunc) any {
	table := make(map[string]any, len(n.Content)/2)
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode || key.Anchor != "":
			report(key, "a key must be a plain text")
			continue
		case key.ShortTag() == "!!merge":
			report(key, "merging with << is not allowed; write the keys out")
			continue
		case lines[key.Value] != 0:
			report(key, "the key %q comes twice; the first is in line %d", key.Value, lines[key.Value])
			continue
		}
		lines[key.Value] = key.Line
		table[key.Value] = plain(n.Content[i+1], depth+1, report)
	}
	return table
}

func plainScalar(n *yaml.Node, report reportFunc) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err == nil {
			return b
		}
	case "!!int", "!!float":
		var f float64
		if err := n.Decode(&f); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
		report(n, "%s is not a number that can be used here", short(n.Value))
		return nil
	case "!!str", "!!timestamp":
		return n.Value
	}
	report(n, "the tag %s is not allowed; write a plain text, number, true or false", n.Tag)
	return nil
}

// short quotes a text, cut to what fits a sentence.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "..."
	}
	return strconv.Quote(s)
}

// child returns the value of key in a table, nil when it is not there.
func child(n *yaml.Node, key string) *yaml.Node {
	_, v := entry(n, key)
	return v
}

// entry returns key and value of a table's entry, nil when it is not there.
func entry(n *yaml.Node, key string) (k, v *yaml.Node) {
	for k, v := range pairs(n) {
		if k.Value == key {
			return k, v
		}
	}
	return nil, nil
}

// pairs walks over a table; anything else has no pairs.
func pairs(n *yaml.Node) func(yield func(k, v *yaml.Node) bool) {
	return func(yield func(k, v *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// items are the members of a list; anything else has none.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}
