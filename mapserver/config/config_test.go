package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

const head = "apiVersion: overworld.dev/v1alpha1\nkind: GameMap\nmetadata: {name: meadow}\n"

func TestParse(t *testing.T) {
	got, err := Parse("meadow.yaml", []byte(head+`spec:
  bundle: scripts
  maxPlayers: 20
  tickRate: 30
  id: Meadow.1
  terrain: maps/meadow.tmj
  exposure: {type: HostPort, port: 7005, publicHost: play.example, annotations: {a: b}}
  neighbours: {left: forest}
  persistence: {enabled: false, saveEvery: 2s}
  drain: {timeout: 1m}
  suspend: true
  pod: {nodeSelector: {disk: fast}}
  protocol: {entities: Dictionaries, lists: Objects, compression: false}
  scripts: {callBudget: 10ms, memory: 64Mi}
---
apiVersion: overworld.dev/v1alpha1
kind: ScriptBundle
metadata: {name: scripts, labels: {game: test}}
spec: {files: {games/one/world.yaml: "", README.md: x}, entry: games/one/world.yaml, dialect: World, limits: {memory: 64Mi}}
---
apiVersion: overworld.dev/v1alpha1
kind: Fleet
metadata: {name: arena}
spec: {replicas: 3}
---
apiVersion: v1
kind: Service
metadata: {name: other}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := Manifests{
		Maps: []Map{{
			ID: "Meadow.1", Bundle: "scripts", Terrain: "maps/meadow.tmj", Host: "play.example", Port: 7005, MaxPlayers: 20, TickRate: 30, SendRate: 30,
			Dictionaries: true, ListsAsObjects: true, Neighbours: map[string]string{"left": "forest"},
			SaveEvery: 2 * time.Second, DrainFor: time.Minute, CallBudget: 10 * time.Millisecond, ScriptMemory: 64 << 20,
		}},
		Bundles: map[string]map[string]string{"scripts": {"world.yaml": ""}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every bad value has its sentence, with the file and the line.
func TestBadManifests(t *testing.T) {
	for text, want := range map[string]string{
		head + "spec: {tickRate: 500}":                        "m.yaml:4: spec.tickRate is 500: it must be from 1 to 120",
		head + "spec: {tickRate: 20, sendRate: 30}":           "m.yaml:4: spec.sendRate is 30: it cannot be more than tickRate, 20",
		head + "spec:\n  maxPlayers: 0":                       "m.yaml:5: spec.maxPlayers is 0: it must be from 1 to 10000",
		head + "spec: {exposure: {port: 70000}}":              "spec.exposure.port is 70000",
		head + "spec: {persistence: {saveEvery: often}}":      `spec.persistence.saveEvery is "often": it must be a time such as 5s`,
		head + "spec: {drain: {timeout: 1ms}}":                "spec.drain.timeout is 1ms: it must be from 1s to 1h0m0s",
		head + "spec: {scripts: {callBudget: 1m}}":            "spec.scripts.callBudget is 1m: it must be from 1ms to 10s",
		head + "spec: {scripts: {memory: much}}":              `spec.scripts.memory is "much": it must be an amount of memory such as 128Mi`,
		head + "spec: {scripts: {memory: 12}}":                "spec.scripts.memory is 12: it must be at least 1Mi",
		head + "spec: {protocol: {entities: Lists}}":          `spec.protocol.entities is "Lists": it must be Arrays or Dictionaries`,
		head + "spec: {protocol: {lists: 5}}":                 `spec.protocol.lists is "5"`,
		head + "spec: {neighbours: {left: ''}}":               "spec.neighbours has an empty side or map",
		head + "spec: {colour: red}":                          `m.yaml:4: unknown field "colour"`,
		head + "spec: {tickRate: fast}":                       "tickRate",
		head + "sepc: {}":                                     `m.yaml:4: unknown field "sepc"`,
		"apiVersion: overworld.dev/v1alpha1\nkind: GameMap\n": "m.yaml:1: metadata.name is missing",
		strings.Replace(head, "meadow", "The Meadow", 1):      `metadata.name is "The Meadow"`,
		strings.Replace(head, "GameMap", "GameMop", 1):        `kind is "GameMop": it must be GameMap, ScriptBundle or Fleet`,
		strings.Replace(head, "v1alpha1", "v2", 1):            `apiVersion is "overworld.dev/v2": this program reads overworld.dev/v1alpha1`,
		strings.Replace(head, "GameMap", "ScriptBundle", 1):   "spec.files is empty",
		head + "---\n" + head:                                 `m.yaml:5: spec.id is "meadow", which another GameMap has`,
		head + "spec: {id: ..}":                               `m.yaml:4: spec.id is "..": it must be of letters`,
		strings.Replace(head, "GameMap", "ScriptBundle", 1) + "spec: {files: {a: b}, dialect: MGOBE}":      `m.yaml:4: spec.dialect is "MGOBE": only World runs so far`,
		strings.Replace(head, "GameMap", "ScriptBundle", 1) + "spec: {source: {configMap: {name: x}}}":     "m.yaml:4: spec.source is a ConfigMap of a cluster",
		strings.Replace(head, "GameMap", "ScriptBundle", 1) + "spec: {files: {a: b}, entry: x/world.yaml}": `m.yaml:4: spec.entry is "x/world.yaml": it must be the path of a world.yaml in spec.files`,
		"a: [":     "m.yaml: line 1",
		"- a list": "m.yaml:1: the document is not a manifest",
		head + "spec: {tickRate: 0, exposure: {port: 0}}\n---\n" + head[:20]: "spec.tickRate is 0",
	} {
		_, err := Parse("m.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nhas the error %v, want %q in it", text, err, want)
		}
	}
}

// All problems are told at once.
func TestAllProblems(t *testing.T) {
	_, err := Parse("m.yaml", []byte(head+"spec:\n  tickRate: 0\n  exposure:\n    port: 0\n"))
	if want := "m.yaml:5: spec.tickRate is 0: it must be from 1 to 120\nm.yaml:7: spec.exposure.port is 0: it must be from 1 to 65535"; err == nil || err.Error() != want {
		t.Errorf("the error is %v", err)
	}
}

func write(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadDir(t *testing.T) {
	bundle := write(t, filepath.Join(t.TempDir(), "My Game!"), map[string]string{"world.yaml": "", "init.lua": "x = 1"})
	got, err := ReadDir(bundle)
	if err != nil || len(got.Maps) != 1 || got.Maps[0].ID != "my-game" || got.Maps[0].BundleDir != bundle {
		t.Fatalf("a bundle reads as %+v, %v", got, err)
	}
	b, err := got.ReadBundle(got.Maps[0])
	if err != nil || len(b.Files) != 2 {
		t.Errorf("its files are %v, %v", b, err)
	}

	both := write(t, t.TempDir(), map[string]string{"world.yaml": "", "gamemap.yaml": head + "spec: {bundle: any}\n"})
	if got, err = ReadDir(both); err != nil || got.Maps[0].BundleDir != both {
		t.Errorf("a bundle with its manifest reads as %+v, %v", got, err)
	}

	game := write(t, t.TempDir(), map[string]string{
		"a.yaml":               head + "spec: {bundle: shared}\n",
		"b.yaml":               strings.Replace(head, "meadow", "cave", 1) + "spec: {bundle: inline}\n---\napiVersion: overworld.dev/v1alpha1\nkind: ScriptBundle\nmetadata: {name: inline}\nspec: {files: {world.yaml: '', init.lua: 'x = 1'}}\n",
		"values.yaml":          "some: thing\n",
		"shared/world.yaml":    "",
		"shared/sub/notes.txt": "",
	})
	if got, err = ReadDir(game); err != nil || len(got.Maps) != 2 || got.Maps[0].BundleDir != filepath.Join(game, "shared") {
		t.Fatalf("a game reads as %+v, %v", got, err)
	}
	if b, err := got.ReadBundle(got.Maps[1]); err != nil || len(b.Files) != 2 {
		t.Errorf("the bundle of the manifest is %v, %v", b, err)
	}
}

func TestBadDirs(t *testing.T) {
	file := filepath.Join(write(t, t.TempDir(), map[string]string{"world.yaml": ""}), "world.yaml")
	for dir, want := range map[string]string{
		filepath.Join(t.TempDir(), "nothing"): "no such file",
		file:                                  "is a file: give the folder",
		t.TempDir():                           "has neither a world.yaml nor a GameMap manifest",
		write(t, t.TempDir(), map[string]string{"m.yaml": head + "spec: {bundle: lost}\n"}): `GameMap meadow runs the bundle "lost"`,
		write(t, t.TempDir(), map[string]string{"m.yaml": head, "n.yaml": head}):            "there is another GameMap called",
	} {
		if _, err := ReadDir(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
	}
}

// The manifest's fields are those of the API's type.
func TestFieldsAreThoseOfTheAPI(t *testing.T) {
	compare(t, "spec", reflect.TypeFor[gameMapSpec](), reflect.TypeFor[v1alpha1.GameMapSpec]())
	compare(t, "spec", reflect.TypeFor[scriptBundleSpec](), reflect.TypeFor[v1alpha1.ScriptBundleSpec]())
}

func compare(t *testing.T, path string, ours, theirs reflect.Type) {
	t.Helper()
	a, b := jsonFields(ours), jsonFields(theirs)
	for name := range b {
		if _, ok := a[name]; !ok {
			t.Errorf("%s.%s is in the API only", path, name)
		}
	}
	for name, field := range a {
		other, ok := b[name]
		if !ok {
			t.Errorf("%s.%s is not in the API", path, name)
		} else if field.Kind() == reflect.Struct {
			compare(t, path+"."+name, field, other)
		}
	}
}

func jsonFields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		out[name] = t.Field(i).Type
	}
	return out
}

// property is a part of the CRD's schema.
type property struct {
	Default    any                 `json:"default"`
	Minimum    *float64            `json:"minimum"`
	Maximum    *float64            `json:"maximum"`
	Properties map[string]property `json:"properties"`
}

// The defaults and bounds are those of the generated CRD.
func TestDefaultsAreThoseOfTheCRD(t *testing.T) {
	data, err := os.ReadFile("../../config/crd/overworld.dev_gamemaps.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema property `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	if err := sigsyaml.Unmarshal(data, &crd); err != nil {
		t.Fatal(err)
	}
	spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	defaults := map[string]any{"metadata": map[string]any{"name": "meadow"}, "apiVersion": APIVersion, "kind": "GameMap", "spec": defaultsOf(spec)}
	text, err := sigsyaml.Marshal(defaults)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse("defaults", text)
	if err != nil || len(got.Maps) != 1 {
		t.Fatalf("the CRD's defaults are refused: %v\n%s", err, text)
	}
	if diff := cmp.Diff(Default("meadow"), got.Maps[0]); diff != "" {
		t.Errorf("(-ours +the CRD's)\n%s", diff)
	}
	for name, p := range spec.Properties {
		for _, bound := range []*float64{p.Minimum, p.Maximum} {
			if bound != nil {
				checkBound(t, name, *bound, bound == p.Maximum)
			}
		}
	}
}

func defaultsOf(p property) map[string]any {
	out := map[string]any{}
	for name, below := range p.Properties {
		if below.Default != nil {
			out[name] = below.Default
		} else if inner := defaultsOf(below); len(inner) > 0 {
			out[name] = inner
		}
	}
	return out
}

// checkBound takes a bound and refuses what is beyond it.
func checkBound(t *testing.T, name string, bound float64, upper bool) {
	t.Helper()
	beyond := bound - 1
	if upper {
		beyond = bound + 1
	}
	extra := map[string]any{name: bound}
	if name == "sendRate" {
		extra["tickRate"] = 120
	}
	for value, fine := range map[float64]bool{bound: true, beyond: false} {
		extra[name] = value
		text, err := sigsyaml.Marshal(map[string]any{"metadata": map[string]any{"name": "m"}, "apiVersion": APIVersion, "kind": "GameMap", "spec": extra})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse("m", text); (err == nil) != fine {
			t.Errorf("%s of %v: %v", name, value, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "spec: {tickRate: 30}"))
	f.Add([]byte(head + "---\n" + strings.Replace(head, "GameMap", "ScriptBundle", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse("f.yaml", data)
		if err != nil && err.Error() == "" {
			t.Error("an error without a text")
		}
		for _, g := range m.Maps {
			if g.ID == "" || g.TickRate < 1 || g.TickRate > 120 || g.SendRate > g.TickRate || g.MaxPlayers < 1 {
				t.Errorf("accepted %+v", g)
			}
		}
	})
}
