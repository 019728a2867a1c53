package load

import (
	"context"
	"sync/atomic"
	"time"
)

// walk sends the moves of all players from one goroutine, spread evenly over
// time.
type walk struct {
	crowd *crowd
	sent  atomic.Int64
	late  atomic.Int64
	// data and frame are used again for every move.
	data, frame []byte
}

// patience is how long a server may leave its socket unread.
const patience = 5 * time.Second

func (w *walk) run(ctx context.Context) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	began := time.Now()
	perSecond := w.crowd.plan.Moves * float64(w.crowd.plan.Players)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for due := int64(time.Since(began).Seconds() * perSecond); w.sent.Load() < due; {
			n := w.sent.Add(1) - 1
			should := began.Add(time.Duration(float64(n+1) / perSecond * float64(time.Second)))
			w.move(int(n), should)
		}
	}
}

// move sends the n-th move of all.
func (w *walk) move(n int, should time.Time) {
	i, round := n%w.crowd.plan.Players, n/w.crowd.plan.Players
	now := time.Now()
	w.late.Store(max(w.late.Load(), int64(now.Sub(should))))
	w.data = appendMove(w.data[:0], i, round, now)
	w.frame = appendFrame(w.frame[:0], opText, w.data)
	w.crowd.stamps.send(i, stamp(round), now)
	conn := w.crowd.conns[i].net
	// A connection that is gone is its reader's to report.
	_ = conn.SetWriteDeadline(now.Add(patience))
	_, _ = conn.Write(w.frame)
}
