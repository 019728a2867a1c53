package v1alpha1

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// node is a part of a CRD's schema.
type node struct {
	Properties map[string]node `json:"properties"`
	Items      *node           `json:"items"`
}

// leaves are the paths of a schema's fields, as they are written in docs. Kinds of
// others, and the spec of a fleet's maps, have pages of their own.
func (s node) leaves(path string) []string {
	foreign := strings.HasPrefix(path, "pod.") || path == "template.spec" || path == "conditions" || path == "ports"
	if s.Items != nil && path == "scriptErrors.top" {
		return append(s.Items.leaves(""), path)
	}
	if len(s.Properties) == 0 || foreign {
		return []string{path}
	}
	var out []string
	for name, below := range s.Properties {
		out = append(out, below.leaves(strings.TrimPrefix(path+"."+name, "."))...)
	}
	return out
}

// Every field of every kind is on its page.
func TestFieldsAreDocumented(t *testing.T) {
	for _, kind := range []string{"gamemap", "scriptbundle", "fleet"} {
		page := read(t, "../../docs/spec/"+kind+".md")
		var crd struct {
			Spec struct {
				Versions []struct {
					Schema struct {
						OpenAPIV3Schema node `json:"openAPIV3Schema"`
					} `json:"schema"`
				} `json:"versions"`
			} `json:"spec"`
		}
		if err := yaml.Unmarshal([]byte(read(t, "../../config/crd/overworld.dev_"+kind+"s.yaml")), &crd); err != nil {
			t.Fatal(err)
		}
		all := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties
		for _, field := range slices.Concat(all["spec"].leaves(""), all["status"].leaves("")) {
			last := field[strings.LastIndex(field, ".")+1:]
			if !strings.Contains(page, "`"+field+"`") && !strings.Contains(page, "`."+last+"`") && !strings.Contains(page, "`"+last+"`") {
				t.Errorf("docs/spec/%s.md does not tell of %s", kind, field)
			}
		}
	}
}

var reasons = regexp.MustCompile(`\b(?:[A-Z][a-z]+){1,4}\b`)

// Every condition and every reason that the comments here name is on a page.
func TestConditionsAreDocumented(t *testing.T) {
	pages := read(t, "../../docs/spec/gamemap.md") + read(t, "../../docs/spec/scriptbundle.md") + read(t, "../../docs/spec/fleet.md")
	for _, file := range []string{"gamemap_status.go", "scriptbundle_types.go", "fleet_types.go"} {
		text := read(t, file)
		for _, comment := range regexp.MustCompile(`Reasons: ((?:[^\n]*\n\t//)*[^\n]*)`).FindAllStringSubmatch(text, -1) {
			list, _, _ := strings.Cut(strings.ReplaceAll(comment[1], "\n\t//", ""), ". ")
			for _, reason := range reasons.FindAllString(regexp.MustCompile(`\([^)]*\)`).ReplaceAllString(list, ""), -1) {
				if !strings.Contains(pages, "`"+reason+"`") && !slices.Contains(allIsWell, reason) {
					t.Errorf("%s names the reason %s, and docs/spec does not", file, reason)
				}
			}
		}
	}
}

// allIsWell are words of those comments that need no explanation.
var allIsWell = []string{"Running", "Accepted", "Scheduled", "Reachable", "Healthy", "Saved", "Compiled", "Ready", "Unschedulable", "False", "True", "Reasons"}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
