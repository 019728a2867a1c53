package bots

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Behaviour is what a bot spends its time with.
type Behaviour string

// The behaviours.
const (
	// Walk is moving about.
	Walk Behaviour = "walk"
	// Fight is mostly attacking the nearest enemy.
	Fight Behaviour = "fight"
	// Chat is mostly talking.
	Chat Behaviour = "chat"
	// Mix is some of everything.
	Mix Behaviour = "mix"
)

// ParseBehaviour returns the behaviour called name.
func ParseBehaviour(name string) (Behaviour, error) {
	if _, ok := shares[Behaviour(name)]; !ok {
		return "", fmt.Errorf("a behaviour must be one of walk, fight, chat and mix, not %q", name)
	}
	return Behaviour(name), nil
}

// kind is what an action is good for.
type kind int

const (
	walking kind = iota
	fighting
	chatting
	kinds
)

// shares are how many of 100 actions are of each kind.
var shares = map[Behaviour][kinds]int{
	Walk:  {walking: 100},
	Fight: {walking: 30, fighting: 70},
	Chat:  {walking: 20, chatting: 80},
	Mix:   {walking: 70, fighting: 25, chatting: 5},
}

// pick returns a kind with the likelihood that b gives it.
func (b Behaviour) pick(rng *rand.Rand) kind {
	n := rng.IntN(100)
	for k, share := range shares[b] {
		if n -= share; n < 0 {
			return kind(k)
		}
	}
	return walking
}

// groupKinds tells what groups are good for, by the names that games use.
var groupKinds = map[string]kind{
	"move": walking, "walk": walking, "step": walking,
	"fight": fighting, "attack": fighting, "hit": fighting, "bolt": fighting, "shoot": fighting, "cast": fighting, "melee": fighting,
	"chat": chatting, "say": chatting, "talk": chatting, "message": chatting,
}

// choice is an action that a bot may call, and with what.
type choice struct {
	group, name string
	params      map[string]any
}

func (c choice) action() string { return c.group + "/" + c.name }

// choices sorts the public actions of groups by what they are good for. If own
// has parameters for actions, only these count, and as walking where the name
// does not tell.
func choices(groups map[string]Group, own map[string]map[string]any) [kinds][]choice {
	var all [kinds][]choice
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		actions := groups[group].Actions
		for _, name := range slices.Sorted(maps.Keys(actions)) {
			k, known := groupKinds[group]
			c := choice{group: group, name: name, params: usual(k, name)}
			if len(own) > 0 {
				c.params, known = own[c.action()]
			}
			if known && actions[name] {
				all[k] = append(all[k], c)
			}
		}
	}
	return all
}

// usual are the parameters that an action of this kind usually has.
func usual(k kind, name string) map[string]any {
	switch {
	case k == fighting:
		return map[string]any{"target": "$target"}
	case k == chatting:
		return map[string]any{"text": "$text"}
	case k == walking && name == "to":
		return map[string]any{"x": "$x", "y": "$y"}
	}
	return nil
}

// situation is what the words in parameters are replaced by.
type situation struct {
	// placed tells that x and y are known; target is "" if there is none.
	placed bool
	x, y   float64
	target string
	text   string
}

// fill replaces the words in params; ok is false if the situation has no such
// thing.
func (s situation) fill(params map[string]any) (filled map[string]any, ok bool) {
	filled = make(map[string]any, len(params)+2)
	for name, v := range params {
		word, _ := v.(string)
		if !strings.HasPrefix(word, "$") {
			filled[name] = v
			continue
		}
		if v, ok = s.word(word); !ok {
			return nil, false
		}
		filled[name] = v
	}
	return filled, true
}

func (s situation) word(word string) (any, bool) {
	switch word {
	case "$x":
		return s.x, s.placed
	case "$y":
		return s.y, s.placed
	case "$target":
		return s.target, s.target != ""
	case "$text":
		return s.text, true
	}
	return word, true
}
