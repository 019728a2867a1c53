package bundle

import (
	"github.com/overworld-gg/overworld/mapserver/world"
)

// defaultTimeout is the pause after an event of a group that names none, in
// seconds; as in the service that the native game comes from.
const defaultTimeout = 1

// readGroups fills Schema.Groups.
func (l *loader) readGroups() {
	for _, d := range l.groups.list {
		where := "events." + d.name
		g := world.Group{Name: d.name, Of: l.of(d), Timeout: defaultTimeout}
		l.readTimeout(d, &g, where)
		for _, a := range d.all("actions") {
			g.Actions = append(g.Actions, l.action(d, a, where+".actions."+a.name))
		}
		l.out.Schema.Groups = append(l.out.Schema.Groups, g)
	}
}

// readTimeout reads a pause in seconds or the code that returns it.
func (l *loader) readTimeout(d *decl, g *world.Group, where string) {
	stem := "events/" + d.name + "/_timeout"
	if s, ok := d.fields["timeout"]; ok {
		if seconds, isNumber := number(s.Node); isNumber {
			later := false // a later layer has code instead
			for _, it := range l.layers[s.from.index+1:] {
				_, has := l.conventional(it, stem)
				later = later || has
			}
			if !later {
				g.Timeout = seconds
				return
			}
		}
	}
	if c, ok := l.find(d, "timeout", stem, where+".timeout"); ok {
		g.TimeoutCode = l.slot(world.TimeoutSlot, "timeout "+d.name, c)
	}
}

func (l *loader) action(group, d *decl, where string) world.Action {
	a := world.Action{Name: d.name, Public: isTrue(d.fields["public"].Node)}
	for _, p := range d.all("params") {
		a.Params = append(a.Params, l.param(p, where+".params."+p.name))
	}
	stem := "events/" + group.name + "/" + d.name
	c, ok := l.find(d, "code", stem, where+".code")
	if ok {
		a.Code = l.slot(world.EventSlot, "event "+group.name+"/"+d.name, c)
	} else if _, named := d.fields["code"]; !named {
		l.report(d.key, "%s has no code: the file %s.lua (or .js, .ts) is expected%s, or another one named by the key \"code\"",
			where, stem, near(stem+".lua", l.own.paths()))
	}
	return a
}
