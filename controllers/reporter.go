package controllers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/report"
)

const (
	// pollEvery is how often a map is asked how it is, pollRate how many are asked in
	// a second: of many maps, each is asked less often.
	pollEvery = 2 * time.Second
	pollRate  = 500
	// pollTimeout is how long a map may take to answer, pollers how many are asked at
	// once.
	pollTimeout = 3 * time.Second
	pollers     = 64
	// silentAfter is after how many polls in vain a map counts as silent.
	silentAfter = 3
	// maxReport bounds a report.
	maxReport = 1 << 20
	// reportBuffer is for a connection to each map, which stays open.
	reportBuffer = 1 << 10
	// dispatchEvery is how often changes are handed on.
	dispatchEvery = 100 * time.Millisecond
)

// Reporter asks all map servers how they are, and has the GameMaps reconciled
// whose status should say something else. It runs on the leader.
type Reporter struct {
	// Client lists the pods.
	Client client.Reader
	// Changed takes the GameMaps to reconcile.
	Changed chan event.TypedGenericEvent[*v1alpha1.GameMap]
	// HTTP asks the map servers.
	HTTP *http.Client
	// Now is the clock.
	Now func() time.Time

	queue writeQueue

	mu    sync.Mutex
	known map[types.NamespacedName]*patient
}

// patient is what is known of one map server.
type patient struct {
	pod    types.UID
	vitals vitals
	failed int // polls in a row
}

// NewReporter returns a Reporter that has asked nobody yet.
func NewReporter(c client.Reader) *Reporter {
	return &Reporter{
		Client:  c,
		Changed: make(chan event.TypedGenericEvent[*v1alpha1.GameMap], 64),
		HTTP: &http.Client{Timeout: pollTimeout, Transport: &http.Transport{
			MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ReadBufferSize: reportBuffer, WriteBufferSize: reportBuffer, DialContext: (&net.Dialer{Timeout: pollTimeout}).DialContext,
		}},
		Now:   time.Now,
		known: make(map[types.NamespacedName]*patient),
	}
}

// vitalsOf returns what the map server in a pod reported last, false if it has not.
func (r *Reporter) vitalsOf(key types.NamespacedName, pod types.UID) (vitals, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.known[key]
	if !ok || p.pod != pod {
		return vitals{}, false
	}
	return p.vitals, true
}

// NeedLeaderElection tells the manager that one Reporter is enough.
func (r *Reporter) NeedLeaderElection() bool { return true }

// Start polls until ctx is done.
func (r *Reporter) Start(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { r.dispatch(ctx) })
	defer running.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		began := r.Now()
		polled := r.pollAll(ctx)
		timer.Reset(nextPoll(polled, r.Now().Sub(began)))
	}
}

// nextPoll is how long to wait after a round of n polls that took so long.
func nextPoll(n int, took time.Duration) time.Duration {
	every := max(pollEvery, time.Duration(n)*time.Second/pollRate)
	return max(every-took, pollEvery/10)
}

// pollAll asks all maps once, and returns how many there are.
func (r *Reporter) pollAll(ctx context.Context) int {
	var pods corev1.PodList // the cache's own: they are only read
	err := r.Client.List(ctx, &pods, client.MatchingLabels{labelName: MapServer, labelManagedBy: ManagedBy}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return 0 // the cache is not there yet, or the operator stops
	}
	work := make(chan *corev1.Pod)
	var running sync.WaitGroup
	for range min(pollers, len(pods.Items)) {
		running.Go(func() {
			for pod := range work {
				r.poll(ctx, pod)
			}
		})
	}
	there := make(map[types.NamespacedName]bool, len(pods.Items))
	for i := range pods.Items {
		pod := &pods.Items[i]
		if metav1.GetControllerOf(pod) == nil {
			continue // somebody else's, whatever its labels say
		}
		there[mapOf(pod)] = true
		if pod.Status.PodIP != "" && pod.DeletionTimestamp == nil {
			work <- pod
		}
	}
	close(work)
	running.Wait()
	r.forgetBut(there)
	return len(pods.Items)
}

// mapOf is the GameMap that a pod belongs to.
func mapOf(pod *corev1.Pod) types.NamespacedName {
	return types.NamespacedName{Namespace: pod.Namespace, Name: pod.Labels[labelMap]}
}

func (r *Reporter) forgetBut(there map[types.NamespacedName]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.known {
		if !there[key] {
			delete(r.known, key)
			r.queue.forget(key)
		}
	}
	reportingMaps.Set(float64(len(r.known)))
}

func (r *Reporter) poll(ctx context.Context, pod *corev1.Pod) {
	status, err := r.ask(ctx, pod.Status.PodIP)
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		polls.WithLabelValues("ok").Inc()
	} else {
		polls.WithLabelValues("failed").Inc()
	}
	r.note(mapOf(pod), pod.UID, status, err)
}

// note takes over a report, or that there was none.
func (r *Reporter) note(key types.NamespacedName, pod types.UID, status *report.Status, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.known[key]
	ok = ok && p.pod == pod
	if !ok {
		if err != nil {
			return // a pod that has never answered is about to start
		}
		p = &patient{pod: pod, vitals: r.told(key)}
		r.known[key] = p
	}
	before := p.vitals
	if err != nil {
		p.failed++
		if p.failed >= silentAfter {
			p.vitals.silent = brief(err.Error())
		}
	} else {
		p.failed = 0
		p.vitals = settle(before, digest(status, r.Now()))
	}
	if before.silent != "" && p.vitals.silent != "" {
		p.vitals.silent = before.silent // the same in other words
	}
	r.queue.add(key, compare(before, p.vitals))
}

// ask reads the status document of a map server.
func (r *Reporter) ask(ctx context.Context, ip string) (*report.Status, error) {
	url := "http://" + net.JoinHostPort(ip, strconv.Itoa(statusPort)) + "/status"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := r.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, resp.Status)
	}
	var status report.Status
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxReport)).Decode(&status); err != nil {
		return nil, fmt.Errorf("reading %s: %w", url, err)
	}
	return &status, nil
}

// dispatch hands changes on, as fast as the queue allows.
func (r *Reporter) dispatch(ctx context.Context) {
	ticker := time.NewTicker(dispatchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, key := range r.queue.due(r.Now()) {
			m := &v1alpha1.GameMap{}
			m.Namespace, m.Name = key.Namespace, key.Name
			select {
			case r.Changed <- event.TypedGenericEvent[*v1alpha1.GameMap]{Object: m}:
			case <-ctx.Done():
				return
			}
		}
	}
}
