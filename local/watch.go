package local

import (
	"context"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the files must have been quiet before they are read again:
// editors write a file in several steps.
const settle = 150 * time.Millisecond

// watch reads a map's bundle again when its files change, and swaps the scripts
// between two frames.
func (g *Game) watch(ctx context.Context, m *runningMap) {
	w, err := watcher(m.Watch)
	if err != nil {
		g.config.Log.Warn("changes of files are not noticed: restart after a change", slog.String("gamemap", m.ID), slog.Any("error", err))
		return
	}
	defer func() { _ = w.Close() }()
	quiet := time.NewTimer(settle)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			if e.Has(fsnotify.Create) {
				_ = addFolders(w, e.Name) // a new folder, or a file: then there is nothing to add
			}
			quiet.Reset(settle)
		case <-w.Errors:
			quiet.Reset(settle) // changes may have been missed: look
		case <-quiet.C:
			g.reload(ctx, m)
		}
	}
}

// watcher notices changes in folders and what is below them.
func watcher(folders []string) (*fsnotify.Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	for _, f := range folders {
		if err := addFolders(w, f); err != nil {
			_ = w.Close()
			return nil, err
		}
	}
	return w, nil
}

func addFolders(w *fsnotify.Watcher, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if path != root && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		return w.Add(path)
	})
}

// reload swaps in the bundle as it is now, if it is another one.
func (g *Game) reload(ctx context.Context, m *runningMap) {
	b, err := m.Read()
	if err == nil && b.Revision == m.revision {
		return
	}
	if err == nil {
		m.revision = b.Revision
		err = m.server.Reload(ctx, b)
	}
	if err != nil {
		g.config.Tell(Notice{Map: m.ID, Text: "the change was not taken over; the running scripts stay", Err: err})
		return
	}
	g.showMap(m)
	g.config.Tell(Notice{Map: m.ID, Text: "scripts swapped, revision " + b.Revision})
}
