package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"
)

// The API that the manifests belong to. The kinds are declared in api; here are
// their fields again, without the packages of Kubernetes, which would double the
// memory of a map server. A test holds that both are the same.
const (
	apiGroup = "overworld.dev"
	// APIVersion is the apiVersion of all manifests.
	APIVersion = apiGroup + "/v1alpha1"
)

// header is what all manifests begin with.
type header struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Status     any            `json:"status"`
}

func (h *header) name() string {
	name, _ := h.Metadata["name"].(string)
	return name
}

type gameMap struct {
	header `json:",inline"`

	Spec gameMapSpec `json:"spec"`
}

type gameMapSpec struct {
	ID          string            `json:"id"`
	Bundle      string            `json:"bundle"`
	Terrain     string            `json:"terrain"`
	Neighbours  map[string]string `json:"neighbours"`
	MaxPlayers  *int              `json:"maxPlayers"`
	TickRate    *int              `json:"tickRate"`
	SendRate    *int              `json:"sendRate"`
	Exposure    exposureSpec      `json:"exposure"`
	Persistence persistenceSpec   `json:"persistence"`
	Drain       drainSpec         `json:"drain"`
	Suspend     bool              `json:"suspend"`
	Protocol    protocolSpec      `json:"protocol"`
	Scripts     scriptSpec        `json:"scripts"`
	Pod         map[string]any    `json:"pod"`
}

type exposureSpec struct {
	Type        string            `json:"type"`
	Port        *int              `json:"port"`
	PublicHost  string            `json:"publicHost"`
	Annotations map[string]string `json:"annotations"`
}

type persistenceSpec struct {
	Enabled   *bool  `json:"enabled"`
	SaveEvery string `json:"saveEvery"`
}

type drainSpec struct {
	Timeout string `json:"timeout"`
}

type protocolSpec struct {
	Entities    string `json:"entities"`
	Lists       string `json:"lists"`
	Compression *bool  `json:"compression"`
}

type scriptSpec struct {
	CallBudget string `json:"callBudget"`
	Memory     any    `json:"memory"` // 128Mi, or a number of bytes
}

type scriptBundle struct {
	header `json:",inline"`

	Spec scriptBundleSpec `json:"spec"`
}

type scriptBundleSpec struct {
	Dialect string            `json:"dialect"`
	Files   map[string]string `json:"files"`
	Source  any               `json:"source"`
	Entry   string            `json:"entry"`
	Limits  scriptSpec        `json:"limits"`
	// Revision means nothing on a laptop: there is only the newest.
	Revision string `json:"revision"`
}

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
		line := lineOf(node, field)
		if unknown, ok := strings.CutPrefix(text, "unknown field "); ok {
			line = max(line, lineOfKey(node, strings.Trim(unknown, `"`)))
		}
		out = append(out, fmt.Errorf("%s:%d: %s", file, line, text))
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

// lineOfKey finds a key anywhere, 0 if it is not there.
func lineOfKey(node *yaml.Node, key string) int {
	for i, n := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && n.Value == key {
			return n.Line
		}
		if line := lineOfKey(n, key); line > 0 {
			return line
		}
	}
	return 0
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
	var kind header
	if err := sigsyaml.Unmarshal(data, &kind); err != nil {
		return errors.New("the document is not a manifest: it must be a table with apiVersion and kind")
	}
	group, _, _ := strings.Cut(kind.APIVersion, "/")
	if group != apiGroup {
		return nil
	}
	if kind.APIVersion != APIVersion {
		return fmt.Errorf("apiVersion is %q: this program reads %s", kind.APIVersion, APIVersion)
	}
	switch kind.Kind {
	case "GameMap":
		return m.addMap(data)
	case "ScriptBundle":
		return m.addBundle(data)
	case "Fleet":
		return nil // for clusters: on a laptop there is one of each map
	default:
		return fmt.Errorf("kind is %q: it must be GameMap, ScriptBundle or Fleet", kind.Kind)
	}
}

func (m *Manifests) addMap(data []byte) error {
	var g gameMap
	if err := strict(data, &g); err != nil {
		return err
	}
	out, err := fromManifest(&g)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(m.Maps, func(o Map) bool { return o.ID == out.ID }) {
		return fmt.Errorf("spec.id is %q, which another GameMap has: each needs an id of its own, or a name, which is the id where none is given", out.ID)
	}
	m.Maps = append(m.Maps, out)
	return nil
}

func (m *Manifests) addBundle(data []byte) error {
	var b scriptBundle
	if err := strict(data, &b); err != nil {
		return err
	}
	if err := checkName(b.name()); err != nil {
		return err
	}
	if m.Bundles[b.name()] != nil {
		return fmt.Errorf("metadata.name is %q, which another ScriptBundle has: each needs a name of its own", b.name())
	}
	files, err := b.Spec.files()
	if err == nil {
		m.Bundles[b.name()] = files
	}
	return err
}

// files are the files of a bundle, as they are below the folder of its entry.
func (s *scriptBundleSpec) files() (map[string]string, error) {
	switch {
	case s.Dialect != "" && s.Dialect != "World":
		return nil, fmt.Errorf("spec.dialect is %q: only World runs so far", s.Dialect)
	case s.Source != nil:
		return nil, errors.New("spec.source is a ConfigMap of a cluster: on a laptop give the files in spec.files, or leave the ScriptBundle out and give a folder of its name")
	case len(s.Files) == 0:
		return nil, errors.New("spec.files is empty: it must hold the bundle's files, world.yaml among them")
	case s.Entry == "" || s.Entry == worldFile:
		return s.Files, nil
	}
	folder, found := strings.CutSuffix(s.Entry, "/"+worldFile)
	if _, there := s.Files[s.Entry]; !found || !there {
		return nil, fmt.Errorf("spec.entry is %q: it must be the path of a %s in spec.files", s.Entry, worldFile)
	}
	out := map[string]string{}
	for name, text := range s.Files {
		if rest, ok := strings.CutPrefix(name, folder+"/"); ok {
			out[rest] = text
		}
	}
	return out, nil
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

// names are what Kubernetes takes as the name of a GameMap.
var names = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

func checkName(name string) error {
	if name == "" {
		return errors.New("metadata.name is missing")
	}
	if !names.MatchString(name) {
		return fmt.Errorf("metadata.name is %q: it must have small letters, digits and -, begin and end with a letter or digit, and be at most 63 long", name)
	}
	return nil
}

// ids are what the gateway takes as the id of a map.
var ids = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

// fromManifest makes live values of a manifest. The error tells all problems.
func fromManifest(g *gameMap) (Map, error) {
	m := Default(g.name())
	c := checker{errs: []error{checkName(g.name())}}
	m.Bundle, m.Terrain, m.Host, m.Neighbours = g.Spec.Bundle, g.Spec.Terrain, g.Spec.Exposure.PublicHost, g.Spec.Neighbours
	if g.Spec.ID != "" {
		m.ID = g.Spec.ID
	}
	if !ids.MatchString(m.ID) {
		c.add("spec.id is %q: it must be of letters, digits and . _ - (not at its ends), at most 63", m.ID)
	}
	c.integer("spec.maxPlayers", g.Spec.MaxPlayers, 10000, &m.MaxPlayers)
	c.integer("spec.tickRate", g.Spec.TickRate, 120, &m.TickRate)
	m.SendRate = m.TickRate
	c.integer("spec.sendRate", g.Spec.SendRate, 120, &m.SendRate)
	if m.SendRate > m.TickRate {
		c.add("spec.sendRate is %d: it cannot be more than tickRate, %d", m.SendRate, m.TickRate)
	}
	c.integer("spec.exposure.port", g.Spec.Exposure.Port, 65535, &m.Port)
	if keep := g.Spec.Persistence.Enabled; keep != nil {
		m.Persistent = *keep
	}
	c.duration("spec.persistence.saveEvery", g.Spec.Persistence.SaveEvery, seconds, &m.SaveEvery)
	c.duration("spec.drain.timeout", g.Spec.Drain.Timeout, seconds, &m.DrainFor)
	c.duration("spec.scripts.callBudget", g.Spec.Scripts.CallBudget, budgets, &m.CallBudget)
	c.bytes("spec.scripts.memory", g.Spec.Scripts.Memory, 1<<20, &m.ScriptMemory)
	if on := g.Spec.Protocol.Compression; on != nil {
		m.Compression = *on
	}
	m.Dictionaries = c.oneOf("spec.protocol.entities", g.Spec.Protocol.Entities, "Arrays", "Dictionaries")
	m.ListsAsObjects = c.oneOf("spec.protocol.lists", g.Spec.Protocol.Lists, "Arrays", "Objects")
	for side, id := range m.Neighbours {
		if side == "" || id == "" {
			c.add("spec.neighbours has an empty side or map")
		}
	}
	return m, errors.Join(c.errs...)
}

// The bounds of times.
var (
	seconds = [2]time.Duration{time.Second, time.Hour}
	budgets = [2]time.Duration{time.Millisecond, 10 * time.Second}
)

// checker gathers what is wrong with a manifest.
type checker struct{ errs []error }

func (c *checker) add(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// integer takes over a number from 1 to high, if it is given.
func (c *checker) integer(field string, v *int, high int, to *int) {
	if v == nil {
		return
	}
	if *v < 1 || *v > high {
		c.add("%s is %d: it must be from 1 to %d", field, *v, high)
		return
	}
	*to = *v
}

// duration takes over a time such as "5s" from low to high, if it is given.
func (c *checker) duration(field, text string, between [2]time.Duration, to *time.Duration) {
	if text == "" {
		return
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		c.add("%s is %q: it must be a time such as 5s or 500ms", field, text)
		return
	}
	if d < between[0] || d > between[1] {
		c.add("%s is %s: it must be from %s to %s", field, text, between[0], between[1])
		return
	}
	*to = d
}

// units are the suffixes of amounts of memory.
var units = map[string]int64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40}

// bytes takes over an amount of memory such as 128Mi, if it is given.
func (c *checker) bytes(field string, v any, low int64, to *int64) {
	if v == nil {
		return
	}
	text := fmt.Sprint(v)
	digits := strings.TrimRight(text, "kKMGTi")
	n, err := strconv.ParseInt(digits, 10, 32)
	unit, ok := units[text[len(digits):]]
	if _, number := v.(float64); number {
		n, err = int64(v.(float64)), nil
	}
	if err != nil || !ok {
		c.add("%s is %q: it must be an amount of memory such as 128Mi", field, text)
		return
	}
	if n*unit < low {
		c.add("%s is %s: it must be at least %dMi", field, text, low>>20)
		return
	}
	*to = n * unit
}

// oneOf tells whether v is the second choice; empty is the first.
func (c *checker) oneOf(field, v, first, second string) bool {
	if v != "" && v != first && v != second {
		c.add("%s is %q: it must be %s or %s", field, v, first, second)
	}
	return v == second
}
