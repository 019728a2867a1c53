package bots

import (
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
)

// scene is a map as the crowd knows it: one bot, the observer, decodes all of
// its packets into the mirror, the others look into it.
type scene struct {
	observer atomic.Pointer[bot]

	mu    sync.Mutex
	world *World
}

// claim makes b the observer if there is none.
func (s *scene) claim(b *bot) bool {
	if s.observer.Load() != nil || !s.observer.CompareAndSwap(nil, b) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world = NewWorld()
	return true
}

// release ends b's being the observer.
func (s *scene) release(b *bot) { s.observer.CompareAndSwap(b, nil) }

func (s *scene) apply(p *Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Apply(p)
}

// stroll is how far from where it is a bot wants to go at once, in tiles.
const stroll = 4

// look tells what is around the player id; enemies only if they matter.
func (s *scene) look(id int64, enemies bool, rng *rand.Rand) situation {
	here := situation{text: phrases[rng.IntN(len(phrases))]}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.world == nil {
		return here
	}
	me := s.world.Entity("players_" + strconv.FormatInt(id, 10))
	if me == nil {
		return here
	}
	here.placed = true
	here.x = max(0, math.Floor(me.X)+float64(rng.IntN(2*stroll+1)-stroll))
	here.y = max(0, math.Floor(me.Y)+float64(rng.IntN(2*stroll+1)-stroll))
	if !enemies {
		return here
	}
	if enemy := s.world.nearest("enemys", me.X, me.Y); enemy != nil {
		here.target = enemy.Key
	}
	return here
}

var phrases = []string{
	"hello", "anybody here?", "follow me", "look out!", "good fight", "where is the market?", "brb", "thank you",
}

// scenes are the maps that the crowd plays on, by host.
type scenes struct {
	mu     sync.Mutex
	byHost map[string]*scene
}

func (s *scenes) at(host string) *scene {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byHost == nil {
		s.byHost = make(map[string]*scene)
	}
	if s.byHost[host] == nil {
		s.byHost[host] = &scene{}
	}
	return s.byHost[host]
}
