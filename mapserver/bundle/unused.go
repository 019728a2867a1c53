package bundle

import (
	"fmt"
	"path"
	"strings"
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
	steps := strings.Split(strings.TrimSuffix(p, path.Ext(p)), "/")
	switch steps[0] {
	case "components":
		name := strings.Join(steps[1:], "/")
		if l.components.byName[name] != nil {
			return fmt.Sprintf("components.%s.onChange names another file", name)
		}
		return fmt.Sprintf("there is no component %s%s", short(name), l.nearComponent(name))
	case "events":
		return l.whyUnusedEvent(steps)
	case "entities":
		return "entities/TYPE/enter, entities/TYPE/leave and, for prefabs declared in " + WorldFile +
			", entities/TYPE/PREFAB/enter are run without being named there, unless another file is named"
	}
	return ""
}

func (l *loader) whyUnusedEvent(steps []string) string {
	if len(steps) != 3 {
		return "an event's code is expected at events/GROUP/ACTION" + path.Ext(steps[len(steps)-1])
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
