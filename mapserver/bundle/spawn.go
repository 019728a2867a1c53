package bundle

import (
	"fmt"
	"math"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/overworld-gg/overworld/mapserver/world"
)

// maxSpawned is how many entities a bundle may bring from the start.
const maxSpawned = 100_000

// readSpawns fills Schema.Player and Schema.Spawns, which only the bundle has.
func (l *loader) readSpawns() {
	if n := child(l.own.root, "player"); n != nil {
		l.out.Schema.Player = l.spawn(n, world.Players, "player")
		l.out.Schema.Player.Count = 1
	}
	key, list := entry(l.own.root, "spawns")
	total := 0
	for i, n := range items(list) {
		name, _ := text(child(n, "type"))
		t, ok := world.ParseType(name)
		if !ok || t == world.Players {
			continue // reported by the schema
		}
		s := l.spawn(n, t, fmt.Sprintf("spawns[%d]", i))
		l.out.Schema.Spawns = append(l.out.Schema.Spawns, s)
		total += s.Count
	}
	if total > maxSpawned {
		l.report(setting{key, l.own}, "spawns make %d entities together; at most %d are allowed", total, maxSpawned)
	}
}

func (l *loader) spawn(n *yaml.Node, t world.Type, where string) world.Spawn {
	s := world.Spawn{Type: t}
	s.Prefab, _ = text(child(n, "prefab"))
	s.Side, _ = text(child(n, "side"))
	s.Speed, _ = number(child(n, "speed"))
	l.checkPrefab(child(n, "prefab"), t, where)
	for i, it := range items(child(n, "at")) {
		if p, ok := l.place(it, fmt.Sprintf("%s.at[%d]", where, i)); ok {
			s.At = append(s.At, p)
		}
	}
	s.Area = l.area(child(n, "area"), where+".area")
	l.readCount(child(n, "count"), &s, where)
	var given decls
	given.merge(l.own, child(n, "components"), nil)
	s.Components = l.values(given.list, t, where+".components")
	return s
}

func (l *loader) readCount(n *yaml.Node, s *world.Spawn, where string) {
	s.Count = max(1, len(s.At))
	count, ok := whole(n)
	if !ok {
		return
	}
	s.Count = count
	if count < len(s.At) {
		l.report(setting{n, l.own}, "%s.count is %d, but %s.at lists %d places; give a larger count or fewer places",
			where, count, where, len(s.At))
	}
}

// checkPrefab warns of a name that is nearly that of a declared prefab: others
// need no declaration.
func (l *loader) checkPrefab(n *yaml.Node, t world.Type, where string) {
	name, ok := text(n)
	known := l.prefabNames(t)
	if slices.Contains(known, name) {
		return
	}
	if hint := near(name, known); ok && hint != "" {
		l.reportAs(Warning, setting{n, l.own}, "%s.prefab: no prefab %s is declared for %s%s", where, short(name), t, hint)
	}
}

// place reads [x, y] or [x, y, z] and checks it against the map.
func (l *loader) place(n *yaml.Node, where string) (world.Point, bool) {
	var xyz [3]float64
	for i, it := range items(n) {
		f, ok := number(it)
		if !ok || i >= len(xyz) {
			return world.Point{}, false
		}
		xyz[i] = f
	}
	if len(items(n)) < 2 {
		return world.Point{}, false
	}
	p := world.Point{X: xyz[0], Y: xyz[1], Z: xyz[2]}
	b := l.out.Terrain.Bounds()
	x, y := math.Floor(p.X), math.Floor(p.Y)
	switch {
	case x < float64(b.X) || y < float64(b.Y) || x >= float64(b.X+b.W) || y >= float64(b.Y+b.H):
		l.report(setting{n, l.own}, "%s: %v, %v is outside the map, which has x from %d to %d and y from %d to %d",
			where, p.X, p.Y, b.X, b.X+b.W-1, b.Y, b.Y+b.H-1)
	case !l.out.Terrain.Walkable(int(x), int(y)):
		l.report(setting{n, l.own}, "%s: the tile %v, %v cannot be walked on; choose a free one", where, x, y)
	}
	return p, true
}

// area reads [x, y, width, height] and checks it against the map.
func (l *loader) area(n *yaml.Node, where string) world.Rect {
	var xywh [4]int
	if len(items(n)) != len(xywh) {
		return world.Rect{}
	}
	for i, it := range items(n) {
		v, ok := whole(it)
		if !ok {
			return world.Rect{}
		}
		xywh[i] = v
	}
	r := world.Rect{X: xywh[0], Y: xywh[1], W: xywh[2], H: xywh[3]}
	b := l.out.Terrain.Bounds()
	switch {
	case r.W < 1 || r.H < 1: // reported by the schema
	case r.X < b.X || r.Y < b.Y || r.X+r.W > b.X+b.W || r.Y+r.H > b.Y+b.H:
		l.report(setting{n, l.own}, "%s reaches outside the map, which has x from %d to %d and y from %d to %d",
			where, b.X, b.X+b.W-1, b.Y, b.Y+b.H-1)
	case l.out.Terrain.Free(r) == 0:
		l.report(setting{n, l.own}, "%s has no tile that can be walked on", where)
	}
	return r
}
