package bundle

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// TestLibrary loads every feature of the built-in library alone, and all
// together.
func TestLibrary(t *testing.T) {
	features, err := Features()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range features {
		names = append(names, f.Name)
		checkUse(t, f.Name)
		if strings.TrimSpace(f.Doc) == "" {
			t.Errorf("the feature %s has no doc", f.Name)
		}
		l := use(t, f.Name)
		for _, file := range f.Files {
			if l.Schema.Files[libraryPrefix+f.Name+"/"+file] == nil {
				t.Errorf("library/%s/%s is never run", f.Name, file)
			}
		}
	}
	checkUse(t, names...)
}

func TestFeatures(t *testing.T) {
	got, err := features(fstest.MapFS{
		"walk/feature.yaml":              {Data: []byte("doc: walking\nneeds: [legs]\n")},
		"walk/events/walk/_timeout.lua":  {},
		"walk/entities/players/enter.js": {},
		"legs/feature.yaml":              {Data: []byte("doc: having legs\n")},
		"README.md":                      {},
	})
	want := []Feature{
		{Name: "legs", Doc: "having legs"},
		{
			Name: "walk", Doc: "walking", Needs: []string{"legs"},
			Files: []string{"entities/players/enter.js", "events/walk/_timeout.lua"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("features (-want +got), error %v:\n%s", err, diff)
	}
	if _, err := features(fstest.MapFS{"bad/feature.yaml": {Data: []byte("doc: {\n")}}); err == nil {
		t.Error("a feature.yaml that is not YAML is no error")
	}
}

func using(names []string) *game.Bundle {
	return game.NewBundle(map[string][]byte{WorldFile: []byte("use: [" + strings.Join(names, ", ") + "]\n")})
}

func use(t *testing.T, names ...string) *Loaded {
	t.Helper()
	l, _ := Load(using(names))
	return l
}

func checkUse(t *testing.T, names ...string) {
	t.Helper()
	if _, problems := Load(using(names)); len(problems) > 0 {
		t.Errorf("use: %v:\n%v", names, problems)
	}
}
