package load

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// stampCount is how many moves of a player can be told apart: at 5 moves a
	// second, those of the last 50 s.
	stampCount = 250
	// firstStamp is the x of the first: 0 could be where a player begins.
	firstStamp = 1
	// lanes is how many different y there are.
	lanes = 900
)

// stamps knows when each move was sent. The x of a move is its stamp: a server
// hands it on to the others without knowing what it is for.
type stamps struct {
	players int
	epoch   time.Time
	// times holds nanoseconds since epoch, by player and stamp; 0 is never.
	times []atomic.Int64

	mu   sync.RWMutex
	byID map[int64]int
}

func newStamps(players int, epoch time.Time) *stamps {
	return &stamps{
		players: players, byID: make(map[int64]int, players), epoch: epoch,
		times: make([]atomic.Int64, players*stampCount),
	}
}

// know notes the id of player i.
func (s *stamps) know(id int64, i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[id] = i
}

func (s *stamps) index(id int64) (int, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, ok := s.byID[id]
	return i, ok
}

// stamp is that of a player's n-th move.
func stamp(n int) int32 { return int32(firstStamp + n%stampCount) }

func (s *stamps) send(i int, stamp int32, now time.Time) {
	s.times[i*stampCount+int(stamp)-firstStamp].Store(int64(now.Sub(s.epoch)))
}

// sent returns when player i sent the move with stamp.
func (s *stamps) sent(i int, stamp int32) (time.Time, bool) {
	if stamp < firstStamp || stamp >= firstStamp+stampCount {
		return time.Time{}, false
	}
	at := s.times[i*stampCount+int(stamp)-firstStamp].Load()
	return s.epoch.Add(time.Duration(at)), at != 0
}

// appendMove appends the n-th move of player i, all of whose fields differ from
// those of the move before: as many bytes go out for it as can.
func appendMove(b []byte, i, n int, now time.Time) []byte {
	side, pose := "left", "walk"
	if n%2 == 1 {
		side, pose = "down", "step"
	}
	b = append(b, `{"action":"move/to","command_id":`...)
	b = strconv.AppendInt(b, now.UnixMilli(), 10)
	b = append(b, `,"x":`...)
	b = strconv.AppendInt(b, int64(stamp(n)), 10)
	b = append(b, `,"y":`...)
	b = strconv.AppendInt(b, int64(i%lanes+n%2), 10)
	b = append(b, `,"side":"`...)
	b = append(b, side...)
	b = append(b, `","pose":"`...)
	b = append(b, pose...)
	return append(b, `"}`...)
}
