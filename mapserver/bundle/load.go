package bundle

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// maxProblems bounds the list: who has more reads no further.
const maxProblems = 500

// loader is one Load.
type loader struct {
	library  fs.FS
	own      *layer   // the bundle
	terrain  string   // the map to use instead of the bundle's own
	layers   []*layer // the features in order, then the bundle
	out      *Loaded
	problems Problems
	used     map[string]bool // the bundle's files that something refers to
	// What is declared, features and bundle together.
	components, groups decls
	componentIndex     map[string]int
}

func load(b *game.Bundle, library fs.FS) (*Loaded, Problems) {
	l := &loader{
		library:        library,
		own:            &layer{file: WorldFile, files: b.Files},
		terrain:        b.Terrain,
		out:            emptyLoaded(),
		used:           map[string]bool{},
		componentIndex: map[string]int{},
	}
	l.checkFiles(b)
	if !l.readWorld() {
		return l.out, l.problems
	}
	l.useFeatures()
	l.layers = append(l.layers, l.own)
	for i, it := range l.layers {
		it.index = i
		l.components.merge(it, child(it.root, "components"), componentShape)
		l.groups.merge(it, child(it.root, "events"), groupShape)
	}
	l.readInit()
	l.readComponents()
	l.readGroups()
	l.readEntities()
	l.readMap()
	l.readSpawns()
	l.warnUnused()
	return l.out, l.problems
}

// readWorld parses and checks world.yaml; false when there is nothing to go on with.
func (l *loader) readWorld() bool {
	data, ok := l.own.files[WorldFile]
	if !ok {
		l.add(Problem{File: WorldFile, Message: "the file is missing: it declares the game's components, events, " +
			"entities and spawns (an empty one will do to begin with; see docs/bundle.md)" + l.worldElsewhere()})
		return false
	}
	if len(data) > maxYAMLBytes {
		l.add(Problem{File: WorldFile, Message: fmt.Sprintf("the file is larger than %d MiB", maxYAMLBytes>>20)})
		return false
	}
	if !utf8.Valid(data) {
		return false // reported by checkFiles
	}
	root, err := parseYAML(data)
	if err != nil {
		line, message := yamlFault(data, err)
		l.add(Problem{File: WorldFile, Line: line, Message: message})
		return false
	}
	if root == nil {
		root = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
	}
	l.own.root = root
	s, err := compiled()
	if err != nil {
		l.add(Problem{File: WorldFile, Message: err.Error()})
		return false
	}
	checkStructure(s.world, root, l.reporter(l.own))
	return true
}

// worldElsewhere finds what the author may have meant to be world.yaml.
func (l *loader) worldElsewhere() string {
	var found []string
	for p := range l.own.files {
		switch strings.ToLower(path.Base(p)) {
		case "world.yaml", "world.yml", "world.json":
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	if path.Base(found[0]) == WorldFile {
		return fmt.Sprintf("; found %s: is its folder the bundle?", found[0])
	}
	return fmt.Sprintf("; found %s: rename it to %s", found[0], WorldFile)
}

// checkFiles reports texts that are not UTF-8.
func (l *loader) checkFiles(b *game.Bundle) {
	for _, p := range b.Paths() {
		data := b.Files[p]
		if isCode(p) && strings.HasPrefix(p, libraryPrefix) {
			l.add(Problem{File: p, Message: "code cannot be in the folder library: that name is the built-in library's; choose another"})
		}
		if p != WorldFile && !isCode(p) || utf8.Valid(data) {
			continue
		}
		at := 0
		for r, n := utf8.DecodeRune(data); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(data[at:]) {
			at += n
		}
		start := bytes.LastIndexByte(data[:at], '\n') + 1
		l.add(Problem{
			File: p, Line: 1 + bytes.Count(data[:at], []byte("\n")), Column: 1 + utf8.RuneCount(data[start:at]),
			Message: fmt.Sprintf("the byte 0x%02x is not UTF-8; save the file as UTF-8 text", data[at]),
		})
	}
}

func (l *loader) add(p Problem) {
	switch len(l.problems) {
	case maxProblems:
	case maxProblems - 1:
		l.problems.Add(Problem{File: WorldFile, Message: fmt.Sprintf("there are more than %d problems; only these are shown", maxProblems-1)})
	default:
		l.problems.Add(p)
	}
}

// report adds an error at a setting.
func (l *loader) report(at setting, format string, args ...any) {
	l.reportAs(Error, at, format, args...)
}

func (l *loader) reportAs(level Level, at setting, format string, args ...any) {
	if len(l.problems) >= maxProblems {
		return
	}
	l.add(Problem{
		Level: level, File: at.from.file, Line: at.Line, Column: at.Column,
		Message: strings.TrimSpace(fmt.Sprintf(format, args...)),
	})
}

// reporter reports at nodes of a layer's file.
func (l *loader) reporter(from *layer) reportFunc {
	return func(n *yaml.Node, format string, args ...any) { l.report(setting{n, from}, format, args...) }
}

// slot adds a piece of code to the schema.
func (l *loader) slot(kind world.SlotKind, name string, c code) world.Slot {
	s := l.out.Schema
	slot := world.Slot{ID: len(s.Slots) + 1, Kind: kind, File: c.path, Name: name}
	s.Slots = append(s.Slots, slot)
	s.Files[c.path] = c.source
	l.used[c.path] = true
	return slot
}
