package bundle

import (
	"github.com/overworld-gg/overworld/mapserver/world"
)

// readComponents fills Schema.Components.
func (l *loader) readComponents() {
	for _, d := range l.components.list {
		where := "components." + d.name
		c := world.Component{Name: d.name, Of: l.of(d)}
		var known bool
		if c.Type, known = l.valueType(d, where); known {
			if s, ok := d.fields["default"]; ok {
				c.Default = l.typed(s, c.Type, where+".default")
			}
		}
		c.Private = isTrue(d.fields["private"].Node)
		if code, ok := l.find(d, "onChange", "components/"+d.name, where+".onChange"); ok {
			c.OnChange = l.slot(world.ComponentSlot, "component "+d.name, code)
		}
		l.componentIndex[d.name] = len(l.out.Schema.Components)
		l.out.Schema.Components = append(l.out.Schema.Components, c)
	}
}

// valueType reads the key type, which must be there in one of the layers.
func (l *loader) valueType(d *decl, where string) (world.ComponentType, bool) {
	s, ok := d.fields["type"]
	if !ok && d.broken {
		return 0, false
	}
	if !ok {
		l.report(d.key, "%s needs a type: number, string, bool or json", where)
		return 0, false
	}
	name, _ := text(s.Node)
	return world.ParseComponentType(name)
}

// of reads the key of: the entity types that have a component or group.
func (l *loader) of(d *decl) (of [world.TypeCount]bool) {
	s, ok := d.fields["of"]
	for _, n := range items(s.Node) {
		if t, known := world.ParseType(n.Value); known {
			of[t] = true
		}
	}
	if !ok {
		for t := range of {
			of[t] = true
		}
	}
	return of
}

// values reads components' values of a template of type t, given by name.
func (l *loader) values(list []*decl, t world.Type, where string) []world.Default {
	var out []world.Default
	for _, d := range list {
		at := where + "." + d.name
		i, ok := l.componentIndex[d.name]
		if !ok {
			l.report(d.key, "%s: there is no component %s%s; declare it under components, or take it out",
				at, short(d.name), l.nearComponent(d.name))
			continue
		}
		c := &l.out.Schema.Components[i]
		if !c.Of[t] {
			l.report(d.key, "%s: %s do not have the component %q; its key \"of\" says who does", at, t, d.name)
			continue
		}
		out = append(out, world.Default{Component: i, Value: l.typed(d.fields[""], c.Type, at)})
	}
	return out
}

func (l *loader) nearComponent(name string) string {
	if len(l.problems) >= maxProblems {
		return "" // it would not be shown
	}
	return near(name, names(l.components.list))
}
