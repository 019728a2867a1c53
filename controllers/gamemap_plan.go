package controllers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/slot"
)

// mapFacts is all that is decided on for one map.
type mapFacts struct {
	m        *v1alpha1.GameMap
	settings Settings
	now      time.Time
	// holder is the GameMap that has the same id and had it first, "" for none.
	holder string
	// strangers are the neighbours, by side, that no GameMap is.
	strangers map[string]string
	bundle    *v1alpha1.ScriptBundle
	pods      []corev1.Pod // the map's, in the order of their names
	service   *corev1.Service
	secret    *corev1.Secret
	budget    *policyv1.PodDisruptionBudget
	policy    *networkingv1.NetworkPolicy
	node      *corev1.Node // of the pod
	vitals    *vitals      // of the pod's map server; nil before its first report
}

// mapPlan is what is to be done for one map.
type mapPlan struct {
	// secret, service, budget and policy are as they should be; nil for none.
	secret  *corev1.Secret
	service *corev1.Service
	budget  *policyv1.PodDisruptionBudget
	policy  *networkingv1.NetworkPolicy
	// create is a pod to make.
	create *corev1.Pod
	// end are pods to delete, and why.
	end []ending
	// replace is a pod to delete when it is the map's turn: the operator's settings
	// have changed, for all maps at once.
	replace *ending
	// annotate is what to change in the annotations of the running pod.
	annotate map[string]string
	// again is when to look once more, 0 for when something happens.
	again time.Duration
}

// ending is a pod that is to go.
type ending struct {
	pod    *corev1.Pod
	reason string
	text   string
}

// blocker says why a map cannot have a pod; empty if it can.
func (f *mapFacts) blocker() verdict {
	switch {
	case f.holder != "":
		return verdict{"IDConflict", fmt.Sprintf("the GameMap %s has the id %q, too, and had it first: give one of them another spec.id", f.holder, f.m.MapID())}
	case f.m.Spec.Bundle == "":
		return verdict{"BundleMissing", "spec.bundle is empty: name the ScriptBundle that the map is to run"}
	case f.bundle == nil:
		return verdict{"BundleMissing", fmt.Sprintf("there is no ScriptBundle %s in the namespace %s: apply it, or change spec.bundle", f.m.Spec.Bundle, f.m.Namespace)}
	case f.bundle.Status.Revision == "":
		why := conditionText(f.bundle.Status.Conditions, v1alpha1.ConditionCompiled)
		if why == "" {
			return verdict{"BundlePending", "the ScriptBundle " + f.bundle.Name + " is about to be compiled"}
		}
		return verdict{"BundleNotReady", brief("the ScriptBundle " + f.bundle.Name + " cannot run: " + why)}
	default:
		return verdict{}
	}
}

// pod is the map's pod that is not on its way out, nil if there is none. Of several,
// which somebody has made by force, it is the one that was known before.
func (f *mapFacts) pod() (first *corev1.Pod) {
	for i := range f.pods {
		p := &f.pods[i]
		if p.DeletionTimestamp != nil {
			continue
		}
		if first == nil || string(p.UID) == f.m.Status.PodUID {
			first = p
		}
	}
	return first
}

// planMap decides what is to be done for a map that is not being deleted.
func planMap(f *mapFacts) mapPlan {
	p := mapPlan{secret: f.secret, service: serviceFor(f.m), budget: budgetFor(f.m, f.players()), policy: policyFor(f.m, f.settings)}
	if p.secret == nil {
		p.secret = secretFor(f.m)
	}
	blocked := f.blocker().reason != ""
	pod := f.pod()
	for i := range f.pods {
		if other := &f.pods[i]; other.DeletionTimestamp == nil && other != pod {
			p.end = append(p.end, ending{other, "PodSurplus", "a map has one pod, and this is another one"})
		}
	}
	switch {
	case f.m.Spec.Suspend && pod != nil:
		p.end = append(p.end, ending{pod, "Suspended", "spec.suspend is true: the map is saved and stopped"})
	case f.holder != "" && pod != nil:
		p.end = append(p.end, ending{pod, "IDConflict", f.blocker().message})
	case f.m.Spec.Suspend || blocked:
		// A map that runs goes on without its bundle.
	case pod == nil:
		p.planCreate(f)
	default:
		p.planRunning(f, pod)
	}
	return p
}

// planCreate makes a pod once the last one is gone: two servers of one map would
// take turns in fencing each other. One that does not go, on a node that is lost,
// is not waited for longer than it may take.
func (p *mapPlan) planCreate(f *mapFacts) {
	if keyHash(f.secret) == "" || f.m.Status.KeyHash != keyHash(f.secret) {
		return // the gateway must know the key first: the status is about to say it
	}
	for i := range f.pods {
		if ended(&f.pods[i]) {
			continue // what is left of it is for the kubelet to clear away
		}
		if left := f.pods[i].DeletionTimestamp.Add(stopExtra).Sub(f.now); left > 0 { // the time in it is when the kubelet stops waiting
			p.again = left
			return
		}
	}
	p.create = podFor(f.m, f.bundle, f.settings, podName(f))
	maps.Copy(p.create.Annotations, f.live())
}

// ended tells whether nothing of a pod runs any more.
func ended(pod *corev1.Pod) bool {
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return true
	}
	running := func(c corev1.ContainerStatus) bool { return c.State.Terminated == nil }
	return len(pod.Status.ContainerStatuses) > 0 && !slices.ContainsFunc(pod.Status.ContainerStatuses, running)
}

// podName is the first name that no pod has. A cache that does not know of a pod
// yet leads to its name again, and the API server refuses the second one.
func podName(f *mapFacts) string {
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s-%d", f.m.Name, n)
		if !slices.ContainsFunc(f.pods, func(p corev1.Pod) bool { return p.Name == name }) {
			return name
		}
	}
}

// live are the annotations of a pod that change while it runs.
func (f *mapFacts) live() map[string]string {
	return map[string]string{
		annotationWanted: slot.Ref{Slot: string(f.bundle.Status.Slot), Revision: f.bundle.Status.Revision}.String(),
		annotationDrain:  f.m.Annotations[annotationDrain],
	}
}

func (p *mapPlan) planRunning(f *mapFacts, pod *corev1.Pod) {
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		p.end = append(p.end, ending{pod, "PodEnded", "the pod has ended and is replaced: " + cmpOr(pod.Status.Message, pod.Status.Reason, "no reason is given")})
		return
	}
	if f.outdated(pod) {
		ended := ending{pod, "PodChanged", "the map is saved and starts again with its new settings"}
		switch {
		case pod.Annotations[annotationSpec] != specHash(f.m, f.bundle):
			p.end = append(p.end, ended)
			return
		case f.m.Labels[labelFleet] == "":
			p.replace = &ended
		case f.m.Annotations[annotationReplace] == string(pod.UID):
			p.end = append(p.end, ended)
			return
		}
	}
	p.annotate = map[string]string{}
	if f.lagging() {
		p.annotate[annotationRefresh] = f.now.UTC().Truncate(refreshEvery).Format(time.RFC3339)
		p.again = refreshEvery
	}
	for name, value := range f.live() {
		if pod.Annotations[name] != value {
			p.annotate[name] = value
		}
	}
}

// outdated tells whether a pod is not what would be made now.
func (f *mapFacts) outdated(pod *corev1.Pod) bool {
	return f.bundle != nil && !sameSeal(pod, podFor(f.m, f.bundle, f.settings, pod.Name))
}

// refreshEvery is how often the kubelet is made to look at a pod's volumes.
const refreshEvery = 5 * time.Second

// lagging tells that the map server knows which revision it is to run, and that the
// kubelet has not brought it: its own look at ConfigMaps may be a minute away.
func (f *mapFacts) lagging() bool {
	v, wanted := f.vitals, f.bundle.Status.Revision
	return v != nil && v.silent == "" && v.revision.Error == "" && v.revision.Wanted == wanted && v.revision.Applied != wanted
}

func (f *mapFacts) players() int32 {
	if f.vitals != nil {
		return f.vitals.players
	}
	return f.m.Status.Players
}

// cmpOr is the first text that is not empty.
func cmpOr(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
