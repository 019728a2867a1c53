package controllers

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/report"
)

// running applies a bundle and a map and lets the map run.
func (w *town) running() (m *v1alpha1.GameMap, pod *corev1.Pod, ip string) {
	w.Helper()
	m = meadow("meadow")
	m.Spec.Exposure.PublicHost = "play.example"
	w.apply(duel("duel"), m)
	pod, ip = w.run("meadow")
	w.wants(m, v1alpha1.ConditionReady, "Running")
	w.until("the first report", func() string {
		if _ = w.get("meadow", m); m.Status.FPS != 60 {
			return "there is none"
		}
		return ""
	})
	return m, pod, ip
}

func TestMapRuns(t *testing.T) {
	w := newTown(t)
	m, pod, _ := w.running()
	s := m.Status
	if s.Phase != v1alpha1.PhaseRunning || s.Host != "play.example" || s.Port < 30000 || !strings.HasPrefix(s.URL, "ws://play.example:3") || s.Pod != "meadow-0" {
		t.Errorf("the status is %+v", s)
	}
	if len(s.KeyHash) != 64 {
		t.Errorf("the hash of the key is %q", s.KeyHash)
	}
	spec := pod.Spec
	if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken || !*spec.SecurityContext.RunAsNonRoot || !*spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem {
		t.Error("the pod has rights that it does not need")
	}
	if text := pod.Annotations[annotationLaunch]; !strings.Contains(text, `"tickRate":60`) || strings.Contains(text, "play.example") {
		t.Errorf("the launch file is %s", text)
	}

}

// What the map server reports is in the status, and a new error is an Event.
func TestMapReports(t *testing.T) {
	w := newTown(t)
	m, _, ip := w.running()
	status := healthy(7)
	status.Faults = report.FaultStatus{Total: 2, Top: []report.Fault{{Fingerprint: "f", At: "init.lua:3", Message: "boom", Count: 2, First: time.Now(), Last: time.Now()}}}
	cluster.pods.set(ip, status)
	w.wants(m, v1alpha1.ConditionScriptsHealthy, "Errors", "init.lua:3: boom")
	if m.Status.Players != 7 || m.Status.ScriptErrors.Total != 2 || m.Status.ScriptErrors.Top[0].At != "init.lua:3" {
		t.Errorf("the status is %+v", m.Status)
	}
	w.until("the Event", func() string { return w.missingEvent("ScriptError", "init.lua:3: boom") })
}

func (w *town) missingEvent(reason, text string) string {
	var list eventsv1.EventList
	if err := cluster.client.List(w.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		return err.Error()
	}
	for _, e := range list.Items {
		if e.Reason == reason && strings.Contains(e.Note, text) {
			return ""
		}
	}
	return "there is no Event " + reason + " with " + text
}

// A map that has not changed is reconciled without a write.
func TestUnchangedMapIsNotWritten(t *testing.T) {
	w := newTown(t)
	m, _, _ := w.running()
	w.quiet()
	before := cluster.writes.Load()
	w.change(m, func() { metav1.SetMetaDataAnnotation(&m.ObjectMeta, "example.com/touched", "yes") })
	var seen v1alpha1.GameMap
	w.change(m, func() { metav1.SetMetaDataAnnotation(&m.ObjectMeta, "example.com/touched", "again") })
	w.quiet()
	if err := w.get("meadow", &seen); err != nil {
		t.Fatal(err)
	}
	if n := cluster.writes.Load() - before; n != 0 || seen.ResourceVersion != m.ResourceVersion {
		t.Errorf("the operator wrote %d times", n)
	}
}

// quiet waits until the operator has written nothing for half a second.
func (w *town) quiet() {
	w.Helper()
	last, since := cluster.writes.Load(), time.Now()
	w.until("the operator to be quiet", func() string {
		if now := cluster.writes.Load(); now != last {
			last, since = now, time.Now()
		}
		if time.Since(since) < time.Second/2 {
			return "it writes"
		}
		return ""
	})
}

// An exposure changes the Service only.
func TestExposureChangesInPlace(t *testing.T) {
	w := newTown(t)
	m, pod, _ := w.running()
	port := int32(4567)
	w.change(m, func() {
		m.Spec.Exposure.Type, m.Spec.Exposure.Port = v1alpha1.ExposeClusterIP, &port
		m.Spec.Exposure.PublicHost = ""
	})
	w.until("the new address", func() string {
		_ = w.get("meadow", m)
		if m.Status.Host != "meadow."+w.namespace+".svc" || m.Status.Port != 4567 {
			return m.Status.URL
		}
		return ""
	})
	if now := w.pod("meadow"); now.UID != pod.UID {
		t.Error("the pod was replaced")
	}
	w.change(m, func() { m.Spec.Exposure.Type, m.Spec.Exposure.PublicHost = v1alpha1.ExposeLoadBalancer, "" })
	w.wants(m, v1alpha1.ConditionReachable, "NoAddress", "kubectl describe service")
}

// What the pod is made of replaces it, once the old one has ended.
func TestPodIsReplaced(t *testing.T) {
	w := newTown(t)
	m, pod, _ := w.running()
	rate := int32(30)
	w.change(m, func() { m.Spec.TickRate = &rate })
	w.wants(m, v1alpha1.ConditionReady, "Stopping")
	w.end(pod)
	next, _ := w.run("meadow")
	if next.UID == pod.UID || !strings.Contains(next.Annotations[annotationLaunch], `"tickRate":30`) {
		t.Errorf("the next pod is %s with %s", next.Name, next.Annotations[annotationLaunch])
	}
	w.wants(m, v1alpha1.ConditionReady, "Running")
}

// Scripts change by an annotation, in the same pod; what does not compile never
// reaches it.
func TestScriptsChangeInPlace(t *testing.T) {
	w := newTown(t)
	m, pod, ip := w.running()
	b := duel("duel")
	first := pod.Annotations[annotationWanted]
	w.change(b, func() { b.Spec.Files["init.lua"] = "print('bye')\n" })
	w.until("the annotation", func() string {
		if pod = w.pod("meadow"); pod.Annotations[annotationWanted] == first {
			return "it is " + first
		}
		return ""
	})
	if !strings.HasPrefix(first, "blue/") || !strings.HasPrefix(pod.Annotations[annotationWanted], "green/") {
		t.Errorf("the revisions were %s and %s", first, pod.Annotations[annotationWanted])
	}
	second := pod.Annotations[annotationWanted]
	w.change(b, func() { b.Spec.Files["init.lua"] = "print('oops'\n" })
	w.wants(b, v1alpha1.ConditionCompiled, "CompileFailed", "init.lua:1")
	if !strings.HasSuffix(second, b.Status.Revision) {
		t.Errorf("maps are to run %s, not %s", b.Status.Revision, second)
	}

	// The map refuses to load it: the other slot stays as it is.
	status := healthy(0)
	status.Bundle = report.BundleStatus{Wanted: b.Status.Revision, Applied: strings.TrimPrefix(first, "blue/"), Error: "init.lua:1: no"}
	cluster.pods.set(ip, status)
	w.wants(m, v1alpha1.ConditionScriptsHealthy, "RevisionRefused", "init.lua:1: no")
	w.change(b, func() { b.Spec.Files["init.lua"] = "print('again')\n" })
	w.until("the third revision", func() string {
		pod = w.pod("meadow")
		if got := pod.Annotations[annotationWanted]; got == second || !strings.HasPrefix(got, "green/") {
			return got
		}
		return ""
	})
}

func TestSuspend(t *testing.T) {
	w := newTown(t)
	m, pod, _ := w.running()
	w.change(m, func() { m.Spec.Suspend = true })
	w.end(pod)
	w.until("the end", func() string {
		if _ = w.get("meadow", m); m.Status.Phase != v1alpha1.PhaseSuspended {
			return string(m.Status.Phase)
		}
		return ""
	})
	w.change(m, func() { m.Spec.Suspend = false })
	w.run("meadow")
	w.wants(m, v1alpha1.ConditionReady, "Running")
}

// A map that is deleted stays until its pod has saved.
func TestDeleteWaitsForTheSave(t *testing.T) {
	w := newTown(t)
	m, pod, _ := w.running()
	if err := cluster.client.Delete(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	w.wants(m, v1alpha1.ConditionReady, "Stopping")
	if m.Status.KeyHash == "" {
		t.Error("the gateway cannot know the key while the map saves")
	}
	w.end(pod)
	w.until("the map to go", func() string {
		if err := w.get("meadow", m); !apierrors.IsNotFound(err) {
			return "it is there"
		}
		return ""
	})
}

func TestCrash(t *testing.T) {
	w := newTown(t)
	m, pod, _ := w.running()
	w.kubelet(pod, func() {
		pod.Status.Conditions[0].Status = corev1.ConditionFalse
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: MapServer, RestartCount: 3,
			LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", Message: "mapserver: no world"}}}}
	})
	w.wants(m, v1alpha1.ConditionReady, "Crashing", "code 1 (3 restarts): mapserver: no world")
	w.kubelet(pod, func() {
		pod.Status.ContainerStatuses[0].LastTerminationState.Terminated.Reason = "OOMKilled"
	})
	w.wants(m, v1alpha1.ConditionReady, "Crashing", "raise spec.pod.resources.limits.memory")
	w.kubelet(pod, func() {
		pod.Status.ContainerStatuses[0].State.Waiting = &corev1.ContainerStateWaiting{Reason: "ErrImageNeverPull", Message: "no image"}
	})
	w.wants(m, v1alpha1.ConditionReady, "ImageMissing", "no image")
}

// An older revision is run again when it is asked for, and one that a map cannot load
// is told of by the bundle, too.
func TestRollBack(t *testing.T) {
	w := newTown(t)
	_, pod, ip := w.running()
	b := duel("duel")
	first := pod.Annotations[annotationWanted]
	runs := func(ref string) {
		t.Helper()
		w.until("the pod to be told of "+ref, func() string {
			return strings.TrimPrefix(w.pod("meadow").Annotations[annotationWanted], ref)
		})
	}
	w.change(b, func() { b.Spec.Files["init.lua"] = "print('bye')\n" })
	w.until("another revision", func() string {
		if w.pod("meadow").Annotations[annotationWanted] == first {
			return "it is the first"
		}
		return ""
	})
	second := w.pod("meadow").Annotations[annotationWanted]
	old, latest := strings.TrimPrefix(first, "blue/"), strings.TrimPrefix(second, "green/")

	status := healthy(0)
	status.Bundle = report.BundleStatus{Wanted: latest, Applied: old, Error: "init.lua:1: boom"}
	cluster.pods.set(ip, status)
	w.wants(b, v1alpha1.ConditionReady, "RevisionRefused", "1 of 1 maps cannot load revision "+latest+"; meadow goes on with revision "+old+": init.lua:1: boom")

	w.change(b, func() { b.Spec.Revision = old })
	runs(first)
	status.Bundle = report.BundleStatus{Wanted: old, Applied: old}
	cluster.pods.set(ip, status)
	w.wants(b, v1alpha1.ConditionReady, "Ready", "maps run revision "+old+", as spec.revision asks; the newest files are "+latest)
	if b.Status.Applied != 1 {
		t.Errorf("%d maps run it", b.Status.Applied)
	}
	w.change(b, func() { b.Spec.Files["init.lua"] = "print('third')\n" })
	w.wants(b, v1alpha1.ConditionReady, "Ready", "maps run revision "+old)
	w.change(b, func() { b.Spec.Revision = "0123456789ab" })
	w.wants(b, v1alpha1.ConditionReady, "RevisionUnknown", "it must be "+old+" or "+latest)
	runs(first)
	w.change(b, func() { b.Spec.Revision = "" })
	w.until("the newest", func() string {
		if now := w.pod("meadow").Annotations[annotationWanted]; now == first || now == second {
			return now
		}
		return ""
	})
}

// A GameMap that is deleted and made again has a key of its own from the beginning,
// also while the cluster has not cleared away the one before (here it never does).
func TestMapMadeAgain(t *testing.T) {
	w := newTown(t)
	m, pod, _ := w.running()
	var key corev1.Secret
	if err := w.get(keyName("meadow"), &key); err != nil {
		t.Fatal(err)
	}
	again := &v1alpha1.GameMap{ObjectMeta: metav1.ObjectMeta{Name: "meadow"}, Spec: *m.Spec.DeepCopy()}
	if err := cluster.client.Delete(w.Context(), m); err != nil {
		t.Fatal(err)
	}
	w.end(pod)
	w.until("the map to go", func() string {
		if err := w.get("meadow", m); err == nil {
			return "it is there"
		}
		return ""
	})
	w.apply(again)
	next, _ := w.run("meadow")
	w.wants(again, v1alpha1.ConditionReady, "Running")
	before := string(key.Data[keyFile])
	if err := w.get(keyName("meadow"), &key); err != nil {
		t.Fatal(err)
	}
	if !metav1.IsControlledBy(&key, again) || string(key.Data[keyFile]) == before || again.Status.KeyHash != keyHash(&key) {
		t.Errorf("the map made again has the key of the one before")
	}
	for _, o := range []client.Object{&corev1.Service{}, &policyv1.PodDisruptionBudget{}, &networkingv1.NetworkPolicy{}} {
		if err := w.get("meadow", o); err != nil || !metav1.IsControlledBy(o, again) {
			t.Errorf("its %T is the last one's: %v", o, err)
		}
	}
	if next.UID == pod.UID {
		t.Error("its pod is the last one's")
	}
}
