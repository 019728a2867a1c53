package controllers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/go-logr/logr"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/report"
)

// cluster is a real API server with the operator beside it, shared by all tests;
// each has a namespace of its own.
var cluster struct {
	client client.Client
	writes atomic.Int64 // of the operator
	pods   fakePods
}

// nodeName is the node that all pods run on.
const nodeName = "node-1"

// builtAssets is where make test puts kube-apiserver and etcd.
const builtAssets = "../hack/cluster/state/assets"

func TestMain(m *testing.M) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		dir, err := filepath.Abs(builtAssets)
		if _, missing := os.Stat(dir); err != nil || missing != nil {
			_, _ = fmt.Fprintln(os.Stderr, "the tests of the controllers need a kube-apiserver and etcd: run hack/cluster/cluster assets once (make test does), or name a folder in KUBEBUILDER_ASSETS")
			os.Exit(1)
		}
		if err := os.Setenv("KUBEBUILDER_ASSETS", dir); err != nil {
			panic(err)
		}
	}
	log.SetLogger(logr.Discard())
	os.Exit(runWithCluster(m))
}

func runWithCluster(m *testing.M) int {
	env := &envtest.Environment{CRDDirectoryPaths: []string{"../config/crd"}, ErrorIfCRDPathMissing: true}
	config, err := env.Start()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "starting the API server:", err)
		return 1
	}
	defer func() { _ = env.Stop() }()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if err := startOperator(ctx, config); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "starting the operator:", err)
		return 1
	}
	return m.Run()
}

func startOperator(ctx context.Context, config *rest.Config) (err error) {
	if cluster.client, err = client.New(config, client.Options{Scheme: Scheme()}); err != nil {
		return err
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName}}
	if err := cluster.client.Create(ctx, node); err != nil {
		return err
	}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "10.0.0.7"}, {Type: corev1.NodeExternalIP, Address: "203.0.113.7"}}
	if err := cluster.client.Status().Update(ctx, node); err != nil {
		return err
	}
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = 200, 400
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: Scheme(), Cache: CacheOptions(""), Metrics: metricsserver.Options{BindAddress: "0"}, NewClient: countingClient,
	})
	if err != nil {
		return err
	}
	settings := Settings{
		MapServerImage: "overworld/mapserver:test", PullPolicy: corev1.PullNever, KeeperURL: "http://keeper.{namespace}:8081", Namespace: "overworld",
		HTTP: &http.Client{Transport: &cluster.pods},
	}
	if err := Setup(ctx, mgr, settings); err != nil {
		return err
	}
	go func() { _ = mgr.Start(ctx) }()
	mgr.GetCache().WaitForCacheSync(ctx)
	return nil
}

// countingClient counts what the operator writes.
func countingClient(config *rest.Config, options client.Options) (client.Client, error) {
	c, err := client.NewWithWatch(config, options)
	if err != nil {
		return nil, err
	}
	n := &cluster.writes
	return interceptor.NewClient(c, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			n.Add(1)
			return c.Create(ctx, o, opts...)
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			n.Add(1)
			return c.Update(ctx, o, opts...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			n.Add(1)
			return c.Patch(ctx, o, p, opts...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			n.Add(1)
			return c.Delete(ctx, o, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			n.Add(1)
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	}), nil
}

// fakePods answer for the pods' map servers, by address: there is no kubelet here.
type fakePods struct {
	mu      sync.Mutex
	reports map[string]report.Status
	last    int
}

// RoundTrip answers what the pod of an address was told to report.
func (f *fakePods) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	status, ok := f.reports[r.URL.Hostname()]
	if !ok {
		return nil, fmt.Errorf("no route to %s", r.URL.Hostname())
	}
	body, err := json.Marshal(status)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, err
}

func (f *fakePods) set(ip string, s *report.Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reports == nil {
		f.reports = map[string]report.Status{}
	}
	f.reports[ip] = *s
}

// newIP is an address that no pod has.
func (f *fakePods) newIP() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	return fmt.Sprintf("10.9.%d.%d", f.last/250, f.last%250+1)
}

// town is a namespace of a test.
type town struct {
	*testing.T
	namespace string
}

func newTown(t *testing.T) *town {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := cluster.client.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	return &town{T: t, namespace: ns.Name}
}

func (w *town) apply(objects ...client.Object) {
	w.Helper()
	for _, o := range objects {
		o.SetNamespace(w.namespace)
		if err := cluster.client.Create(w.Context(), o); err != nil {
			w.Fatalf("applying %s: %v", o.GetName(), err)
		}
	}
}

func (w *town) get(name string, into client.Object) error {
	return cluster.client.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, into)
}

// change changes an object in place.
func (w *town) change(o client.Object, how func()) {
	w.Helper()
	var last error
	for range 20 {
		if err := w.get(o.GetName(), o); err != nil {
			w.Fatal(err)
		}
		before := o.DeepCopyObject().(client.Object)
		how()
		if last = cluster.client.Patch(w.Context(), o, client.MergeFrom(before)); last == nil {
			return
		}
	}
	w.Fatalf("changing %s does not succeed: %v", o.GetName(), last)
}

// patience is how long something may take in the cluster.
const patience = 15 * time.Second

// until waits until there is nothing to complain of.
func (w *town) until(what string, complaint func() string) {
	w.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.Now().Add(patience)
	text := complaint()
	for text != "" {
		if time.Now().After(deadline) {
			w.Fatalf("waiting for %s: %s", what, text)
		}
		<-ticker.C
		text = complaint()
	}
}

// run plays the kubelet: it makes the pod of a map run and be ready.
func (w *town) run(mapName string) (pod *corev1.Pod, ip string) {
	w.Helper()
	pod = w.pod(mapName)
	binding := &corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: nodeName}}
	if err := cluster.client.SubResource("binding").Create(w.Context(), pod, binding); err != nil {
		w.Fatal(err)
	}
	if err := w.get(pod.Name, pod); err != nil {
		w.Fatal(err)
	}
	ip = cluster.pods.newIP()
	cluster.pods.set(ip, healthy(0))
	w.kubelet(pod, func() {
		pod.Status.Phase, pod.Status.PodIP = corev1.PodRunning, ip
		pod.Status.PodIPs = []corev1.PodIP{{IP: ip}}
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}, {Type: corev1.PodScheduled, Status: corev1.ConditionTrue}}
	})
	return pod, ip
}

// kubelet changes the status of a pod.
func (w *town) kubelet(pod *corev1.Pod, how func()) {
	w.Helper()
	before := pod.DeepCopy()
	how()
	if err := cluster.client.Status().Patch(w.Context(), pod, client.MergeFrom(before)); err != nil {
		w.Fatal(err)
	}
}

// pod waits for the pod of a map.
func (w *town) pod(mapName string) *corev1.Pod {
	w.Helper()
	var list corev1.PodList
	w.until("the pod of "+mapName, func() string {
		err := cluster.client.List(w.Context(), &list, client.InNamespace(w.namespace), client.MatchingLabels{labelMap: mapName})
		if err != nil || len(list.Items) != 1 || list.Items[0].DeletionTimestamp != nil {
			var m v1alpha1.GameMap
			_ = w.get(mapName, &m)
			return fmt.Sprintf("there are %d pods, %v; the map says %+v", len(list.Items), err, m.Status.Conditions)
		}
		return ""
	})
	return &list.Items[0]
}

// end plays the kubelet: it lets a pod that is being deleted go.
func (w *town) end(pod *corev1.Pod) {
	w.Helper()
	w.until("the end of pod "+pod.Name, func() string {
		var now corev1.Pod
		if err := w.get(pod.Name, &now); err != nil {
			return ""
		}
		if now.UID == pod.UID && now.DeletionTimestamp == nil {
			return "nobody deletes it"
		}
		return ""
	})
	if err := remove(w.Context(), cluster.client, pod, client.GracePeriodSeconds(0)); err != nil {
		w.Fatal(err)
	}
}

// wants waits until a condition of an object has a reason and words in its message.
func (w *town) wants(o client.Object, kind, reason string, words ...string) {
	w.Helper()
	w.until(fmt.Sprintf("%s=%s of %s", kind, reason, o.GetName()), func() string {
		if err := w.get(o.GetName(), o); err != nil {
			return err.Error()
		}
		of := conditionsOf(o)
		text := conditionText(of, kind)
		if reasonOf(of, kind) != reason {
			return fmt.Sprintf("%+v", of)
		}
		for _, word := range words {
			if !strings.Contains(text, word) {
				return fmt.Sprintf("%q is not in %q", word, text)
			}
		}
		return ""
	})
}

func conditionsOf(o client.Object) []metav1.Condition {
	switch o := o.(type) {
	case *v1alpha1.GameMap:
		return o.Status.Conditions
	case *v1alpha1.ScriptBundle:
		return o.Status.Conditions
	case *v1alpha1.Fleet:
		return o.Status.Conditions
	default:
		panic(fmt.Sprintf("a %T has no conditions", o))
	}
}

// duel is a bundle that compiles.
func duel(name string) *v1alpha1.ScriptBundle {
	return &v1alpha1.ScriptBundle{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       v1alpha1.ScriptBundleSpec{Files: map[string]string{"world.yaml": "use: [move]\n", "init.lua": "print('hello')\n"}},
	}
}

// meadow is a map that runs the bundle duel.
func meadow(name string) *v1alpha1.GameMap {
	return &v1alpha1.GameMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.GameMapSpec{Bundle: "duel"}}
}

// create applies an object as kubectl does, with strict checks of fields, and
// returns the error's text.
func (w *town) create(o map[string]any) string {
	w.Helper()
	u := &unstructured.Unstructured{Object: o}
	u.SetNamespace(w.namespace)
	err := cluster.client.Create(w.Context(), u, &client.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict})
	if err == nil {
		return "accepted"
	}
	return err.Error()
}
