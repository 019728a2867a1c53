package controllers

import (
	"context"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// What the operator may do. The rules of config/rbac and of the chart are made of
// these lines.
//
// +kubebuilder:rbac:groups=overworld.dev,resources=gamemaps;scriptbundles;fleets,verbs=get;list;watch;create;update;patch;delete
// +kubebuilder:rbac:groups=overworld.dev,resources=gamemaps/status;scriptbundles/status;fleets/status,verbs=get;update;patch
// +kubebuilder:rbac:groups=overworld.dev,resources=gamemaps/finalizers;scriptbundles/finalizers;fleets/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=pods;services;configmaps;secrets,verbs=get;list;watch;create;update;patch;delete
// +kubebuilder:rbac:groups="",resources=nodes;namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=get;list;watch;create;update;patch;delete
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=get;list;watch;create;update;patch;delete
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;list;watch;create;update;patch;delete

// Scheme returns the kinds that the operator knows.
func Scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	must(clientgoscheme.AddToScheme(s))
	must(v1alpha1.AddToScheme(s))
	return s
}

func must(err error) {
	if err != nil {
		panic(err) // the kinds are compiled in
	}
}

// CacheOptions keep in memory only what the operator looks at: its own objects,
// without what it does not read. Namespace limits it to one, "" is all.
func CacheOptions(namespace string) cache.Options {
	own := labels.SelectorFromSet(labels.Set{labelManagedBy: ManagedBy})
	out := cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Pod{}:                   {Label: own, Transform: onlyOf(onlyState)},
			&corev1.Service{}:               {Label: own},
			&corev1.Secret{}:                {Label: own, Transform: onlyOf(onlyKey)},
			&policyv1.PodDisruptionBudget{}: {Label: own, Transform: onlyOf(onlyBudgetSeal)},
			&networkingv1.NetworkPolicy{}:   {Label: own, Transform: onlyOf(onlyPolicySeal)},
			&corev1.Node{}:                  {Transform: toolscache.TransformFunc(onlyWhereabouts)},
		},
	}
	if namespace != "" {
		out.DefaultNamespaces = map[string]cache.Config{namespace: {}}
	}
	return out
}

// onlyWhereabouts leaves of a node its addresses, and whether it is heard of.
func onlyWhereabouts(o any) (any, error) {
	node, ok := o.(*corev1.Node)
	if !ok {
		return o, nil
	}
	out := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: node.Name, UID: node.UID, ResourceVersion: node.ResourceVersion},
		Status:     corev1.NodeStatus{Addresses: node.Status.Addresses},
	}
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			out.Status.Conditions = []corev1.NodeCondition{{Type: c.Type, Status: c.Status}}
		}
	}
	return out, nil
}

// The spaces between retries of what the API server refuses.
const (
	firstRetry = 5 * time.Second
	lastRetry  = 2 * time.Minute
)

// workers is how many objects of a kind are reconciled at once.
const workers = 8

// Setup adds the three reconcilers and the Reporter to a manager.
func Setup(ctx context.Context, mgr ctrl.Manager, s Settings) error {
	if err := addIndices(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	reporter := NewReporter(mgr.GetClient())
	if s.HTTP != nil {
		reporter.HTTP = s.HTTP
	}
	if err := mgr.Add(reporter); err != nil {
		return err
	}
	if err := setupBundles(mgr); err != nil {
		return err
	}
	if err := setupMaps(mgr, s, reporter); err != nil {
		return err
	}
	return setupFleets(mgr)
}

func addIndices(ctx context.Context, i client.FieldIndexer) error {
	for name, of := range map[string]func(*v1alpha1.GameMap) []string{
		indexMapID:     func(m *v1alpha1.GameMap) []string { return []string{m.MapID()} },
		indexBundle:    func(m *v1alpha1.GameMap) []string { return []string{m.Spec.Bundle} },
		indexNeighbour: func(m *v1alpha1.GameMap) []string { return slices.Collect(maps.Values(m.Spec.Neighbours)) },
	} {
		if err := i.IndexField(ctx, &v1alpha1.GameMap{}, name, func(o client.Object) []string { return of(o.(*v1alpha1.GameMap)) }); err != nil {
			return err
		}
	}
	return i.IndexField(ctx, &corev1.Pod{}, indexPodMap, mapsOfPod)
}

func setupBundles(mgr ctrl.Manager) error {
	r := &ScriptBundleReconciler{Client: mgr.GetClient(), Direct: mgr.GetAPIReader(), Events: mgr.GetEventRecorder("overworld")}
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.ScriptBundle{}).
		WatchesMetadata(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.usersOf)).
		Watches(&v1alpha1.GameMap{}, handler.Funcs{
			CreateFunc: func(_ context.Context, e event.CreateEvent, q requests) { enqueueBundle(q, e.Object) },
			DeleteFunc: func(_ context.Context, e event.DeleteEvent, q requests) { enqueueBundle(q, e.Object) },
			UpdateFunc: func(_ context.Context, e event.UpdateEvent, q requests) {
				enqueueBundle(q, e.ObjectOld)
				enqueueBundle(q, e.ObjectNew)
			},
		}, builder.WithPredicates(otherCode)).
		WithOptions(controller.Options{MaxConcurrentReconciles: 2}).
		Complete(r)
}

// usersOf are the bundles that a ConfigMap concerns: those that read it, and the
// one whose slot it is.
func (r *ScriptBundleReconciler) usersOf(ctx context.Context, o client.Object) []reconcile.Request {
	if name := o.GetLabels()[labelBundle]; name != "" {
		return []reconcile.Request{request(o.GetNamespace(), name)}
	}
	var list v1alpha1.ScriptBundleList
	if err := r.List(ctx, &list, client.InNamespace(o.GetNamespace())); err != nil {
		return nil // the cache stops with the operator
	}
	var out []reconcile.Request
	for _, b := range list.Items {
		if b.Spec.Source != nil && b.Spec.Source.ConfigMap.Name == o.GetName() {
			out = append(out, request(b.Namespace, b.Name))
		}
	}
	return out
}

// otherCode lets through what changes which bundle or which revision a map runs.
var otherCode = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	was, is := e.ObjectOld.(*v1alpha1.GameMap), e.ObjectNew.(*v1alpha1.GameMap)
	return was.Spec.Bundle != is.Spec.Bundle || was.Status.Revision != is.Status.Revision
}}

// requests is the queue of a reconciler.
type requests = workqueue.TypedRateLimitingInterface[reconcile.Request]

// countPause is how long a bundle waits before it counts its maps again: when a
// thousand maps change revision, it is not looked at a thousand times.
const countPause = 500 * time.Millisecond

func enqueueBundle(q requests, o client.Object) {
	if name := o.(*v1alpha1.GameMap).Spec.Bundle; name != "" {
		q.AddAfter(request(o.GetNamespace(), name), countPause)
	}
}

func request(namespace, name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
}

func setupMaps(mgr ctrl.Manager, s Settings, reporter *Reporter) error {
	r := &GameMapReconciler{
		Client: mgr.GetClient(), Direct: mgr.GetAPIReader(), Settings: s, Events: mgr.GetEventRecorder("overworld"), Vitals: reporter.vitalsOf,
		Backoff: flowcontrol.NewBackOff(firstRetry, lastRetry), Now: time.Now,
	}
	reported := source.TypedChannel(reporter.Changed, &handler.TypedEnqueueRequestForObject[*v1alpha1.GameMap]{})
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.GameMap{}).
		Owns(&corev1.Pod{}).
		Owns(&corev1.Service{}).
		Owns(&corev1.Secret{}).
		Owns(&policyv1.PodDisruptionBudget{}).
		Owns(&networkingv1.NetworkPolicy{}).
		Watches(&v1alpha1.ScriptBundle{}, handler.EnqueueRequestsFromMapFunc(r.mapsOf), builder.WithPredicates(otherBundle)).
		Watches(&v1alpha1.GameMap{}, handler.EnqueueRequestsFromMapFunc(r.concerned), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesRawSource(reported).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
}

// otherBundle lets through what maps look at of their bundle. That it counts one map
// more concerns none: all maps would be looked at for each one that is made.
var otherBundle = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	was, is := e.ObjectOld.(*v1alpha1.ScriptBundle), e.ObjectNew.(*v1alpha1.ScriptBundle)
	return was.Generation != is.Generation || was.Status.Revision != is.Status.Revision || was.Status.Slot != is.Status.Slot ||
		conditionText(was.Status.Conditions, v1alpha1.ConditionCompiled) != conditionText(is.Status.Conditions, v1alpha1.ConditionCompiled)
}}

// mapsOf are the maps of a bundle.
func (r *GameMapReconciler) mapsOf(ctx context.Context, o client.Object) []reconcile.Request {
	return r.requests(ctx, o.GetNamespace(), client.MatchingFields{indexBundle: o.GetName()})
}

// concerned are the maps that wait for an id to be free, or for a neighbour.
func (r *GameMapReconciler) concerned(ctx context.Context, o client.Object) []reconcile.Request {
	m := o.(*v1alpha1.GameMap)
	same := r.requests(ctx, m.Namespace, client.MatchingFields{indexMapID: m.MapID()})
	beside := r.requests(ctx, m.Namespace, client.MatchingFields{indexNeighbour: m.MapID()})
	return slices.DeleteFunc(append(same, beside...), func(q reconcile.Request) bool { return q.Name == m.Name })
}

func (r *GameMapReconciler) requests(ctx context.Context, namespace string, fields client.MatchingFields) []reconcile.Request {
	var list v1alpha1.GameMapList
	if err := r.List(ctx, &list, client.InNamespace(namespace), fields, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache stops with the operator
	}
	out := make([]reconcile.Request, len(list.Items))
	for i := range list.Items {
		out[i] = request(namespace, list.Items[i].Name)
	}
	return out
}

func setupFleets(mgr ctrl.Manager) error {
	r := &FleetReconciler{Client: mgr.GetClient(), Events: mgr.GetEventRecorder("overworld"), Now: time.Now}
	return ctrl.NewControllerManagedBy(mgr).For(&v1alpha1.Fleet{}).Owns(&v1alpha1.GameMap{}).Complete(r)
}
