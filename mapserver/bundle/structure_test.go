package bundle

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/overworld-gg/overworld/mapserver/world"
)

const published = "../../docs/schema/world.schema.json"

func TestPublishedSchemaIsTheSame(t *testing.T) {
	if *update {
		if err := os.WriteFile(published, Schema, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, Schema) {
		t.Error("docs/schema/world.schema.json is not mapserver/bundle/world.schema.json; run go test ./mapserver/bundle -update")
	}
}

// walk calls visit for every table of the schema.
func walk(at any, visit func(table map[string]any)) {
	switch at := at.(type) {
	case map[string]any:
		visit(at)
		for _, v := range at {
			walk(v, visit)
		}
	case []any:
		for _, v := range at {
			walk(v, visit)
		}
	}
}

func schemaTree(t *testing.T) any {
	t.Helper()
	var tree any
	if err := json.Unmarshal(Schema, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestSchemaSaysWhatTheCodeKnows holds the schema and the Go code together: the
// words of lists, the patterns and keywords for which there are sentences.
func TestSchemaSaysWhatTheCodeKnows(t *testing.T) {
	lists := map[string][]string{
		"types":      typeNames(),
		"spawnable":  typeNames()[1:],
		"valueTypes": {"number", "string", "bool", "json"},
	}
	for _, name := range lists["valueTypes"] {
		if got, ok := world.ParseComponentType(name); !ok || got.String() != name {
			t.Errorf("world does not know the type %s", name)
		}
	}
	keywords := []string{
		"$schema", "$id", "$defs", "$ref", "title", "description", "properties", "additionalProperties", "patternProperties",
		"type", "enum", "pattern", "required", "items", "prefixItems", "uniqueItems",
		"minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength",
	}
	inProperties := map[string]bool{}
	walk(schemaTree(t), func(table map[string]any) {
		for _, holder := range []string{"properties", "patternProperties", "$defs"} {
			names, _ := table[holder].(map[string]any)
			for name := range names {
				inProperties[name] = true
			}
		}
	})
	walk(schemaTree(t), func(table map[string]any) {
		if pattern, ok := table["pattern"].(string); ok && patternTexts[pattern] == "" {
			t.Errorf("there is no sentence for the pattern %s", pattern)
		}
		for pattern := range asTable(table["patternProperties"]) {
			if patternTexts[pattern] == "" {
				t.Errorf("there is no sentence for the pattern %s", pattern)
			}
		}
		if words, ok := table["enum"].([]any); ok && !isOneOf(words, lists) {
			t.Errorf("the list %v is none that the code knows", words)
		}
		for key := range table {
			if !slices.Contains(keywords, key) && !inProperties[key] {
				t.Errorf("there is no sentence for the keyword %s", key)
			}
		}
	})
}

func asTable(v any) map[string]any {
	table, _ := v.(map[string]any)
	return table
}

func isOneOf(words []any, lists map[string][]string) bool {
	for _, list := range lists {
		same := len(list) == len(words)
		for i := range words {
			same = same && words[i] == list[i]
		}
		if same {
			return true
		}
	}
	return false
}

// TestFullCaseUsesEveryKey holds the schema and what Load reads together: the
// case "full" has every key, and its golden schema shows what became of each.
func TestFullCaseUsesEveryKey(t *testing.T) {
	a, err := txtar.ParseFile(filepath.Join("testdata", "full.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var text string
	for _, f := range a.Files {
		if f.Name == WorldFile || strings.HasSuffix(f.Name, FeatureFile) {
			text += string(f.Data)
		}
	}
	var missing []string
	walk(schemaTree(t), func(table map[string]any) {
		for key := range asTable(table["properties"]) {
			if !strings.Contains(text, key+":") {
				missing = append(missing, key)
			}
		}
	})
	slices.Sort(missing)
	if diff := cmp.Diff([]string(nil), slices.Compact(missing)); diff != "" {
		t.Errorf("keys that the case full.txtar does not use:\n%s", diff)
	}
}
