package controllers

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// planScale decides how many maps there are to be: more at once, fewer only after
// a while.
func (p *fleetPlan) planScale(x *fleetFacts) {
	a := x.f.Spec.Autoscaling
	if a == nil {
		p.desired = 1
		if x.f.Spec.Replicas != nil {
			p.desired = int(*x.f.Spec.Replicas)
		}
		return
	}
	need := min(max(x.need(), int(a.Min)), int(a.Max))
	current := min(int(x.f.Status.Desired), int(a.Max))
	if need >= current {
		p.desired = need
		return
	}
	delay := time.Minute
	if a.ScaleDownDelay != nil {
		delay = a.ScaleDownDelay.Duration
	}
	after := x.f.Status.ShrinkAfter
	if after == nil {
		t := metav1.NewTime(x.now.Add(delay).Truncate(time.Second))
		after = &t
	}
	left := after.Sub(x.now)
	if left <= 0 {
		p.desired = need
		return
	}
	p.desired, p.shrinkAfter = current, after
	p.soon(left)
}

// need is how many maps the players of this moment take.
func (x *fleetFacts) need() int {
	busy, players := 0, 0
	for i := range x.maps {
		m := &x.maps[i]
		if m.DeletionTimestamp != nil || m.Status.Players == 0 {
			continue
		}
		busy++
		players += int(m.Status.Players)
	}
	a := x.f.Spec.Autoscaling
	if a.Buffer != nil {
		return busy + int(*a.Buffer)
	}
	per := 1
	if a.PlayersPerMap != nil {
		per = int(*a.PlayersPerMap)
	}
	return (players + per - 1) / per
}
