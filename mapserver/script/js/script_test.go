package js

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// testClock is the wall clock of all tests.
func testClock() time.Time { return time.Unix(1670069589, 123_456_000).UTC() }

// rig is an engine with its log.
type rig struct {
	t      testing.TB
	engine *Engine
	log    *bytes.Buffer
}

func newRig(t testing.TB, limits script.Limits) *rig {
	t.Helper()
	r := &rig{t: t, log: &bytes.Buffer{}}
	handler := slog.NewTextHandler(r.log, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})
	r.engine = Language{}.NewEngine(script.Env{
		Functions: testFunctions(r),
		Globals:   []script.Var{{Name: "world", Value: value.FromRef(testWorld())}},
		Limits:    limits, Now: testClock, Log: slog.New(handler),
	}).(*Engine)
	return r
}

// patient is a limit that no test case comes near to, also on a slow machine.
var patient = script.Limits{Call: time.Minute}

func (r *rig) load(file, source string) (script.Code, error) {
	p, err := Language{}.Compile(file, []byte(source))
	if err != nil {
		return nil, err
	}
	return r.engine.Load(p)
}

// do compiles, loads and calls a file.
func (r *rig) do(file, source string, vars ...script.Var) (value.Value, error) {
	c, err := r.load(file, source)
	if err != nil {
		return value.Null, err
	}
	return r.engine.Call(c, vars)
}

// outcome is what a script did, as the golden files say it.
func (r *rig) outcome(file, source string) string {
	v, err := r.do(file, source)
	var b strings.Builder
	if err != nil {
		var e *script.Error
		if !errors.As(err, &e) {
			r.t.Fatal(err)
		}
		b.WriteString(string(e.Class) + " " + e.Error() + "\n")
		if e.Trace != "" {
			b.WriteString(e.Trace + "\n")
		}
	} else if !v.IsNil() {
		b.WriteString("result " + render(v) + "\n")
	}
	b.WriteString(r.log.String())
	r.log.Reset()
	return b.String()
}

// render shows a value, also one with references.
func render(v value.Value) string {
	if v.Kind() == value.Ref {
		return "(object)"
	}
	out, err := value.AppendJSON(nil, v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// TestGolden runs the cases in testdata/*.txtar: each pair of files NAME.js and
// NAME.want is one case.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range archives {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := false
		for i := 0; i+1 < len(ar.Files); i += 2 {
			in, want := ar.Files[i], &ar.Files[i+1]
			t.Run(filepath.Base(path)+"/"+in.Name, func(t *testing.T) {
				got := newRig(t, patient).outcome(in.Name, string(in.Data))
				if diff := cmp.Diff(string(want.Data), got); diff != "" {
					if os.Getenv("UPDATE_GOLDEN") != "" {
						want.Data, changed = []byte(got), true
						return
					}
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
		if changed {
			if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
