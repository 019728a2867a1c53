// Package terrain is the ground of a map: it reads Tiled maps (JSON), tells
// which tiles can be walked on, finds ways over them and picks free places.
package terrain

import (
	"math/bits"
	"sync/atomic"

	"github.com/overworld-gg/overworld/mapserver/world"
)

// Limits of a map.
const (
	// MaxSide is the largest width and height, in tiles.
	MaxSide = 4096
	// MaxFileBytes is the largest size of a map or tileset file.
	MaxFileBytes = 16 << 20
	// MaxCells bounds the tiles of all layers together.
	MaxCells = 64 << 20
	// OpenSide is the width and height of the ground of a bundle without a map.
	OpenSide = 1000
)

// Map is the ground of a map. It never changes; all methods are safe for
// concurrent use. It implements world.Terrain.
type Map struct {
	bounds world.Rect
	// free has a bit per tile, set where it can be walked on; each row starts on
	// a new word, so that rows can be searched a word at a time.
	free   []uint64
	stride int // words in a row
	// objects are the named and unnamed objects of the object layers.
	objects []Object
	// search holds the buffers of the last Path call for the next one.
	search atomic.Pointer[search]
}

var _ world.Terrain = (*Map)(nil)

// Open returns a ground of w by h tiles, all walkable, with (0, 0) as its first
// tile. Sides are cut to 1..MaxSide.
func Open(w, h int) *Map {
	m := newMap(world.Rect{W: min(max(w, 1), MaxSide), H: min(max(h, 1), MaxSide)})
	for y := range m.bounds.H {
		m.fill(m.free, y, 0, m.bounds.W)
	}
	return m
}

// fill sets the bits of the tiles of row y from x to x1, exclusive, a word at a
// time.
func (m *Map) fill(set []uint64, y, x, x1 int) {
	for x < x1 {
		tiles := min(64-x&63, x1-x)
		set[y*m.stride+x>>6] |= (^uint64(0) >> (64 - tiles)) << (x & 63)
		x += tiles
	}
}

func newMap(bounds world.Rect) *Map {
	stride := (bounds.W + 63) / 64
	return &Map{bounds: bounds, stride: stride, free: make([]uint64, stride*bounds.H)}
}

// Bounds is the area that the map covers; X and Y may be negative on infinite maps.
func (m *Map) Bounds() world.Rect { return m.bounds }

// Walkable tells whether the tile can be walked on; tiles outside cannot.
func (m *Map) Walkable(x, y int) bool {
	return m.open(x-m.bounds.X, y-m.bounds.Y)
}

// Free counts the walkable tiles of the part of area that lies on the map.
func (m *Map) Free(area world.Rect) int {
	x0, y0, x1, y1 := m.clip(area)
	n := 0
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; {
			word, left := m.word(x, y, x1)
			n += bits.OnesCount64(word)
			x += left
		}
	}
	return n
}

// open is Walkable with coordinates that count from the corner of the bounds.
func (m *Map) open(x, y int) bool {
	if uint(x) >= uint(m.bounds.W) || uint(y) >= uint(m.bounds.H) {
		return false
	}
	return m.free[y*m.stride+x>>6]&(1<<(x&63)) != 0
}

func (m *Map) set(x, y int) { m.free[y*m.stride+x>>6] |= 1 << (x & 63) }

// clip returns the part of area that lies on the map, as half-open ranges that
// count from the corner of the bounds. An area without a size is the whole map.
func (m *Map) clip(area world.Rect) (x0, y0, x1, y1 int) {
	if area.W <= 0 || area.H <= 0 {
		return 0, 0, m.bounds.W, m.bounds.H
	}
	x0, x1 = clipRange(area.X, area.W, m.bounds.X, m.bounds.W)
	y0, y1 = clipRange(area.Y, area.H, m.bounds.Y, m.bounds.H)
	return x0, y0, x1, y1
}

func clipRange(at, size, from, length int) (lo, hi int) {
	lo, hi = max(at, from), from+length
	if at < hi && size < hi-at { // no overflow, whatever the size
		hi = at + size
	}
	return lo - from, max(hi, lo) - from
}

// word returns the free bits from tile x of row y on, at most up to x1, and how
// many tiles they stand for.
func (m *Map) word(x, y, x1 int) (word uint64, tiles int) {
	tiles = min(64-x&63, x1-x)
	word = m.free[y*m.stride+x>>6] >> (x & 63)
	if tiles < 64 {
		word &= 1<<tiles - 1
	}
	return word, tiles
}
