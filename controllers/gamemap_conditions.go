package controllers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// mapConditions are the conditions of a map; ready says why it is not ready.
func mapConditions(f *mapFacts, t *troubles, ready verdict) []metav1.Condition {
	c := conditions{of: slices.Clone(f.m.Status.Conditions), generation: f.m.Generation}
	c.judge(v1alpha1.ConditionReady, ready, "Running", "players may come in")
	setAccepted(&c, f)
	setScheduled(&c, f, t)
	setReachable(&c, f, t)
	setReported(&c, f)
	return c.of
}

// judge sets a condition to what is wrong, or to True.
func (c *conditions) judge(kind string, v verdict, reason, message string) {
	if v.reason != "" {
		c.set(kind, false, v.reason, v.message)
		return
	}
	c.set(kind, true, reason, message)
}

func setAccepted(c *conditions, f *mapFacts) {
	v := f.blocker()
	if v.reason == "" && len(f.strangers) > 0 {
		v = verdict{"UnknownNeighbour", strangersText(f.strangers)}
	}
	c.judge(v1alpha1.ConditionAccepted, v, "Accepted", "all that the map needs is there")
}

func strangersText(strangers map[string]string) string {
	var parts []string
	for _, side := range slices.Sorted(maps.Keys(strangers)) {
		parts = append(parts, fmt.Sprintf("%s is %q", side, strangers[side]))
	}
	return "no GameMap has the id of a neighbour: " + strings.Join(parts, ", ") + "; that side leads nowhere until there is one"
}

func setScheduled(c *conditions, f *mapFacts, t *troubles) {
	pod := f.pod()
	switch {
	case pod == nil && t.pod.reason != "":
		c.set(v1alpha1.ConditionScheduled, false, t.pod.reason, t.pod.message)
	case pod == nil:
		c.set(v1alpha1.ConditionScheduled, false, "NoPod", "the map has no pod now")
	case pod.Spec.NodeName != "":
		c.set(v1alpha1.ConditionScheduled, true, "Scheduled", "the map runs on node "+pod.Spec.NodeName)
	default:
		s := podCondition(pod, corev1.PodScheduled)
		c.set(v1alpha1.ConditionScheduled, false, cmpOr(s.Reason, "Waiting"), cmpOr(brief(s.Message), "the scheduler has not looked at the pod yet"))
	}
}

func setReachable(c *conditions, f *mapFacts, t *troubles) {
	a := f.address()
	switch {
	case t.exposure.reason != "":
		c.set(v1alpha1.ConditionReachable, false, t.exposure.reason, t.exposure.message)
	case a.host == "":
		c.set(v1alpha1.ConditionReachable, false, "NoAddress", a.missing)
	default:
		c.set(v1alpha1.ConditionReachable, true, "Reachable", "players connect to "+a.String())
	}
}

// setReported sets what only the map server knows.
func setReported(c *conditions, f *mapFacts) {
	v := f.vitals
	kinds := []string{v1alpha1.ConditionScriptsHealthy, v1alpha1.ConditionTickHealthy, v1alpha1.ConditionSaved}
	if f.pod() == nil || (v != nil && v.silent != "") {
		text := "the map server does not run"
		if f.pod() != nil {
			text = "the map server does not tell how it is: " + v.silent
		}
		for _, kind := range kinds {
			c.unknown(kind, "Unknown", text)
		}
		return
	}
	if v == nil {
		for _, kind := range kinds {
			if reasonOf(c.of, kind) == "" {
				c.unknown(kind, "Unknown", "the map server has not told yet how it is")
			}
		}
		return
	}
	c.judge(v1alpha1.ConditionScriptsHealthy, v.unhealthy, "Healthy", "no script has failed lately")
	c.judge(v1alpha1.ConditionTickHealthy, v.slow, "Healthy", "the map makes its frames")
	if keep := f.m.Spec.Persistence.Enabled; keep != nil && !*keep {
		c.set(v1alpha1.ConditionSaved, true, "NotPersistent", "spec.persistence.enabled is false: nothing is kept")
		return
	}
	c.judge(v1alpha1.ConditionSaved, v.unsaved, "Saved", "the state is kept")
}
