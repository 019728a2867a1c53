package mapserver

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/slot"
)

// slotsEvery is how often a pod looks which revision is wanted.
const slotsEvery = 250 * time.Millisecond

// NewInPod builds a map server whose bundle is in the slots of a pod: it waits
// until the wanted revision is there. When that one cannot run and the other slot
// has one that can, the map runs that, and its status says what is wrong with the
// wanted one. The watcher that it returns brings later revisions.
func NewInPod(ctx context.Context, c Config, source slot.Source) (*Server, *slot.Watcher, error) {
	ref, err := await(ctx, source, c.Log)
	if err != nil {
		return nil, nil, err
	}
	if c.Bundle, err = source.Read(ref); err != nil {
		return nil, nil, err
	}
	s, err := New(ctx, c)
	var fault *BundleError
	if errors.As(err, &fault) {
		wanted := c.Bundle.Revision
		if c.Bundle, err = source.ReadSlot(ref.Other()); err != nil {
			return nil, nil, fault
		}
		c.Log.Error("the wanted revision cannot run; trying the one before", slog.String("bundle", wanted), slog.Any("error", fault))
		if s, err = New(ctx, c); err == nil {
			s.Want(wanted, fault.Error())
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return s, &slot.Watcher{Source: source, Runner: s, Running: ref, Log: s.log}, nil
}

// await waits until the kubelet has brought the wanted revision.
func await(ctx context.Context, source slot.Source, log *slog.Logger) (slot.Ref, error) {
	ticker := time.NewTicker(slotsEvery)
	defer ticker.Stop()
	told := false
	for {
		ref, err := source.Ref()
		if err == nil {
			_, err = source.Read(ref)
		}
		if err == nil || (!errors.Is(err, slot.ErrStale) && !errors.Is(err, fs.ErrNotExist)) {
			return ref, err
		}
		if !told {
			told = true
			log.Warn("waiting for the bundle", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return ref, err
		case <-ticker.C:
		}
	}
}

// Follow brings the server each revision that is wanted, until ctx is done.
func Follow(ctx context.Context, w *slot.Watcher) {
	ticker := time.NewTicker(slotsEvery)
	defer ticker.Stop()
	w.Watch(ctx, ticker.C)
}
