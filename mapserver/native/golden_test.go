package native

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what comes out into the cases of testdata")

// TestGolden plays the cases in testdata. A case is a txtar archive: the files of
// a bundle, the steps to play ("steps"), and all that the map's log and the
// players' clients get ("want"). Its comment says what it shows. A file whose name
// begins with "next/" replaces that of the bundle at the step reload.
//
// Code may have a twin in JavaScript, events/x.js beside events/x.lua. Then the case
// is played a second time with the twins, and clients must get the same. What is in
// the log may differ ("want.js").
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { golden(t, testCase{file, a, "want"}, twinless(a, ".js", ".lua")) })
		if hasTwins(a) {
			t.Run(name+"/js", func(t *testing.T) {
				golden(t, testCase{file, a, "want.js"}, twinless(a, ".lua", ".js"))
			})
		}
	}
}

// testCase is an archive in its file, and the section that tells what comes out.
type testCase struct {
	file    string
	archive *txtar.Archive
	want    string
}

// golden plays a case and compares what comes out with a section of the archive.
func golden(t *testing.T, c testCase, bundle *txtar.Archive) {
	file, a := c.file, c.archive
	got := play(t, bundle)
	if c.want == "want.js" {
		if diff := cmp.Diff(seen(string(section(a, "want").Data)), seen(got)); diff != "" {
			t.Errorf("clients of the twins in JavaScript get something else (-want +got)\n%s", diff)
		}
	}
	want := section(a, c.want)
	if *update {
		want.Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want.Data), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

var faultLine = regexp.MustCompile(`^\S+\.(lua|js):\d`)

// seen is what clients see of an output: all but the log and what is wrong with code.
func seen(out string) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "level=") && !strings.HasPrefix(line, "reload refused: ") && !faultLine.MatchString(line) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// twinless is an archive without the files of one ending that have a twin of another.
func twinless(a *txtar.Archive, ext, other string) *txtar.Archive {
	out := &txtar.Archive{}
	for _, f := range a.Files {
		if base, ok := strings.CutSuffix(f.Name, ext); !ok || !holds(a, base+other) {
			out.Files = append(out.Files, f)
		}
	}
	return out
}

func holds(a *txtar.Archive, name string) bool {
	return slices.ContainsFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
}

func hasTwins(a *txtar.Archive) bool {
	return slices.ContainsFunc(a.Files, func(f txtar.File) bool {
		base, ok := strings.CutSuffix(f.Name, ".lua")
		return ok && holds(a, base+".js")
	})
}

// section returns the file of that name, which is made if it is not there.
func section(a *txtar.Archive, name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name})
	return &a.Files[len(a.Files)-1]
}

// play runs the steps of a case and returns what came out.
func play(t *testing.T, a *txtar.Archive) string {
	files, next := map[string]string{}, map[string]string{}
	for _, f := range a.Files {
		if f.Name == "steps" || f.Name == "want" || f.Name == "want.js" {
			continue
		}
		if name, ok := strings.CutPrefix(f.Name, "next/"); ok {
			next[name] = string(f.Data)
			continue
		}
		files[f.Name] = string(f.Data)
	}
	r, err := tryRig(t, files)
	if err != nil {
		return err.Error() + "\n"
	}
	defer func() { r.Close() }()
	for _, line := range strings.Split(string(section(a, "steps").Data), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		_, _ = fmt.Fprintf(r.out, "> %s\n", line)
		if err := r.step(line, files, next); err != nil {
			t.Fatalf("step %q: %v", line, err)
		}
	}
	return r.out.String()
}

func (r *rig) step(line string, files, next map[string]string) error {
	verb, rest, _ := strings.Cut(line, " ")
	first, second, _ := strings.Cut(rest, " ")
	n, _ := strconv.ParseInt(first, 10, 64)
	switch verb {
	case "join":
		r.join(n, second)
	case "leave":
		r.leave(n)
	case "say":
		r.say(n, second)
	case "quiet", "loud":
		r.sessions[n].quiet = verb == "quiet"
	case "frame":
		r.frame(int(max(n, 1)))
	case "pass":
		seconds, err := strconv.ParseFloat(first, 64)
		if err != nil {
			return err
		}
		r.clock = r.clock.Add(time.Duration(seconds * float64(time.Second)))
	case "away", "back":
		r.keeper.away = verb == "away"
	case "close":
		var by time.Time
		if n > 0 {
			by = r.clock.Add(time.Duration(n) * time.Second)
		}
		r.CloseBy(by)
	case "full", "there":
		r.keeper.full = verb == "full"
	case "restart":
		return r.restart(files)
	case "reload":
		return r.reload(files, next)
	default:
		return errUsage
	}
	return nil
}

// restart stops the map as a server does and starts it again.
func (r *rig) restart(files map[string]string) error {
	stopped := false
	r.Drain(r.clock.Add(time.Minute), func() { stopped = true })
	for i := 0; i < 100 && !stopped; i++ {
		r.frame(1)
	}
	r.Close()
	again, err := tryRig(r.t, files, func(c *Config) {
		c.State, c.Keeper, c.Now = r.keeper.world, r.keeper, func() time.Time { return r.clock }
		c.Log = r.config.Log
		c.Return, c.Lost = r.config.Return, r.config.Lost
	})
	if err != nil {
		return err
	}
	r.Game = again.Game
	r.sessions, r.tasks = map[int64]*session{}, nil
	return nil
}

func (r *rig) reload(files, next map[string]string) error {
	for name, text := range next {
		files[name] = text
	}
	swap, err := r.Prepare(bundleOf(files))
	if err != nil {
		_, _ = fmt.Fprintf(r.out, "reload refused: %v\n", err)
		return nil
	}
	swap()
	return nil
}
