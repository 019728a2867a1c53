package terrain

// maxLayerDepth is how deep groups of layers may nest.
const maxLayerDepth = 32

// flatLayer is a tile or object layer with what its groups say about it.
type flatLayer struct {
	*tiledLayer
	layerContext
}

// layerContext is what a group hands down to its layers.
type layerContext struct {
	blocks           bool
	offsetX, offsetY float64 // pixels
	depth            int
}

// flatten appends the tile and object layers of layers and their groups.
func (b *builder) flatten(dst []flatLayer, layers []tiledLayer, in layerContext) ([]flatLayer, error) {
	if in.depth > maxLayerDepth {
		return nil, b.errorf("groups of layers nest deeper than %d levels", maxLayerDepth)
	}
	for i := range layers {
		l := &layers[i]
		blocks, err := l.Properties.blocks()
		if err != nil {
			return nil, b.errorf("layer %q: %v", l.Name, err)
		}
		ctx := layerContext{
			blocks:  in.blocks || blocks,
			offsetX: in.offsetX + l.OffsetX, offsetY: in.offsetY + l.OffsetY,
			depth: in.depth + 1,
		}
		switch l.Type {
		case "tilelayer", "objectgroup":
			dst = append(dst, flatLayer{l, ctx})
		case "group":
			if dst, err = b.flatten(dst, l.Layers, ctx); err != nil {
				return nil, err
			}
		case "imagelayer": // only to be looked at
		default:
			return nil, b.errorf("layer %q has the type %q; known are tilelayer, objectgroup, imagelayer and group", l.Name, l.Type)
		}
	}
	return dst, nil
}

// chunks are the pieces of a tile layer: one on a finite map.
func (l flatLayer) chunks(infinite bool) []tiledChunk {
	switch {
	case l.Type != "tilelayer":
		return nil
	case infinite:
		return l.Chunks
	default:
		return []tiledChunk{{Width: l.Width, Height: l.Height, Data: l.Data}}
	}
}

func (b *builder) addLayer(l flatLayer, infinite bool) error {
	if l.Type == "objectgroup" {
		return b.addObjects(l)
	}
	for _, c := range l.chunks(infinite) {
		if err := b.addChunk(l, c); err != nil {
			return err
		}
	}
	return nil
}
