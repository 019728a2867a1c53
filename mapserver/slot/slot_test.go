package slot

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// pod is a pod's volumes and what runs in it.
type pod struct {
	*testing.T
	files  fstest.MapFS
	wanted string
	fails  error
	events []string
}

func (p *pod) put(slot, code string) Ref {
	p.Helper()
	b := game.NewBundle(map[string][]byte{"init.lua": []byte(code)})
	data, err := b.Archive()
	if err != nil {
		p.Fatal(err)
	}
	p.files[slot+"/"+ArchiveFile] = &fstest.MapFile{Data: data}
	return Ref{Slot: slot, Revision: b.Revision}
}

func (p *pod) source() Source {
	return Source{Files: p.files, Terrain: "cave.tmj", Wanted: func() ([]byte, error) {
		if p.wanted == "" {
			return nil, fs.ErrNotExist
		}
		return []byte(p.wanted), nil
	}}
}

func (p *pod) Reload(_ context.Context, b *game.Bundle) error {
	p.events = append(p.events, "run "+string(b.Files["init.lua"])+" on "+b.Terrain)
	return p.fails
}

func (p *pod) Want(_, problem string) { p.events = append(p.events, "wait "+problem) }

func TestWatcher(t *testing.T) {
	p := &pod{T: t, files: fstest.MapFS{}}
	first := p.put("blue", "1")
	w := &Watcher{Source: p.source(), Runner: p, Running: first, Log: slog.New(slog.DiscardHandler)}
	w.seen = first
	look := func(want ...string) {
		t.Helper()
		p.events = nil
		w.look(t.Context())
		w.look(t.Context()) // nothing happens twice
		if diff := cmp.Diff(want, p.events); diff != "" {
			t.Error(diff)
		}
	}
	look() // the annotation is not there yet
	p.wanted = first.String()
	look()

	second := Ref{"green", game.NewBundle(map[string][]byte{"init.lua": []byte("2")}).Revision}
	p.wanted = second.String() + "\n"
	look("wait ") // the ConfigMap is not there yet
	p.put("green", "2")
	look("run 2 on cave.tmj")

	p.fails = errors.New("it does not compile")
	p.wanted = p.put("blue", "3").String()
	look("run 3 on cave.tmj")
	p.fails = nil
	p.wanted = second.String()
	look("run 2 on cave.tmj") // a roll-back

	p.files["blue/"+ArchiveFile] = &fstest.MapFile{Data: []byte("no zip")}
	p.wanted = "blue/abc"
	p.events = nil
	w.look(t.Context())
	if len(p.events) != 1 || !strings.HasPrefix(p.events[0], "wait reading slot blue: reading archive: it is not a zip archive") {
		t.Errorf("a broken archive gave %q", p.events)
	}
}

func TestParse(t *testing.T) {
	for text, fine := range map[string]bool{"blue/a1": true, " green/b\n": true, "red/a": false, "blue": false, "blue/": false, "": false} {
		r, err := Parse(text)
		if (err == nil) != fine {
			t.Errorf("%q: %v", text, err)
		}
		if fine && r.String() != strings.TrimSpace(text) {
			t.Errorf("%q became %s", text, r)
		}
	}
	if (Ref{Slot: "blue"}).Other() != "green" || (Ref{Slot: "green"}).Other() != "blue" {
		t.Error("the other slot is wrong")
	}
}
