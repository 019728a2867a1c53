// Package directory knows where the maps of a game run.
package directory

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// ErrUnknownMap is what looking up a map that does not exist gives.
var ErrUnknownMap = errors.New("there is no such map")

// State is how far a map's server is.
type State string

// The states of a map.
const (
	// Running maps let players in. The empty State is Running, too.
	Running State = "running"
	// Starting maps will be there soon.
	Starting State = "starting"
	// Stopped maps do not run, and nothing is about to start them.
	Stopped State = "stopped"
)

// Place is where a map is and how it is.
type Place struct {
	// Host and Port are what players' clients connect to. An empty Host is the
	// host by which the client reached the gateway.
	Host string
	Port int
	// StatusURL is the base of the map server's status pages, for the gateway.
	StatusURL string
	// Map is the text of the Tiled map, empty if there is none.
	Map []byte
	// Sides maps the names of sides ("left", "right", ...) to neighbour maps.
	Sides map[string]string
	State State
	// RetryAfter is when to ask again while the map is not there or full, RetryAt the
	// same as a time. 0: not known.
	RetryAfter time.Duration
	RetryAt    time.Time
	// Players are on the map now; MaxPlayers is its bound, 0 for none.
	Players    int
	MaxPlayers int
	// Fleet is the fleet of equal maps that the map is one of, "" for none. A fleet
	// that does not Spread its players fills one map after the other.
	Fleet  string
	Spread bool
	// Draining maps are about to go: nobody is sent there who is not there already.
	Draining bool
	// Pod is the identity of the pod that runs the map, "" if there is none. No other
	// one may open it; who is in no pod may.
	Pod string
}

// Full tells that the map has no room for one more player.
func (p Place) Full() bool { return p.MaxPlayers > 0 && p.Players >= p.MaxPlayers }

// Ready tells that the map lets players in, if it is not full.
func (p Place) Ready() bool { return p.State == Running || p.State == "" }

// Static is a directory that is told what there is. Safe for concurrent use. The
// Map and Sides of a Place must not be changed once they have been given to it.
type Static struct {
	now func() time.Time

	mu     sync.RWMutex
	start  string
	places map[string]Place
	coming map[string]expected
}

// NewStatic returns a directory without maps; new players start on map start.
func NewStatic(start string) *Static {
	return &Static{now: time.Now, start: start, places: make(map[string]Place), coming: make(map[string]expected)}
}

// Lookup returns where a map is. The error wraps ErrUnknownMap.
func (s *Static) Lookup(mapID string) (Place, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.places[mapID]
	if !ok {
		return Place{}, fmt.Errorf("looking up map %q: %w", mapID, ErrUnknownMap)
	}
	return p, nil
}

// Start is the map where new players begin.
func (s *Static) Start() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.start
}

// SetStart changes where new players begin.
func (s *Static) SetStart(mapID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start = mapID
}

// Set says where a map is.
func (s *Static) Set(mapID string, p Place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived(mapID, p.Players-s.places[mapID].Players)
	s.places[mapID] = p
}

// Update changes what is known of a map; it does nothing if there is none.
// change must not call the directory.
func (s *Static) Update(mapID string, change func(*Place)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.places[mapID]; ok {
		change(&p)
		s.places[mapID] = p
	}
}

// Remove forgets a map.
func (s *Static) Remove(mapID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.places, mapID)
	delete(s.coming, mapID)
}

// Maps returns the ids of all maps, in order.
func (s *Static) Maps() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.places))
}
