package controllers

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/slot"
)

// slotPlan says where a revision goes.
type slotPlan struct {
	slot v1alpha1.Slot
	// write says that the revision is not there yet.
	write bool
	// busy says that there is no room: maps still run what is in both slots.
	busy bool
}

// planSlots finds the place of a revision. active is the slot that maps are to
// run, applied are the revisions that they do run: a slot with one of these is not
// overwritten, for a map that starts again may need it.
func planSlots(slots v1alpha1.SlotsStatus, active v1alpha1.Slot, revision string, applied []string) slotPlan {
	for _, s := range []v1alpha1.Slot{v1alpha1.SlotBlue, v1alpha1.SlotGreen} {
		if slots.Of(s) == revision {
			return slotPlan{slot: s}
		}
	}
	order := []v1alpha1.Slot{v1alpha1.SlotBlue, v1alpha1.SlotGreen}
	if active == v1alpha1.SlotBlue {
		slices.Reverse(order) // the active slot only when nobody could run what it has
	}
	for _, s := range order {
		if there := slots.Of(s); there == "" || !slices.Contains(applied, there) {
			return slotPlan{slot: s, write: true}
		}
	}
	return slotPlan{slot: active, busy: true}
}

// slotName is the name of a slot's ConfigMap.
func slotName(bundle string, s v1alpha1.Slot) string { return bundle + "-" + string(s) }

// slotConfigMap is the ConfigMap of a slot.
func slotConfigMap(b *v1alpha1.ScriptBundle, s v1alpha1.Slot, p *packed) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Name: slotName(b.Name, s), Namespace: b.Namespace,
			Labels:          map[string]string{labelManagedBy: ManagedBy, labelBundle: b.Name},
			Annotations:     map[string]string{annotationHash: p.bundle.Revision},
			OwnerReferences: ownedBy(b, "ScriptBundle"),
		},
		BinaryData: map[string][]byte{slot.ArchiveFile: p.archive},
	}
}

// bundleConditions says how a bundle is: fault is why its newest files cannot run,
// busy that they wait for a slot.
func bundleConditions(b *v1alpha1.ScriptBundle, fault *bundleFault, busy bool) []metav1.Condition {
	c := conditions{of: b.Status.Conditions, generation: b.Generation}
	switch {
	case fault != nil:
		c.set(v1alpha1.ConditionCompiled, false, fault.reason, brief(fault.Error()))
		text := brief(fault.Error())
		if b.Status.Revision != "" {
			text = fmt.Sprintf("maps go on with revision %s; %s", b.Status.Revision, text)
		}
		c.set(v1alpha1.ConditionReady, false, fault.reason, text)
	case busy:
		c.set(v1alpha1.ConditionCompiled, true, "Compiled", "the newest files can run")
		c.set(v1alpha1.ConditionReady, false, "SlotsBusy", "the newest files wait: some maps run the revision before the last one, and both slots are in use until they have changed")
	default:
		c.set(v1alpha1.ConditionCompiled, true, "Compiled", "the newest files can run")
		c.set(v1alpha1.ConditionReady, true, "Ready", "maps run revision "+b.Status.Revision)
	}
	return c.of
}
