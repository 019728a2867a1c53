package terrain

import (
	"path"
	"strconv"
	"strings"
)

// resolve returns the tileset itself, read from its own file where it has one,
// and the file in which it is.
func (b *builder) resolve(ref *tiledTileset) (*tiledTileset, string, error) {
	if ref.Source == "" {
		return ref, b.file, nil
	}
	file, err := b.tilesetPath(ref.Source)
	if err != nil {
		return nil, "", err
	}
	data, err := b.open(file)
	if err != nil {
		return nil, "", b.errorf("the tileset %q cannot be read: %v", ref.Source, err)
	}
	var set tiledTileset
	if err := decode(file, data, &set); err != nil {
		return nil, "", err
	}
	if set.Type != "" && set.Type != "tileset" {
		return nil, "", &Error{File: file, Message: "this is a Tiled " + set.Type + ", not a tileset"}
	}
	return &set, file, nil
}

// tilesetPath is where source, a path from the map's folder, is in the bundle.
func (b *builder) tilesetPath(source string) (string, error) {
	file := path.Join(path.Dir(b.file), source)
	switch {
	case strings.EqualFold(path.Ext(source), ".tsx"):
		return "", b.errorf("the tileset %q is XML; save it as JSON (.tsj) in Tiled, or embed it in the map", source)
	case strings.Contains(source, `\`) || path.IsAbs(source) || file == ".." || strings.HasPrefix(file, "../"):
		return "", b.errorf("the tileset %q is not in the bundle; its path must be relative, with /, and stay inside the folder", source)
	case b.open == nil:
		return "", b.errorf("the tileset %q is a file of its own, which is not allowed here; embed it in the map", source)
	}
	return file, nil
}

func quote(s string) string  { return strconv.Quote(s) }
func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
