//go:build scale

package scale

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// TestScale is the life of many maps: made, at rest, busy, with new scripts, with a
// new operator, deleted.
func TestScale(t *testing.T) {
	r := newRig(t)
	defer r.table()
	kubeconfig := r.buildOperator()
	r.startOperator(kubeconfig)
	t.Cleanup(func() {
		if r.operator != nil {
			_ = r.operator.cmd.Process.Kill()
			_ = r.operator.cmd.Wait()
		}
	})
	revision := r.bundle()
	r.create()
	r.settle("the first reports in all statuses", revision)
	r.rest()
	r.busy()
	revision = r.newScripts()
	r.restart(kubeconfig, revision)
	r.deleteAll()
	r.stopOperator()
	_, failed := r.kubelet.meanStart()
	for _, err := range failed {
		t.Error("the fake kubelet: ", err)
	}
}

func mapName(i int) string { return fmt.Sprintf("map-%05d", i) }

// bundle makes the game that all maps run, and returns its revision.
func (r *rig) bundle() (revision string) {
	r.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	b := &v1alpha1.ScriptBundle{
		ObjectMeta: metav1.ObjectMeta{Name: "game", Namespace: namespace},
		Spec:       v1alpha1.ScriptBundleSpec{Files: map[string]string{"world.yaml": "use: [move]\n", "init.lua": "print('hello')\n"}},
	}
	for _, o := range []client.Object{ns, b} {
		if err := r.client.Create(r.Context(), o); err != nil {
			r.Fatal(err)
		}
	}
	return r.revisionAfter("")
}

// revisionAfter waits until the bundle has another revision.
func (r *rig) revisionAfter(before string) string {
	r.Helper()
	var b v1alpha1.ScriptBundle
	r.until("the bundle to compile", func() string {
		err := r.client.Get(r.Context(), client.ObjectKey{Namespace: namespace, Name: "game"}, &b)
		return cond(err != nil || b.Status.Revision == before, fmt.Sprint(err, b.Status.Conditions))
	})
	return b.Status.Revision
}

// create makes all maps, and waits until players could come in.
func (r *rig) create() {
	r.Helper()
	before := r.sample()
	begin := time.Now()
	r.parallel(r.n, func(ctx context.Context, i int) error {
		return r.client.Create(ctx, &v1alpha1.GameMap{
			ObjectMeta: metav1.ObjectMeta{Name: mapName(i), Namespace: namespace}, Spec: v1alpha1.GameMapSpec{Bundle: "game"},
		})
	})
	created := time.Since(begin)
	r.until("all maps to be ready", func() string {
		n := r.maps.count(isReady)
		return cond(n < r.n, fmt.Sprintf("%d of %d are", n, r.n))
	})
	took := time.Since(begin)
	used := r.sample().since(before)
	r.measure("create: kubectl's share", created.Seconds(), none, "s")
	r.measure("create: until all are Ready", took.Seconds(), r.ofThousand(120), "s")
	kubelet, _ := r.kubelet.meanStart()
	r.measure("create: fake kubelet, a pod", kubelet.Seconds()*1000, none, "ms")
	r.perMap("create", used)
	r.shares("create", used, took)
}

// perMap tells what the operator asked of the API server for each map.
func (r *rig) perMap(step string, used sample) {
	n := float64(r.n)
	r.measure(step+": writes of a map", used.writes()/n, none, "")
	for _, verb := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		r.measure("  of these "+verb, used.calls[verb]/n, none, "")
	}
	r.measure("  of these refused", used.refused/n, none, "")
	r.measure(step+": reads of a map", used.calls["GET"]/n, none, "")
	r.measure(step+": reconciles of a map", used.reconciles/n, none, "")
}

// shares tells who used the CPU.
func (r *rig) shares(step string, used sample, took time.Duration) {
	r.measure(step+": operator", 100*used.cpu/took.Seconds(), none, "% of a core")
	r.measure(step+": API server", 100*used.server/took.Seconds(), none, "% of a core")
	r.measure(step+": etcd", 100*used.store/took.Seconds(), none, "% of a core")
	r.measure(step+": simulation", 100*used.own/took.Seconds(), none, "% of a core")
	r.measure(step+": memory of the operator", used.rss, none, "MiB")
}

// settle waits until the operator has nothing more to do.
func (r *rig) settle(what, revision string) time.Duration {
	r.Helper()
	return r.until(what, func() string {
		n := r.maps.count(runs(revision))
		queued := r.sample().queued
		return cond(n < r.n || queued > 0, fmt.Sprintf("%d of %d maps say that they run %s, %g wait", n, r.n, revision, queued))
	})
}

// newScripts changes the bundle.
func (r *rig) newScripts() (revision string) {
	r.Helper()
	old := r.revisionAfter("")
	before := r.sample()
	begin := time.Now()
	b := &v1alpha1.ScriptBundle{ObjectMeta: metav1.ObjectMeta{Name: "game", Namespace: namespace}}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"files":{"init.lua":"print('hello again')\n"}}}`))
	if err := r.client.Patch(r.Context(), b, patch); err != nil {
		r.Fatal(err)
	}
	revision = r.revisionAfter(old)
	r.until("all pods to be told of the new revision", func() string {
		n := r.kubelet.notRunning(revision)
		return cond(n > 0, fmt.Sprintf("%d are not", n))
	})
	r.measure("scripts: until all pods are told", time.Since(begin).Seconds(), r.ofThousand(30), "s")
	r.settle("all statuses to tell of the new revision", revision)
	took := time.Since(begin)
	r.measure("scripts: until all statuses say so", took.Seconds(), r.ofThousand(120), "s")
	used := r.sample().since(before)
	r.perMap("scripts", used)
	r.shares("scripts", used, took)
	return revision
}

// restart ends the operator and starts another one.
func (r *rig) restart(kubeconfig, revision string) {
	r.Helper()
	r.measure("memory of the operator, peak", r.sample().peak, r.ofThousand(300), "MiB")
	r.stopOperator()
	r.startOperator(kubeconfig)
	r.until("the operator to have asked all maps", func() string {
		s := r.sample()
		return cond(s.polls < float64(r.n) || s.reconciles < float64(r.n) || s.queued > 0, fmt.Sprintf("%g polls, %g reconciles, %g wait", s.polls, s.reconciles, s.queued))
	})
	r.settle("the operator to be idle", revision)
	s := r.sample()
	r.measure("restart: until it has caught up", time.Since(r.operator.begun).Seconds(), r.ofThousand(30), "s")
	r.measure("restart: writes", s.writes(), 10, "")
	r.measure("restart: memory of the operator, peak", s.peak, r.ofThousand(300), "MiB")
}

// deleteAll deletes the maps.
func (r *rig) deleteAll() {
	r.Helper()
	before := r.sample()
	begin := time.Now()
	r.parallel(r.n, func(ctx context.Context, i int) error {
		return r.client.Delete(ctx, &v1alpha1.GameMap{ObjectMeta: metav1.ObjectMeta{Name: mapName(i), Namespace: namespace}})
	})
	r.measure("delete: kubectl's share", time.Since(begin).Seconds(), none, "s")
	r.until("all maps to be gone", func() string {
		n := r.maps.count(func(*v1alpha1.GameMap) bool { return true })
		return cond(n > 0, fmt.Sprintf("%d are left", n))
	})
	took := time.Since(begin)
	r.measure("delete: until all are gone", took.Seconds(), r.ofThousand(60), "s")
	used := r.sample().since(before)
	r.perMap("delete", used)
	r.shares("delete", used, took)
	r.measure("delete: maps that did not wait for their server to save", float64(r.events("SaveUncertain")), 0, "")
}

// events counts the Events of a reason.
func (r *rig) events(reason string) (n int) {
	r.Helper()
	var list eventsv1.EventList
	if err := r.client.List(r.Context(), &list, client.InNamespace(namespace)); err != nil {
		r.Fatal(err)
	}
	for i := range list.Items {
		if list.Items[i].Reason == reason {
			n++
		}
	}
	return n
}
