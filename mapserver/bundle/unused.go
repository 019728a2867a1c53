package bundle

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/overworld-gg/overworld/mapserver/world"
)

// warnUnused points at code in the folders of events, components and entities
// that nothing refers to: most often its name is not spelled as declared.
func (l *loader) warnUnused() {
	for _, p := range l.own.paths() {
		if l.used[p] {
			continue
		}
		if why := l.whyUnused(p); why != "" {
			l.add(Problem{Level: Warning, File: p, Message: "this code is never run: " + why})
		}
	}
}

func (l *loader) whyUnused(p string) string {
	ext := path.Ext(p)
	steps := strings.Split(strings.TrimSuffix(p, ext), "/")
	switch steps[0] {
	case "components":
		name := strings.Join(steps[1:], "/")
		if l.components.byName[name] != nil {
			return fmt.Sprintf("components.%s.onChange names another file", name)
		}
		return fmt.Sprintf("there is no component %s%s", short(name), l.nearComponent(name))
	case "events":
		return l.whyUnusedEvent(steps, ext)
	case "entities":
		return l.whyUnusedEntity(steps, ext)
	}
	return ""
}

func (l *loader) whyUnusedEvent(steps []string, ext string) string {
	if len(steps) != 3 {
		return "an event's code is expected at events/GROUP/ACTION" + ext
	}
	group := l.groups.byName[steps[1]]
	if group == nil {
		return fmt.Sprintf("events has no group %s%s", short(steps[1]), near(steps[1], names(l.groups.list)))
	}
	if steps[2] == "_timeout" {
		return fmt.Sprintf("events.%s.timeout says something else", steps[1])
	}
	for _, a := range group.all("actions") {
		if a.name == steps[2] {
			return fmt.Sprintf("events.%s.actions.%s.code names another file", steps[1], steps[2])
		}
	}
	return fmt.Sprintf("events.%s has no action %s%s", steps[1], short(steps[2]), near(steps[2], names(group.all("actions"))))
}

func (l *loader) whyUnusedEntity(steps []string, ext string) string {
	if len(steps) != 3 && len(steps) != 4 {
		return fmt.Sprintf("code is expected at entities/TYPE/enter%s, entities/TYPE/leave%s and entities/TYPE/PREFAB/enter%s", ext, ext, ext)
	}
	t, known := world.ParseType(steps[1])
	if !known {
		return fmt.Sprintf("there is no entity type %s%s", short(steps[1]), near(steps[1], typeNames()))
	}
	hooks, last := []string{"enter", "leave"}, steps[len(steps)-1]
	if len(steps) == 4 {
		hooks = hooks[:1]
	}
	switch {
	case !slices.Contains(hooks, last):
		return fmt.Sprintf("only code for %s is looked for in that folder%s", list(hooks), near(last, hooks))
	case len(steps) == 4 && !l.hasPrefab(t, steps[2]):
		return fmt.Sprintf("entities.%s.prefabs does not declare %s%s", t, short(steps[2]), near(steps[2], l.prefabNames(t)))
	default:
		return fmt.Sprintf("the key %s in %s names another file", last, WorldFile)
	}
}

func typeNames() []string {
	var out []string
	for t := range world.TypeCount {
		out = append(out, t.String())
	}
	return out
}

func (l *loader) prefabNames(t world.Type) []string {
	var out []string
	for _, p := range l.out.Schema.Prefabs {
		if p.Type == t {
			out = append(out, p.Name)
		}
	}
	return out
}

func (l *loader) hasPrefab(t world.Type, name string) bool {
	return slices.Contains(l.prefabNames(t), name)
}
