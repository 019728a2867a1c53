package bundle

import (
	"strings"

	"github.com/overworld-gg/overworld/mapserver/world"
)

// code is a code file that has been found.
type code struct {
	path   string // as problems name it
	source []byte
	index  int // of the layer that chose it
}

// named finds the file that a setting names. A file of the bundle takes the
// place of a feature's file with the same path.
func (l *loader) named(s setting, where string, in ...*layer) (code, bool) {
	name, ok := text(s.Node)
	if !ok || !isCode(name) {
		return code{}, false // reported by the schema
	}
	file, ok := inside(name)
	if !ok {
		l.report(s, "%s must be a path inside the bundle, with /, not %s", where, short(name))
		return code{}, false
	}
	if len(in) == 0 {
		in = []*layer{l.own, s.from}
	}
	for _, from := range in {
		if source, ok := from.files[file]; ok {
			return code{from.shown(file), source, s.from.index}, true
		}
	}
	l.report(s, "%s names the file %s, which is not in the bundle%s", where, short(file), near(file, s.from.paths()))
	return code{}, false
}

// conventional finds the code file of a layer with path stem and any ending.
func (l *loader) conventional(from *layer, stem string) (code, bool) {
	var found []string
	for _, ext := range codeExtensions {
		if _, ok := from.files[stem+ext]; ok {
			found = append(found, stem+ext)
		}
	}
	if len(found) == 0 {
		return code{}, false
	}
	if len(found) > 1 {
		l.add(Problem{File: from.shown(found[1]), Message: "this file takes the same place as " + from.shown(found[0]) +
			"; keep one of them, or name the one to use in " + from.file})
		for _, p := range found {
			l.used[from.shown(p)] = true
		}
	}
	return code{from.shown(found[0]), from.files[found[0]], from.index}, true
}

// find returns the code of a declaration: the last layer that names a file in
// field, or has one with path stem, decides.
func (l *loader) find(d *decl, field, stem, where string) (code, bool) {
	named, isNamed := d.fields[field]
	for i := len(l.layers) - 1; i >= 0; i-- {
		if isNamed && named.from.index == i {
			return l.named(named, where)
		}
		if c, ok := l.conventional(l.layers[i], stem); ok {
			return c, true
		}
	}
	return code{}, false
}

// readInit finds what is run first: the init files of the features, then those
// that the bundle names, or its init.lua, init.js and init.ts.
func (l *loader) readInit() {
	for _, it := range l.layers {
		list := child(it.root, "init")
		if list == nil {
			for _, ext := range codeExtensions {
				if source, ok := it.files["init"+ext]; ok {
					l.addInit(code{it.shown("init" + ext), source, it.index})
				}
			}
			continue
		}
		nodes := items(list)
		if _, ok := text(list); ok {
			nodes = append(nodes, list)
		}
		for _, n := range nodes {
			if c, ok := l.named(setting{n, it}, "init", it); ok {
				l.addInit(c)
			}
		}
	}
}

func (l *loader) addInit(c code) {
	l.out.Schema.Init = append(l.out.Schema.Init, l.slot(world.InitSlot, "init "+strings.TrimPrefix(c.path, libraryPrefix), c))
}
