package terrain

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// In the pictures a is the start, b the target, * a step of the way.
func TestPath(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"straight", `
			a***b
			.....`},
		{"diagonal", `
			a....
			.*...
			..*..
			...b.`},
		{"diagonal steps come last when both ways are as short", `
			a....
			.*...
			..**b`},
		{"no diagonal past one blocked tile", `
			a#...
			*b...`},
		{"no squeezing between two", `
			a#...
			#b...`},
		{"around a wall", `
			..***..
			a*.#.*b
			...#...`},
		{"out of a dead end", `
			*****
			*###*
			***#b
			.#a#.
			..##.`},
		{"no way", `
			a.#.b
			..#..`},
		{"blocked target", "a..B"},
		{"blocked start", "A**b"},
	} {
		t.Run(c.name, func(t *testing.T) { checkPath(t, c.want) })
	}
}

func checkPath(t *testing.T, want string) {
	t.Helper()
	rows := lines(want)
	var from, to [2]int
	plain := strings.NewReplacer("*", ".", "A", "#", "B", "#", "a", ".", "b", ".")
	for y, row := range rows {
		if x := strings.IndexAny(row, "aA"); x >= 0 {
			from = [2]int{x, y}
		}
		if x := strings.IndexAny(row, "bB"); x >= 0 {
			to = [2]int{x, y}
		}
	}
	m := draw(t, plain.Replace(strings.Join(rows, "\n")))
	tiles, ok := m.Path(from, to, 0)
	got := make([][]byte, len(rows))
	for y, row := range rows {
		got[y] = []byte(strings.ReplaceAll(row, "*", "."))
	}
	for _, p := range tiles {
		if p != to {
			got[p[1]][p[0]] = '*'
		}
	}
	if diff := cmp.Diff(strings.Join(rows, "\n"), string(bytes.Join(got, []byte("\n")))); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
	if ok != (len(tiles) > 0) || ok && tiles[len(tiles)-1] != to {
		t.Errorf("ok = %t with %v", ok, tiles)
	}
}

func TestPathEdges(t *testing.T) {
	m := draw(t, "....\n....")
	m.bounds.X, m.bounds.Y = -10, 5
	tiles, ok := m.Path([2]int{-10, 5}, [2]int{-8, 5}, 0)
	if diff := cmp.Diff([][2]int{{-9, 5}, {-8, 5}}, tiles); diff != "" || !ok {
		t.Errorf("with moved bounds (-want +got):\n%s", diff)
	}
	if tiles, ok := m.Path([2]int{-9, 6}, [2]int{-9, 6}, 0); !ok || len(tiles) != 0 {
		t.Errorf("to itself = %v, %t", tiles, ok)
	}
	for _, p := range [][2]int{{0, 5}, {-11, 5}, {-10, 7}, {1 << 62, 1 << 62}} {
		if _, ok := m.Path(p, [2]int{-8, 5}, 0); ok {
			t.Errorf("a way from %v, outside", p)
		}
		if _, ok := m.Path([2]int{-8, 5}, p, 0); ok {
			t.Errorf("a way to %v, outside", p)
		}
	}
	open := Open(100, 100)
	if _, ok := open.Path([2]int{0, 0}, [2]int{99, 0}, 98); ok {
		t.Error("a way of 99 steps within 98 visited tiles")
	}
	if _, ok := open.Path([2]int{0, 0}, [2]int{99, 0}, 99); !ok {
		t.Error("no way of 99 steps within 99 visited tiles")
	}
}

// scatter makes a map on which about share of the tiles are blocked.
func scatter(side int, share float64, seed uint64) *Map {
	m, rng := Open(side, side), rand.New(rand.NewPCG(seed, 1))
	for y := range side {
		for x := range side {
			if rng.Float64() < share {
				m.free[y*m.stride+x>>6] &^= 1 << (x & 63)
			}
		}
	}
	return m
}

// TestPathIsShortest compares with a search that knows no shortcuts.
func TestPathIsShortest(t *testing.T) {
	for seed := range uint64(60) {
		m := scatter(16, 0.3, seed)
		m.set(0, 0)
		m.set(15, 15)
		want := slowCosts(m)[15][15]
		tiles, ok := m.Path([2]int{0, 0}, [2]int{15, 15}, 0)
		if ok != (want >= 0) {
			t.Fatalf("seed %d: ok = %t, want cost %d", seed, ok, want)
		}
		if ok && cost(t, m, tiles) != want {
			t.Errorf("seed %d: cost %d, want %d", seed, cost(t, m, tiles), want)
		}
		again, _ := m.Path([2]int{0, 0}, [2]int{15, 15}, 0)
		if diff := cmp.Diff(tiles, again); diff != "" {
			t.Errorf("seed %d: asked again (-first +second):\n%s", seed, diff)
		}
	}
}

// cost adds up the steps from 0,0 and checks that each is allowed.
func cost(t *testing.T, m *Map, tiles [][2]int) int {
	t.Helper()
	x, y, sum := 0, 0, 0
	for _, p := range tiles {
		dx, dy := p[0]-x, p[1]-y
		if dx*dx > 1 || dy*dy > 1 || !m.Walkable(p[0], p[1]) || !m.Walkable(x, p[1]) || !m.Walkable(p[0], y) {
			t.Fatalf("step from %d,%d to %v is not allowed", x, y, p)
		}
		sum += straight
		if dx != 0 && dy != 0 {
			sum += diagonal - straight
		}
		x, y = p[0], p[1]
	}
	return sum
}

// slowCosts relaxes all tiles until nothing changes; -1 is out of reach.
func slowCosts(m *Map) (costs [16][16]int) {
	for y := range costs {
		for x := range costs[y] {
			costs[y][x] = -1
		}
	}
	costs[0][0] = 0
	for changed := true; changed; {
		changed = false
		for y := range 16 {
			for x := range 16 {
				changed = relax(m, &costs, x, y) || changed
			}
		}
	}
	return costs
}

func relax(m *Map, costs *[16][16]int, x, y int) bool {
	changed := false
	for i, s := range steps {
		nx, ny, c := x+s.dx, y+s.dy, straight
		if i >= 4 {
			c = diagonal
		}
		if costs[y][x] < 0 || !m.Walkable(nx, ny) || !m.Walkable(x, ny) || !m.Walkable(nx, y) {
			continue
		}
		if old := costs[ny][nx]; old < 0 || costs[y][x]+c < old {
			costs[ny][nx] = costs[y][x] + c
			changed = true
		}
	}
	return changed
}

func TestPathAllocatesOnlyItsResult(t *testing.T) {
	m := scatter(256, 0.25, 3)
	m.set(0, 0)
	m.set(255, 255)
	search := func() {
		if _, ok := m.Path([2]int{0, 0}, [2]int{255, 255}, 1<<20); !ok {
			t.Fatal("no way")
		}
	}
	search()
	if n := testing.AllocsPerRun(10, search); n > 1 {
		t.Errorf("%v allocations a search, want 1 for the result", n)
	}
}

func BenchmarkPath(b *testing.B) {
	open, rough := Open(256, 256), scatter(256, 0.25, 3)
	rough.set(0, 0)
	rough.set(255, 255)
	wall := Open(256, 256)
	for y := range 256 {
		wall.free[y*wall.stride+200>>6] &^= 1 << (200 & 63)
	}
	for _, c := range []struct {
		name string
		m    *Map
		ok   bool
	}{{"open", open, true}, {"rough", rough, true}, {"noway", wall, false}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := c.m.Path([2]int{0, 0}, [2]int{255, 255}, 1<<20); ok != c.ok {
					b.Fatal("wrong answer")
				}
			}
		})
	}
}

// TestPathFromManyGoroutines: maps may be shared, though one search's buffers
// may not.
func TestPathFromManyGoroutines(t *testing.T) {
	m := scatter(64, 0.2, 9)
	m.set(0, 0)
	m.set(63, 63)
	want, _ := m.Path([2]int{0, 0}, [2]int{63, 63}, 0)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if got, _ := m.Path([2]int{0, 0}, [2]int{63, 63}, 0); !cmp.Equal(want, got) {
					t.Errorf("path = %v, want %v", got, want)
				}
			}
		})
	}
	wg.Wait()
}
