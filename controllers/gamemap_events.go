package controllers

import (
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

const (
	// tellAgain is how long the same error of a map is not told again as an Event.
	tellAgain = 10 * time.Minute
	// maxTold bounds the Events of one map within that time.
	maxTold = 25
)

// tell writes Events of what is new in a map's status.
func (r *GameMapReconciler) tell(was *v1alpha1.GameMapStatus, m *v1alpha1.GameMap, now time.Time) {
	is := &m.Status
	for _, e := range is.ScriptErrors.Top {
		if now.Sub(e.Last.Time) < tellAgain && !slices.ContainsFunc(was.ScriptErrors.Top, func(o v1alpha1.ScriptError) bool { return o.Fingerprint == e.Fingerprint && o.Count == e.Count }) && r.told.tell(client.ObjectKeyFromObject(m), e.Fingerprint, now) {
			r.Events.Eventf(m, nil, corev1.EventTypeWarning, "ScriptError", "RunScripts", "%s", note(errorText(e.At, e.Message)))
		}
	}
	if is.Revision.Applied != was.Revision.Applied && was.Revision.Applied != "" && is.Revision.Applied != "" {
		r.Events.Eventf(m, nil, corev1.EventTypeNormal, "ScriptsSwapped", "Reload", "the map runs revision %s", is.Revision.Applied)
	}
	r.tellCondition(was, m, v1alpha1.ConditionReady, map[string]bool{"Crashing": true, "ImageMissing": true, "PodRefused": true, "Unscheduled": true})
	r.tellCondition(was, m, v1alpha1.ConditionAccepted, map[string]bool{"IDConflict": true, "BundleMissing": true, "BundleNotReady": true, "UnknownNeighbour": true})
	r.tellCondition(was, m, v1alpha1.ConditionReachable, map[string]bool{"PortTaken": true, "ExposureFailed": true})
	r.tellCondition(was, m, v1alpha1.ConditionScriptsHealthy, map[string]bool{"RevisionRefused": true, "Quarantined": true})
	r.tellCondition(was, m, v1alpha1.ConditionSaved, map[string]bool{"SaveFailed": true})
	r.tellCondition(was, m, v1alpha1.ConditionTickHealthy, map[string]bool{"Slow": true})
}

// tellCondition tells that a condition has taken one of some reasons.
func (r *GameMapReconciler) tellCondition(was *v1alpha1.GameMapStatus, m *v1alpha1.GameMap, kind string, reasons map[string]bool) {
	reason := reasonOf(m.Status.Conditions, kind)
	if reasons[reason] && reason != reasonOf(was.Conditions, kind) {
		r.Events.Eventf(m, nil, corev1.EventTypeWarning, reason, kind, "%s", note(conditionText(m.Status.Conditions, kind)))
	}
}

// tellings remembers what has been told of each map, so that an error that comes
// sixty times a second is one Event. The zero value remembers nothing.
type tellings struct {
	mu sync.Mutex
	at map[types.NamespacedName]map[string]time.Time
}

// tell says whether to tell of something now.
func (t *tellings) tell(key types.NamespacedName, what string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil {
		t.at = make(map[types.NamespacedName]map[string]time.Time)
	}
	told := t.at[key]
	if told == nil {
		told = make(map[string]time.Time)
		t.at[key] = told
	}
	for old, at := range told {
		if now.Sub(at) >= tellAgain {
			delete(told, old)
		}
	}
	if _, ok := told[what]; ok || len(told) >= maxTold {
		return false
	}
	told[what] = now
	return true
}

func (t *tellings) forget(key types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.at, key)
}
