package controllers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/report"
)

// healthy is the report of a map with some players.
func healthy(players int) *report.Status {
	s := &report.Status{Players: players, UptimeSeconds: 60}
	s.Frames = report.FrameStatus{Rate: 60, FPS10: 59.96, P99Ms: 1.2, Busy: 0.02}
	s.Bundle = report.BundleStatus{Wanted: "a", Applied: "a"}
	return s
}

func faulty(message string, ago time.Duration) *report.Status {
	s := healthy(1)
	s.Faults.Total = 3
	s.Faults.Top = []report.Fault{{Fingerprint: message, At: "init.lua:3", Message: message, Count: 3, Last: noon.Add(-ago)}}
	return s
}

func TestDigest(t *testing.T) {
	v := digest(healthy(5), noon)
	if v.players != 5 || v.fps != 60 || v.p99 != 1200*time.Microsecond || v.load != 2 || v.unhealthy.reason+v.slow.reason+v.unsaved.reason != "" {
		t.Errorf("a healthy map is %+v", v)
	}
	slow := healthy(5)
	slow.Frames.FPS10 = 31
	if got := digest(slow, noon).slow; got.reason != "Slow" || !strings.Contains(got.message, "31 of its 60 frames") {
		t.Errorf("a slow map is %+v", got)
	}
	if got := digest(faulty("boom", time.Minute), noon).unhealthy; got != (verdict{"Errors", "init.lua:3: boom"}) {
		t.Errorf("a faulty map is %+v", got)
	}
	if got := digest(faulty("boom", time.Hour), noon).unhealthy; got.reason != "" {
		t.Errorf("an error of an hour ago still counts: %+v", got)
	}
	refused := healthy(1)
	refused.Bundle = report.BundleStatus{Wanted: "b", Applied: "a", Error: "world.yaml:1: no"}
	if got := digest(refused, noon).unhealthy; got.reason != "RevisionRefused" || !strings.Contains(got.message, "world.yaml:1: no") {
		t.Errorf("a refused revision is %+v", got)
	}
}

func TestCompare(t *testing.T) {
	base := digest(healthy(5), noon)
	for name, test := range map[string]struct {
		next *report.Status
		want change
	}{
		"nothing":          {healthy(5), same},
		"a player":         {healthy(6), ordinary},
		"an error":         {faulty("boom", 0), urgent},
		"a frame less":     {func() *report.Status { s := healthy(5); s.Frames.FPS10 = 59.2; return s }(), same},
		"half the speed":   {func() *report.Status { s := healthy(5); s.Frames.FPS10 = 30; return s }(), urgent},
		"a bit more work":  {func() *report.Status { s := healthy(5); s.Frames.P99Ms = 1.9; return s }(), same},
		"much more work":   {func() *report.Status { s := healthy(5); s.Frames.P99Ms = 9; return s }(), ordinary},
		"another revision": {func() *report.Status { s := healthy(5); s.Bundle.Applied = "b"; return s }(), urgent},
		"an unsaved state": {func() *report.Status { s := healthy(5); s.Save.Error = "away"; return s }(), urgent},
	} {
		if got := compare(base, settle(base, digest(test.next, noon))); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func mapKey(n int) types.NamespacedName {
	return types.NamespacedName{Namespace: "game", Name: fmt.Sprintf("map-%03d", n)}
}

func TestWriteQueue(t *testing.T) {
	var q writeQueue
	now := noon
	for n := range 100 {
		q.add(mapKey(n), ordinary)
	}
	q.add(mapKey(99), urgent)
	got := q.due(now)
	if len(got) != writeBurst || got[0] != mapKey(99) {
		t.Fatalf("%d maps are due, %s first", len(got), got[0])
	}
	if more := q.due(now); len(more) != 0 {
		t.Errorf("%d more at once", len(more))
	}
	if more := q.due(now.Add(time.Second)); len(more) != writesASec {
		t.Errorf("%d a second later", len(more))
	}
	now = now.Add(time.Hour)
	if rest := q.due(now); len(rest) != 100-writeBurst-writesASec {
		t.Errorf("%d at the end", len(rest))
	}
	q.add(mapKey(97), ordinary)
	q.add(mapKey(98), urgent)
	if got := q.due(now.Add(urgentGap)); len(got) != 1 || got[0] != mapKey(98) {
		t.Errorf("soon after a write, %v are due", got)
	}
	if got := q.due(now.Add(ordinaryGap)); len(got) != 1 || got[0] != mapKey(97) {
		t.Errorf("later, %v are due", got)
	}
	q.add(mapKey(3), urgent)
	q.forget(mapKey(3))
	if got := q.due(now.Add(time.Hour)); len(got) != 0 {
		t.Errorf("a map that is gone is due: %v", got)
	}
}

func TestReporterNotes(t *testing.T) {
	r := NewReporter(nil)
	r.Now = func() time.Time { return noon }
	key := mapKey(1)
	away := fmt.Errorf("connection refused")
	r.note(key, "pod", nil, away)
	if _, ok := r.vitalsOf(key, "pod"); ok {
		t.Error("a pod that never answered has vitals")
	}
	r.note(key, "pod", healthy(2), nil)
	for range silentAfter {
		r.note(key, "pod", nil, away)
	}
	if v, _ := r.vitalsOf(key, "pod"); v.silent != "connection refused" || v.players != 2 {
		t.Errorf("a silent map is %+v", v)
	}
	r.note(key, "pod", healthy(3), nil)
	if v, _ := r.vitalsOf(key, "pod"); v.silent != "" || v.players != 3 {
		t.Errorf("a map that is back is %+v", v)
	}
	if _, ok := r.vitalsOf(key, "other pod"); ok {
		t.Error("another pod has the vitals of the one before")
	}
	if every := nextPoll(2000, time.Second); every != 3*time.Second {
		t.Errorf("two thousand maps are polled again after %s", every)
	}
}

// TestToldIn checks that what is written into a status is not news to an operator
// that reads it there.
func TestToldIn(t *testing.T) {
	ill := healthy(7)
	ill.Faults = report.FaultStatus{Total: 3, Top: []report.Fault{{Fingerprint: "f", At: "init.lua:1", Message: "boom", Count: 3, First: noon, Last: noon}}}
	ill.Save.Error = "no keeper"
	for _, reported := range []*report.Status{healthy(0), healthy(5), ill} {
		v := digest(reported, noon)
		f := facts()
		f.pods = []corev1.Pod{*planMap(f).create}
		f.vitals, f.bundle.Status.Revision = &v, v.revision.Wanted
		status := statusOf(f, &troubles{})
		if told := toldIn(&status); compare(told, settle(told, v)) != same {
			t.Errorf("%+v\nis news after\n%+v", v, told)
		}
	}
	if got := compare(toldIn(&v1alpha1.GameMapStatus{}), digest(healthy(0), noon)); got != urgent {
		t.Errorf("the first report of all is change %d", got)
	}
}
