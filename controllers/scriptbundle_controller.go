package controllers

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// maxMapNames is how many maps a bundle's status lists.
const maxMapNames = 10

// ScriptBundleReconciler compiles bundles and puts what compiles into slots.
type ScriptBundleReconciler struct {
	client.Client
	// Direct reads what is not worth keeping in memory: the ConfigMaps of users.
	Direct client.Reader
	Events events.EventRecorder
	memo   memory[compiledBundle]
}

// compiledBundle is what is remembered of a compilation: not the files.
type compiledBundle struct {
	revision  string
	files     int32
	bytes     int64
	languages []string
	fault     *bundleFault
}

// Reconcile brings one ScriptBundle up to date.
func (r *ScriptBundleReconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	var b v1alpha1.ScriptBundle
	there, err := fetch(ctx, r.Client, req.NamespacedName, &b)
	if err != nil || !there || b.DeletionTimestamp != nil {
		if !there {
			r.memo.forget(req.NamespacedName)
		}
		return reconcile.Result{}, err
	}
	before := b.DeepCopy()
	if err := r.update(ctx, &b); err != nil {
		return reconcile.Result{}, err
	}
	r.tell(before, &b)
	if equality.Semantic.DeepEqual(before.Status, b.Status) {
		return reconcile.Result{}, nil
	}
	return reconcile.Result{}, r.Status().Patch(ctx, &b, client.MergeFrom(before))
}

// update compiles the newest files, places them, and fills in the status.
func (r *ScriptBundleReconciler) update(ctx context.Context, b *v1alpha1.ScriptBundle) error {
	b.Status.ObservedGeneration = b.Generation
	maps, err := r.mapsOf(ctx, b)
	if err != nil {
		return err
	}
	slots, err := r.readSlots(ctx, b)
	if err != nil {
		return err
	}
	result, err := r.compile(ctx, b)
	if err != nil {
		return err
	}
	state := bundleState{fault: result.fault, newest: result.revision}
	wanted := cmpOr(b.Spec.Revision, result.revision)
	var plan slotPlan
	switch {
	case wanted != result.revision:
		plan.slot = rollBack(slots, wanted)
		state.lost = plan.slot == ""
	case result.fault == nil:
		plan = planSlots(slots, b.Status.Slot, wanted, applied(maps))
	}
	if plan.write {
		err := r.write(ctx, b, plan.slot)
		fault, faulty := faultOf(err)
		switch {
		case faulty:
			plan, state.fault = slotPlan{}, fault
		case err != nil:
			return err
		default:
			setSlot(&slots, plan.slot, wanted)
		}
	}
	b.Status.Slots, state.busy = slots, plan.busy
	if plan.slot != "" && !plan.busy {
		b.Status.Revision, b.Status.Slot = wanted, plan.slot
	}
	if b.Status.Revision == result.revision {
		b.Status.Files, b.Status.Bytes, b.Status.Languages = result.files, result.bytes, result.languages
	}
	state.refusal = countMaps(b, maps)
	b.Status.Conditions = bundleConditions(b, &state)
	return nil
}

func setSlot(slots *v1alpha1.SlotsStatus, s v1alpha1.Slot, revision string) {
	if s == v1alpha1.SlotGreen {
		slots.Green = revision
	} else {
		slots.Blue = revision
	}
}

// mapsOf are the maps that use a bundle.
func (r *ScriptBundleReconciler) mapsOf(ctx context.Context, b *v1alpha1.ScriptBundle) ([]v1alpha1.GameMap, error) {
	var list v1alpha1.GameMapList
	err := r.List(ctx, &list, client.InNamespace(b.Namespace), client.MatchingFields{indexBundle: b.Name}, client.UnsafeDisableDeepCopy)
	return list.Items, err
}

// applied are the revisions that maps run.
func applied(maps []v1alpha1.GameMap) []string {
	var out []string
	for i := range maps {
		if rev := maps[i].Status.Revision.Applied; rev != "" && !slices.Contains(out, rev) {
			out = append(out, rev)
		}
	}
	return out
}

// countMaps fills in which maps use a bundle and how many run its revision, and
// returns why one of them does not.
func countMaps(b *v1alpha1.ScriptBundle, maps []v1alpha1.GameMap) (refusal string) {
	names := make([]string, len(maps))
	b.Status.Applied = 0
	refusing := 0
	for i := range maps {
		m := &maps[i]
		names[i] = m.Name
		rev := m.Status.Revision
		switch {
		case rev.Applied == b.Status.Revision && rev.Applied != "":
			b.Status.Applied++
		case rev.Wanted == b.Status.Revision && rev.Error != "":
			if refusing++; refusing == 1 {
				refusal = fmt.Sprintf("%s goes on with revision %s: %s", m.Name, cmpOr(rev.Applied, "(none)"), rev.Error)
			}
		}
	}
	slices.Sort(names)
	b.Status.Maps = int32(len(names))
	b.Status.MapNames = names[:min(maxMapNames, len(names))]
	if refusing > 0 {
		refusal = fmt.Sprintf("%d of %d maps cannot load revision %s; %s", refusing, len(maps), b.Status.Revision, refusal)
	}
	return refusal
}

// readSlots reads which revisions are in the slots.
func (r *ScriptBundleReconciler) readSlots(ctx context.Context, b *v1alpha1.ScriptBundle) (v1alpha1.SlotsStatus, error) {
	var out v1alpha1.SlotsStatus
	for _, s := range []v1alpha1.Slot{v1alpha1.SlotBlue, v1alpha1.SlotGreen} {
		var cm metav1.PartialObjectMetadata
		cm.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
		there, err := fetch(ctx, r.Client, client.ObjectKey{Namespace: b.Namespace, Name: slotName(b.Name, s)}, &cm)
		if err != nil {
			return out, err
		}
		if there && metav1.IsControlledBy(&cm, b) {
			setSlot(&out, s, cm.Annotations[annotationHash])
		}
	}
	return out, nil
}

// compile compiles the newest files, unless it has done so before.
func (r *ScriptBundleReconciler) compile(ctx context.Context, b *v1alpha1.ScriptBundle) (compiledBundle, error) {
	version, err := r.version(ctx, b)
	if err != nil {
		return compiledBundle{}, err
	}
	key := client.ObjectKeyFromObject(b)
	if known, ok := r.memo.recall(key, version); ok {
		return known, nil
	}
	p, err := r.pack(ctx, b)
	fault, faulty := faultOf(err)
	if err != nil && !faulty {
		return compiledBundle{}, err
	}
	out := compiledBundle{fault: fault}
	if p != nil {
		out = compiledBundle{revision: p.bundle.Revision, files: int32(len(p.bundle.Files)), bytes: p.bytes, languages: p.languages}
	}
	r.memo.remember(key, version, out)
	return out, nil
}

// version changes with the files of a bundle.
func (r *ScriptBundleReconciler) version(ctx context.Context, b *v1alpha1.ScriptBundle) (string, error) {
	version := fmt.Sprintf("%s/%d", b.UID, b.Generation)
	if b.Spec.Source == nil {
		return version, nil
	}
	var cm metav1.PartialObjectMetadata
	cm.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	_, err := fetch(ctx, r.Client, client.ObjectKey{Namespace: b.Namespace, Name: b.Spec.Source.ConfigMap.Name}, &cm)
	return version + "/" + string(cm.UID) + "/" + cm.ResourceVersion, err
}

func (r *ScriptBundleReconciler) pack(ctx context.Context, b *v1alpha1.ScriptBundle) (*packed, error) {
	source, err := sourceOf(ctx, r.Direct, b)
	if err != nil {
		return nil, err
	}
	return pack(source, &b.Spec)
}

// write puts the newest files into a slot.
func (r *ScriptBundleReconciler) write(ctx context.Context, b *v1alpha1.ScriptBundle, s v1alpha1.Slot) error {
	p, err := r.pack(ctx, b)
	if err != nil {
		return err
	}
	wanted := slotConfigMap(b, s, p)
	var there corev1.ConfigMap
	found, err := fetch(ctx, r.Direct, client.ObjectKeyFromObject(wanted), &there)
	if err != nil {
		return err
	}
	if !found {
		return r.Create(ctx, wanted)
	}
	if err := ownedElsewhere(&there, b); err != nil {
		return faultf("SlotTaken", "%w", err)
	}
	wanted.ResourceVersion = there.ResourceVersion
	return r.Update(ctx, wanted)
}

// tell writes Events of what has become different.
func (r *ScriptBundleReconciler) tell(before, b *v1alpha1.ScriptBundle) {
	was, is := reasonOf(before.Status.Conditions, v1alpha1.ConditionCompiled), reasonOf(b.Status.Conditions, v1alpha1.ConditionCompiled)
	if before.Status.Revision != b.Status.Revision {
		r.Events.Eventf(b, nil, corev1.EventTypeNormal, "Compiled", "Compile", "revision %s is in slot %s", b.Status.Revision, b.Status.Slot)
	}
	if is != was && is != "Compiled" {
		r.Events.Eventf(b, nil, corev1.EventTypeWarning, is, "Compile", "%s", note(conditionText(b.Status.Conditions, v1alpha1.ConditionCompiled)))
	}
}
