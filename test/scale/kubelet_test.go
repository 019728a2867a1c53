//go:build scale

package scale

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/controllers"
	"github.com/overworld-gg/overworld/mapserver/slot"
)

const (
	annotationWanted = "overworld.dev/revision"
	labelMap         = "overworld.dev/gamemap"
	// nodes is how many nodes the pods are spread over.
	nodes = 50
)

// kubelet plays the scheduler and the kubelets: it binds new pods, says that they
// are ready, and lets those go that are deleted.
type kubelet struct {
	client  client.Client
	servers *mapServers
	work    chan *corev1.Pod

	mu      sync.Mutex
	started map[types.UID]int  // the number of a pod, and of its address
	wanted  map[string]string  // the revision that each map's pod is to run
	took    time.Duration      // from the news of a pod to its being ready, all together
	pods    int                // that were started
	ended   map[types.UID]bool // that were let go
	errors  []error
}

// startKubelet makes the nodes and watches the pods.
func (r *rig) startKubelet() *kubelet {
	r.Helper()
	for i := range nodes {
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node-%d", i)}}
		if err := r.client.Create(r.Context(), node); err != nil {
			r.Fatal(err)
		}
		node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("10.200.0.%d", i+1)}}
		if err := r.client.Status().Update(r.Context(), node); err != nil {
			r.Fatal(err)
		}
	}
	k := &kubelet{
		client: r.client, servers: r.servers, work: make(chan *corev1.Pod, 2*r.n+100),
		started: map[types.UID]int{}, wanted: map[string]string{}, ended: map[types.UID]bool{},
	}
	ours := labels.SelectorFromSet(labels.Set{"app.kubernetes.io/name": controllers.MapServer})
	r.informer(&corev1.Pod{}, cache.ByObject{Label: ours}, toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { k.see(o.(*corev1.Pod)) },
		UpdateFunc: func(_, o any) { k.see(o.(*corev1.Pod)) },
	})
	for range 16 {
		go k.run(r.Context())
	}
	return k
}

// informer tells of all objects of a kind.
func (r *rig) informer(o client.Object, of cache.ByObject, handler toolscache.ResourceEventHandler) {
	r.Helper()
	c, err := cache.New(r.config, cache.Options{
		Scheme: controllers.Scheme(), DefaultTransform: cache.TransformStripManagedFields(), ByObject: map[client.Object]cache.ByObject{o: of},
	})
	if err != nil {
		r.Fatal(err)
	}
	go func() { _ = c.Start(r.Context()) }()
	informer, err := c.GetInformer(r.Context(), o)
	if err != nil {
		r.Fatal(err)
	}
	if _, err := informer.AddEventHandler(handler); err != nil {
		r.Fatal(err)
	}
}

// see takes the news of a pod: what it is to run is at once what its server says
// that it runs.
func (k *kubelet) see(pod *corev1.Pod) {
	ref, err := slot.Parse(pod.Annotations[annotationWanted])
	if err == nil {
		k.servers.change(pod.Labels[labelMap], func(s *server) { s.revision = ref.Revision })
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wanted[pod.Labels[labelMap]] = ref.Revision
	_, known := k.started[pod.UID]
	switch {
	case pod.DeletionTimestamp != nil && !k.ended[pod.UID]:
		k.ended[pod.UID] = true
		k.work <- pod
	case pod.DeletionTimestamp == nil && !known:
		k.started[pod.UID] = len(k.started)
		arrived := pod.DeepCopy()
		arrived.CreationTimestamp = metav1.Now() // when the news came
		k.work <- arrived
	}
}

func (k *kubelet) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case pod := <-k.work:
			err := k.serve(ctx, pod)
			if err != nil && ctx.Err() == nil {
				k.mu.Lock()
				k.errors = append(k.errors, err)
				k.mu.Unlock()
			}
		}
	}
}

func (k *kubelet) serve(ctx context.Context, pod *corev1.Pod) error {
	if pod.DeletionTimestamp != nil {
		return client.IgnoreNotFound(k.client.Delete(ctx, pod, client.GracePeriodSeconds(0)))
	}
	k.mu.Lock()
	number := k.started[pod.UID]
	k.mu.Unlock()
	ip := fmt.Sprintf("127.%d.%d.%d", 10+number/62500, number/250%250, number%250+1)
	k.servers.place(ip, pod.Labels[labelMap])
	if pod.Spec.NodeName == "" {
		binding := &corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: fmt.Sprintf("node-%d", number%nodes)}}
		if err := k.client.SubResource("binding").Create(ctx, pod, binding); err != nil {
			return fmt.Errorf("binding %s: %w", pod.Name, err)
		}
	}
	now := metav1.Now()
	patch, err := json.Marshal(map[string]any{"status": corev1.PodStatus{
		Phase: corev1.PodRunning, PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}}, StartTime: &now,
		Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: now},
			{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now},
		},
		ContainerStatuses: []corev1.ContainerStatus{{
			Name: controllers.MapServer, Ready: true, Image: "overworld/mapserver:scale", ImageID: "overworld/mapserver@sha256:0",
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		}},
	}})
	if err != nil {
		return err
	}
	fresh := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace}}
	if err := k.client.Status().Patch(ctx, fresh, client.RawPatch(types.MergePatchType, patch)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("starting %s: %w", pod.Name, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.took += time.Since(pod.CreationTimestamp.Time)
	k.pods++
	return nil
}

// meanStart is how long a pod took that the kubelet knew of, and what went wrong.
func (k *kubelet) meanStart() (time.Duration, []error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.took / time.Duration(max(1, k.pods)), k.errors
}

// notRunning counts the maps whose pods are not told to run a revision.
func (k *kubelet) notRunning(revision string) (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, wanted := range k.wanted {
		if wanted != revision {
			n++
		}
	}
	return n
}
