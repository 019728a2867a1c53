package terrain

import (
	"math/bits"
	"math/rand/v2"

	"github.com/overworld-gg/overworld/mapserver/world"
)

// tries is how often RandomFree guesses before it searches: with a tenth of the
// tiles free, all guesses fail once in 30 times.
const tries = 32

// RandomFree picks a walkable tile of area (the whole map when area has no
// size) that is not taken; nil taken means that none is. While many tiles are
// free all are equally likely. It always ends; ok is false only when there is no
// such tile. The same rng state gives the same tile.
func (m *Map) RandomFree(rng *rand.Rand, area world.Rect, taken func(x, y int) bool) (x, y int, ok bool) {
	x0, y0, x1, y1 := m.clip(area)
	if x0 >= x1 || y0 >= y1 {
		return 0, 0, false
	}
	fits := func(x, y int) bool { return taken == nil || !taken(x+m.bounds.X, y+m.bounds.Y) }
	for range tries {
		x, y := x0+rng.IntN(x1-x0), y0+rng.IntN(y1-y0)
		if m.open(x, y) && fits(x, y) {
			return x + m.bounds.X, y + m.bounds.Y, true
		}
	}
	start := rng.IntN(y1 - y0)
	for i := range y1 - y0 {
		y := y0 + (start+i)%(y1-y0)
		at := x0 + rng.IntN(x1-x0)
		if x, ok = m.firstInRow(y, at, x1, fits); !ok {
			x, ok = m.firstInRow(y, x0, at, fits)
		}
		if ok {
			return x + m.bounds.X, y + m.bounds.Y, true
		}
	}
	return 0, 0, false
}

// firstInRow returns the first walkable tile of row y from x0 on, before x1, that fits.
func (m *Map) firstInRow(y, x0, x1 int, fits func(x, y int) bool) (int, bool) {
	for x := x0; x < x1; {
		word, tiles := m.word(x, y, x1)
		for ; word != 0; word &= word - 1 {
			if at := x + bits.TrailingZeros64(word); fits(at, y) {
				return at, true
			}
		}
		x += tiles
	}
	return 0, false
}
