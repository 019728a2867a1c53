package controllers

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// troubles are what the API server refused; empty if nothing.
type troubles struct {
	exposure, pod verdict
	retry         time.Time
}

func (t *troubles) any() bool { return t.exposure.reason != "" || t.pod.reason != "" }

// statusOf is the status of a map.
func statusOf(f *mapFacts, t *troubles) v1alpha1.GameMapStatus {
	s := *f.m.Status.DeepCopy()
	s.ObservedGeneration = f.m.Generation
	s.KeyHash = keyHash(f.secret)
	s.NextRetry = nil
	if t.any() {
		retry := metav1.NewTime(t.retry.Truncate(time.Second))
		s.NextRetry = &retry
	} else if pod := f.pod(); pod != nil {
		s.NextRetry = restartAt(pod)
	}
	setAddress(&s, f.address())
	setPod(&s, f)
	ready := f.readiness(t)
	s.Phase = f.phase(ready.reason == "")
	s.Conditions = mapConditions(f, t, ready)
	return s
}

func setAddress(s *v1alpha1.GameMapStatus, a address) {
	if a.host == "" {
		s.Host, s.Port, s.URL, s.Ports = "", 0, "", nil
		return
	}
	s.Host, s.Port, s.URL = a.host, a.port, "ws://"+a.String()+"/"
	s.Ports = []v1alpha1.PortStatus{{Name: playersPortName, Port: a.port, Protocol: string(corev1.ProtocolTCP)}}
}

// setPod fills in where the map runs and what its server reports.
func setPod(s *v1alpha1.GameMapStatus, f *mapFacts) {
	pod := f.pod()
	if pod == nil {
		s.Pod, s.PodIP, s.PodUID, s.Node, s.Outdated = "", "", "", "", false
		s.Players, s.FPS, s.FrameP99, s.Load = 0, 0, "", ""
		s.Revision = v1alpha1.RevisionStatus{Wanted: wantedRevision(f)}
		return
	}
	s.Pod, s.PodIP, s.PodUID, s.Node = pod.Name, pod.Status.PodIP, string(pod.UID), pod.Spec.NodeName
	s.Outdated = f.outdated(pod)
	s.Revision.Wanted = wantedRevision(f)
	v := f.vitals
	if v == nil {
		return // as it was: the operator has just started, or the pod has
	}
	s.Players, s.FPS = v.players, v.fps
	s.FrameP99, s.Load = fmt.Sprintf("%.1fms", float64(v.p99)/float64(time.Millisecond)), fmt.Sprintf("%d%%", v.load)
	s.Revision.Applied, s.Revision.Error = v.revision.Applied, ""
	if v.revision.Wanted == s.Revision.Wanted {
		s.Revision.Error = v.revision.Error
	}
	s.ScriptErrors = v.errors
	if v.silent != "" {
		s.FPS, s.FrameP99, s.Load = 0, "", ""
	}
}

func wantedRevision(f *mapFacts) string {
	if f.bundle == nil {
		return f.m.Status.Revision.Wanted
	}
	return f.bundle.Status.Revision
}

// phase sums up.
func (f *mapFacts) phase(ready bool) v1alpha1.Phase {
	pod := f.pod()
	switch {
	case f.m.DeletionTimestamp != nil, pod == nil && len(f.pods) > 0:
		return v1alpha1.PhaseStopping
	case f.m.Spec.Suspend && pod == nil:
		return v1alpha1.PhaseSuspended
	case f.m.Spec.Suspend:
		return v1alpha1.PhaseStopping
	case pod == nil:
		return v1alpha1.PhasePending
	case ready:
		return v1alpha1.PhaseRunning
	default:
		return v1alpha1.PhaseStarting
	}
}

// readiness says why players cannot come in; empty if they can.
func (f *mapFacts) readiness(t *troubles) verdict {
	pod := f.pod()
	switch {
	case f.m.DeletionTimestamp != nil:
		return verdict{"Stopping", "the map is being deleted: it saves and tells its players"}
	case f.m.Spec.Suspend:
		return verdict{"Suspended", "spec.suspend is true: set it to false to start the map"}
	case pod == nil && f.blocker().reason != "":
		return f.blocker()
	case pod == nil && len(f.pods) > 0:
		return verdict{"Stopping", "the last pod saves and ends; a new one follows"}
	case t.pod.reason != "":
		return t.pod
	case pod == nil:
		return verdict{"Starting", "the pod is about to be made"}
	case !podReady(pod) && f.nodeLost():
		return verdict{"NodeLost", "node " + pod.Spec.NodeName + " does not answer: players who are on the map may not notice; if it stays away, the map starts on another node"}
	case !podReady(pod):
		return notReady(pod)
	case t.exposure.reason != "":
		return t.exposure
	case f.address().host == "":
		return verdict{"NoAddress", f.address().missing}
	default:
		return verdict{}
	}
}

// nodeLost tells that the pod's node has not been heard of.
func (f *mapFacts) nodeLost() bool {
	if f.node == nil {
		return false
	}
	for _, c := range f.node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status != corev1.ConditionTrue
		}
	}
	return false
}

func podReady(pod *corev1.Pod) bool {
	return podCondition(pod, corev1.PodReady).Status == corev1.ConditionTrue
}

// podCondition is a condition of a pod, the zero one if it is not there.
func podCondition(pod *corev1.Pod, kind corev1.PodConditionType) corev1.PodCondition {
	for _, c := range pod.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return corev1.PodCondition{}
}

// notReady says why a pod does not let players in.
func notReady(pod *corev1.Pod) verdict {
	if c := podCondition(pod, corev1.PodScheduled); c.Status == corev1.ConditionFalse {
		return verdict{"Unscheduled", brief(c.Message)}
	}
	for _, c := range pod.Status.ContainerStatuses {
		if w := c.State.Waiting; w != nil && strings.Contains(w.Reason, "Image") {
			return verdict{"ImageMissing", brief(w.Reason + ": " + w.Message)}
		} else if w != nil && w.Reason == "CreateContainerConfigError" {
			return verdict{"PodRefused", brief(w.Message)}
		}
		if last := lastEnd(c); last != nil {
			return verdict{"Crashing", brief(crashText(c.RestartCount, last))}
		}
	}
	return verdict{"Starting", "the map server starts"}
}

// backOff is what a kubelet says of a container that it starts again later.
var backOff = regexp.MustCompile(`back-off (\w+) restarting`)

// restartAt is when the node starts a crashed map server again, nil if it does not
// wait.
func restartAt(pod *corev1.Pod) *metav1.Time {
	for _, c := range pod.Status.ContainerStatuses {
		last := c.LastTerminationState.Terminated
		if c.State.Waiting == nil || last == nil {
			continue
		}
		found := backOff.FindStringSubmatch(c.State.Waiting.Message)
		if found == nil {
			continue
		}
		if pause, err := time.ParseDuration(found[1]); err == nil {
			at := metav1.NewTime(last.FinishedAt.Add(pause))
			return &at
		}
	}
	return nil
}

// lastEnd is how a container ended last, nil if it has not.
func lastEnd(c corev1.ContainerStatus) *corev1.ContainerStateTerminated {
	if c.State.Terminated != nil {
		return c.State.Terminated
	}
	return c.LastTerminationState.Terminated
}

func crashText(restarts int32, last *corev1.ContainerStateTerminated) string {
	if last.Reason == "OOMKilled" {
		return fmt.Sprintf("the map server took more memory than it may and was ended (%d times): raise spec.pod.resources.limits.memory, or lower spec.scripts.memory", restarts)
	}
	return fmt.Sprintf("the map server ended with code %d (%d restarts): %s", last.ExitCode, restarts, cmpOr(strings.TrimSpace(last.Message), last.Reason))
}
