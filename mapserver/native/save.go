package native

import (
	"errors"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/keeper"
)

// retryAfter is the pause after a save that failed.
const retryAfter = time.Second

// saver keeps the map: one save at a time, in the background, of what has
// changed since the last one.
type saver struct {
	g *Game
	// departed are the records of players who have left and are not saved yet.
	departed map[int64][]byte
	// soon asks for a save before the next one is due; at is when that is.
	soon bool
	at   time.Time
	busy bool
	last time.Time
	err  error
	// lost tells that the map belongs to another server now.
	lost bool
	// done and until are set once the map is being stopped.
	done  func()
	until time.Time
}

func (s *saver) init(g *Game) {
	s.g = g
	s.departed = map[int64][]byte{}
}

// depart keeps the record of a player who has left until it is saved.
func (s *saver) depart(id int64, record []byte) {
	s.departed[id] = record
	s.soon = true
}

// drain asks for a last save and calls done after it.
func (s *saver) drain(until time.Time, done func()) {
	s.until, s.done = until, done
	s.soon = true
}

// frame saves when it is time.
func (s *saver) frame(now time.Time) {
	if s.at.IsZero() {
		s.at = now.Add(s.g.config.SaveEvery)
	}
	if s.busy {
		return
	}
	if s.lost || s.done != nil && now.After(s.until) {
		s.finish()
		return
	}
	if now.Before(s.at) && (!s.soon || s.err != nil) {
		return
	}
	s.soon = false
	s.at = now.Add(s.g.config.SaveEvery)
	b, kept := s.batch()
	if b.World == nil && len(b.Players) == 0 {
		s.last, s.err = now, nil
		s.finish()
		return
	}
	s.busy = true
	s.g.config.Background(func() {
		err := s.g.config.Keeper.Save(s.g.ctx, b)
		s.g.config.Return(func(now time.Time) { s.saved(b, kept, now, err) })
	})
}

// batch gathers what has changed. kept are the players it is about.
func (s *saver) batch() (b keeper.Batch, kept []*player) {
	if data, changed := s.g.world.Snapshot(); changed {
		b.World = data
	}
	for id, data := range s.departed {
		b.Players = append(b.Players, keeper.Record{ID: id, Data: data})
	}
	for _, p := range s.g.order {
		if p.entity == nil {
			continue
		}
		if data := p.entity.Record(); !same(data, p.kept) {
			b.Players = append(b.Players, keeper.Record{ID: p.ID, Data: data})
			p.kept = data
			kept = append(kept, p)
		}
	}
	return b, kept
}

// same tells that both are the very same record, not merely an equal one.
func same(a, b []byte) bool { return len(a) > 0 && len(b) > 0 && &a[0] == &b[0] }

// saved is told how a save went.
func (s *saver) saved(b keeper.Batch, kept []*player, now time.Time, err error) {
	s.busy = false
	if err != nil {
		s.failed(b, kept, now, err)
		return
	}
	if s.err != nil {
		s.g.config.Log.Info("saving works again")
	}
	s.last, s.err = now, nil
	for _, r := range b.Players {
		if data, ok := s.departed[r.ID]; ok && same(data, r.Data) {
			delete(s.departed, r.ID)
		}
	}
	if s.done != nil {
		s.soon = true // until there is nothing left
	}
}

func (s *saver) failed(b keeper.Batch, kept []*player, now time.Time, err error) {
	s.err = err
	s.at = now.Add(retryAfter)
	if b.World != nil {
		s.g.world.Unsaved()
	}
	for _, p := range kept {
		p.kept = nil
	}
	if errors.Is(err, keeper.ErrFenced) {
		s.lost = true
		s.g.config.Log.Error("another server has taken the map over: this one stops", slog.Any("error", err))
		s.g.config.Lost(err)
		return
	}
	s.g.config.Log.Warn("saving the map; it is tried again", slog.Any("error", err))
}

// finish tells who waits for the end that everything is saved, or cannot be.
func (s *saver) finish() {
	if s.done == nil {
		return
	}
	done := s.done
	s.done = nil
	if s.err != nil {
		s.g.config.Log.Error("the map stops without being saved", slog.Any("error", s.err))
	}
	done()
}
