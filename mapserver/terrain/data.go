package terrain

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// addChunk reads the tiles of a chunk.
func (b *builder) addChunk(l flatLayer, c tiledChunk) error {
	switch l.Encoding {
	case "", "csv":
		return b.addArray(l, c)
	case "base64":
		return b.addBase64(l, c)
	default:
		return b.layerErrorf(l, "has the encoding %q; known are csv and base64", l.Encoding)
	}
}

func (b *builder) addArray(l flatLayer, c tiledChunk) error {
	var tiles []uint32
	if err := json.Unmarshal(c.Data, &tiles); err != nil {
		return b.layerErrorf(l, "must have its data as a list of tile numbers (0 to 4294967295)")
	}
	if len(tiles) != c.Width*c.Height {
		return b.layerErrorf(l, "has %d tiles in its data, but is %d by %d = %d tiles",
			len(tiles), c.Width, c.Height, c.Width*c.Height)
	}
	for y := range c.Height {
		if err := b.row(l, c.X, c.Y+y, tiles[y*c.Width:(y+1)*c.Width]); err != nil {
			return err
		}
	}
	return nil
}

// addBase64 reads row by row, so that a small file that unpacks to a huge one
// never takes more memory than a row.
func (b *builder) addBase64(l flatLayer, c tiledChunk) error {
	var text string
	if err := json.Unmarshal(c.Data, &text); err != nil {
		return b.layerErrorf(l, "must have its data as a base64 text, as its encoding says")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return b.layerErrorf(l, "has data that is not base64: %v", err)
	}
	r, err := b.unpack(l, raw)
	if err != nil {
		return err
	}
	buf, tiles := make([]byte, 4*c.Width), make([]uint32, c.Width)
	for y := range c.Height {
		if _, err := io.ReadFull(r, buf); err != nil {
			return b.dataError(l, c, err)
		}
		gids(tiles, buf)
		if err := b.row(l, c.X, c.Y+y, tiles); err != nil {
			return err
		}
	}
	if _, err := r.ReadByte(); err != io.EOF {
		return b.layerErrorf(l, "has more data than its %d by %d tiles take (4 bytes each)", c.Width, c.Height)
	}
	return nil
}

func (b *builder) dataError(l flatLayer, c tiledChunk, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return b.layerErrorf(l, "has less data than its %d by %d tiles take (4 bytes each)", c.Width, c.Height)
	}
	return b.layerErrorf(l, "has damaged data: %v", err)
}

func (b *builder) unpack(l flatLayer, raw []byte) (*bufio.Reader, error) {
	var r io.Reader = bytes.NewReader(raw)
	var err error
	switch l.Compression {
	case "":
	case "zlib":
		r, err = zlib.NewReader(r)
	case "gzip":
		r, err = gzip.NewReader(r)
	default:
		return nil, b.layerErrorf(l, "is compressed with %q; accepted are zlib, gzip and no compression "+
			"(Map > Map Properties > Tile Layer Format in Tiled)", l.Compression)
	}
	if err != nil {
		return nil, b.layerErrorf(l, "has data that is not %s: %v", l.Compression, err)
	}
	return bufio.NewReader(r), nil
}
