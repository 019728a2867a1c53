package bundle

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/overworld-gg/overworld/mapserver/world"
)

// readEntities fills Enter, Leave and Prefabs. The code of all layers is run,
// one after the other: a feature's does not replace the bundle's or the other
// way round.
func (l *loader) readEntities() {
	for t := range world.TypeCount {
		var prefabs decls
		for _, it := range l.layers {
			n := child(child(it.root, "entities"), t.String())
			prefabs.merge(it, child(n, "prefabs"), prefabShape)
			h := hook{table: n, where: "entities." + t.String(), folder: "entities/" + t.String(), of: t.String()}
			l.addHook(&l.out.Schema.Enter[t], it, h, "enter")
			l.addHook(&l.out.Schema.Leave[t], it, h, "leave")
		}
		for _, d := range prefabs.list {
			l.addPrefab(t, d)
		}
	}
}

// hook is a table that may name the code to run when entities come and go.
type hook struct {
	table  *yaml.Node
	where  string // the table's path, for sentences
	folder string // of the code files that need no naming
	of     string // whose code it is, for the slot's name
}

// addHook adds the code that one layer names in h under key, or has in h's folder.
func (l *loader) addHook(slots *[]world.Slot, from *layer, h hook, key string) {
	c, ok := code{}, false
	if n := child(h.table, key); n != nil {
		c, ok = l.named(setting{n, from}, h.where+"."+key, from)
	} else {
		c, ok = l.conventional(from, h.folder+"/"+key)
	}
	if !ok {
		return
	}
	kind, name := world.EnterSlot, key+" "+h.of
	if key == "leave" {
		kind = world.LeaveSlot
	}
	if path, ok := strings.CutPrefix(c.path, libraryPrefix); ok {
		feature, _, _ := strings.Cut(path, "/")
		name += " (" + feature + ")"
	}
	*slots = append(*slots, l.slot(kind, name, c))
}

func (l *loader) addPrefab(t world.Type, d *decl) {
	h := hook{
		where:  fmt.Sprintf("entities.%s.prefabs.%s", t, d.name),
		folder: fmt.Sprintf("entities/%s/%s", t, d.name),
		of:     t.String() + " " + d.name,
	}
	p := world.Prefab{Type: t, Name: d.name}
	p.Components = l.values(d.all("components"), t, h.where+".components")
	for _, it := range l.layers {
		h.table = child(child(child(child(it.root, "entities"), t.String()), "prefabs"), d.name)
		l.addHook(&p.Enter, it, h, "enter")
	}
	l.out.Schema.Prefabs = append(l.out.Schema.Prefabs, p)
}
