package slot

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// Runner runs bundles. mapserver.Server is one.
type Runner interface {
	// Reload runs b from now on, or says why not; then the old one goes on.
	Reload(ctx context.Context, b *game.Bundle) error
	// Want tells that a revision is wanted that cannot be loaded yet; problem says
	// why, if it is more than waiting.
	Want(revision, problem string)
}

// Watcher brings a Runner each revision that is wanted, once.
type Watcher struct {
	Source Source
	Runner Runner
	// Running is what the Runner runs at first.
	Running Ref
	Log     *slog.Logger

	seen    Ref // what was last brought, or found unreadable
	waiting Ref
	trouble string
}

// Watch looks at each tick until ctx is done.
func (w *Watcher) Watch(ctx context.Context, tick <-chan time.Time) {
	w.seen = w.Running
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			w.look(ctx)
		}
	}
}

func (w *Watcher) look(ctx context.Context) {
	ref, err := w.Source.Ref()
	if err != nil {
		w.complain(err)
		return
	}
	w.trouble = ""
	if ref == w.seen {
		return
	}
	b, err := w.Source.Read(ref)
	if errors.Is(err, ErrStale) {
		if w.waiting != ref {
			w.waiting = ref
			w.Runner.Want(ref.Revision, "")
		}
		return
	}
	w.seen, w.waiting = ref, Ref{}
	if err != nil {
		w.Runner.Want(ref.Revision, err.Error())
	} else {
		err = w.Runner.Reload(ctx, b)
	}
	if err != nil {
		w.Log.Error("revision not taken over; the running scripts stay", slog.String("bundle", ref.Revision), slog.Any("error", err))
		return
	}
	w.Log.Info("scripts swapped", slog.String("bundle", ref.Revision))
}

// complain logs an error once.
func (w *Watcher) complain(err error) {
	if w.trouble == err.Error() {
		return
	}
	w.trouble = err.Error()
	w.Log.Error("the wanted revision is not known", slog.Any("error", err))
}
