package terrain

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// tiled completes a map of 4 by 2 tiles of 16 by 8 pixels; tile 3 blocks.
func tiled(layers string) string {
	return `{"type":"map","orientation":"orthogonal","width":4,"height":2,"tilewidth":16,"tileheight":8,
	"tilesets":[{"firstgid":1,"name":"t","tilecount":9,"tiles":[{"id":2,"properties":[{"name":"walkable","type":"bool","value":false}]}]}],
	"layers":[` + layers + `]}`
}

func ground(data string) string {
	return `{"name":"Ground","type":"tilelayer","width":4,"height":2,"data":[` + data + `]}`
}

const full = `1,1,1,1, 1,1,1,1`

func with(layer, fields string) string { return strings.TrimSuffix(layer, "}") + "," + fields + "}" }

func props(name, value string) string {
	return fmt.Sprintf(`"properties":[{"name":%q,"type":"bool","value":%s}]`, name, value)
}

func objects(list string) string {
	return `{"name":"Things","type":"objectgroup","objects":[` + list + `]}`
}

func TestParse(t *testing.T) {
	wall := ground(`0,7,0,0, 0,0,0,7`)
	for _, c := range []struct{ name, layers, want string }{
		{"ground", ground(`1,1,0,1, 0,2147483649,1,1`), "..#.\n#..."},
		{"two layers of ground", ground(`1,0,0,0, 0,0,0,0`) + "," + ground(`0,0,1,0, 0,0,0,1`), ".#.#\n###."},
		{"a tile that blocks", ground(`1,3,1,1, 1,1,3,1`), ".#..\n..#."},
		{"a turned tile that blocks", ground(`1,3758096387,1,1, 1,1,1,1`), ".#..\n...."},
		{"a layer that is not walkable", ground(full) + "," + with(wall, props("walkable", "false")), ".#..\n...#"},
		{"a layer that collides", ground(full) + "," + with(wall, props("collision", "true")), ".#..\n...#"},
		{"a layer that says it does not block", ground(full) + "," + with(wall, props("collision", "false")), "....\n...."},
		{"a hidden layer", ground(full) + "," + with(wall, `"visible":false,`+props("collision", "true")), ".#..\n...#"},
		{"properties of Tiled 1.1", ground(full) + "," + with(wall, `"properties":{"collision":true}`), ".#..\n...#"},
		{"a group", ground(full) + `,{"name":"G","type":"group","layers":[` + wall + `],` + props("collision", "true") + `}`, ".#..\n...#"},
		{"an image layer", ground(full) + `,{"name":"Sky","type":"imagelayer"}`, "....\n...."},
		{"objects that do not block", ground(full) + "," + objects(`{"id":1,"x":16,"y":0,"width":16,"height":8}`), "....\n...."},
		{"a rectangle", ground(full) + "," + with(objects(`{"id":1,"x":16,"y":0,"width":32,"height":8}`), props("collision", "true")), ".##.\n...."},
		{"a rectangle over parts of tiles", ground(full) + "," + with(objects(`{"id":1,"x":15,"y":7.5,"width":2,"height":1}`), props("collision", "true")), "##..\n##.."},
		{"a point", ground(full) + "," + with(objects(`{"id":1,"x":40,"y":9,"point":true}`), props("walkable", "false")), "....\n..#."},
		{"a tile object", ground(full) + "," + with(objects(`{"id":1,"gid":1,"x":0,"y":8,"width":16,"height":8}`), props("collision", "true")), "#...\n...."},
		{"a moved object layer", ground(full) + "," + with(objects(`{"id":1,"x":0,"y":0,"width":16,"height":8}`), `"offsetx":32,`+props("collision", "true")), "..#.\n...."},
		{"an object beyond the map", ground(full) + "," + with(objects(`{"id":1,"x":-1e300,"y":0,"width":1e301,"height":8}`), props("collision", "true")), "####\n...."},
		{"one object that blocks", ground(full) + "," + objects(with(`{"id":1,"x":0,"y":0}`, props("collides", "true"))), "#...\n...."},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse("a.tmj", []byte(tiled(c.layers)), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, m.picture()); diff != "" {
				t.Errorf("ground (-want +got):\n%s", diff)
			}
		})
	}
}

func encoded(t *testing.T, compression string, gids ...uint32) string {
	t.Helper()
	var buf bytes.Buffer
	var w io.Writer = &buf
	switch compression {
	case "zlib":
		w = zlib.NewWriter(&buf)
	case "gzip":
		w = gzip.NewWriter(&buf)
	}
	if err := binary.Write(w, binary.LittleEndian, gids); err != nil {
		t.Fatal(err)
	}
	if c, ok := w.(io.Closer); ok {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return base64.StdEncoding.EncodeToString(buf.Bytes())
}

func base64Layer(compression, data string) string {
	return fmt.Sprintf(`{"name":"Ground","type":"tilelayer","width":4,"height":2,"encoding":"base64","compression":%q,"data":%q}`, compression, data)
}

func TestParseEncodings(t *testing.T) {
	for _, compression := range []string{"", "zlib", "gzip"} {
		data := encoded(t, compression, 1, 1, 0, 1, 1<<31|3, 1, 1, 1)
		m, err := Parse("a.tmj", []byte(tiled(base64Layer(compression, data))), nil)
		if err != nil {
			t.Errorf("%q: %v", compression, err)
			continue
		}
		if diff := cmp.Diff("..#.\n#...", m.picture()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", compression, diff)
		}
	}
}

func TestParseInfinite(t *testing.T) {
	infinite := func(chunks string) string {
		return strings.Replace(tiled(`{"name":"Empty","type":"tilelayer","chunks":[]},
			{"name":"Ground","type":"tilelayer","chunks":[`+chunks+`]},`+
			with(objects(`{"id":1,"name":"spot","x":-32,"y":0,"width":16,"height":8}`), props("collision", "true"))),
			`"width":4`, `"infinite":true,"width":4`, 1)
	}
	m, err := Parse("a.tmj", []byte(infinite(`
		{"x":-2,"y":-1,"width":2,"height":2,"data":[1,1,1,3]},{"x":0,"y":0,"width":2,"height":2,"data":[1,0,1,1]}`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(world.Rect{X: -2, Y: -1, W: 4, H: 3}, m.Bounds()); diff != "" {
		t.Errorf("bounds (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("..##\n##.#\n##..", m.picture()); diff != "" {
		t.Errorf("ground (-want +got):\n%s", diff)
	}
	if !m.Walkable(-2, -1) || m.Walkable(-2, 0) || !m.Walkable(0, 0) {
		t.Error("coordinates do not count from the map's origin")
	}
	for chunks, want := range map[string]string{
		``: "a.tmj: the map has no tiles: draw some ground on a tile layer",
		`{"x":0,"y":0,"width":1,"height":1,"data":[1]},{"x":5000,"y":0,"width":1,"height":1,"data":[1]}`: "a.tmj: the map's tiles span 5001 by 1 tiles; at most 4096 by 4096 are allowed",
		`{"x":-9223372036854775808,"y":0,"width":1,"height":1,"data":[1]}`:                               `a.tmj: layer "Ground" has a chunk at -9223372036854775808,0; at most 1048576 tiles from 0,0 are allowed`,
		`{"x":0,"y":0,"width":0,"height":1,"data":[]}`:                                                   `a.tmj: layer "Ground" has a chunk of 0 by 1 tiles; 1 to 4096 are allowed`,
	} {
		if _, err := Parse("a.tmj", []byte(infinite(chunks)), nil); err == nil || err.Error() != want {
			t.Errorf("error = %v\nwant    %s", err, want)
		}
	}
}

func TestParseExternalTileset(t *testing.T) {
	files := map[string]string{
		"maps/art/t.tsj": `{"type":"tileset","name":"art","tiles":[{"id":0,"properties":[{"name":"collides","type":"bool","value":true}]}]}`,
		"shared/t.json":  `{"name":"shared","tiles":[{"id":1,"properties":[{"name":"walkable","type":"string","value":"no"}]}]}`,
		"maps/map.tsj":   `{"type":"map"}`,
		"maps/bad.tsj":   "{\n  \"tiles\": 5}",
	}
	open := func(p string) ([]byte, error) {
		if data, ok := files[p]; ok {
			return []byte(data), nil
		}
		return nil, fs.ErrNotExist
	}
	parse := func(source string, open func(string) ([]byte, error)) (*Map, error) {
		data := strings.Replace(tiled(ground(`1,5,1,1, 1,1,1,1`)), `"tilesets":[`, `"tilesets":[{"firstgid":5,"source":"`+source+`"},`, 1)
		return Parse("maps/a.tmj", []byte(data), open)
	}
	m, err := parse("art/t.tsj", open)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(".#..\n....", m.picture()); diff != "" {
		t.Errorf("ground (-want +got):\n%s", diff)
	}
	for source, want := range map[string]string{
		"../shared/t.json": `shared/t.json: tileset "shared", tile 1: the property "walkable" must be of type bool, true or false, not a string`,
		"missing.tsj":      `maps/a.tmj: the tileset "missing.tsj" cannot be read: file does not exist`,
		"old.tsx":          `maps/a.tmj: the tileset "old.tsx" is XML; save it as JSON (.tsj) in Tiled, or embed it in the map`,
		"../../out.tsj":    `maps/a.tmj: the tileset "../../out.tsj" is not in the bundle; its path must be relative, with /, and stay inside the folder`,
		"/etc/t.tsj":       `maps/a.tmj: the tileset "/etc/t.tsj" is not in the bundle; its path must be relative, with /, and stay inside the folder`,
		"map.tsj":          `maps/map.tsj: this is a Tiled map, not a tileset`,
		"bad.tsj":          `maps/bad.tsj:2:12: "tiles" must be a list (maps saved by Tiled before 1.2 must be saved again), not a JSON number`,
	} {
		if _, err := parse(source, open); err == nil || err.Error() != want {
			t.Errorf("%s: error = %v\nwant %s", source, err, want)
		}
	}
	if _, err := parse("art/t.tsj", nil); err == nil || !strings.Contains(err.Error(), "embed it in the map") {
		t.Errorf("without open: error = %v", err)
	}
}

func TestParseObjects(t *testing.T) {
	m, err := Parse("a.tmj", []byte(tiled(ground(full)+","+objects(
		`{"id":4,"name":"start","type":"spawn","x":24,"y":8,"properties":[{"name":"side","type":"string","value":"down"}]},
		 {"id":5,"name":"chest","class":"loot","gid":2,"x":32,"y":16,"width":16,"height":8}`))), nil)
	if err != nil {
		t.Fatal(err)
	}
	side := &value.Dict{}
	side.Set("side", value.FromString("down"))
	want := []Object{
		{ID: 4, Name: "start", Type: "spawn", Layer: "Things", X: 1.5, Y: 1, Properties: side},
		{ID: 5, Name: "chest", Type: "loot", Layer: "Things", X: 2, Y: 1, W: 1, H: 1, Properties: &value.Dict{}},
	}
	equal := cmp.Comparer(func(a, b *value.Dict) bool { return value.Equal(value.FromDict(a), value.FromDict(b)) })
	if diff := cmp.Diff(want, m.Objects(), equal); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestParseErrors(t *testing.T) {
	bomb := encoded(t, "zlib", make([]uint32, 1<<20)...)
	deep := strings.Repeat(`{"name":"G","type":"group","layers":[`, 40) + strings.Repeat(`]}`, 40)
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "a.tmj:1:1: this is not JSON: unexpected end of JSON input"},
		{"cut off", "{\n \"type\":", "a.tmj:2:8: this is not JSON: unexpected end of JSON input"},
		{"XML", "<?xml version='1.0'?><map/>", "a.tmj: this is XML; save it as JSON in Tiled (a map as .tmj, a tileset as .tsj)"},
		{"wrong type", "{\n\"width\": \"four\"}", `a.tmj:2:15: "width" must be a whole number, not a JSON string`},
		{"a list", "[]", "a.tmj:1:1: the file must be an object, not a JSON array"},
		{"a tileset", `{"type":"tileset"}`, "a.tmj: this is a Tiled tileset, not a map"},
		{"isometric", `{"orientation":"isometric"}`, `a.tmj: the map's orientation is "isometric"; only orthogonal maps can be played`},
		{"no tile size", `{"orientation":"orthogonal","width":1,"height":1}`, "a.tmj: tilewidth and tileheight must be 1 pixel or more, not 0 and 0"},
		{"too large", `{"orientation":"orthogonal","width":5000,"height":1,"tilewidth":8,"tileheight":8}`, "a.tmj: the map is 5000 by 1 tiles; width and height may be 1 to 4096"},
		{"no tileset", strings.Replace(tiled(ground(full)), `"firstgid":1`, `"firstgid":2`, 1), `a.tmj: layer "Ground" has tile number 1 at 0,0, which belongs to no tileset of the map`},
		{"firstgid", strings.Replace(tiled(ground(full)), `"firstgid":1`, `"firstgid":0`, 1), `a.tmj: tileset "t" has firstgid 0; it must be 1 or more`},
		{"too few tiles", tiled(ground(`1,1`)), `a.tmj: layer "Ground" has 2 tiles in its data, but is 4 by 2 = 8 tiles`},
		{"not tiles", tiled(ground(`1,-1`)), `a.tmj: layer "Ground" must have its data as a list of tile numbers (0 to 4294967295)`},
		{"another size", tiled(strings.Replace(ground(full), `"width":4`, `"width":2`, 1)), `a.tmj: layer "Ground" is 2 by 2 tiles, the map 4 by 2; they must be the same`},
		{"zstd", tiled(base64Layer("zstd", "")), `a.tmj: layer "Ground" is compressed with "zstd"; accepted are zlib, gzip and no compression (Map > Map Properties > Tile Layer Format in Tiled)`},
		{"encoding", tiled(with(ground(full), `"encoding":"xml"`)), `a.tmj: layer "Ground" has the encoding "xml"; known are csv and base64`},
		{"not base64", tiled(base64Layer("", "?")), `a.tmj: layer "Ground" has data that is not base64: illegal base64 data at input byte 0`},
		{"a list for base64", tiled(with(ground(full), `"encoding":"base64"`)), `a.tmj: layer "Ground" must have its data as a base64 text, as its encoding says`},
		{"not zlib", tiled(base64Layer("zlib", "AAAA")), `a.tmj: layer "Ground" has data that is not zlib: zlib: invalid header`},
		{"too little data", tiled(base64Layer("gzip", encoded(t, "gzip", 1, 1))), `a.tmj: layer "Ground" has less data than its 4 by 2 tiles take (4 bytes each)`},
		{"a bomb", tiled(base64Layer("zlib", bomb)), `a.tmj: layer "Ground" has more data than its 4 by 2 tiles take (4 bytes each)`},
		{"layer type", tiled(`{"name":"L","type":"tile"}`), `a.tmj: layer "L" has the type "tile"; known are tilelayer, objectgroup, imagelayer and group`},
		{"deep groups", tiled(deep), "a.tmj: groups of layers nest deeper than 32 levels"},
		{"property type", tiled(with(ground(full), `"properties":[{"name":"collision","type":"string","value":"yes"}]`)), `a.tmj: layer "Ground": the property "collision" must be of type bool, true or false, not a string`},
		{"polygon", tiled(ground(full) + "," + with(objects(`{"id":7,"x":0,"y":0,"polygon":[]}`), props("collision", "true"))), `a.tmj: layer "Things" has object 7 that is a polygon, a line or turned; only straight rectangles, ellipses (as their rectangle) and points can block`},
		{"template", tiled(objects(`{"id":7,"template":"x.tj"}`)), `a.tmj: layer "Things" has object 7 made from the template "x.tj"; detach it in Tiled (right click > Detach)`},
		{"object property", tiled(objects(with(`{"id":7,"x":0,"y":0}`, props("collision", "1")))), `a.tmj: layer "Things" has object 7: the property "collision" must be of type bool, true or false, not a number`},
		{"too many cells", strings.NewReplacer(`"width":4`, `"width":4096`, `"height":2`, `"height":4096`).Replace(
			tiled(strings.TrimSuffix(strings.Repeat(ground("")+",", 5), ","))), "a.tmj: the layers hold more than 67108864 tiles together"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("a.tmj", []byte(c.data), nil)
			var e *Error
			if !errors.As(err, &e) || e.Error() != c.want {
				t.Errorf("error = %v\nwant    %s", err, c.want)
			}
		})
	}
	if _, err := Parse("a.tmj", make([]byte, MaxFileBytes+1), nil); err == nil || err.Error() != "a.tmj: the file is larger than 16 MiB" {
		t.Errorf("a large file: error = %v", err)
	}
}

func TestObjectsCannotTakeForEver(t *testing.T) {
	big := `{"id":1,"x":0,"y":0,"width":1e9,"height":1e9},`
	layer := with(objects(strings.TrimSuffix(strings.Repeat(big, 20), ",")), props("collision", "true"))
	corner := `{"x":%d,"y":%[1]d,"width":1,"height":1,"data":[1]}`
	chunks := fmt.Sprintf(corner, 0) + "," + fmt.Sprintf(corner, MaxSide-1)
	data := strings.Replace(tiled(`{"name":"Ground","type":"tilelayer","chunks":[`+chunks+`]},`+layer), `"width":4`, `"infinite":true,"width":4`, 1)
	_, err := Parse("a.tmj", []byte(data), nil)
	if want := `a.tmj: layer "Things" has objects that block more than 67108864 tiles together`; err == nil || err.Error() != want {
		t.Errorf("error = %v\nwant    %s", err, want)
	}
}

// FuzzParse: whatever the file, Parse ends with a map within the limits or with
// a sentence. Its seeds are in testdata/fuzz.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse("a.tmj", data, func(string) ([]byte, error) { return data, nil })
		var e *Error
		switch {
		case err != nil && (!errors.As(err, &e) || e.Message == ""):
			t.Errorf("an error without a message: %#v", err)
		case err == nil && (m.Bounds().W > MaxSide || m.Bounds().H > MaxSide || m.Bounds().W < 1 || m.Bounds().H < 1):
			t.Errorf("bounds %v", m.Bounds())
		case err == nil && m.Free(m.Bounds()) > m.Bounds().W*m.Bounds().H:
			t.Errorf("%d free tiles on %v", m.Free(m.Bounds()), m.Bounds())
		}
	})
}
