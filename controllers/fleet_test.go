package controllers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// arena is a fleet and its maps, written as "0:3" for the map 0 with 3 players;
// "!" behind means not ready, "o" of an older template, "i" with a pod of an older
// image, "r" the same and let go, "g" not looked at since it changed, "d60" draining
// for 60 s more.
func arena(maps string, change func(*v1alpha1.FleetSpec)) *fleetFacts {
	f := &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: "arena", Namespace: "game", UID: "f"}}
	f.Spec.Template.Spec.Bundle = "duel"
	one := int32(1)
	f.Spec.Replicas = &one
	if change != nil {
		change(&f.Spec)
	}
	x := &fleetFacts{f: f, now: noon}
	for _, text := range strings.Fields(maps) {
		var ordinal, players, seconds int
		number, rest, _ := strings.Cut(text, ":")
		_, _ = fmt.Sscan(number, &ordinal)
		digits := strings.TrimRight(rest, "!oirg")
		if i := strings.IndexByte(rest, 'd'); i >= 0 {
			_, _ = fmt.Sscan(rest[i+1:], &seconds)
			digits = strings.TrimRight(rest[:i], "!oirg")
		}
		_, _ = fmt.Sscan(digits, &players)
		m := newMap(f, ordinal)
		m.Status.Players = int32(players)
		c := conditions{}
		c.set(v1alpha1.ConditionReady, !strings.Contains(rest, "!"), "Test", "")
		m.Status.Conditions = c.of
		if strings.Contains(rest, "o") {
			m.Annotations[annotationTemplate] = "older"
		}
		m.Status.PodUID, m.Status.Outdated = "pod", strings.ContainsAny(rest, "ir")
		if strings.Contains(rest, "r") {
			m.Annotations[annotationReplace] = "pod"
		}
		if strings.Contains(rest, "g") {
			m.Generation = 2
		}
		if strings.Contains(rest, "d") {
			m.Annotations[annotationDrain] = noon.Add(time.Duration(seconds) * time.Second).Format(time.RFC3339)
		}
		x.maps = append(x.maps, *m)
	}
	return x
}

// names tells a plan in a line.
func names(p *fleetPlan) string {
	var out []string
	add := func(what string, maps []*v1alpha1.GameMap) {
		for _, m := range maps {
			out = append(out, fmt.Sprintf("%s %d", what, ordinal(m)))
		}
	}
	add("create", p.create)
	add("end", p.end)
	add("update", p.update)
	var draining []*v1alpha1.GameMap
	for m := range p.drain {
		draining = append(draining, m)
	}
	slices.SortFunc(draining, func(a, b *v1alpha1.GameMap) int { return ordinal(a) - ordinal(b) })
	add("drain", draining)
	add("stay", p.stay)
	return strings.Join(out, ", ")
}

func replicas(n int32) func(*v1alpha1.FleetSpec) {
	return func(s *v1alpha1.FleetSpec) { s.Replicas = &n }
}

func TestPlanFleet(t *testing.T) {
	for name, test := range map[string]struct {
		maps   string
		change func(*v1alpha1.FleetSpec)
		want   string
	}{
		"the first maps":                    {"", replicas(3), "create 0, create 1, create 2"},
		"the lowest free ordinals":          {"0: 2: 3:", replicas(5), "create 1, create 4"},
		"ordinals that begin later":         {"", func(s *v1alpha1.FleetSpec) { n := int32(7); s.Ordinals.Start = &n }, "create 7"},
		"as it should be":                   {"0:5 1:", replicas(2), ""},
		"empty maps go first":               {"0: 1:4 2:", replicas(2), "end 2"},
		"one that is not ready goes before": {"0:! 1: 2:", replicas(2), "end 0"},
		"players are waited for":            {"0:3 1:1", replicas(1), "drain 1"},
		"the choice stays":                  {"0:1d30 1:1", replicas(1), "drain 0"},
		"their time is over":                {"0:1d0 1:1", replicas(1), "end 0"},
		"it is needed again":                {"0:1d30 1:1", replicas(2), "stay 0"},
		"an empty map is updated":           {"0:o", nil, "update 0"},
		"one at a time":                     {"0:o 1:o", replicas(2), "update 0"},
		"two at a time": {"0:o 1:o", func(s *v1alpha1.FleetSpec) {
			n, two := int32(2), intstr.FromString("100%")
			s.Replicas, s.Strategy.MaxUnavailable = &n, &two
		}, "update 0, update 1"},
		"not while a new one is not ready": {"0:! 1:o", replicas(2), ""},
		"players drain, with one map more": {"0:2o", nil, "create 1"},
		"players drain, to one map more":   {"0:2o 1:", nil, "drain 0"},
		"not to a map that is not ready":   {"0:2o 1:!", nil, ""},
		"another image":                    {"0:i 1:i", replicas(2), "update 0"},
		"another image, with players":      {"0:3i 1:", nil, "drain 0"},
		"let go, and not replaced yet":     {"0:r 1:i", replicas(2), ""},
		"let go, and not looked at yet":    {"0:g 1:o", replicas(2), ""},
		"no map more":                      {"0:2o", func(s *v1alpha1.FleetSpec) { none := intstr.FromInt32(0); s.Strategy.MaxSurge = &none }, "drain 0"},
		"drained, and updated":             {"0:2od0 1:", nil, "update 0"},
		"nothing is left":                  {"0: 1:", replicas(0), "end 1, end 0"},
	} {
		p := planFleet(arena(test.maps, test.change))
		if diff := cmp.Diff(test.want, names(&p)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestAutoscaling(t *testing.T) {
	two, ten := int32(2), int32(10)
	buffer := func(s *v1alpha1.FleetSpec) { s.Autoscaling = &v1alpha1.AutoscalingSpec{Min: 1, Max: 5, Buffer: &two} }
	per := func(s *v1alpha1.FleetSpec) {
		s.Autoscaling = &v1alpha1.AutoscalingSpec{Min: 1, Max: 5, PlayersPerMap: &ten}
	}
	for name, test := range map[string]struct {
		maps    string
		change  func(*v1alpha1.FleetSpec)
		current int32
		want    int
	}{
		"free maps":         {"0:3 1:4 2:", buffer, 3, 4},
		"at most":           {"0:1 1:1 2:1 3:1 4:1", buffer, 5, 5},
		"players":           {"0:31 1:", per, 2, 4},
		"at least":          {"", per, 0, 1},
		"fewer, in a while": {"0: 1: 2:", per, 3, 3},
	} {
		x := arena(test.maps, test.change)
		x.f.Status.Desired = test.current
		if p := planFleet(x); p.desired != test.want {
			t.Errorf("%s: %d, want %d", name, p.desired, test.want)
		}
	}
	x := arena("0: 1: 2:", per)
	x.f.Status.Desired = 3
	first := planFleet(x)
	if first.shrinkAfter == nil || first.again != time.Minute {
		t.Fatalf("fewer maps are wanted after %v, again in %s", first.shrinkAfter, first.again)
	}
	x.f.Status.ShrinkAfter, x.now = first.shrinkAfter, noon.Add(time.Minute)
	if p := planFleet(x); p.desired != 1 || names(&p) != "end 2, end 1" {
		t.Errorf("after the delay: %d, %s", p.desired, names(&p))
	}
}

// A map with players is never ended before its drain is over, whatever is asked
// for at once.
func TestDrainIsKept(t *testing.T) {
	for _, maps := range []string{"0:1o 1:1o 2:1o", "0:1 1:1o 2:1d5", "0:1! 1:1 2:1"} {
		for n := range int32(3) {
			p := planFleet(arena(maps, replicas(n)))
			if len(p.end)+len(p.update) > 0 {
				t.Errorf("%s to %d: %s", maps, n, names(&p))
			}
		}
	}
}
