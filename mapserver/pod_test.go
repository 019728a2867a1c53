package mapserver

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/overworld-gg/overworld/mapserver/config"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/slot"
)

// volumes are a pod's slots and which of them is wanted.
type volumes struct {
	*testing.T
	files  fstest.MapFS
	wanted string
}

func (v *volumes) put(slotName, init string) slot.Ref {
	v.Helper()
	b := game.NewBundle(map[string][]byte{"world.yaml": []byte("use: [move]\n"), "init.lua": []byte(init)})
	data, err := b.Archive()
	if err != nil {
		v.Fatal(err)
	}
	v.files[slotName+"/"+slot.ArchiveFile] = &fstest.MapFile{Data: data}
	return slot.Ref{Slot: slotName, Revision: b.Revision}
}

// start builds a map server in the pod.
func (v *volumes) start(ctx context.Context) (*Server, *slot.Watcher, error) {
	v.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		v.Fatal(err)
	}
	v.Cleanup(func() { _ = listener.Close() })
	return NewInPod(ctx, Config{Map: config.Default("meadow"), Listener: listener, Door: NewGate("meadow", nil), Log: slog.New(slog.DiscardHandler)}, slot.Source{
		Files: v.files, Wanted: func() ([]byte, error) { return []byte(v.wanted), nil },
	})
}

func TestPodRunsTheWantedRevision(t *testing.T) {
	v := &volumes{T: t, files: fstest.MapFS{}}
	_, green := v.put("blue", "x = 1"), v.put("green", "x = 2")
	v.wanted = green.String()
	s, w, err := v.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := s.snapshot().Bundle; got.Applied != green.Revision || got.Wanted != green.Revision || w.Running != green {
		t.Errorf("the map runs %+v", got)
	}
}

// A wanted revision that cannot run does not stop the map: the one before runs.
func TestPodFallsBack(t *testing.T) {
	v := &volumes{T: t, files: fstest.MapFS{}}
	blue, green := v.put("blue", "x = 1"), v.put("green", "error('no world today')")
	v.wanted = green.String()
	s, w, err := v.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := s.snapshot().Bundle
	if got.Applied != blue.Revision || got.Wanted != green.Revision || !strings.Contains(got.Err, "no world today") || w.Running != green {
		t.Errorf("the map runs %+v", got)
	}

	v.put("blue", "error('none at all')")
	var fault *BundleError
	if _, _, err := v.start(t.Context()); !errors.As(err, &fault) {
		t.Errorf("with two revisions that cannot run: %v", err)
	}
	delete(v.files, "blue/"+slot.ArchiveFile)
	if _, _, err := v.start(t.Context()); !errors.As(err, &fault) || !strings.Contains(err.Error(), "no world today") {
		t.Errorf("without another revision: %v", err)
	}
}

// A pod waits for what the kubelet has not brought yet, until it is told to stop.
func TestPodWaits(t *testing.T) {
	v := &volumes{T: t, files: fstest.MapFS{}, wanted: "blue/0123"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := v.start(ctx); !errors.Is(err, slot.ErrStale) {
		t.Errorf("without a bundle: %v", err)
	}
	v.wanted = "nonsense"
	if _, _, err := v.start(t.Context()); err == nil || !strings.Contains(err.Error(), "must be written as blue/REVISION") {
		t.Errorf("with nonsense: %v", err)
	}
}
