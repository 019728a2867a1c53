package terrain

import (
	"cmp"
	"math"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Object is a place of an object layer: a spawn point, a region, a sign.
type Object struct {
	ID    int
	Name  string
	Type  string // "class" in some versions of Tiled
	Layer string
	// X, Y is the upper left corner, W by H the size, in tiles; a point has no size.
	X, Y, W, H float64
	// Properties are the object's custom properties in the file's order.
	Properties *value.Dict
}

// Objects are all objects of the map's object layers, in the file's order.
// Read only.
func (m *Map) Objects() []Object { return m.objects }

func (b *builder) addObjects(l flatLayer) error {
	for i := range l.Objects {
		t := &l.Objects[i]
		if t.Template != "" {
			return b.layerErrorf(l, "has object %d made from the template %q; detach it in Tiled "+
				"(right click > Detach)", t.ID, t.Template)
		}
		o := b.object(l, t)
		b.m.objects = append(b.m.objects, o)
		solid, err := t.Properties.blocks()
		if err != nil {
			return b.layerErrorf(l, "has object %d: %v", t.ID, err)
		}
		if !l.blocks && !solid {
			continue
		}
		if t.Polygon != nil || t.Polyline != nil || t.Rotation != 0 {
			return b.layerErrorf(l, "has object %d that is a polygon, a line or turned; "+
				"only straight rectangles, ellipses (as their rectangle) and points can block", t.ID)
		}
		if b.blockRect(o); b.covered > MaxCells {
			return b.layerErrorf(l, "has objects that block more than %d tiles together", MaxCells)
		}
	}
	return nil
}

func (b *builder) object(l flatLayer, t *tiledObject) Object {
	y := t.Y
	if t.GID != 0 { // objects that show a tile stand on their lower left corner
		y -= t.Height
	}
	return Object{
		ID: t.ID, Name: t.Name, Type: cmp.Or(t.Type, t.Class), Layer: l.Name,
		X: (t.X + l.offsetX) / b.tileW, Y: (y + l.offsetY) / b.tileH,
		W: t.Width / b.tileW, H: t.Height / b.tileH,
		Properties: t.Properties.dict(),
	}
}

// blockRect blocks all tiles that the rectangle covers a part of.
func (b *builder) blockRect(o Object) {
	x0, x1 := span(o.X-float64(b.m.bounds.X), o.W, b.m.bounds.W)
	y0, y1 := span(o.Y-float64(b.m.bounds.Y), o.H, b.m.bounds.H)
	b.covered += (x1 - x0) * (y1 - y0)
	for y := y0; y < y1 && b.covered <= MaxCells; y++ {
		b.m.fill(b.blocked, y, x0, x1)
	}
}

// slack is the part of a tile by which a rectangle may reach into a tile
// without covering it: pixels divided by tile sizes are not exact.
const slack = 1e-6

// span returns the tiles from lo to hi, exclusive, that a side covers: at least
// the one in which it begins, and none beyond 0..limit.
func span(at, size float64, limit int) (lo, hi int) {
	first := math.Floor(at + slack)
	last := math.Ceil(at + size - slack)
	if last <= first {
		last = first + 1
	}
	top := float64(limit)
	return int(min(max(first, 0), top)), int(min(max(last, 0), top))
}
