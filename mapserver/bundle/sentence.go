package bundle

import (
	"fmt"
	"maps"
	neturl "net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"
)

// patternTexts say what a text must be like to match a pattern of the schema.
var patternTexts = map[string]string{
	`^[\s\S]{1,64}$`:                "must be 1 to 64 characters long",
	`^[A-Za-z_][A-Za-z0-9_]{0,63}$`: "must be a name of letters, digits and _, not beginning with a digit, at most 64 long",
	`\.(lua|js|ts)$`:                "must be a code file, its name ending in .lua, .js or .ts",
	`\.(tmj|json)$`:                 "must be a Tiled map saved as JSON, its name ending in .tmj or .json",
}

// typeTexts name the types of JSON in sentences.
var typeTexts = map[string]string{
	"object": "a table (key: value)", "array": "a list", "string": "a text", "number": "a number",
	"integer": "a whole number", "boolean": "true or false",
}

// sentence reports one fault in words, at the key or value that is wrong.
func sentence(e *jsonschema.ValidationError, root *yaml.Node, report reportFunc) {
	n, where := locate(root, e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		unknownKeys(e, k.Properties, n, where, report)
	case *kind.Required:
		report(n, "%s: the key %q is missing", where, k.Missing[0])
	case *kind.UniqueItems:
		it := n.Content[k.Duplicates[1]]
		report(it, "%s lists %s twice", where, short(it.Value))
	default:
		report(n, "%s %s", where, valueText(e.ErrorKind, n, where))
	}
}

// valueText says what a value must be.
func valueText(e jsonschema.ErrorKind, n *yaml.Node, where string) string {
	switch k := e.(type) {
	case *kind.Type:
		return fmt.Sprintf("must be %s, not %s%s", typeText(k.Want), describe(n), boolHint(k.Want, n))
	case *kind.Enum:
		return enumText(k.Want, n, where)
	case *kind.Pattern:
		return patternTexts[k.Want] + ", not " + describe(n)
	case *kind.Minimum:
		return fmt.Sprintf("must be %s or more, not %s", k.Want.RatString(), n.Value)
	case *kind.Maximum:
		return fmt.Sprintf("must be %s or less, not %s", k.Want.RatString(), n.Value)
	case *kind.MinItems:
		return fmt.Sprintf("must have %d or more members, not %d", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("must have %d members at most, not %d", k.Want, k.Got)
	case *kind.MinLength:
		return "must not be empty"
	case *kind.MaxLength:
		return fmt.Sprintf("must be %d characters long at most, not %d", k.Want, k.Got)
	default:
		return "is not allowed here"
	}
}

func typeText(want []string) string {
	var texts []string
	for _, w := range want {
		if t, ok := typeTexts[w]; ok { // null is allowed, but nothing to advise
			texts = append(texts, t)
		}
	}
	return strings.Join(texts, " or ")
}

func boolHint(want []string, n *yaml.Node) string {
	if slices.Contains(want, "boolean") && n.Kind == yaml.ScalarNode {
		switch strings.ToLower(n.Value) {
		case "yes", "on", "y", "1":
			return " (did you mean true?)"
		case "no", "off", "n", "0":
			return " (did you mean false?)"
		}
	}
	return ""
}

func enumText(want []any, n *yaml.Node, where string) string {
	if n.Value == "players" && strings.HasPrefix(where, "spawns[") {
		return `cannot be "players": they come by logging in; their template is the key "player"`
	}
	names := make([]string, len(want))
	for i, w := range want {
		names[i] = fmt.Sprint(w)
	}
	return fmt.Sprintf("must be one of %s, not %s%s", strings.Join(names, ", "), describe(n), near(n.Value, names))
}

// describe names a value in a sentence.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a table"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return n.Value
	case "!!int", "!!float":
		return "the number " + n.Value
	default:
		return "the text " + short(n.Value)
	}
}

// unknownKeys reports keys that the schema does not have, or that are no names.
func unknownKeys(e *jsonschema.ValidationError, keys []string, n *yaml.Node, where string, report reportFunc) {
	table := schemaAt(e.SchemaURL)
	allowed := sortedKeys(table["properties"])
	slices.Sort(keys)
	for _, name := range keys {
		key, _ := entry(n, name)
		text := fmt.Sprintf("unknown key %s%s; allowed are %s", short(name), near(name, allowed), list(allowed))
		for _, pattern := range sortedKeys(table["patternProperties"]) {
			text = fmt.Sprintf("the name %s %s", short(name), patternTexts[pattern])
		}
		if where != WorldFile {
			text = where + ": " + text
		}
		report(key, "%s", text)
	}
}

// schemaAt returns the part of the schema at url, which ends in a JSON pointer.
func schemaAt(url string) map[string]any {
	s, err := compiled()
	if err != nil {
		return nil
	}
	_, pointer, _ := strings.Cut(url, "#")
	at := s.doc
	for _, step := range strings.Split(strings.Trim(pointer, "/"), "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		if unescaped, err := neturl.PathUnescape(step); err == nil {
			step = unescaped
		}
		if table, ok := at.(map[string]any); ok && step != "" {
			at = table[step]
		}
	}
	table, _ := at.(map[string]any)
	return table
}

func sortedKeys(table any) []string {
	m, _ := table.(map[string]any)
	return slices.Sorted(maps.Keys(m))
}

// locate follows path down from root, and writes it as sentences do:
// spawns[0].type.
func locate(root *yaml.Node, path []string) (*yaml.Node, string) {
	n, text := root, ""
	for _, step := range path {
		if n.Kind == yaml.SequenceNode {
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(n.Content) {
				break
			}
			n, text = n.Content[i], text+"["+step+"]"
			continue
		}
		if v := child(n, step); v != nil {
			n = v
		}
		text += "." + step
	}
	if text == "" {
		return n, WorldFile
	}
	return n, strings.TrimPrefix(text, ".")
}
