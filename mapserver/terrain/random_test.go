package terrain

import (
	"math/rand/v2"
	"testing"

	"github.com/overworld-gg/overworld/mapserver/world"
)

func TestRandomFree(t *testing.T) {
	m := draw(t, `
		..#.
		.##.
		....`)
	m.bounds.X, m.bounds.Y = -2, 10
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[[2]int]int{}
	for range 900 {
		x, y, ok := m.RandomFree(rng, world.Rect{}, nil)
		if !ok || !m.Walkable(x, y) {
			t.Fatalf("RandomFree = %d, %d, %t", x, y, ok)
		}
		seen[[2]int{x, y}]++
	}
	for p, n := range seen {
		if n < 50 || n > 150 {
			t.Errorf("%v was picked %d times of 900, want about 100", p, n)
		}
	}
	if len(seen) != 9 {
		t.Errorf("%d tiles were picked, want all 9", len(seen))
	}
}

func TestRandomFreeNearlyFull(t *testing.T) {
	m := Open(500, 300)
	last := func(x, y int) bool { return x != 499 || y != 123 }
	rng := rand.New(rand.NewPCG(1, 2))
	if x, y, ok := m.RandomFree(rng, world.Rect{}, last); !ok || x != 499 || y != 123 {
		t.Errorf("RandomFree = %d, %d, %t, want the only free tile", x, y, ok)
	}
	if _, _, ok := m.RandomFree(rng, world.Rect{W: 499, H: 300}, last); ok {
		t.Error("found a free tile where all are taken")
	}
	if _, _, ok := m.RandomFree(rng, world.Rect{X: 500, W: 9, H: 9}, nil); ok {
		t.Error("found a free tile outside the map")
	}
	if _, _, ok := draw(t, "###").RandomFree(rng, world.Rect{}, nil); ok {
		t.Error("found a free tile where all are blocked")
	}
}

func TestRandomFreeIsRepeatable(t *testing.T) {
	pick := func() (picks [20][2]int) {
		m, rng := Open(50, 50), rand.New(rand.NewPCG(7, 7))
		for i := range picks {
			picks[i][0], picks[i][1], _ = m.RandomFree(rng, world.Rect{X: 5, Y: 5, W: 20, H: 20}, nil)
		}
		return picks
	}
	if a, b := pick(), pick(); a != b {
		t.Errorf("the same seed gave %v, then %v", a, b)
	}
}
