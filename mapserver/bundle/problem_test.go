package bundle

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/mapserver/game"
)

func TestProblems(t *testing.T) {
	var ps Problems
	if ps.Err() != nil {
		t.Error("no problems are an error")
	}
	ps.Add(Problem{File: "b.lua", Level: Warning, Message: "unused"})
	if ps.Err() != nil {
		t.Error("a warning is an error")
	}
	ps.Add(Problem{File: "b.lua", Line: 12, Message: "twelve"})
	ps.Add(Problem{File: "a.lua", Line: 3, Column: 4, Message: "first"})
	ps.Add(Problem{File: "b.lua", Line: 2, Column: 7, Message: "two"})
	ps.Add(Problem{File: "b.lua", Line: 2, Column: 7, Message: "two"})
	ps.Add(Problem{Message: "nowhere"})
	want := "nowhere\na.lua:3:4: first\nb.lua: warning: unused\nb.lua:2:7: two\nb.lua:12: twelve"
	if err := ps.Err(); err == nil {
		t.Error("problems are no error")
	} else if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// TestManyProblems: what is wrong thousands of times is told a bounded number
// of times, and does not take for ever.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	b.WriteString("components:\n")
	for i := range 5000 {
		_, _ = fmt.Fprintf(&b, "  c%d: {type: numbr, defalt: 3}\n", i)
	}
	b.WriteString("player:\n  components:\n")
	for i := range 5000 {
		_, _ = fmt.Fprintf(&b, "    d%d: 1\n", i)
	}
	_, problems := Load(game.NewBundle(map[string][]byte{WorldFile: []byte(b.String())}))
	if len(problems) != maxProblems {
		t.Errorf("%d problems, want %d", len(problems), maxProblems)
	}
	if want := "world.yaml: there are more than 499 problems; only these are shown"; problems[0].String() != want {
		t.Errorf("first problem %q, want %q", problems[0], want)
	}
}

func TestLargeWorldFile(t *testing.T) {
	_, problems := Load(game.NewBundle(map[string][]byte{WorldFile: []byte(strings.Repeat("# a\n", 1<<19))}))
	if diff := cmp.Diff("world.yaml: the file is larger than 1 MiB", problems.Error()); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestNear(t *testing.T) {
	names := []string{"players", "enemys", "animals", "objects", "hp"}
	for name, want := range map[string]string{
		"player": "players", "Enemys": "enemys", "enmeys": "enemys", "ob jects": "objects", "pp": "hp",
		"x": "", "zzz": "", "": "", strings.Repeat("p", 100): "",
	} {
		if want != "" {
			want = fmt.Sprintf(" (did you mean %q?)", want)
		}
		if got := near(name, names); got != want {
			t.Errorf("near(%q) = %q, want %q", name, got, want)
		}
	}
}
