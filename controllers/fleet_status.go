package controllers

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// fleetStatus is the status of a fleet; trouble is why a map could not be made.
func fleetStatus(x *fleetFacts, p *fleetPlan, trouble string) v1alpha1.FleetStatus {
	s := v1alpha1.FleetStatus{
		ObservedGeneration: x.f.Generation,
		Desired:            int32(p.desired),
		Selector:           labelFleet + "=" + x.f.Name,
		ShrinkAfter:        p.shrinkAfter,
		Draining:           int32(len(p.drain)),
	}
	var stuck *v1alpha1.GameMap
	hash := templateHash(x.f)
	for i := range x.maps {
		m := &x.maps[i]
		s.Replicas++
		s.Players += m.Status.Players
		ready := isTrue(m.Status.Conditions, v1alpha1.ConditionReady)
		if ready {
			s.Ready++
		}
		if m.Status.Players > 0 {
			s.Busy++
		}
		if !isOutdated(m, hash) {
			s.Updated++
			if !ready && m.DeletionTimestamp == nil && stuck == nil {
				stuck = m
			}
		}
	}
	s.Conditions = fleetConditions(x, p, &s, whyStuck(stuck, trouble))
	return s
}

// whyStuck says why a map does not become ready; "" if all is on its way.
func whyStuck(m *v1alpha1.GameMap, trouble string) string {
	if trouble != "" || m == nil {
		return trouble
	}
	reason := reasonOf(m.Status.Conditions, v1alpha1.ConditionReady)
	if reason == "" || reason == "Starting" || reason == "Stopping" || reason == "NoAddress" {
		return ""
	}
	return brief(fmt.Sprintf("map %s is not ready (%s): %s", m.Name, reason, conditionText(m.Status.Conditions, v1alpha1.ConditionReady)))
}

func fleetConditions(x *fleetFacts, p *fleetPlan, s *v1alpha1.FleetStatus, stuck string) []metav1.Condition {
	c := conditions{of: slices.Clone(x.f.Status.Conditions), generation: x.f.Generation}
	figures := fmt.Sprintf("%d of %d maps are ready, %d of %d have the newest template", s.Ready, p.desired, s.Updated, s.Replicas)
	outdated := s.Updated < s.Replicas
	switch {
	case stuck != "":
		c.set(v1alpha1.ConditionReady, false, "MapsNotReady", stuck)
		c.set(v1alpha1.ConditionProgressing, false, "MapsNotReady", stuck+"; no further map is replaced until this one is ready, or the template changes")
		return c.of
	case outdated:
		c.set(v1alpha1.ConditionReady, false, "Updating", figures)
	case s.Ready < s.Desired || s.Replicas != s.Desired:
		c.set(v1alpha1.ConditionReady, false, "Scaling", figures)
	default:
		c.set(v1alpha1.ConditionReady, true, "Ready", figures)
	}
	reason := "Complete"
	switch {
	case len(p.drain) > 0:
		reason = "Draining"
	case outdated:
		reason = "Updating"
	case s.Replicas != s.Desired || s.Ready < s.Desired:
		reason = "Scaling"
	}
	c.set(v1alpha1.ConditionProgressing, true, reason, figures)
	return c.of
}
