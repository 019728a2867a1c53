package controllers

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// Two maps with one id: the first one keeps it, and the other says so until its
// id is another one.
func TestIDConflict(t *testing.T) {
	w := newTown(t)
	w.apply(duel("duel"), meadow("first"))
	w.run("first")
	first, second := meadow("first"), meadow("second")
	second.Spec.ID = "first"
	w.apply(second)
	w.wants(second, v1alpha1.ConditionAccepted, "IDConflict", "GameMap first has the id", "another spec.id")
	w.wants(first, v1alpha1.ConditionAccepted, "Accepted")
	w.change(second, func() { second.Spec.ID = "other" })
	w.run("second")
	w.wants(second, v1alpha1.ConditionAccepted, "Accepted")
}

// A map waits for its bundle, and says for what.
func TestMissingBundle(t *testing.T) {
	w := newTown(t)
	m := meadow("meadow")
	w.apply(m)
	w.wants(m, v1alpha1.ConditionAccepted, "BundleMissing", "there is no ScriptBundle duel", "apply it")
	b := duel("duel")
	b.Spec.Files["world.yaml"] = "use: [fly]\n"
	w.apply(b)
	w.wants(b, v1alpha1.ConditionCompiled, "CompileFailed", "world.yaml:1:")
	w.wants(m, v1alpha1.ConditionAccepted, "BundleNotReady", "world.yaml:1:")
	w.change(b, func() { b.Spec.Files["world.yaml"] = "use: [move]\n" })
	w.wants(m, v1alpha1.ConditionAccepted, "Accepted")
	w.pod("meadow")
	nameless := meadow("nameless")
	nameless.Spec.Bundle = ""
	w.apply(nameless)
	w.wants(nameless, v1alpha1.ConditionAccepted, "BundleMissing", "spec.bundle is empty")
}

func TestNeighbours(t *testing.T) {
	w := newTown(t)
	m := meadow("meadow")
	m.Spec.Neighbours = map[string]string{"left": "forest"}
	w.apply(duel("duel"), m)
	w.wants(m, v1alpha1.ConditionAccepted, "UnknownNeighbour", `left is "forest"`)
	w.pod("meadow") // it runs all the same
	w.apply(meadow("forest"))
	w.wants(m, v1alpha1.ConditionAccepted, "Accepted")
}

// A port that another Service has is told, and the way out is another port.
func TestPortTaken(t *testing.T) {
	w := newTown(t)
	port := int32(31999)
	other := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "other"}, Spec: corev1.ServiceSpec{
		Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Port: 80, NodePort: port}},
	}}
	m := meadow("meadow")
	m.Spec.Exposure.Port = &port
	w.apply(duel("duel"), other, m)
	w.wants(m, v1alpha1.ConditionReachable, "PortTaken", "choose another spec.exposure.port")
	if m.Status.NextRetry == nil {
		t.Error("the status does not say when the next try is")
	}
	w.change(m, func() { m.Spec.Exposure.Port = nil })
	w.run("meadow")
	w.wants(m, v1alpha1.ConditionReachable, "Reachable")
	if m.Status.Host != "203.0.113.7" || m.Status.NextRetry != nil {
		t.Errorf("the address is %s, the next retry at %v", m.Status.URL, m.Status.NextRetry)
	}
	outside := int32(8080)
	w.change(m, func() { m.Spec.Exposure.Port = &outside })
	w.wants(m, v1alpha1.ConditionReachable, "ExposureFailed", "30000-32767")
}

// An object of somebody else with the map's name is left alone.
func TestNameTaken(t *testing.T) {
	w := newTown(t)
	w.apply(&corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "meadow"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}})
	m := meadow("meadow")
	w.apply(duel("duel"), m)
	w.wants(m, v1alpha1.ConditionReachable, "NameTaken", "Service called meadow already that belongs to somebody else")
}

func TestPodRefused(t *testing.T) {
	w := newTown(t)
	m := meadow("meadow")
	m.Spec.Pod.NodeSelector = map[string]string{"not a label!": "x"}
	w.apply(duel("duel"), m)
	w.wants(m, v1alpha1.ConditionReady, "PodRefused", "see spec.pod", "nodeSelector")
	w.change(m, func() { m.Spec.Pod.NodeSelector = nil })
	w.run("meadow")
	w.wants(m, v1alpha1.ConditionReady, "Running")
}

// noise cannot be compressed.
func noise(n int) []byte {
	out := make([]byte, n)
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(out)
	return out
}

// bomb is a small archive of zeros that are larger than a bundle may be.
func bomb(t *testing.T) []byte {
	t.Helper()
	return archive(t, "zeros.lua", strings.Repeat("\x00", 17<<20))
}

func archive(t *testing.T, name, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	f, err := z.Create(name)
	if err == nil {
		_, err = f.Write([]byte(text))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Bundles from ConfigMaps: what is wrong with them is a condition, and a changed
// ConfigMap is the way out.
func TestBundleSources(t *testing.T) {
	w := newTown(t)
	b := &v1alpha1.ScriptBundle{ObjectMeta: metav1.ObjectMeta{Name: "duel"}}
	b.Spec.Source = &v1alpha1.BundleSource{ConfigMap: v1alpha1.ConfigMapSource{Name: "files"}}
	w.apply(b)
	w.wants(b, v1alpha1.ConditionCompiled, "SourceMissing", "there is no ConfigMap files", "kubectl create configmap files")

	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "files"}}
	w.apply(cm)
	w.wants(b, v1alpha1.ConditionCompiled, "SourceInvalid", "ConfigMap files is empty")
	for _, test := range []struct {
		data   map[string]string
		binary map[string][]byte
		reason string
		text   string
	}{
		{nil, map[string][]byte{"game.zip": bomb(t)}, "SourceInvalid", "larger than 16 MiB"},
		{nil, map[string][]byte{"game.zip": archive(t, "../x.lua", "x")}, "SourceInvalid", `"../x.lua" is not allowed`},
		{nil, map[string][]byte{"game.zip": archive(t, "/x.lua", "x")}, "SourceInvalid", `"/x.lua" is not allowed`},
		{nil, map[string][]byte{"game.zip": []byte("no zip")}, "SourceInvalid", "not a zip archive"},
		{map[string]string{"a__..__x.lua": "x"}, nil, "SourceInvalid", `"a/../x.lua" is not allowed`},
		{map[string]string{"world.yaml": "a: ["}, nil, "CompileFailed", "world.yaml:1"},
		{map[string]string{"world.yaml": ""}, map[string][]byte{"init.lua": {0xff, 0xfe}}, "CompileFailed", "init.lua"},
		{map[string]string{"world.yaml": ""}, map[string][]byte{"noise.bin": noise(1_020_000)}, "TooLarge", "a ConfigMap holds 1000000"},
		{map[string]string{"world.yaml": "use: [move]"}, map[string][]byte{"game.zip": archive(t, "world.yaml", "x")}, "SourceInvalid", "world.yaml is there twice"},
	} {
		w.change(cm, func() { cm.Data, cm.BinaryData = test.data, test.binary })
		w.wants(b, v1alpha1.ConditionCompiled, test.reason, test.text)
	}
	if b.Status.Revision != "" {
		t.Errorf("there is a revision %s", b.Status.Revision)
	}
	w.change(cm, func() {
		cm.Data = map[string]string{"world.yaml": "use: [move]"}
		cm.BinaryData = map[string][]byte{"rest.zip": archive(t, "init.lua", "print(1)")}
	})
	w.wants(b, v1alpha1.ConditionReady, "Ready")
	if b.Status.Files != 2 || len(b.Status.Languages) != 1 || b.Status.Slot != v1alpha1.SlotBlue {
		t.Errorf("the status is %+v", b.Status)
	}
	w.change(b, func() { b.Spec.Entry = "games/world.yaml" })
	w.wants(b, v1alpha1.ConditionCompiled, "SourceInvalid", `the bundle has no folder games`)
}

func TestFleet(t *testing.T) {
	w := newTown(t)
	three := int32(3)
	f := &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: "arena"}}
	f.Spec.Replicas, f.Spec.Template.Spec.Bundle = &three, "duel"
	w.apply(duel("duel"), f)
	for _, name := range []string{"arena-0", "arena-1", "arena-2"} {
		w.run(name)
	}
	w.wants(f, v1alpha1.ConditionReady, "Ready", "3 of 3 maps are ready")
	if f.Status.Replicas != 3 || f.Status.Updated != 3 || f.Status.Selector != "overworld.dev/fleet=arena" {
		t.Errorf("the status is %+v", f.Status)
	}

	// Somebody plays on the last map: it stays, and the one before goes.
	pod := w.pod("arena-2")
	cluster.pods.set(pod.Status.PodIP, healthy(3))
	w.until("the player to be seen", func() string {
		if _ = w.get("arena", f); f.Status.Players != 3 || f.Status.Busy != 1 {
			return "nobody is there"
		}
		return ""
	})
	leaving := w.pod("arena-1")
	scaled := &v1alpha1.Fleet{ObjectMeta: f.ObjectMeta}
	w.change(scaled, func() { two := int32(2); scaled.Spec.Replicas = &two })
	w.end(leaving)
	w.wants(f, v1alpha1.ConditionReady, "Ready", "2 of 2 maps are ready")
	if still := w.pod("arena-2"); still.UID != pod.UID {
		t.Error("the map with players was ended")
	}

	// A template that never becomes ready stops the update by itself.
	w.change(f, func() { f.Spec.Template.Spec.Bundle = "missing" })
	w.wants(f, v1alpha1.ConditionProgressing, "MapsNotReady", "map arena-", "is not ready (BundleMissing)")
	w.change(f, func() { f.Spec.Template.Spec.Bundle = "duel" })
	w.wants(f, v1alpha1.ConditionReady, "Ready")
}

// Every wrong field is refused by the API server with a sentence that says what
// is allowed.
func TestBadManifests(t *testing.T) {
	w := newTown(t)
	for text, want := range map[string]string{
		"kind: GameMap, spec: {id: 'a b'}":                                                               "id must be of letters, digits",
		"kind: GameMap, spec: {tickRate: 500}":                                                           "less than or equal to 120",
		"kind: GameMap, spec: {tickRate: 0}":                                                             "greater than or equal to 1",
		"kind: GameMap, spec: {tickRate: fast}":                                                          "must be of type integer",
		"kind: GameMap, spec: {tickRate: 20, sendRate: 30}":                                              "sendRate cannot be more than tickRate",
		"kind: GameMap, spec: {maxPlayers: 0}":                                                           "greater than or equal to 1",
		"kind: GameMap, spec: {maxPlayers: 20000}":                                                       "less than or equal to 10000",
		"kind: GameMap, spec: {neighbours: {left: ''}}":                                                  "neighbours must map names of sides to ids",
		"kind: GameMap, spec: {persistence: {saveEvery: often}}":                                         "saveEvery must be a time from 1s to 1h, such as 5s",
		"kind: GameMap, spec: {persistence: {saveEvery: 2h}}":                                            "saveEvery must be a time from 1s to 1h, such as 5s",
		"kind: GameMap, spec: {drain: {timeout: 1ms}}":                                                   "timeout must be a time from 1s to 1h, such as 20s",
		"kind: GameMap, spec: {protocol: {entities: Lists}}":                                             `supported values: "Arrays", "Dictionaries"`,
		"kind: GameMap, spec: {protocol: {lists: Lists}}":                                                `supported values: "Arrays", "Objects"`,
		"kind: GameMap, spec: {scripts: {callBudget: 1m}}":                                               "callBudget must be a time from 1ms to 10s, such as 50ms",
		"kind: GameMap, spec: {scripts: {memory: 12}}":                                                   "memory must be an amount of at least 1Mi, such as 128Mi",
		"kind: GameMap, spec: {scripts: {memory: much}}":                                                 "memory",
		"kind: GameMap, spec: {exposure: {type: Ingress}}":                                               `supported values: "NodePort", "LoadBalancer", "HostPort", "ClusterIP"`,
		"kind: GameMap, spec: {exposure: {type: HostPort}}":                                              "type HostPort needs a port",
		"kind: GameMap, spec: {exposure: {port: 80}}":                                                    "usually 30000 to 32767",
		"kind: GameMap, spec: {exposure: {port: 70000}}":                                                 "less than or equal to 65535",
		"kind: GameMap, spec: {exposure: {publicHost: 'http://x'}}":                                      "publicHost must be a name or an address",
		"kind: GameMap, spec: {pod: {annotations: {overworld.dev/x: text}}}":                             "annotations that begin with overworld.dev/ are the operator's own",
		"kind: GameMap, metadata: {name: 1up}":                                                           "metadata.name must have small letters",
		"kind: GameMap, spec: {colour: red}":                                                             `unknown field "spec.colour"`,
		"kind: ScriptBundle, spec: {}":                                                                   "give the bundle's files either in files or in source.configMap",
		"kind: ScriptBundle, spec: {files: {a: b}, source: {configMap: {name: x}}}":                      "and not both",
		"kind: ScriptBundle, spec: {files: {}}":                                                          "at least 1",
		"kind: ScriptBundle, spec: {files: {a: b}, dialect: MGOBE}":                                      "only the dialect World runs so far",
		"kind: ScriptBundle, spec: {files: {a: b}, dialect: Java}":                                       "supported values",
		"kind: ScriptBundle, spec: {source: {configMap: {name: ''}}}":                                    "at least 1 chars",
		"kind: ScriptBundle, spec: {files: {a: b}, limits: {callBudget: 1h}}":                            "callBudget must be a time from 1ms to 10s",
		"kind: Fleet, spec: {}":                                                                          "template: Required value",
		"kind: Fleet, spec: {replicas: -1, template: {}}":                                                "greater than or equal to 0",
		"kind: Fleet, spec: {template: {spec: {id: x}}}":                                                 "template.spec.id cannot be given",
		"kind: Fleet, spec: {template: {spec: {exposure: {port: 30001}}}}":                               "two maps cannot have one port",
		"kind: Fleet, spec: {template: {spec: {tickRate: 999}}}":                                         "less than or equal to 120",
		"kind: Fleet, spec: {template: {}, autoscaling: {min: 5, max: 2, buffer: 1}}":                    "min cannot be more than max",
		"kind: Fleet, spec: {template: {}, autoscaling: {min: 1, max: 2}}":                               "give either buffer",
		"kind: Fleet, spec: {template: {}, autoscaling: {min: 1, max: 2, buffer: 1, scaleDownDelay: x}}": "scaleDownDelay must be a time up to 24h",
		"kind: Fleet, spec: {template: {}, strategy: {maxSurge: lots}}":                                  "maxSurge must be a number from 0 up, or a share such as 25%",
		"kind: Fleet, spec: {template: {}, strategy: {maxUnavailable: -1}}":                              "maxUnavailable must be a number from 0 up",
		"kind: Fleet, spec: {template: {}, strategy: {drainSeconds: -1}}":                                "greater than or equal to 0",
		"kind: Fleet, spec: {template: {}, ordinals: {start: -1}}":                                       "greater than or equal to 0",
	} {
		if got := w.refusal(text); !strings.Contains(got, want) {
			t.Errorf("%s\nis answered with %q, want %q", text, got, want)
		}
	}
}

// refusal applies a manifest in one line and returns what the API server says.
func (w *town) refusal(text string) string {
	w.Helper()
	var o map[string]any
	if err := yaml.Unmarshal([]byte("{apiVersion: overworld.dev/v1alpha1, "+text+"}"), &o); err != nil {
		w.Fatalf("%s: %v", text, err)
	}
	if o["metadata"] == nil {
		o["metadata"] = map[string]any{"name": "test"}
	}
	return w.create(o)
}
