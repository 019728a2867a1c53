package directory

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// expectedFor is how long a player who got a token counts on a map that has not
// told of more players since.
const expectedFor = 10 * time.Second

// expected are players who got a token, and whom the map has not counted yet.
type expected struct {
	n    int
	last time.Time
}

// Expect counts a player who is about to come to a map, until the map counts the
// player itself: many logins in a moment do not all go to the same map.
func (s *Static) Expect(mapID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.coming[mapID] = expected{s.expected(mapID) + 1, s.now()}
}

// expected is how many players are about to come. The lock is held.
func (s *Static) expected(mapID string) int {
	e := s.coming[mapID]
	if s.now().Sub(e.last) > expectedFor {
		return 0
	}
	return e.n
}

// arrived takes players off those that are expected, as many as a map has got. The
// lock is held.
func (s *Static) arrived(mapID string, n int) {
	if e, ok := s.coming[mapID]; ok && n > 0 {
		e.n = max(0, e.n-n)
		s.coming[mapID] = e
	}
}

// Enter returns the map on which a player comes in who belongs to the map or the
// fleet called name: that map, as long as it lets players in; otherwise another one
// of its fleet that does, if there is any. The error wraps ErrUnknownMap.
func (s *Static) Enter(name string) (mapID string, p Place, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, known := s.places[name]
	if known && (p.Fleet == "" || p.Ready() && !p.Full()) {
		return name, p, nil
	}
	fleet := p.Fleet
	if !known {
		fleet = s.fleetOf(name)
	}
	if id := s.choose(fleet, name); id != "" {
		return id, s.places[id], nil
	}
	if known {
		return name, p, nil
	}
	if id := s.anyOf(fleet); id != "" {
		return id, s.places[id], nil
	}
	return name, Place{}, fmt.Errorf("looking up map %q: %w", name, ErrUnknownMap)
}

// Elsewhere returns another map of a map's fleet that lets one more player in. The
// error wraps ErrUnknownMap.
func (s *Static) Elsewhere(mapID string) (string, Place, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if id := s.choose(s.places[mapID].Fleet, mapID); id != "" {
		return id, s.places[id], nil
	}
	return "", Place{}, fmt.Errorf("looking for another map of the fleet of %q: %w", mapID, ErrUnknownMap)
}

// fleetOf is the fleet that is called name, or that had a map of that name: the
// maps of a fleet are its name and a number. The lock is held.
func (s *Static) fleetOf(name string) string {
	if s.anyOf(name) != "" {
		return name
	}
	if cut := strings.LastIndexByte(name, '-'); cut > 0 && s.anyOf(name[:cut]) != "" {
		return name[:cut]
	}
	return ""
}

// anyOf is the first map of a fleet, "" if there is none. The lock is held.
func (s *Static) anyOf(fleet string) string {
	first := ""
	for id, p := range s.places {
		if fleet != "" && p.Fleet == fleet && (first == "" || earlier(id, first) < 0) {
			first = id
		}
	}
	return first
}

// choose returns the map of a fleet where the next player goes: the fullest with
// room, or the emptiest if the fleet spreads players. "" if none has room. The lock
// is held.
func (s *Static) choose(fleet, not string) string {
	best, most := "", 0
	for id, p := range s.places {
		players := p.Players + s.expected(id)
		if fleet == "" || p.Fleet != fleet || id == not || !p.Ready() || p.Draining || p.MaxPlayers > 0 && players >= p.MaxPlayers {
			continue
		}
		if p.Spread {
			players = -players
		}
		if best == "" || cmp.Or(cmp.Compare(most, players), earlier(id, best)) < 0 {
			best, most = id, players
		}
	}
	return best
}

// earlier orders the maps of a fleet by their numbers.
func earlier(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }
