// Command meadow draws the map of examples/meadow: the Tiled map meadow.tmj and
// its picture tiles.png. Both are kept in the example; run it to change them:
//
//	go run ./hack/meadow examples/meadow
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: go run ./hack/meadow DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "meadow:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	// Without blanks: every player loads it.
	data, err := json.Marshal(draw().tiled())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "meadow.tmj"), append(data, '\n'), 0o644); err != nil {
		return err
	}
	return writeTiles(filepath.Join(dir, "tiles.png"))
}

// The size of the map in tiles, and of a tile in pixels.
const (
	width, height = 64, 48
	tileSize      = 16
)

// The tiles, by their number in the picture, which counts from 0; in the map
// they count from 1.
const (
	grass = iota
	tallGrass
	flowers
	path
	sand
	water
	bridge
	floor
	wall
	tree
	rock
	bush
	ruin
	tiles
)

// blocked are the tiles that cannot be walked on.
var blocked = map[int]bool{water: true, wall: true, tree: true, rock: true, bush: true, ruin: true}

const none = -1

// meadow is the map: what is on the ground and what stands on it.
type meadow struct {
	ground, things [height][width]int
	rng            *rand.Rand
}

func draw() *meadow {
	m := &meadow{rng: rand.New(rand.NewPCG(7, 7))} // the same map each time
	for y := range height {
		for x := range width {
			m.ground[y][x], m.things[y][x] = m.grassy(), none
		}
	}
	m.pond(34, 30, 8, 5)
	m.border()
	m.forest()
	m.way([][2]int{{6, 24}, {20, 24}, {26, 20}, {44, 18}, {52, 12}})
	m.way([][2]int{{14, 24}, {14, 38}, {30, 40}, {46, 38}, {56, 40}})
	m.house(8, 17, 6, 5)
	m.house(18, 15, 7, 5)
	m.house(7, 29, 5, 5)
	m.camp(52, 10)
	m.brook(29)
	return m
}

func (m *meadow) grassy() int {
	switch n := m.rng.IntN(20); {
	case n == 0:
		return flowers
	case n < 4:
		return tallGrass
	default:
		return grass
	}
}

// pond is water with a beach around it.
func (m *meadow) pond(cx, cy, rx, ry float64) {
	for y := range height {
		for x := range width {
			dx, dy := (float64(x)-cx)/rx, (float64(y)-cy)/ry
			switch d := math.Hypot(dx, dy) + 0.06*m.rng.Float64(); {
			case d < 1:
				m.ground[y][x] = water
			case d < 1.25:
				m.ground[y][x] = sand
			}
		}
	}
}

// border closes the map with trees, two deep and ragged inside.
func (m *meadow) border() {
	for y := range height {
		for x := range width {
			edge := min(x, y, width-1-x, height-1-y)
			if edge < 2 || edge == 2 && m.rng.IntN(3) == 0 {
				m.put(x, y, tree)
			}
		}
	}
}

// forest is denser to the north-east.
func (m *meadow) forest() {
	for y := 3; y < height-3; y++ {
		for x := 3; x < width-3; x++ {
			density := 0.02 + 0.55*math.Max(0, float64(x-38)/24)*math.Max(0, float64(26-y)/24)
			switch n := m.rng.Float64(); {
			case n < density:
				m.put(x, y, tree)
			case n < density+0.008:
				m.put(x, y, bush)
			case n < density+0.013:
				m.put(x, y, rock)
			}
		}
	}
}

// put lets something stand on dry ground.
func (m *meadow) put(x, y, thing int) {
	if m.ground[y][x] != water {
		m.things[y][x] = thing
	}
}

// way is a path two tiles wide through the given corners; nothing stands on it.
func (m *meadow) way(corners [][2]int) {
	for i := 1; i < len(corners); i++ {
		from, to := corners[i-1], corners[i]
		steps := 2 * max(abs(to[0]-from[0]), abs(to[1]-from[1]))
		for s := range steps + 1 {
			x := from[0] + (to[0]-from[0])*s/steps
			y := from[1] + (to[1]-from[1])*s/steps
			m.pave(x, y)
			m.pave(x, y+1)
		}
	}
}

func (m *meadow) pave(x, y int) {
	m.things[y][x] = none
	m.ground[y][x] = path
}

// house is walls around a floor, with a door in the middle of the south side and
// a free yard around.
func (m *meadow) house(left, top, w, h int) {
	for y := top - 1; y <= top+h; y++ {
		for x := left - 1; x <= left+w; x++ {
			m.things[y][x] = none
			inside := x >= left && x < left+w && y >= top && y < top+h
			if !inside {
				continue
			}
			m.ground[y][x] = floor
			if x == left || x == left+w-1 || y == top || y == top+h-1 {
				m.things[y][x] = wall
			}
		}
	}
	door := left + w/2
	m.things[top+h-1][door] = none
	for y := top + h; y < top+h+2 && m.ground[y][door] != path; y++ {
		m.pave(door, y)
	}
}

// camp is a clearing with the ruins of a wall around it, open to the south-west.
func (m *meadow) camp(cx, cy int) {
	for y := cy - 5; y <= cy+5; y++ {
		for x := cx - 6; x <= cx+6; x++ {
			d := math.Hypot(float64(x-cx)/6, float64(y-cy)/5)
			if d > 1.05 || x < 2 || y < 2 || x >= width-2 || y >= height-2 {
				continue
			}
			m.things[y][x] = none
			m.ground[y][x] = sand
			if d > 0.9 && (x > cx-3 || y < cy) && m.rng.IntN(5) > 0 {
				m.things[y][x] = ruin
			}
		}
	}
}

// brook comes out of the pond and runs south, below a bridge where a path is.
func (m *meadow) brook(x int) {
	for by := 33; by < height-2; by++ {
		for bx := x; bx < x+2; bx++ {
			m.things[by][bx] = none
			if m.ground[by][bx] == path {
				m.ground[by][bx] = bridge
			} else {
				m.ground[by][bx] = water
			}
		}
	}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// tiled is the map as Tiled saves it.
func (m *meadow) tiled() map[string]any {
	return map[string]any{
		"type": "map", "version": "1.10", "tiledversion": "1.10.2", "orientation": "orthogonal", "renderorder": "right-down",
		"width": width, "height": height, "tilewidth": tileSize, "tileheight": tileSize, "infinite": false,
		"nextlayerid": 4, "nextobjectid": len(places) + 1,
		"properties": []any{map[string]any{"name": "name", "type": "string", "value": "The meadow"}},
		"tilesets":   []any{tileset()},
		"layers":     []any{layer(1, "ground", m.ground), layer(2, "things", m.things), placeLayer()},
	}
}

func layer(id int, name string, cells [height][width]int) map[string]any {
	data := make([]int, 0, width*height)
	for _, row := range cells {
		for _, t := range row {
			data = append(data, t+1)
		}
	}
	return map[string]any{
		"id": id, "name": name, "type": "tilelayer", "x": 0, "y": 0, "width": width, "height": height,
		"opacity": 1, "visible": true, "data": data,
	}
}

// places are names on the map, for clients to show.
var places = []struct {
	name string
	x, y int
}{
	{"The village", 14, 25},
	{"The pond", 34, 30},
	{"The goblins' camp", 52, 10},
	{"The wolves' wood", 47, 41},
}

// placeLayer is an object layer with a point for each place. It blocks nothing.
func placeLayer() map[string]any {
	var list []any
	for i, p := range places {
		list = append(list, map[string]any{
			"id": i + 1, "name": p.name, "type": "place", "point": true, "visible": true, "rotation": 0,
			"x": p.x*tileSize + tileSize/2, "y": p.y*tileSize + tileSize/2, "width": 0, "height": 0,
		})
	}
	return map[string]any{
		"id": 3, "name": "places", "type": "objectgroup", "draworder": "topdown", "x": 0, "y": 0,
		"opacity": 1, "visible": true, "objects": list,
	}
}

func tileset() map[string]any {
	var list []any
	for t := range tiles {
		if blocked[t] {
			list = append(list, map[string]any{"id": t, "properties": []any{map[string]any{"name": "walkable", "type": "bool", "value": false}}})
		}
	}
	return map[string]any{
		"firstgid": 1, "name": "meadow", "image": "tiles.png", "imagewidth": tiles * tileSize, "imageheight": tileSize,
		"tilewidth": tileSize, "tileheight": tileSize, "tilecount": tiles, "columns": tiles, "margin": 0, "spacing": 0,
		"tiles": list,
	}
}
