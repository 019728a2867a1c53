package terrain

import (
	"encoding/binary"
)

// builder gathers a map while its file is read.
type builder struct {
	file         string
	open         func(path string) ([]byte, error)
	tileW, tileH float64 // pixels
	m            *Map    // free holds where there is ground until finish
	blocked      []uint64
	solid        map[uint32]bool // tiles that block, by global id
	firstGID     uint32          // the lowest of all tilesets, 0 without any
	covered      int             // tiles that objects have blocked, some of them again and again
}

// The upper four bits of a global tile id say how the tile is turned.
const gidMask = 1<<28 - 1

// finish leaves free what has ground and is not blocked.
func (b *builder) finish() {
	for i := range b.m.free {
		b.m.free[i] &^= b.blocked[i]
	}
}

// row takes one row of tile ids, x and y being map coordinates.
func (b *builder) row(l flatLayer, x, y int, gids []uint32) error {
	x, y = x-b.m.bounds.X, y-b.m.bounds.Y
	last, solid := uint32(0), false
	for i, gid := range gids {
		gid &= gidMask
		if gid == 0 {
			continue
		}
		if b.firstGID == 0 || gid < b.firstGID {
			return b.layerErrorf(l, "has tile number %d at %d,%d, which belongs to no tileset of the map",
				gid, x+i+b.m.bounds.X, y+b.m.bounds.Y)
		}
		b.m.set(x+i, y)
		if gid != last {
			last, solid = gid, b.solid[gid]
		}
		if l.blocks || solid {
			b.block(x+i, y)
		}
	}
	return nil
}

func (b *builder) block(x, y int) { b.blocked[y*b.m.stride+x>>6] |= 1 << (x & 63) }

// readTilesets learns which tiles block.
func (b *builder) readTilesets(sets []tiledTileset) error {
	b.solid = make(map[uint32]bool)
	for i := range sets {
		set, file, err := b.resolve(&sets[i])
		if err != nil {
			return err
		}
		first := sets[i].FirstGID
		if first < 1 || first > gidMask {
			return b.errorf("tileset %q has firstgid %d; it must be 1 or more", set.Name, first)
		}
		if b.firstGID == 0 || first < b.firstGID {
			b.firstGID = first
		}
		for _, tile := range set.Tiles {
			solid, err := tile.Properties.blocks()
			if err != nil {
				return &Error{File: file, Message: "tileset " + quote(set.Name) + ", tile " + number(tile.ID) + ": " + err.Error()}
			}
			if solid && tile.ID <= gidMask-first {
				b.solid[first+tile.ID] = true
			}
		}
	}
	return nil
}

// gids reads little-endian tile ids.
func gids(dst []uint32, raw []byte) {
	for i := range dst {
		dst[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
}
