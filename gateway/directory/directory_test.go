package directory

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatic(t *testing.T) {
	s := NewStatic("meadow")
	if _, err := s.Lookup("meadow"); !errors.Is(err, ErrUnknownMap) {
		t.Errorf("looked up with %v, want ErrUnknownMap", err)
	}
	s.Set("meadow", Place{Port: 1})
	s.Set("forest", Place{Port: 2})
	s.Update("meadow", func(p *Place) { p.Players = 3 })
	s.Update("nowhere", func(*Place) { t.Error("an unknown map was updated") })
	if p, err := s.Lookup("meadow"); p.Port != 1 || p.Players != 3 || err != nil {
		t.Errorf("looked up %+v, %v", p, err)
	}
	if diff := cmp.Diff([]string{"forest", "meadow"}, s.Maps()); diff != "" {
		t.Error(diff)
	}
	s.Remove("meadow")
	s.SetStart("forest")
	if _, err := s.Lookup("meadow"); err == nil || s.Start() != "forest" {
		t.Errorf("the map was not removed, or the start is still %q", s.Start())
	}
}

func TestStaticIsSafeForConcurrentUse(t *testing.T) {
	s := NewStatic("meadow")
	s.Set("meadow", Place{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				s.Update("meadow", func(p *Place) { p.Players++ })
				_, _ = s.Lookup(s.Start())
			}
		})
	}
	wg.Wait()
	if p, err := s.Lookup("meadow"); p.Players != 800 || err != nil {
		t.Errorf("%d players, %v; want 800", p.Players, err)
	}
}

func TestPlace(t *testing.T) {
	for name, test := range map[string]struct {
		place       Place
		full, ready bool
	}{
		"zero":     {Place{Players: 9}, false, true},
		"room":     {Place{Players: 9, MaxPlayers: 10, State: Running}, false, true},
		"full":     {Place{Players: 10, MaxPlayers: 10, State: Running}, true, true},
		"starting": {Place{State: Starting}, false, false},
		"stopped":  {Place{State: Stopped}, false, false},
	} {
		if test.place.Full() != test.full || test.place.Ready() != test.ready {
			t.Errorf("%s: full %v, ready %v", name, test.place.Full(), test.place.Ready())
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "meadow.tmj", "{}")
	path := write(t, dir, "maps.yaml", `
start: meadow
maps:
  meadow: {host: play.example, port: 7001, status: "http://127.0.0.1:9001", map: meadow.tmj, sides: {left: forest}}
  forest: {port: 7002}
`)
	s, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Lookup("meadow")
	want := Place{
		Host: "play.example", Port: 7001, StatusURL: "http://127.0.0.1:9001", Map: []byte("{}"),
		Sides: map[string]string{"left": "forest"}, State: Running,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || s.Start() != "meadow" {
		t.Errorf("start %q, %v (-want +got):\n%s", s.Start(), err, diff)
	}
	single, err := ReadFile(write(t, dir, "one.yaml", "maps: {only: {port: 1}}"))
	if err != nil || single.Start() != "only" {
		t.Errorf("with a single map: %v", err)
	}
}

func TestFaultyFiles(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"":                                       "maps is empty: list each map with the port of its server",
		"maps: [":                                "line 1",
		"maps:\n  a: {prt: 1}":                   "line 2: field prt not found",
		"maps: {a: {port: 0}}":                   "maps.a.port must be from 1 to 65535, it is 0",
		"maps: {a: {port: 70000}}":               "maps.a.port must be from 1 to 65535, it is 70000",
		"maps: {a: {port: 1}, b: {}}":            `start must be one of the maps ["a" "b"], it is ""`,
		"start: c\nmaps: {a: {}}":                `start must be one of the maps ["a"], it is "c"`,
		"maps: {a: {port: 1, map: x}}":           "maps.a.map: open ",
		"maps: {a: {port: 1, status: 'a:1'}}":    `maps.a.status must start with http:// or https:// and name a host, it is "a:1"`,
		"maps: {a: {port: 1, sides: {left: b}}}": `maps.a.sides.left must be one of the maps ["a"], it is "b"`,
	} {
		path := write(t, dir, "maps.yaml", text)
		if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
	if _, err := ReadFile(filepath.Join(dir, "missing.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
