package terrain

import (
	"strings"
	"testing"

	"github.com/overworld-gg/overworld/mapserver/world"
)

// draw makes a map from a picture: '#' is blocked, everything else free.
func draw(t testing.TB, picture string) *Map {
	t.Helper()
	rows := lines(picture)
	m := newMap(world.Rect{W: len(rows[0]), H: len(rows)})
	for y, row := range rows {
		for x := range row {
			if row[x] != '#' {
				m.set(x, y)
			}
		}
	}
	return m
}

func lines(picture string) []string {
	rows := strings.Split(strings.TrimSpace(picture), "\n")
	for i := range rows {
		rows[i] = strings.TrimSpace(rows[i])
	}
	return rows
}

// picture is the opposite of draw, with '.' where it is free.
func (m *Map) picture() string {
	var b strings.Builder
	for y := range m.bounds.H {
		for x := range m.bounds.W {
			if m.open(x, y) {
				b.WriteByte('.')
			} else {
				b.WriteByte('#')
			}
		}
		b.WriteByte('\n')
	}
	return strings.TrimSpace(b.String())
}

func TestOpen(t *testing.T) {
	m := Open(70, 3)
	if got := m.Free(world.Rect{}); got != 210 {
		t.Errorf("Free = %d, want 210", got)
	}
	for _, p := range [][2]int{{0, 0}, {63, 0}, {64, 2}, {69, 2}} {
		if !m.Walkable(p[0], p[1]) {
			t.Errorf("%v is not walkable", p)
		}
	}
	for _, p := range [][2]int{{-1, 0}, {0, -1}, {70, 0}, {0, 3}, {1 << 40, 0}, {-1 << 62, -1 << 62}} {
		if m.Walkable(p[0], p[1]) {
			t.Errorf("%v is walkable, but outside", p)
		}
	}
	if b := Open(0, MaxSide+1).Bounds(); b.W != 1 || b.H != MaxSide {
		t.Errorf("sides are not cut: %v", b)
	}
}

func TestFree(t *testing.T) {
	m := draw(t, `
		..#.
		.##.
		....`)
	m.bounds.X, m.bounds.Y = -2, 10
	const huge = 1<<63 - 1
	for _, c := range []struct {
		area world.Rect
		want int
	}{
		{world.Rect{}, 9},
		{world.Rect{X: -2, Y: 10, W: 2, H: 2}, 3},
		{world.Rect{X: 0, Y: 10, W: 1, H: 2}, 0},
		{world.Rect{X: 1, Y: 12, W: 50, H: 50}, 1},
		{world.Rect{X: -1 << 62, Y: -1 << 62, W: huge, H: huge}, 9},
		{world.Rect{X: 1, Y: 11, W: huge, H: huge}, 2},
		{world.Rect{X: 500, Y: 0, W: 5, H: 5}, 0},
		{world.Rect{X: -500, Y: 0, W: 5, H: 5}, 0},
	} {
		if got := m.Free(c.area); got != c.want {
			t.Errorf("Free(%v) = %d, want %d", c.area, got, c.want)
		}
	}
}
