package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// told is what a map's status says that its server reported: a first report that
// says the same is no news, so that an operator that starts anew has not a status
// to look at for every map there is.
func (r *Reporter) told(key types.NamespacedName) vitals {
	var m v1alpha1.GameMap
	if r.Client == nil || r.Client.Get(context.Background(), key, &m) != nil { // of the cache: it does not wait
		return vitals{}
	}
	return toldIn(&m.Status)
}

// toldIn is the inverse of what setPod and setReported write.
func toldIn(s *v1alpha1.GameMapStatus) vitals {
	v := vitals{players: s.Players, fps: s.FPS, revision: s.Revision, errors: s.ScriptErrors}
	if p99, err := time.ParseDuration(s.FrameP99); err == nil {
		v.p99 = p99
	}
	if _, err := fmt.Sscanf(s.Load, "%d%%", &v.load); err != nil {
		v.load = 0
	}
	v.unhealthy = fault(s, v1alpha1.ConditionScriptsHealthy)
	v.slow = fault(s, v1alpha1.ConditionTickHealthy)
	v.unsaved = fault(s, v1alpha1.ConditionSaved)
	c := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionScriptsHealthy)
	if c == nil || c.Status == metav1.ConditionUnknown {
		v.silent = "the map server has told nothing"
	}
	return v
}

// fault is the verdict in a condition; empty unless it is False.
func fault(s *v1alpha1.GameMapStatus, kind string) verdict {
	c := meta.FindStatusCondition(s.Conditions, kind)
	if c == nil || c.Status != metav1.ConditionFalse {
		return verdict{}
	}
	return verdict{c.Reason, c.Message}
}
