package bundle

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

var update = flag.Bool("update", false, "write what the tests get as what they want")

// splitCase returns the bundle and the library of a case: files below "lib/"
// are the library's, "problems" and "schema" what is wanted.
func splitCase(a *txtar.Archive) (*game.Bundle, fs.FS) {
	files, lib := map[string][]byte{}, fstest.MapFS{}
	for _, f := range a.Files {
		switch name, ok := strings.CutPrefix(f.Name, "lib/"); {
		case f.Name == "problems" || f.Name == "schema":
		case ok:
			lib[name] = &fstest.MapFile{Data: f.Data}
		default:
			files[f.Name] = f.Data
		}
	}
	return game.NewBundle(files), lib
}

// TestLoad runs the cases of testdata: a bundle each, the problems that it must
// give, and in some the schema.
func TestLoad(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runCase(t, file) })
	}
}

func runCase(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	loaded, problems := load(splitCase(a))
	got := map[string]string{"problems": problems.Error(), "schema": dump(loaded)}
	if got["problems"] != "" {
		got["problems"] += "\n"
	}
	for i, f := range a.Files {
		text, ok := got[f.Name]
		if !ok {
			continue
		}
		if diff := cmp.Diff(string(f.Data), text); diff != "" && !*update {
			t.Errorf("%s (-want +got):\n%s", f.Name, diff)
		}
		a.Files[i].Data = []byte(text)
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// dump writes a schema as lines that are good to compare.
func dump(l *Loaded) string {
	var b bytes.Buffer
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	s := l.Schema
	line("features %v", l.Features)
	line("map %q %v", l.MapFile, l.Terrain.Bounds())
	for i, slot := range s.Slots {
		line("slot %d %q %s: %s", slot.ID, slot.Name, slot.File, strings.TrimSpace(string(s.Files[slot.File])))
		if slot.ID != i+1 {
			line("BAD ID")
		}
	}
	line("init %v", ids(s.Init))
	for _, c := range s.Components {
		line("component %s %s default=%s of=%s private=%t onChange=%d", c.Name, c.Type, show(c.Default), types(c.Of), c.Private, c.OnChange.ID)
	}
	for _, g := range s.Groups {
		line("group %s of=%s timeout=%v code=%d", g.Name, types(g.Of), g.Timeout, g.TimeoutCode.ID)
		for _, a := range g.Actions {
			line("  action %s public=%t code=%d", a.Name, a.Public, a.Code.ID)
			for _, p := range a.Params {
				line("    param %s %s default=%s required=%t min=%v max=%v oneOf=%q", p.Name, p.Type, show(p.Default), p.Required, p.Min, p.Max, p.OneOf)
			}
		}
	}
	for t := range world.TypeCount {
		line("%s enter=%v leave=%v", t, ids(s.Enter[t]), ids(s.Leave[t]))
	}
	for _, p := range s.Prefabs {
		line("prefab %s %s components=%s enter=%v", p.Type, p.Name, defaults(p.Components), ids(p.Enter))
	}
	for _, sp := range append([]world.Spawn{s.Player}, s.Spawns...) {
		line("spawn %s %q count=%d at=%v area=%v side=%q speed=%v components=%s",
			sp.Type, sp.Prefab, sp.Count, sp.At, sp.Area, sp.Side, sp.Speed, defaults(sp.Components))
	}
	return b.String()
}

func ids(slots []world.Slot) (out []int) {
	for _, s := range slots {
		out = append(out, s.ID)
	}
	return out
}

func types(of [world.TypeCount]bool) string {
	var names []string
	for t, has := range of {
		if has {
			names = append(names, world.Type(t).String())
		}
	}
	return strings.Join(names, ",")
}

func show(v value.Value) string {
	out, err := value.AppendJSON(nil, v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func defaults(list []world.Default) string {
	var out []string
	for _, d := range list {
		out = append(out, fmt.Sprintf("%d=%s", d.Component, show(d.Value)))
	}
	return "[" + strings.Join(out, " ") + "]"
}
