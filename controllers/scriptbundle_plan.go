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
	if s := rollBack(slots, revision); s != "" {
		return slotPlan{slot: s}
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

// rollBack finds the slot of a revision that is asked for, "" if it is in neither.
func rollBack(slots v1alpha1.SlotsStatus, revision string) v1alpha1.Slot {
	for _, s := range []v1alpha1.Slot{v1alpha1.SlotBlue, v1alpha1.SlotGreen} {
		if slots.Of(s) == revision {
			return s
		}
	}
	return ""
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

// bundleState is what a bundle's conditions say.
type bundleState struct {
	// fault is why the newest files cannot run, busy that they wait for a slot.
	fault *bundleFault
	busy  bool
	// newest is the revision of the newest files.
	newest string
	// lost says that the revision that is asked for is in no slot.
	lost bool
	// refusal is why a map does not run the revision, "" if none refuses it.
	refusal string
}

// bundleConditions says how a bundle is.
func bundleConditions(b *v1alpha1.ScriptBundle, s *bundleState) []metav1.Condition {
	c := conditions{of: b.Status.Conditions, generation: b.Generation}
	switch {
	case s.fault != nil:
		c.set(v1alpha1.ConditionCompiled, false, s.fault.reason, brief(s.fault.Error()))
	default:
		c.set(v1alpha1.ConditionCompiled, true, "Compiled", "the newest files can run")
	}
	switch {
	case s.lost:
		c.set(v1alpha1.ConditionReady, false, "RevisionUnknown", fmt.Sprintf(
			"spec.revision is %s, which is not kept: it must be %s, or left out for the newest files; maps go on with revision %s",
			b.Spec.Revision, b.Status.Slots, cmpOr(b.Status.Revision, "(none)")))
	case s.refusal != "":
		c.set(v1alpha1.ConditionReady, false, "RevisionRefused", brief(s.refusal))
	case b.Spec.Revision != "" && b.Status.Revision == b.Spec.Revision:
		c.set(v1alpha1.ConditionReady, true, "Ready", brief(fmt.Sprintf(
			"maps run revision %s, as spec.revision asks; the newest files are %s", b.Status.Revision, cmpOr(s.newest, "not able to run"))))
	case s.fault != nil:
		text := brief(s.fault.Error())
		if b.Status.Revision != "" {
			text = fmt.Sprintf("maps go on with revision %s; %s", b.Status.Revision, text)
		}
		c.set(v1alpha1.ConditionReady, false, s.fault.reason, text)
	case s.busy:
		c.set(v1alpha1.ConditionReady, false, "SlotsBusy", "the newest files wait: some maps run the revision before the last one, and both slots are in use until they have changed")
	default:
		c.set(v1alpha1.ConditionReady, true, "Ready", "maps run revision "+b.Status.Revision)
	}
	return c.of
}
