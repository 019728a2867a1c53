package terrain

import (
	"encoding/json"
	"fmt"

	"github.com/overworld-gg/overworld/mapserver/world"
)

// The parts of Tiled's JSON format that matter for the ground. Tiled's own
// reference names the fields; unknown ones are for others to read.
type tiledMap struct {
	Type        string         `json:"type"`
	Orientation string         `json:"orientation"`
	Infinite    bool           `json:"infinite"`
	Width       int            `json:"width"`
	Height      int            `json:"height"`
	TileWidth   int            `json:"tilewidth"`
	TileHeight  int            `json:"tileheight"`
	Layers      []tiledLayer   `json:"layers"`
	Tilesets    []tiledTileset `json:"tilesets"`
}

type tiledLayer struct {
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Width       int             `json:"width"`
	Height      int             `json:"height"`
	OffsetX     float64         `json:"offsetx"`
	OffsetY     float64         `json:"offsety"`
	Encoding    string          `json:"encoding"`
	Compression string          `json:"compression"`
	Data        json.RawMessage `json:"data"`
	Chunks      []tiledChunk    `json:"chunks"`
	Layers      []tiledLayer    `json:"layers"`
	Objects     []tiledObject   `json:"objects"`
	Properties  properties      `json:"properties"`
}

type tiledChunk struct {
	X      int             `json:"x"`
	Y      int             `json:"y"`
	Width  int             `json:"width"`
	Height int             `json:"height"`
	Data   json.RawMessage `json:"data"`
}

type tiledObject struct {
	ID         int             `json:"id"`
	GID        uint32          `json:"gid"`
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Class      string          `json:"class"`
	Template   string          `json:"template"`
	X          float64         `json:"x"`
	Y          float64         `json:"y"`
	Width      float64         `json:"width"`
	Height     float64         `json:"height"`
	Rotation   float64         `json:"rotation"`
	Polygon    json.RawMessage `json:"polygon"`
	Polyline   json.RawMessage `json:"polyline"`
	Properties properties      `json:"properties"`
}

type tiledTileset struct {
	FirstGID uint32      `json:"firstgid"`
	Source   string      `json:"source"`
	Name     string      `json:"name"`
	Type     string      `json:"type"`
	Tiles    []tiledTile `json:"tiles"`
}

type tiledTile struct {
	ID         uint32     `json:"id"`
	Properties properties `json:"properties"`
}

// Parse reads a Tiled map saved as JSON. file is its path below the bundle's
// folder, used in errors and to find external tilesets, which open reads by
// their path below the bundle's folder; nil: there are none. Errors are *Error.
//
// A tile can be walked on where a tile layer has a tile and nothing blocks.
// What blocks: a layer, a group of layers, an object layer (its rectangles) or a
// tile of a tileset with the property walkable = false, collision = true or
// collides = true. Hidden layers count: authors hide their collision layers.
func Parse(file string, data []byte, open func(path string) ([]byte, error)) (*Map, error) {
	var t tiledMap
	if err := decode(file, data, &t); err != nil {
		return nil, err
	}
	b := &builder{file: file, open: open, tileW: float64(t.TileWidth), tileH: float64(t.TileHeight)}
	if err := b.build(&t); err != nil {
		return nil, err
	}
	b.finish()
	return b.m, nil
}

func (b *builder) build(t *tiledMap) error {
	if err := b.checkHead(t); err != nil {
		return err
	}
	if err := b.readTilesets(t.Tilesets); err != nil {
		return err
	}
	layers, err := b.flatten(nil, t.Layers, layerContext{})
	if err != nil {
		return err
	}
	bounds, err := b.measure(t, layers)
	if err != nil {
		return err
	}
	b.m = newMap(bounds)
	b.blocked = make([]uint64, len(b.m.free))
	for _, l := range layers {
		if err := b.addLayer(l, t.Infinite); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) checkHead(t *tiledMap) error {
	switch {
	case t.Type != "" && t.Type != "map":
		return b.errorf("this is a Tiled %s, not a map", t.Type)
	case t.Orientation != "orthogonal":
		return b.errorf("the map's orientation is %q; only orthogonal maps can be played", t.Orientation)
	case t.TileWidth < 1 || t.TileHeight < 1:
		return b.errorf("tilewidth and tileheight must be 1 pixel or more, not %d and %d", t.TileWidth, t.TileHeight)
	case !t.Infinite && (t.Width < 1 || t.Height < 1 || t.Width > MaxSide || t.Height > MaxSide):
		return b.errorf("the map is %d by %d tiles; width and height may be 1 to %d", t.Width, t.Height, MaxSide)
	}
	return nil
}

// maxChunkAt bounds how far from the origin a chunk of an infinite map may be.
const maxChunkAt = 1 << 20

// measure returns the area that the map covers, after checking that reading
// the layers stays within the limits.
func (b *builder) measure(t *tiledMap, layers []flatLayer) (world.Rect, error) {
	x0, y0, x1, y1 := maxChunkAt, maxChunkAt, -maxChunkAt, -maxChunkAt
	if !t.Infinite {
		x0, y0, x1, y1 = 0, 0, t.Width, t.Height
	}
	cells := 0
	for _, l := range layers {
		for _, c := range l.chunks(t.Infinite) {
			if err := b.checkChunk(l, c, t); err != nil {
				return world.Rect{}, err
			}
			x0, y0 = min(x0, c.X), min(y0, c.Y)
			x1, y1 = max(x1, c.X+c.Width), max(y1, c.Y+c.Height)
			if cells += c.Width * c.Height; cells > MaxCells {
				return world.Rect{}, b.errorf("the layers hold more than %d tiles together", MaxCells)
			}
		}
	}
	if x1 <= x0 || y1 <= y0 {
		return world.Rect{}, b.errorf("the map has no tiles: draw some ground on a tile layer")
	}
	if x1-x0 > MaxSide || y1-y0 > MaxSide {
		return world.Rect{}, b.errorf("the map's tiles span %d by %d tiles; at most %d by %d are allowed",
			x1-x0, y1-y0, MaxSide, MaxSide)
	}
	return world.Rect{X: x0, Y: y0, W: x1 - x0, H: y1 - y0}, nil
}

func (b *builder) checkChunk(l flatLayer, c tiledChunk, t *tiledMap) error {
	switch {
	case !t.Infinite && (c.Width != t.Width || c.Height != t.Height):
		return b.layerErrorf(l, "is %d by %d tiles, the map %d by %d; they must be the same",
			c.Width, c.Height, t.Width, t.Height)
	case c.Width < 1 || c.Height < 1 || c.Width > MaxSide || c.Height > MaxSide:
		return b.layerErrorf(l, "has a chunk of %d by %d tiles; 1 to %d are allowed", c.Width, c.Height, MaxSide)
	case max(c.X, c.Y) > maxChunkAt || min(c.X, c.Y) < -maxChunkAt:
		return b.layerErrorf(l, "has a chunk at %d,%d; at most %d tiles from 0,0 are allowed", c.X, c.Y, maxChunkAt)
	}
	return nil
}

func (b *builder) errorf(format string, args ...any) error {
	return &Error{File: b.file, Message: fmt.Sprintf(format, args...)}
}

func (b *builder) layerErrorf(l flatLayer, format string, args ...any) error {
	return b.errorf("layer %q %s", l.Name, fmt.Sprintf(format, args...))
}
