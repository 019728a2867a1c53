package terrain

import "slices"

// DefaultLimit is the number of visited tiles after which Path gives up when
// its limit is 0 or less: about a millisecond's work.
const DefaultLimit = 10_000

// Costs of a step in whole numbers, so that sums are exact on every machine:
// 99/70 is the square root of 2 to four digits.
const (
	straight = 70
	diagonal = 99
)

// steps are the eight directions: first those that need no free neighbours.
var steps = [8]struct{ dx, dy int }{
	{0, -1}, {1, 0}, {0, 1}, {-1, 0}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1},
}

// Path finds a shortest way from one tile to another over walkable tiles in
// eight directions; a diagonal step needs both tiles beside it to be walkable.
// It returns the tiles after from, up to to: none when they are the same. from
// need not be walkable itself, so that who stands on a blocked tile can leave
// it. ok is false when there is no way, or none within limit visited tiles (0
// or less: DefaultLimit). The same question always has the same answer.
func (m *Map) Path(from, to [2]int, limit int) (tiles [][2]int, ok bool) {
	fx, fy := from[0]-m.bounds.X, from[1]-m.bounds.Y
	tx, ty := to[0]-m.bounds.X, to[1]-m.bounds.Y
	if !m.open(tx, ty) || uint(fx) >= uint(m.bounds.W) || uint(fy) >= uint(m.bounds.H) {
		return nil, false
	}
	if from == to {
		return nil, true
	}
	if limit <= 0 {
		limit = DefaultLimit
	}
	s := m.search.Swap(nil) // nobody else can have it until it is put back
	if s == nil {
		s = newSearch(m)
	}
	defer m.keep(s)
	s.start(tx, ty)
	if !s.run(fx, fy, limit) {
		return nil, false
	}
	return s.trace(fx, fy), true
}

// keep leaves the buffers for the next search, unless they have grown large.
func (m *Map) keep(s *search) {
	if s.pages <= maxKeptPages {
		m.search.Store(s)
	}
}

// run is A*: it takes the most promising open tile until that is the target.
func (s *search) run(fx, fy, limit int) bool {
	s.reach(fx, fy, 0, 0)
	for visited := 0; len(s.heap) > 0; {
		it := s.pop()
		x, y := int(it.tile)%s.m.bounds.W, int(it.tile)/s.m.bounds.W
		n := s.node(x, y)
		if n.closed {
			continue // a shorter way to it was found meanwhile
		}
		if x == s.tx && y == s.ty {
			return true
		}
		if visited++; visited > limit {
			return false
		}
		n.closed = true
		s.expand(x, y, n.cost)
	}
	return false
}

// expand reaches the free neighbours of tile (x, y).
func (s *search) expand(x, y int, cost uint32) {
	m := s.m
	n, e := m.open(x, y-1), m.open(x+1, y)
	so, w := m.open(x, y+1), m.open(x-1, y)
	free := [8]bool{
		n, e, so, w,
		n && e && m.open(x+1, y-1), so && e && m.open(x+1, y+1),
		so && w && m.open(x-1, y+1), n && w && m.open(x-1, y-1),
	}
	for i, ok := range free {
		if !ok {
			continue
		}
		c := cost + straight
		if i >= 4 {
			c = cost + diagonal
		}
		s.reach(x+steps[i].dx, y+steps[i].dy, c, uint8(i))
	}
}

// trace walks back from the target.
func (s *search) trace(fx, fy int) [][2]int {
	length := 0
	for x, y := s.tx, s.ty; x != fx || y != fy; length++ {
		x, y = s.before(x, y)
	}
	tiles := make([][2]int, 0, length)
	for x, y := s.tx, s.ty; x != fx || y != fy; {
		tiles = append(tiles, [2]int{x + s.m.bounds.X, y + s.m.bounds.Y})
		x, y = s.before(x, y)
	}
	slices.Reverse(tiles)
	return tiles
}

func (s *search) before(x, y int) (int, int) {
	step := steps[s.node(x, y).step]
	return x - step.dx, y - step.dy
}
