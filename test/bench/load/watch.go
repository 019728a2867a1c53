package load

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// tail ends a deflated message: RFC 7692 takes its first four bytes off, and the
// rest is an empty last block, so that the reader finds an end.
const tail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// watcher is a connection that looks into what it gets: it finds the moves of
// the others by their stamps and notes how long they took.
type watcher struct {
	stamps *stamps
	inflow bytes.Reader
	joined io.Reader
	reader io.ReadCloser
	plain  bytes.Buffer
	// last is the stamp last seen of each player.
	last []int32

	mu        sync.Mutex
	frames    int64
	latencies []time.Duration
	faults    int64
}

func newWatcher(s *stamps) *watcher {
	return &watcher{stamps: s, last: make([]int32, s.players), reader: flate.NewReader(bytes.NewReader(nil))}
}

// packet is as much of a packet as a watcher looks at.
type packet struct {
	Players movedList `json:"players"`
}

type moved struct {
	ID int64    `json:"id"`
	X  *float64 `json:"x"`
}

// movedList reads entities as a list, and as a dictionary by key.
type movedList []moved

// UnmarshalJSON accepts both forms.
func (l *movedList) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]moved)(l))
	}
	var byKey map[string]moved
	if err := json.Unmarshal(data, &byKey); err != nil {
		return err
	}
	for _, m := range byKey {
		*l = append(*l, m)
	}
	return nil
}

func (w *watcher) message(data []byte, compressed bool, arrived time.Time) {
	data, err := w.inflate(data, compressed)
	var p packet
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.faults++
		return
	}
	if len(p.Players) == 0 {
		return // an answer to a command, or the like
	}
	w.frames++
	for _, m := range p.Players {
		if m.X != nil {
			w.seen(m.ID, int32(*m.X), arrived)
		}
	}
}

func (w *watcher) inflate(data []byte, compressed bool) ([]byte, error) {
	if !compressed {
		return data, nil
	}
	w.inflow.Reset(data)
	w.joined = io.MultiReader(&w.inflow, bytes.NewReader([]byte(tail)))
	if err := w.reader.(flate.Resetter).Reset(w.joined, nil); err != nil {
		return nil, err
	}
	w.plain.Reset()
	_, err := w.plain.ReadFrom(w.reader)
	return w.plain.Bytes(), err
}

// seen notes that the player's x came to be stamp. The lock is held.
func (w *watcher) seen(id int64, stamp int32, arrived time.Time) {
	i, ok := w.stamps.index(id)
	if !ok || w.last[i] == stamp {
		return
	}
	w.last[i] = stamp
	if sent, ok := w.stamps.sent(i, stamp); ok {
		w.latencies = append(w.latencies, arrived.Sub(sent))
	}
}

// restart forgets what has been seen so far.
func (w *watcher) restart() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frames, w.faults, w.latencies = 0, 0, w.latencies[:0]
}
