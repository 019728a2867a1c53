package controllers

import (
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver/config"
)

// facts are those of a map that has all that it needs, and no pod yet.
func facts() *mapFacts {
	m := meadow("meadow")
	m.Namespace = "game"
	b := duel("duel")
	b.Status.Revision, b.Status.Slot = "r1", v1alpha1.SlotBlue
	secret := secretFor(m)
	secret.Data = map[string][]byte{keyFile: []byte(secret.StringData[keyFile])}
	m.Status.KeyHash = keyHash(secret)
	return &mapFacts{m: m, bundle: b, secret: secret, now: noon, settings: Settings{MapServerImage: "mapserver:1", KeeperURL: "http://keeper.{namespace}:8081"}}
}

func TestPlanMap(t *testing.T) {
	f := facts()
	p := planMap(f)
	if p.create == nil || p.create.Name != "meadow-0" || p.create.Annotations[annotationWanted] != "blue/r1" {
		t.Fatalf("the first pod is %+v", p.create)
	}
	if args := strings.Join(p.create.Spec.Containers[0].Args, " "); !strings.Contains(args, "--keeper http://keeper.game:8081") {
		t.Errorf("the arguments are %s", args)
	}

	f.pods = []corev1.Pod{*p.create}
	if p := planMap(f); p.create != nil || len(p.end) > 0 || len(p.annotate) > 0 {
		t.Errorf("a pod that is as it should be leads to %+v", p)
	}
	f.bundle.Status.Revision, f.bundle.Status.Slot = "r2", v1alpha1.SlotGreen
	if p := planMap(f); p.annotate[annotationWanted] != "green/r2" || len(p.end) > 0 {
		t.Errorf("another revision leads to %+v", p)
	}
	f.pods[0].Status.Phase = corev1.PodFailed
	if p := planMap(f); len(p.end) != 1 || p.end[0].reason != "PodEnded" {
		t.Errorf("a pod that has ended leads to %+v", p.end)
	}
}

// A revision that the kubelet does not bring is asked for again.
func TestPlanRefreshes(t *testing.T) {
	f := facts()
	f.pods = []corev1.Pod{*planMap(f).create}
	for name, test := range map[string]struct {
		v    vitals
		want bool
	}{
		"it runs":      {vitals{revision: v1alpha1.RevisionStatus{Wanted: "r1", Applied: "r1"}}, false},
		"not told yet": {vitals{revision: v1alpha1.RevisionStatus{Wanted: "r0", Applied: "r0"}}, false},
		"it waits":     {vitals{revision: v1alpha1.RevisionStatus{Wanted: "r1", Applied: "r0"}}, true},
		"it refuses":   {vitals{revision: v1alpha1.RevisionStatus{Wanted: "r1", Applied: "r0", Error: "no"}}, false},
	} {
		f.vitals = &test.v
		p := planMap(f)
		if got := p.annotate[annotationRefresh] != ""; got != test.want || (p.again == refreshEvery) != test.want {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// A map goes to another node when its own is lost, unless it says for how long it
// waits itself.
func TestTolerations(t *testing.T) {
	m := facts().m
	if got := tolerations(m); len(got) != 2 || *got[0].TolerationSeconds != lostAfter {
		t.Errorf("the standard is %+v", got)
	}
	m.Spec.Pod.Tolerations = []corev1.Toleration{{Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists}}
	if got := tolerations(m); len(got) != 2 || got[1].Key != corev1.TaintNodeNotReady {
		t.Errorf("with one of its own: %+v", got)
	}
}

// Only a few maps are replaced at once.
func TestTurns(t *testing.T) {
	var x turns
	uid := func(i int) types.UID { return types.UID(strconv.Itoa(i)) }
	for i := range turnsAtOnce {
		if !x.take(uid(i), noon) {
			t.Fatalf("map %d has no turn", i)
		}
	}
	if x.take("another", noon) || !x.take(uid(0), noon) {
		t.Error("all are replaced at once, or one that has its turn has lost it")
	}
	x.over(uid(3))
	if !x.take("another", noon) || x.take("third", noon) {
		t.Error("one that runs again does not make room for one")
	}
	if !x.take("third", noon.Add(turnTime+time.Second)) {
		t.Error("maps that do not come back hold the others up for ever")
	}
}

// When a crashed map server is started again is in the status.
func TestRestartAt(t *testing.T) {
	pod := &corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
		State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
			Reason: "CrashLoopBackOff", Message: "back-off 1m20s restarting failed container=mapserver pod=meadow-0_game(1)",
		}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{FinishedAt: metav1.NewTime(noon)}},
	}}}}
	if at := restartAt(pod); at == nil || !at.Time.Equal(noon.Add(80*time.Second)) {
		t.Errorf("it starts again at %v", at)
	}
	pod.Status.ContainerStatuses[0].State.Waiting.Message = "no such image"
	if at := restartAt(pod); at != nil {
		t.Errorf("it starts again at %v", at)
	}
}

// What a map says of its pod replaces it at once; what the operator says, when it is
// the map's turn, or when its fleet lets it go.
func TestPlanReplaces(t *testing.T) {
	f := facts()
	f.pods = []corev1.Pod{*planMap(f).create}
	f.bundle.Status.Revision = "r2"
	f.settings.MapServerImage = "mapserver:2"
	if p := planMap(f); p.replace == nil || p.replace.reason != "PodChanged" || len(p.end) > 0 || p.annotate[annotationWanted] == "" {
		t.Errorf("another image leads to %+v", p)
	}
	f.m.Labels = map[string]string{labelFleet: "arena"}
	f.pods[0].UID = "pod"
	if p := planMap(f); p.replace != nil || len(p.end) > 0 {
		t.Errorf("another image on a fleet's map leads to %+v", p)
	}
	f.m.Annotations = map[string]string{annotationReplace: "pod", annotationDrain: "2026-01-01T12:05:00Z"}
	if p := planMap(f); len(p.end) != 1 || p.end[0].reason != "PodChanged" {
		t.Errorf("once its fleet lets it go: %+v", p.end)
	}
	f.settings.MapServerImage, f.m.Labels = "mapserver:1", nil
	if p := planMap(f); p.annotate[annotationDrain] != "2026-01-01T12:05:00Z" || len(p.end) > 0 {
		t.Errorf("a drain leads to %+v", p)
	}
	rate := int32(30)
	f.m.Spec.TickRate = &rate
	if p := planMap(f); len(p.end) != 1 || p.end[0].reason != "PodChanged" {
		t.Errorf("another rate leads to %+v", p.end)
	}
}

// The gateway must know the key before a pod comes with it.
func TestPlanWaitsForTheKey(t *testing.T) {
	f := facts()
	f.m.Status.KeyHash = ""
	if p := planMap(f); p.create != nil {
		t.Error("the pod comes before its key is known")
	}
}

// A pod that ends is waited for; one that does not, on a node that is lost, for no
// longer than it may take.
func TestPlanWaitsForTheLastPod(t *testing.T) {
	f := facts()
	last := planMap(f).create
	end := metav1.NewTime(noon.Add(20 * time.Second))
	last.DeletionTimestamp = &end
	f.pods = []corev1.Pod{*last}
	if p := planMap(f); p.create != nil || p.again != 30*time.Second {
		t.Errorf("while the last pod ends: %v, again in %s", p.create, p.again)
	}
	f.pods[0].Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	if p := planMap(f); p.create != nil {
		t.Error("the next pod comes while the last one runs")
	}
	f.pods[0].Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	if p := planMap(f); p.create == nil || p.create.Name != "meadow-1" {
		t.Errorf("after the last one's program has ended: %v", p.create)
	}
	f.pods[0].Status.ContainerStatuses = nil
	f.now = noon.Add(31 * time.Second)
	if p := planMap(f); p.create == nil || p.create.Name != "meadow-1" {
		t.Errorf("after its time: %v", p.create)
	}
}

// What the operator writes as the launch file is what the map server reads.
func TestLaunchFile(t *testing.T) {
	f := facts()
	memory, rate := resource.MustParse("0.5Gi"), int32(30)
	f.m.Spec.ID, f.m.Spec.Terrain, f.m.Spec.TickRate = "Meadow.1", "maps/a.tmj", &rate
	f.m.Spec.Neighbours = map[string]string{"left": "forest"}
	f.m.Spec.Pod.NodeSelector = map[string]string{"disk": "fast"}
	f.bundle.Spec.Limits = v1alpha1.ScriptLimits{Memory: &memory, CallBudget: &metav1.Duration{Duration: 20 * time.Millisecond}}
	text := launchFile(f.m, f.bundle)
	got, err := config.Parse("launch", []byte(text))
	if err != nil || len(got.Maps) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	m := got.Maps[0]
	if m.ID != "Meadow.1" || m.Terrain != "maps/a.tmj" || m.TickRate != 30 || m.ScriptMemory != 512<<20 || m.CallBudget != 20*time.Millisecond || m.Neighbours["left"] != "forest" {
		t.Errorf("the map server reads %+v", m)
	}
}

func TestMemoryLimit(t *testing.T) {
	f := facts()
	f.m.Spec.Pod.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("500M")}
	if env := container(f.m, f.settings).Env; len(env) != 2 || env[1].Value != "450000000" {
		t.Errorf("the environment is %v", env)
	}
}

func TestAddresses(t *testing.T) {
	service := func(kind corev1.ServiceType) *corev1.Service {
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "meadow", Namespace: "game"}, Spec: corev1.ServiceSpec{
			Type: kind, Ports: []corev1.ServicePort{{Port: 7000, NodePort: 30123}},
		}}
	}
	balanced := service(corev1.ServiceTypeLoadBalancer)
	balanced.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{Hostname: "lb.example"}}
	node := func(addresses ...corev1.NodeAddress) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Status: corev1.NodeStatus{Addresses: addresses}}
	}
	inside, outside := corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: "10.0.0.7"}, corev1.NodeAddress{Type: corev1.NodeExternalIP, Address: "203.0.113.7"}
	port := int32(4444)
	for name, test := range map[string]struct {
		exposure v1alpha1.ExposureSpec
		service  *corev1.Service
		node     *corev1.Node
		want     string
	}{
		"external address": {v1alpha1.ExposureSpec{}, service(corev1.ServiceTypeNodePort), node(inside, outside), "203.0.113.7:30123"},
		"internal address": {v1alpha1.ExposureSpec{}, service(corev1.ServiceTypeNodePort), node(inside), "10.0.0.7:30123"},
		"public host":      {v1alpha1.ExposureSpec{PublicHost: "play.example"}, service(corev1.ServiceTypeNodePort), node(outside), "play.example:30123"},
		"load balancer":    {v1alpha1.ExposureSpec{Type: v1alpha1.ExposeLoadBalancer}, balanced, node(outside), "lb.example:7000"},
		"host port":        {v1alpha1.ExposureSpec{Type: v1alpha1.ExposeHostPort, Port: &port}, nil, node(outside), "203.0.113.7:4444"},
		"inside":           {v1alpha1.ExposureSpec{Type: v1alpha1.ExposeClusterIP}, service(corev1.ServiceTypeClusterIP), nil, "meadow.game.svc:7000"},
		"no node":          {v1alpha1.ExposureSpec{}, service(corev1.ServiceTypeNodePort), nil, "the pod has no node yet"},
		"no address":       {v1alpha1.ExposureSpec{}, service(corev1.ServiceTypeNodePort), node(), "name one in spec.exposure.publicHost"},
		"no service":       {v1alpha1.ExposureSpec{}, nil, node(outside), "the Service is not there yet"},
		"waiting":          {v1alpha1.ExposureSpec{Type: v1alpha1.ExposeLoadBalancer}, service(corev1.ServiceTypeLoadBalancer), nil, "the load balancer has no address yet"},
	} {
		f := facts()
		f.m.Spec.Exposure, f.service, f.node = test.exposure, test.service, test.node
		got := f.address()
		text := got.missing
		if got.host != "" {
			text = got.String()
		}
		if !strings.Contains(text, test.want) {
			t.Errorf("%s: %s, want %s", name, text, test.want)
		}
	}
}

// TestFinishBy checks that a pod has its time to save, however late the operator
// came to tell it to end.
func TestFinishBy(t *testing.T) {
	f := facts()
	deleted, told := metav1.NewTime(noon.Add(-time.Hour)), metav1.NewTime(noon.Add(5*time.Second))
	f.m.DeletionTimestamp = &deleted
	if got := finishBy(f).Sub(noon); got > 0 {
		t.Errorf("a map without a pod stays for %s", got)
	}
	f.pods = []corev1.Pod{{}}
	if got := finishBy(f).Sub(noon); got != drainOf(f.m)+stopExtra+finishExtra {
		t.Errorf("a map whose pod is told to end now waits for %s", got)
	}
	f.pods[0].DeletionTimestamp = &told
	if got := finishBy(f).Sub(noon); got != 5*time.Second+finishExtra {
		t.Errorf("a map whose pod may take 5s more waits for %s", got)
	}
}
