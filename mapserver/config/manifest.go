package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// Manifests are what a file or a folder declares.
type Manifests struct {
	Maps []Map
	// Bundles are the files of the ScriptBundles, by their names.
	Bundles map[string]map[string]string
}

// Parse reads the GameMaps and ScriptBundles of a YAML file with any number of
// documents; other kinds are left out. file is its name in errors. The error
// tells all problems, one a line.
func Parse(file string, data []byte) (Manifests, error) {
	out := Manifests{Bundles: map[string]map[string]string{}}
	var problems []error
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return out, errors.Join(problems...)
		}
		if err != nil {
			return out, errors.Join(append(problems, fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: ")))...)
		}
		if err := out.add(&node); err != nil {
			problems = append(problems, inFile(file, &node, err)...)
		}
	}
}

// inFile puts the place before each problem of a document.
func inFile(file string, node *yaml.Node, err error) []error {
	var out []error
	for _, text := range strings.Split(err.Error(), "\n") {
		field, _, _ := strings.Cut(text, " ")
		out = append(out, fmt.Errorf("%s:%d: %s", file, lineOf(node, field), text))
	}
	return out
}

// lineOf finds the line of a field such as spec.tickRate, or of what is nearest
// above it.
func lineOf(node *yaml.Node, field string) int {
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line := node.Line
	for _, name := range strings.Split(field, ".") {
		i := slices.IndexFunc(node.Content, func(n *yaml.Node) bool { return n.Value == name })
		if node.Kind != yaml.MappingNode || i < 0 || i+1 >= len(node.Content) {
			break
		}
		line, node = node.Content[i].Line, node.Content[i+1]
	}
	return line
}

// add takes over one document.
func (m *Manifests) add(node *yaml.Node) error {
	if node.Kind == 0 || len(node.Content) == 0 || node.Content[0].Tag == "!!null" {
		return nil
	}
	data, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	var kind metav1.TypeMeta
	if err := sigsyaml.Unmarshal(data, &kind); err != nil {
		return errors.New("the document is not a manifest: it must be a table with apiVersion and kind")
	}
	group, _, _ := strings.Cut(kind.APIVersion, "/")
	if group != v1alpha1.Group {
		return nil
	}
	if kind.APIVersion != v1alpha1.APIVersion {
		return fmt.Errorf("apiVersion is %q: this program reads %s", kind.APIVersion, v1alpha1.APIVersion)
	}
	switch kind.Kind {
	case "GameMap":
		return m.addMap(data)
	case "ScriptBundle":
		return m.addBundle(data)
	default:
		return fmt.Errorf("kind is %q: it must be GameMap or ScriptBundle", kind.Kind)
	}
}

func (m *Manifests) addMap(data []byte) error {
	var g v1alpha1.GameMap
	if err := strict(data, &g); err != nil {
		return err
	}
	if slices.ContainsFunc(m.Maps, func(o Map) bool { return o.ID == g.Name }) {
		return fmt.Errorf("metadata.name is %q, which another GameMap has: each needs a name of its own", g.Name)
	}
	out, err := fromManifest(&g)
	if err == nil {
		m.Maps = append(m.Maps, out)
	}
	return err
}

func (m *Manifests) addBundle(data []byte) error {
	var b v1alpha1.ScriptBundle
	if err := strict(data, &b); err != nil {
		return err
	}
	if err := checkName(b.Name); err != nil {
		return err
	}
	if m.Bundles[b.Name] != nil {
		return fmt.Errorf("metadata.name is %q, which another ScriptBundle has: each needs a name of its own", b.Name)
	}
	if len(b.Spec.Files) == 0 {
		return errors.New("spec.files is empty: it must hold the bundle's files, world.yaml among them")
	}
	m.Bundles[b.Name] = b.Spec.Files
	return nil
}

// strict decodes a manifest; unknown fields are errors.
func strict(data []byte, into any) error {
	err := sigsyaml.UnmarshalStrict(data, into)
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(err.Error(), "error unmarshaling JSON: while decoding JSON: ")
	text = strings.TrimPrefix(text, "error converting YAML to JSON: ")
	text = strings.TrimPrefix(text, "json: ")
	return errors.New(strings.ReplaceAll(text, "Go struct field ", "field "))
}

func checkName(name string) error {
	if name == "" {
		return errors.New("metadata.name is missing")
	}
	if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
		return fmt.Errorf("metadata.name is %q: %s", name, problems[0])
	}
	return nil
}

// fromManifest makes live values of a manifest. The error tells all problems.
func fromManifest(g *v1alpha1.GameMap) (Map, error) {
	m := Default(g.Name)
	c := checker{errs: []error{checkName(g.Name)}}
	m.Bundle, m.Host, m.Neighbours = g.Spec.Bundle, g.Spec.Host, g.Spec.Neighbours
	c.integer("spec.maxPlayers", g.Spec.MaxPlayers, 1, 10000, &m.MaxPlayers)
	c.integer("spec.tickRate", g.Spec.TickRate, 1, 120, &m.TickRate)
	m.SendRate = m.TickRate
	c.integer("spec.sendRate", g.Spec.SendRate, 1, 120, &m.SendRate)
	if m.SendRate > m.TickRate {
		c.add("spec.sendRate is %d: it cannot be more than tickRate, %d", m.SendRate, m.TickRate)
	}
	c.integer("spec.port", g.Spec.Port, 1, 65535, &m.Port)
	c.duration("spec.saveEvery", g.Spec.SaveEvery, time.Second, time.Hour, &m.SaveEvery)
	c.duration("spec.drainFor", g.Spec.DrainFor, time.Second, time.Hour, &m.DrainFor)
	c.duration("spec.scripts.callBudget", g.Spec.Scripts.CallBudget, time.Millisecond, 10*time.Second, &m.CallBudget)
	if q := g.Spec.Scripts.Memory; q != nil {
		m.ScriptMemory = q.Value()
		if m.ScriptMemory < 1<<20 {
			c.add("spec.scripts.memory is %s: it must be at least 1Mi", q)
		}
	}
	if on := g.Spec.Protocol.Compression; on != nil {
		m.Compression = *on
	}
	m.Dictionaries = c.oneOf("spec.protocol.entities", string(g.Spec.Protocol.Entities), string(v1alpha1.EntityArrays), string(v1alpha1.EntityDictionaries))
	m.ListsAsObjects = c.oneOf("spec.protocol.lists", string(g.Spec.Protocol.Lists), string(v1alpha1.ListArrays), string(v1alpha1.ListObjects))
	for side, id := range m.Neighbours {
		if side == "" || id == "" {
			c.add("spec.neighbours has an empty side or map")
		}
	}
	return m, errors.Join(c.errs...)
}

// checker gathers what is wrong with a manifest.
type checker struct{ errs []error }

func (c *checker) add(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func (c *checker) integer(field string, v *int32, low, high int, to *int) {
	if v == nil {
		return
	}
	if int(*v) < low || int(*v) > high {
		c.add("%s is %d: it must be from %d to %d", field, *v, low, high)
		return
	}
	*to = int(*v)
}

func (c *checker) duration(field string, v *metav1.Duration, low, high time.Duration, to *time.Duration) {
	if v == nil {
		return
	}
	if v.Duration < low || v.Duration > high {
		c.add("%s is %s: it must be from %s to %s", field, v.Duration, low, high)
		return
	}
	*to = v.Duration
}

// oneOf tells whether v is the second choice; empty is the first.
func (c *checker) oneOf(field, v, first, second string) bool {
	if v != "" && v != first && v != second {
		c.add("%s is %q: it must be %s or %s", field, v, first, second)
	}
	return v == second
}
