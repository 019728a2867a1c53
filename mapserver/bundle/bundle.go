// Package bundle turns the files of a game into what the world runs: it reads
// world.yaml, adds the features of the built-in library, finds the code and the
// map, and reports everything that is wrong, each with its file, line and column.
package bundle

import (
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/terrain"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// WorldFile is the name of the file that declares the game.
const WorldFile = "world.yaml"

// Loaded is a bundle made ready.
type Loaded struct {
	// Schema is what world.yaml and the features it uses declare. Schema.Slots
	// and Schema.Files are what there is to compile.
	Schema *world.Schema
	// Terrain is the ground: of the map file, or open ground without one.
	Terrain *terrain.Map
	// MapFile and MapData are the path and the bytes of the map; "" and nil
	// without one.
	MapFile string
	MapData []byte
	// Features are the used features of the library, each after those it needs.
	Features []string
}

// Load reads b. All problems are reported, in the order of files and lines; a
// Loaded is returned in any case, as complete as could be, so that the caller
// can compile its code and add what that finds, but it is only fit to run when
// problems.Err() is nil.
func Load(b *game.Bundle) (*Loaded, Problems) {
	lib, err := library()
	if err != nil {
		return emptyLoaded(), Problems{{Message: err.Error()}}
	}
	return load(b, lib)
}

func emptyLoaded() *Loaded {
	return &Loaded{
		Schema: &world.Schema{
			Files:  map[string][]byte{},
			Player: world.Spawn{Type: world.Players, Count: 1},
		},
		Terrain: terrain.Open(terrain.OpenSide, terrain.OpenSide),
	}
}
