package bundle

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// FuzzLoad: whatever world.yaml says, Load ends with a Loaded and with problems
// that are sentences at a place.
func FuzzLoad(f *testing.F) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range cases {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if file.Name == WorldFile {
				f.Add(file.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b := game.NewBundle(map[string][]byte{
			WorldFile: data, "init.lua": nil, "events/move/up.lua": nil, "components/hp.lua": nil,
			"meadow.tmj": []byte(`{"orientation":"orthogonal"}`),
		})
		l, problems := Load(b)
		for _, p := range problems {
			if p.File == "" || p.Message == "" {
				t.Errorf("a problem without a place or sentence: %#v", p)
			}
		}
		if l == nil || l.Schema == nil || l.Terrain == nil {
			t.Fatal("nothing was loaded")
		}
		for i, s := range l.Schema.Slots {
			if _, ok := l.Schema.Files[s.File]; !ok || s.ID != i+1 {
				t.Errorf("slot %+v has no code", s)
			}
		}
	})
}
