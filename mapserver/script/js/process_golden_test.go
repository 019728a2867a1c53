package js

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var processUpdate = flag.Bool("update-process", false, "write what processes do into their cases")

// TestProcessCases runs the cases in testdata/process: the files of a bundle, a shim,
// steps, and what is to be seen of them.
func TestProcessCases(t *testing.T) {
	cases, err := filepath.Glob("testdata/process/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runProcessCase(t, file) })
	}
}

// gameliftSeed is where the example of Amazon's documentation is kept, once.
const gameliftSeed = "../../dialect/gamelift/testdata/seed.js"

// processSeeds are scripts as other systems' documents have them, by the cases that
// add them to the bundle.
var processSeeds = map[string]struct{ from, to string }{
	"gamelift": {gameliftSeed, "index.js"},
	"cocos":    {"testdata/seeds/cocos.ts", "index.ts"},
}

func addProcessSeeds(t *testing.T, name string, files map[string]string) {
	t.Helper()
	for prefix, seed := range processSeeds {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		text, err := os.ReadFile(seed.from)
		if err != nil {
			t.Fatal(err)
		}
		files[seed.to] = string(text)
	}
}

func runProcessCase(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	var steps, want string
	at := -1
	for i, f := range archive.Files {
		switch f.Name {
		case "steps":
			steps = string(f.Data)
		case "want":
			want, at = string(f.Data), i
		default:
			files[f.Name] = string(f.Data)
		}
	}
	addProcessSeeds(t, filepath.Base(file), files)
	r := newProcessRig(t, files)
	for line := range strings.Lines(steps) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			r.run(line)
		}
	}
	got := strings.Join(r.lines, "\n") + "\n"
	if *processUpdate {
		if at < 0 {
			archive.Files = append(archive.Files, txtar.File{Name: "want"})
			at = len(archive.Files) - 1
		}
		archive.Files[at].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
