package controllers

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// annotationTemplate of a fleet's map is the hash of the template that it has.
const annotationTemplate = "overworld.dev/template"

// fleetFacts is all that is decided on for one fleet.
type fleetFacts struct {
	f    *v1alpha1.Fleet
	maps []v1alpha1.GameMap // the fleet's, by ordinal
	now  time.Time
}

// fleetPlan is what is to be done for one fleet.
type fleetPlan struct {
	// create are maps to make, end those to delete.
	create []*v1alpha1.GameMap
	end    []*v1alpha1.GameMap
	// update are maps to give the newest template.
	update []*v1alpha1.GameMap
	// place are maps to tell of another placement.
	place []*v1alpha1.GameMap
	// drain are maps whose players are to leave, and until when; stay are maps that
	// need not drain any more.
	drain map[*v1alpha1.GameMap]time.Time
	stay  []*v1alpha1.GameMap

	desired     int
	shrinkAfter *metav1.Time
	// again is when to look once more, 0 for when something happens.
	again time.Duration
}

// planFleet decides what is to be done for a fleet.
func planFleet(x *fleetFacts) fleetPlan {
	p := fleetPlan{drain: map[*v1alpha1.GameMap]time.Time{}}
	p.planScale(x)
	hash := templateHash(x.f)
	var there, outdated []*v1alpha1.GameMap
	for i := range x.maps {
		if m := &x.maps[i]; m.DeletionTimestamp == nil {
			there = append(there, m)
			if isOutdated(m, hash) && !isReplaced(m, hash) {
				outdated = append(outdated, m)
			}
		}
	}
	want := p.desired + surge(x.f, p.desired, outdated)
	p.create = newMaps(x, want-len(there))
	leaving := map[*v1alpha1.GameMap]bool{}
	for _, m := range surplus(there, hash, len(there)-want) {
		leaving[m] = true
		if p.drained(x, m) {
			p.end = append(p.end, m)
		}
	}
	outdated = slices.DeleteFunc(outdated, func(m *v1alpha1.GameMap) bool { return leaving[m] })
	p.planUpdates(x, outdated, budget(x.f, p.desired, there, hash))
	for _, m := range there {
		if m.Annotations[v1alpha1.AnnotationPlacement] != string(x.f.Spec.Placement) {
			p.place = append(p.place, m)
		}
		_, drains := p.drain[m]
		if m.Annotations[annotationDrain] != "" && !drains && !leaving[m] && !slices.Contains(p.update, m) {
			p.stay = append(p.stay, m)
		}
	}
	return p
}

// planUpdates gives outdated maps the newest template: as many at once as may be
// away, empty ones first.
func (p *fleetPlan) planUpdates(x *fleetFacts, outdated []*v1alpha1.GameMap, room int) {
	slices.SortStableFunc(outdated, func(a, b *v1alpha1.GameMap) int {
		return cmp.Or(cmp.Compare(drainRank(a), drainRank(b)), cmp.Compare(a.Status.Players, b.Status.Players))
	})
	for _, m := range outdated[:min(room, len(outdated))] {
		if m.Status.Players > 0 && len(p.create) > 0 {
			continue // there must be somewhere to go first
		}
		if p.drained(x, m) {
			p.update = append(p.update, m)
		}
	}
}

// drainRank puts maps that drain already first, so that the choice stays.
func drainRank(m *v1alpha1.GameMap) int {
	if m.Annotations[annotationDrain] != "" {
		return 0
	}
	return 1
}

// drained tells whether a map may go: nobody is on it, or its players have had
// their time. Otherwise it drains.
func (p *fleetPlan) drained(x *fleetFacts, m *v1alpha1.GameMap) bool {
	if m.Status.Players == 0 {
		return true
	}
	until, err := time.Parse(time.RFC3339, m.Annotations[annotationDrain])
	if err != nil {
		until = x.now.Add(drainSeconds(x.f)).Truncate(time.Second)
	}
	left := until.Sub(x.now)
	if left <= 0 {
		return true
	}
	p.drain[m] = until
	p.soon(left)
	return false
}

func (p *fleetPlan) soon(d time.Duration) {
	if p.again == 0 || d < p.again {
		p.again = d
	}
}

func drainSeconds(f *v1alpha1.Fleet) time.Duration {
	if s := f.Spec.Strategy.DrainSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return 300 * time.Second
}

// surplus are the maps of which there are too many: those first that nobody
// misses.
func surplus(there []*v1alpha1.GameMap, hash string, n int) []*v1alpha1.GameMap {
	if n <= 0 {
		return nil
	}
	sorted := slices.Clone(there)
	slices.SortStableFunc(sorted, func(a, b *v1alpha1.GameMap) int {
		return cmp.Or(
			cmp.Compare(rank(a, hash), rank(b, hash)),
			cmp.Compare(drainRank(a), drainRank(b)),
			cmp.Compare(a.Status.Players, b.Status.Players),
			cmp.Compare(ordinal(b), ordinal(a)),
		)
	})
	return sorted[:min(n, len(sorted))]
}

// rank orders maps by how little they are missed.
func rank(m *v1alpha1.GameMap, hash string) int {
	switch {
	case m.Status.Players > 0:
		return 3
	case !isTrue(m.Status.Conditions, v1alpha1.ConditionReady):
		return 0
	case isOutdated(m, hash):
		return 1
	default:
		return 2
	}
}

// surge is how many maps more than desired there may be: as many as have players
// and wait for the newest template.
func surge(f *v1alpha1.Fleet, desired int, outdated []*v1alpha1.GameMap) int {
	busy := 0
	for _, m := range outdated {
		if m.Status.Players > 0 {
			busy++
		}
	}
	return min(busy, share(f.Spec.Strategy.MaxSurge, desired, 1))
}

// budget is how many maps more may be taken away for an update: those of the
// newest template that are not ready count, so a template that does not work
// stops the update by itself.
func budget(f *v1alpha1.Fleet, desired int, there []*v1alpha1.GameMap, hash string) int {
	room := max(1, share(f.Spec.Strategy.MaxUnavailable, desired, 1))
	for _, m := range there {
		if isReplaced(m, hash) || !isOutdated(m, hash) && !isUp(m) {
			room--
		}
	}
	return max(0, room)
}

// isOutdated tells whether a map has an older template, or its pod older settings of
// the operator.
func isOutdated(m *v1alpha1.GameMap, hash string) bool {
	return m.Annotations[annotationTemplate] != hash || m.Status.Outdated
}

// isReplaced tells whether a map that is outdated has been let go already.
func isReplaced(m *v1alpha1.GameMap, hash string) bool {
	return m.Annotations[annotationTemplate] == hash && m.Status.Outdated && m.Annotations[annotationReplace] == m.Status.PodUID
}

// isUp tells whether players may come to a map, as it is now.
func isUp(m *v1alpha1.GameMap) bool {
	return m.Status.ObservedGeneration >= m.Generation && isTrue(m.Status.Conditions, v1alpha1.ConditionReady)
}

// share is a number or a share of all, rounded up.
func share(v *intstr.IntOrString, all, standard int) int {
	if v == nil {
		return standard
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(v, all, true)
	if err != nil {
		return standard
	}
	return n
}

// newMaps are n maps of the newest template, with the lowest ordinals that are
// free.
func newMaps(x *fleetFacts, n int) []*v1alpha1.GameMap {
	taken := map[int]bool{}
	for i := range x.maps {
		taken[ordinal(&x.maps[i])] = true
	}
	start := 0
	if s := x.f.Spec.Ordinals.Start; s != nil {
		start = int(*s)
	}
	var out []*v1alpha1.GameMap
	for o := start; len(out) < n; o++ {
		if !taken[o] {
			out = append(out, newMap(x.f, o))
		}
	}
	return out
}

func newMap(f *v1alpha1.Fleet, ordinal int) *v1alpha1.GameMap {
	m := &v1alpha1.GameMap{ObjectMeta: metav1.ObjectMeta{
		Name: fmt.Sprintf("%s-%d", f.Name, ordinal), Namespace: f.Namespace, OwnerReferences: ownedBy(f, "Fleet"),
	}}
	fromTemplate(m, f)
	return m
}

// fromTemplate gives a map the newest template of its fleet.
func fromTemplate(m *v1alpha1.GameMap, f *v1alpha1.Fleet) {
	if m.Labels == nil {
		m.Labels = map[string]string{}
	}
	if m.Annotations == nil {
		m.Annotations = map[string]string{}
	}
	maps.Copy(m.Labels, f.Spec.Template.Metadata.Labels)
	maps.Copy(m.Annotations, f.Spec.Template.Metadata.Annotations)
	m.Labels[labelFleet], m.Labels[labelManagedBy] = f.Name, ManagedBy
	m.Annotations[annotationTemplate] = templateHash(f)
	m.Annotations[v1alpha1.AnnotationPlacement] = string(f.Spec.Placement)
	if m.Status.PodUID != "" {
		m.Annotations[annotationReplace] = m.Status.PodUID
	}
	delete(m.Annotations, annotationDrain)
	m.Spec = *f.Spec.Template.Spec.DeepCopy()
}

func templateHash(f *v1alpha1.Fleet) string { return hashOf(f.Spec.Template) }

// ordinal is the number in the name of a fleet's map.
func ordinal(m *v1alpha1.GameMap) int {
	n, err := strconv.Atoi(m.Name[strings.LastIndexByte(m.Name, '-')+1:])
	if err != nil {
		return -1
	}
	return n
}
