package bundle

import (
	"errors"
	"fmt"
	"path"

	"github.com/overworld-gg/overworld/mapserver/terrain"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// readMap reads the map that the GameMap or else world.yaml names.
func (l *loader) readMap() {
	if l.terrain != "" {
		l.readTerrain()
		return
	}
	n := child(l.own.root, "map")
	name, ok := text(n)
	if !ok {
		l.warnUnusedMap()
		return
	}
	if ext := path.Ext(name); ext != ".tmj" && ext != ".json" {
		return // reported by the schema
	}
	file, ok := inside(name)
	if !ok {
		l.report(setting{n, l.own}, "map must be a path inside the bundle, with /, not %s", short(name))
		return
	}
	data, ok := l.own.files[file]
	if !ok {
		l.report(setting{n, l.own}, "map names the file %s, which is not in the bundle%s", short(file), near(file, l.mapFiles()))
		return
	}
	l.parseMap(file, data)
}

// readTerrain reads the map that the GameMap names.
func (l *loader) readTerrain() {
	file, ok := inside(l.terrain)
	if data, there := l.own.files[file]; ok && there {
		l.parseMap(file, data)
		return
	}
	l.add(Problem{File: "GameMap", Message: fmt.Sprintf("spec.terrain names the file %s, which is not in the bundle%s", short(l.terrain), near(file, l.mapFiles()))})
}

func (l *loader) parseMap(file string, data []byte) {
	m, err := terrain.Parse(file, data, l.openFile)
	if err != nil {
		l.addTerrain(file, err)
		return
	}
	l.out.Terrain, l.out.MapFile, l.out.MapData = m, file, data
	if m.Free(world.Rect{}) == 0 {
		l.add(Problem{File: file, Message: "no tile of the map can be walked on"})
	}
}

func (l *loader) addTerrain(file string, err error) {
	p := Problem{File: file, Message: err.Error()}
	var fault *terrain.Error
	if errors.As(err, &fault) {
		p = Problem{File: fault.File, Line: fault.Line, Column: fault.Column, Message: fault.Message}
	}
	l.add(p)
}

// openFile reads what the map refers to.
func (l *loader) openFile(file string) ([]byte, error) {
	data, ok := l.own.files[file]
	if !ok {
		return nil, fmt.Errorf("the bundle has no file %s", file)
	}
	return data, nil
}

func (l *loader) mapFiles() []string {
	var files []string
	for p := range l.own.files {
		if path.Ext(p) == ".tmj" || path.Ext(p) == ".tmx" {
			files = append(files, p)
		}
	}
	return files
}

// warnUnusedMap points at a map that is there, but not named.
func (l *loader) warnUnusedMap() {
	if child(l.own.root, "map") != nil {
		return // wrong, and reported
	}
	for _, p := range l.mapFiles() {
		l.add(Problem{Level: Warning, File: p, Message: fmt.Sprintf("the map is not used; %s needs the line \"map: %s\" for that", WorldFile, p)})
	}
}
