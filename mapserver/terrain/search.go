package terrain

// Nodes live in pages of pageSide by pageSide tiles that are made when a search
// first comes there: memory follows the area that is searched, not the map.
const (
	pageBits = 5
	pageSide = 1 << pageBits
	// maxKeptPages are kept between searches: 4 Mi tiles' worth would be 48 MiB,
	// this is at most 6 MiB.
	maxKeptPages = 512
)

// search is the state of one search and its reusable buffers.
type search struct {
	m      *Map
	tx, ty int // the target
	round  uint32
	grid   []*page // by page row
	across int     // pages in a row
	pages  int
	heap   []item
}

type page [pageSide * pageSide]node

// node is what is known of a tile; it counts only when round is the search's.
type node struct {
	round  uint32
	cost   uint32 // from the start
	step   uint8  // the direction in which it was reached
	closed bool
}

// item is an open tile in the heap.
type item struct {
	// rank is the cost so far plus the estimated rest, and in the lower half the
	// rest alone: one comparison finds the least total and, of those, the nearest
	// to the target.
	rank uint64
	tile uint32
}

func newSearch(m *Map) *search {
	across, down := (m.bounds.W+pageSide-1)>>pageBits, (m.bounds.H+pageSide-1)>>pageBits
	return &search{m: m, across: across, grid: make([]*page, across*down)}
}

func (s *search) start(tx, ty int) {
	s.tx, s.ty = tx, ty
	s.heap = s.heap[:0]
	s.round++
	if s.round == 0 { // after 4 billion searches old nodes would count again
		clear(s.grid)
		s.pages, s.round = 0, 1
	}
}

func (s *search) node(x, y int) *node {
	slot := &s.grid[y>>pageBits*s.across+x>>pageBits]
	if *slot == nil {
		*slot = new(page)
		s.pages++
	}
	return &(*slot)[y&(pageSide-1)<<pageBits+x&(pageSide-1)]
}

// reach notes a way to tile (x, y), if it is the best so far.
func (s *search) reach(x, y int, cost uint32, step uint8) {
	n := s.node(x, y)
	if n.round == s.round && (n.closed || n.cost <= cost) {
		return
	}
	*n = node{round: s.round, cost: cost, step: step}
	rest := octile(s.tx-x, s.ty-y)
	s.push(item{rank: uint64(cost+rest)<<32 | uint64(rest), tile: uint32(y*s.m.bounds.W + x)})
}

// octile is the cost of the way if nothing were blocked.
func octile(dx, dy int) uint32 {
	dx, dy = max(dx, -dx), max(dy, -dy)
	lo, hi := min(dx, dy), max(dx, dy)
	return uint32(hi-lo)*straight + uint32(lo)*diagonal
}

// before orders the heap; of the same rank the first in reading order comes
// first, so that ties are always broken the same way.
func (a item) before(b item) bool {
	return a.rank < b.rank || a.rank == b.rank && a.tile < b.tile
}

func (s *search) push(it item) {
	s.heap = append(s.heap, it)
	h, i := s.heap, len(s.heap)-1
	for i > 0 {
		up := (i - 1) / 2
		if !it.before(h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = it
}

func (s *search) pop() item {
	h := s.heap
	top, it := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	s.heap = h
	if len(h) == 0 {
		return top
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= len(h) {
			break
		}
		if right := down + 1; right < len(h) && h[right].before(h[down]) {
			down = right
		}
		if !h[down].before(it) {
			break
		}
		h[i] = h[down]
		i = down
	}
	h[i] = it
	return top
}
