package directory

import (
	"errors"
	"testing"
	"time"
)

// arenas is a directory with a fleet of three maps and a map of its own.
func arenas(spread bool) *Static {
	s := NewStatic("arena")
	clock := time.Unix(1_700_000_000, 0)
	s.now = func() time.Time { return clock }
	for id, players := range map[string]int{"arena-0": 1, "arena-2": 3, "arena-10": 3} {
		s.Set(id, Place{Fleet: "arena", Spread: spread, Players: players, MaxPlayers: 5, State: Running})
	}
	s.Set("town", Place{State: Running, Players: 5, MaxPlayers: 5})
	return s
}

func (s *Static) goesTo(t *testing.T, name, want string) {
	t.Helper()
	id, _, err := s.Enter(name)
	if want == "" && !errors.Is(err, ErrUnknownMap) || want != "" && (err != nil || id != want) {
		t.Errorf("who belongs on %s comes to %q, %v; want %q", name, id, err, want)
	}
}

func TestEnter(t *testing.T) {
	s := arenas(false)
	s.goesTo(t, "arena", "arena-2") // the fullest, and the first of these
	s.goesTo(t, "arena-0", "arena-0")
	s.goesTo(t, "arena-7", "arena-2") // a map that is gone
	s.goesTo(t, "town", "town")       // full, and of no fleet
	s.goesTo(t, "city", "")
	s.goesTo(t, "city-3", "")
	s.goesTo(t, "", "")
	arenas(true).goesTo(t, "arena", "arena-0")

	s.Update("arena-2", func(p *Place) { p.Draining = true })
	s.goesTo(t, "arena", "arena-10")
	s.goesTo(t, "arena-2", "arena-2") // who is there may come back
	s.Update("arena-2", func(p *Place) { p.State = Starting })
	s.goesTo(t, "arena-2", "arena-10")
	s.Update("arena-10", func(p *Place) { p.State = Stopped })
	s.Update("arena-0", func(p *Place) { p.Players = 5 })
	s.goesTo(t, "arena", "arena-0")   // nowhere is room: the first one says so
	s.goesTo(t, "arena-2", "arena-2") // the same
}

func TestElsewhere(t *testing.T) {
	s := arenas(false)
	if id, _, err := s.Elsewhere("arena-2"); id != "arena-10" || err != nil {
		t.Errorf("elsewhere is %q, %v", id, err)
	}
	if _, _, err := s.Elsewhere("town"); !errors.Is(err, ErrUnknownMap) {
		t.Errorf("a map of no fleet has another one: %v", err)
	}
}

// Players who are about to come count, until the map counts them.
func TestExpect(t *testing.T) {
	s := arenas(false)
	for range 2 {
		s.goesTo(t, "arena", "arena-2")
		s.Expect("arena-2")
	}
	s.goesTo(t, "arena", "arena-10") // arena-2 is full in a moment
	arena := func(players int) Place {
		return Place{Fleet: "arena", Players: players, MaxPlayers: 5, State: Running}
	}
	s.Set("arena-2", arena(4))
	s.goesTo(t, "arena", "arena-10") // one has come, one is about to
	s.Set("arena-2", arena(3))       // somebody has left
	s.goesTo(t, "arena", "arena-2")
	s.Expect("arena-2")
	s.goesTo(t, "arena", "arena-10")
	later := s.now().Add(2 * expectedFor)
	s.now = func() time.Time { return later }
	s.goesTo(t, "arena", "arena-2") // they have not come
}
