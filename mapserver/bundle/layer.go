package bundle

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// layer is a source of declarations and code: a feature, or the bundle itself.
// Later layers override earlier ones; the bundle is the last.
type layer struct {
	feature string // "" is the bundle
	file    string // where root is from, as problems name it
	root    *yaml.Node
	files   map[string][]byte
	index   int
}

// codeExtensions end the names of code files, in the order in which they are
// looked for.
var codeExtensions = []string{".lua", ".js", ".ts"}

func isCode(file string) bool { return slices.Contains(codeExtensions, path.Ext(file)) }

// shown is the path of one of the layer's files as problems name it.
func (l *layer) shown(file string) string {
	if l.feature == "" {
		return file
	}
	return libraryPrefix + l.feature + "/" + file
}

// paths are the layer's code files in order.
func (l *layer) paths() []string {
	var paths []string
	for p := range l.files {
		if isCode(p) {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// setting is a node and the layer that it is from.
type setting struct {
	*yaml.Node
	from *layer
}

// decl is a thing that is declared by name in one or several layers: what the
// layers say about it, key by key, the last word counting.
type decl struct {
	name   string
	key    setting // where the name is written, in the last layer that has it
	fields map[string]setting
	nested map[string]*decls
	// broken says that a layer has something else than a table for it, which the
	// schema has reported.
	broken bool
}

// decls are declarations in the order in which they first came.
type decls struct {
	list   []*decl
	byName map[string]*decl
}

// shape says which keys of a declaration hold declarations themselves.
type shape map[string]shape

var (
	componentShape = shape{}
	groupShape     = shape{"actions": {"params": {}}}
	prefabShape    = shape{"components": nil}
)

func (d *decls) get(name string) *decl {
	if d.byName == nil {
		d.byName = make(map[string]*decl)
	}
	it := d.byName[name]
	if it == nil {
		it = &decl{name: name, fields: map[string]setting{}, nested: map[string]*decls{}}
		d.byName[name] = it
		d.list = append(d.list, it)
	}
	return it
}

// merge adds what table, of layer from, declares. A nil shape takes the values
// as they are, as the field "".
func (d *decls) merge(from *layer, table *yaml.Node, s shape) {
	for k, v := range pairs(table) {
		it := d.get(k.Value)
		it.key = setting{k, from}
		if s == nil {
			it.fields[""] = setting{v, from}
			continue
		}
		it.broken = it.broken || v.Kind != yaml.MappingNode && (v.Kind != yaml.ScalarNode || v.ShortTag() != "!!null")
		for fk, fv := range pairs(v) {
			inner, isNested := s[fk.Value]
			if !isNested {
				it.fields[fk.Value] = setting{fv, from}
				continue
			}
			if it.nested[fk.Value] == nil {
				it.nested[fk.Value] = &decls{}
			}
			it.nested[fk.Value].merge(from, fv, inner)
		}
	}
}

// all returns the declarations of a nested key.
func (d *decl) all(key string) []*decl {
	if n := d.nested[key]; n != nil {
		return n.list
	}
	return nil
}

// names are the names of declarations, for "did you mean".
func names(list []*decl) []string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.name
	}
	return out
}

// inside cleans a path that must stay in the bundle.
func inside(file string) (string, bool) {
	clean := path.Clean(file)
	return clean, !path.IsAbs(clean) && clean != ".." && !strings.HasPrefix(clean, "../") && !strings.Contains(file, `\`)
}
