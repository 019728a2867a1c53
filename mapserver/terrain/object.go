package terrain

import "github.com/overworld-gg/overworld/mapserver/value"

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
