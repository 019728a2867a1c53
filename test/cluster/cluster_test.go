//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/bots"
	"github.com/overworld-gg/overworld/test/postgres"
)

// TestCluster is a day of a game: installed, played, broken, mended, deleted.
func TestCluster(t *testing.T) {
	r := newRig(t)
	defer r.table()
	r.prepare()
	r.install()
	t.Run("play", r.step((*rig).play))
	t.Run("scripts", r.step((*rig).breakScripts))
	t.Run("change", r.step((*rig).change))
	t.Run("fleet", r.step((*rig).fleet))
	t.Run("rest", r.step((*rig).rest))
	t.Run("swap", r.step((*rig).swap))
	t.Run("kill", r.step((*rig).kill))
	t.Run("gateway", r.step((*rig).restartGateway))
	t.Run("strangers", r.step((*rig).strangers))
	t.Run("lead", r.step((*rig).lead))
	t.Run("move", r.step((*rig).move))
	t.Run("image", r.step((*rig).image))
	t.Run("disk", r.step((*rig).fullDisk))
	t.Run("away", r.step((*rig).away))
	t.Run("crash", r.step((*rig).crash))
	t.Run("delete", r.step((*rig).deleteAll))
	t.Run("namespace", r.step((*rig).deleteNamespace))
}

// deleteNamespace deletes the namespace with a game and the operator in it, without
// a word before: it does not hang.
func (r *rig) deleteNamespace() {
	r.prepare()
	r.install()
	r.kubectl("apply", "-f", "config/samples/hello.yaml")
	r.until("the map", func() string { return r.notReady("hello") })
	begin := time.Now()
	r.kubectl("delete", "namespace", namespace, "--timeout=100s")
	r.measure("delete the namespace of the game and the operator", time.Since(begin).Seconds(), 60, "s")
	r.kubectl("delete", "crd,clusterrole,clusterrolebinding", "-l", "app.kubernetes.io/instance="+release)
	r.kubectl("delete", "-k", "config/crd")
}

// step runs one part with the same cluster.
func (r *rig) step(part func(*rig)) func(*testing.T) {
	return func(t *testing.T) {
		inner := &rig{T: t, client: r.client, database: r.database, disk: r.disk}
		defer func() { r.rows = append(r.rows, inner.rows...) }()
		part(inner)
	}
}

// prepare makes the namespace, and a database where the host can have one.
func (r *rig) prepare() {
	r.Helper()
	ctx := context.Background()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}}
	if err := r.client.Create(ctx, ns); err != nil && !apierrors.IsAlreadyExists(err) {
		r.Fatal(err)
	}
	r.until("the namespace of the run before to go", func() string {
		if err := r.client.Get(ctx, client.ObjectKeyFromObject(ns), ns); err != nil || ns.DeletionTimestamp != nil {
			return fmt.Sprint(err)
		}
		return ""
	})
	host := os.Getenv("OVERWORLD_E2E_HOST")
	if host == "" {
		return
	}
	db, err := postgres.StartIn(r.smallDisk(), host)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = db.Stop() })
	r.database = db
	url, err := db.Create("overworld")
	if err != nil {
		r.Fatal(err)
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "database", Namespace: namespace}, StringData: map[string]string{"url": url}}
	if err := r.client.Create(ctx, secret); err != nil {
		r.Fatal(err)
	}
}

// install installs the chart as its README says.
func (r *rig) install() {
	r.Helper()
	args := []string{"install", release, "charts/overworld", "--wait", "--timeout", "2m", "--set", "crds.keep=false"}
	if os.Getenv("OVERWORLD_E2E_HOST") != "" {
		args = append(args, "--set", "postgresql.enabled=false", "--set", "database.existingSecret=database",
			"--set", "gateway.limits.registrationsPerMinute=6000", "--set", "gateway.limits.loginsPerMinute=6000")
	}
	r.run("", kubectl(), "kustomize", "config/default")
	notes := r.helm(args...)
	if !strings.Contains(notes, "config/samples/hello.yaml") || !strings.Contains(notes, "/server/signin/register") {
		r.Errorf("the notes do not say how to go on:\n%s", notes)
	}
	if out := r.helm("test", release); !strings.Contains(out, "Succeeded") {
		r.Errorf("helm test says\n%s", out)
	}
}

// startAt makes new players begin on a map or a fleet, and waits until no gateway
// sends them elsewhere: the one before answers for some seconds after the new one.
func (r *rig) startAt(name string) {
	r.Helper()
	r.helm("upgrade", release, "charts/overworld", "--reuse-values", "--set", "gateway.start="+name, "--wait")
	r.until("the gateway before to go", func() string {
		pods := r.kubectl("get", "pods", "-l", "app.kubernetes.io/component=gateway", "-o", "name")
		if len(strings.Fields(pods)) > 1 {
			return pods
		}
		return ""
	})
}

// play applies the sample and plays on it from outside.
func (r *rig) play() {
	r.apply(r.overworld("bundle", "pack", "examples/meadow"))
	r.until("the bundle to compile", func() string {
		var b v1alpha1.ScriptBundle
		if err := r.client.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: "meadow"}, &b); err != nil || b.Status.Revision == "" {
			return fmt.Sprintf("%v %+v", err, b.Status.Conditions)
		}
		return ""
	})
	manifest, err := os.ReadFile(root + "/examples/meadow/gamemap.yaml")
	if err != nil {
		r.Fatal(err)
	}
	begin := time.Now()
	r.apply(string(manifest))
	r.until("the map", func() string { return r.notReady("meadow") })
	r.measure("apply to Ready", time.Since(begin).Seconds(), 5, "s")

	url := r.gatewayURL()
	var answer map[string]any
	r.until("the first player", func() string {
		answer = r.post(url+"/server/signin/register", map[string]string{"login": "anna" + strconv.Itoa(int(time.Now().UnixNano()%1e6)), "password": "secret123"})
		return fmt.Sprint(answer["error"])
	})
	m := r.gameMap("meadow")
	if answer["host"] != fmt.Sprintf("%s:%d", m.Status.Host, m.Status.Port) || answer["map"] == "" {
		r.Errorf("players are sent to %v, and the map is at %s", answer["host"], m.Status.URL)
	}
	result := r.playOn(url, 20, 25*time.Second, nil, func() {
		r.until("the players in kubectl get gamemap", func() string {
			line := r.kubectl("get", "gamemap", "meadow", "--no-headers")
			columns := strings.Fields(line)
			if len(columns) < 8 || columns[0] != "meadow" || columns[1] != "True" || columns[2] != "20" {
				return line
			}
			if fps, err := strconv.Atoi(columns[3]); err != nil || fps <= 55 {
				return line
			}
			return ""
		})
	})
	if result.Connected != 20 || len(result.Closes) > 0 || result.Acks == 0 {
		r.Errorf("the bots say %+v", result)
	}
	r.Log(r.kubectl("get", "gamemap,scriptbundle", "-o", "wide"))
}

// playOn lets bots play; meanwhile something else may be done.
func (r *rig) playOn(url string, players int, d time.Duration, commands map[string]map[string]any, meanwhile func()) bots.Result {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type outcome struct {
		result bots.Result
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := bots.Run(ctx, bots.Config{URL: url, Players: players, Duration: d, RampUp: 20, ActionsPerSecond: 2, Commands: commands})
		done <- outcome{result, err}
	}()
	meanwhile()
	o := <-done
	if o.err != nil {
		r.Fatal(o.err)
	}
	return o.result
}

// breakScripts runs a game whose scripts throw: the error is in the status, in an
// Event, and the prints are in the log.
func (r *rig) breakScripts() {
	r.apply(r.overworld("bundle", "pack", "test/e2e/testdata/faulty", "--name", "faulty"))
	r.apply(`{"apiVersion": "overworld.dev/v1alpha1", "kind": "GameMap", "metadata": {"name": "faulty"}, "spec": {"bundle": "faulty"}}`)
	r.until("the map", func() string { return r.notReady("faulty") })
	r.startAt("faulty")
	url := r.gatewayURL()
	r.until("the gateway", func() string {
		answer := r.post(url+"/server/signin/register", map[string]string{"login": "bert" + strconv.Itoa(int(time.Now().UnixNano()%1e6)), "password": "secret123"})
		return fmt.Sprint(answer["error"])
	})
	begin := time.Now()
	r.playOn(url, 2, 15*time.Second, map[string]map[string]any{"evil/throw": {}}, func() {
		r.until("the error in kubectl get gamemap", func() string {
			m := r.gameMap("faulty")
			columns := strings.Fields(r.kubectl("get", "gamemap", "faulty", "--no-headers"))
			if len(m.Status.ScriptErrors.Top) == 0 || len(columns) < 6 || columns[5] == "0" {
				return fmt.Sprintf("%+v", m.Status.ScriptErrors)
			}
			if !regexp.MustCompile(`throw\.lua:\d+`).MatchString(m.Status.ScriptErrors.Top[0].At) {
				return "the first error is at " + m.Status.ScriptErrors.Top[0].At
			}
			return ""
		})
		r.measure("script error in kubectl get gamemap", time.Since(begin).Seconds(), 10, "s")
		r.until("the Event", func() string { return r.missingEvent("faulty", "ScriptError", "throw.lua:") })
		r.measure("script error as an Event", time.Since(begin).Seconds(), 10, "s")
	})
	r.kubectl("apply", "-f", "config/samples/hello.yaml")
	r.until("the map", func() string { return r.notReady("hello") })
	r.until("the print in kubectl logs", func() string {
		if out := r.kubectl("logs", r.gameMap("hello").Status.Pod); !strings.Contains(out, "hello from Lua") {
			return out
		}
		return ""
	})
}

// change edits a running map: scripts and exposure in place, the rest by a new pod.
func (r *rig) change() {
	pod, uid := r.gameMap("hello").Status.Pod, r.podUID("hello")
	was := r.gameMap("hello").Status.Revision.Applied
	begin := time.Now()
	r.kubectl("patch", "scriptbundle", "hello", "--type=merge", "-p", `{"spec": {"files": {"init.lua": "print('hello again')"}}}`)
	r.until("the scripts to change", func() string {
		if out := r.kubectl("logs", pod); !strings.Contains(out, "hello again") {
			return "they have not"
		}
		return ""
	})
	r.measure("scripts swapped on a running map", time.Since(begin).Seconds(), 5, "s")
	r.until("the status to say so", func() string {
		if now := r.gameMap("hello").Status.Revision; now.Applied == was || now.Applied != now.Wanted {
			return fmt.Sprintf("%+v", now)
		}
		return ""
	})
	r.kubectl("patch", "gamemap", "hello", "--type=merge", "-p", `{"spec": {"exposure": {"publicHost": "play.example"}}}`)
	r.until("the address", func() string { return strings.TrimPrefix(r.gameMap("hello").Status.Host, "play.example") })
	if r.podUID("hello") != uid {
		r.Error("the pod was replaced for what it need not know")
	}
	r.kubectl("patch", "gamemap", "hello", "--type=merge", "-p", `{"spec": {"exposure": {"publicHost": null}}}`)
	r.replace()
}

// replace changes what a pod is made of while people play: all of them come back
// by themselves.
func (r *rig) replace() {
	r.startAt("hello")
	result := r.playOn(r.gatewayURL(), 10, 20*time.Second, nil, func() {
		r.until("the players", func() string {
			if n := r.gameMap("hello").Status.Players; n != 10 {
				return fmt.Sprintf("%d are there", n)
			}
			return ""
		})
		uid := r.podUID("hello")
		begin := time.Now()
		r.kubectl("patch", "gamemap", "hello", "--type=merge", "-p", `{"spec": {"tickRate": 30}}`)
		r.until("the players on the new pod", func() string {
			text, n := r.notReady("hello"), r.gameMap("hello").Status.Players
			if text != "" || n != 10 || r.podUID("hello") == uid {
				return fmt.Sprintf("%d players; %s", n, text)
			}
			return ""
		})
		r.measure("pod replaced, 10 players back on it", time.Since(begin).Seconds(), 10, "s")
		r.until("the new rate", func() string {
			if fps := r.gameMap("hello").Status.FPS; fps < 28 || fps > 32 {
				return fmt.Sprintf("%d frames a second", fps)
			}
			return ""
		})
	})
	if result.Connected != 10 || result.Handovers < 10 {
		r.Errorf("the players say %+v", result)
	}
}

// podUID is the identity of a map's pod, "" if it has none.
func (r *rig) podUID(name string) string {
	var pod corev1.Pod
	if err := r.client.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: r.gameMap(name).Status.Pod}, &pod); err != nil {
		return ""
	}
	return string(pod.UID)
}

// fleet grows and shrinks by kubectl scale.
func (r *rig) fleet() {
	r.kubectl("apply", "-f", "config/samples/fleet.yaml")
	ready := func(n int32) func() string {
		return func() string {
			var f v1alpha1.Fleet
			if err := r.client.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: "arena"}, &f); err != nil {
				return err.Error()
			}
			if f.Status.Ready != n || f.Status.Replicas != n {
				return fmt.Sprintf("%+v", f.Status)
			}
			return ""
		}
	}
	r.until("the least that autoscaling makes", ready(3))
	r.kubectl("patch", "fleet", "arena", "--type=merge", "-p", `{"spec": {"autoscaling": null}}`)
	r.kubectl("scale", "fleet", "arena", "--replicas=7")
	r.until("seven maps", ready(7))
	r.Log(r.kubectl("get", "fleet"))
}

// rest measures the operator with ten maps and nothing to do.
func (r *rig) rest() {
	before := r.operatorMetrics()
	const watched = 20 * time.Second
	<-time.After(watched)
	after := r.operatorMetrics()
	cpu := (after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]) / watched.Seconds() * 100
	r.measure("operator with 10 maps: memory", after["process_resident_memory_bytes"]/(1<<20), 60, "MiB")
	r.measure("operator with 10 maps: CPU, polling included", cpu, 1, "% of a core")
}

var metricLine = regexp.MustCompile(`(?m)^(process_\w+) ([0-9.e+]+)$`)

func (r *rig) operatorMetrics() map[string]float64 {
	r.Helper()
	pod := r.kubectl("get", "pods", "-l", "app.kubernetes.io/component=operator", "-o", "jsonpath={.items[0].metadata.name}")
	text := r.kubectl("get", "--raw", "/api/v1/namespaces/"+namespace+"/pods/"+pod+":8080/proxy/metrics")
	out := map[string]float64{}
	for _, m := range metricLine.FindAllStringSubmatch(text, -1) {
		v, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			r.Fatal(err)
		}
		out[m[1]] = v
	}
	return out
}

// deleteAll deletes the game and the release: nothing is left.
func (r *rig) deleteAll() {
	begin := time.Now()
	r.kubectl("delete", "fleet,gamemap,scriptbundle", "--all", "--timeout=60s")
	r.until("the pods to go", func() string {
		var pods corev1.PodList
		if err := r.client.List(context.Background(), &pods, client.InNamespace(namespace), client.MatchingLabels{"app.kubernetes.io/name": "mapserver"}); err != nil {
			return err.Error()
		}
		if len(pods.Items) > 0 {
			return fmt.Sprintf("%d pods are left", len(pods.Items))
		}
		return ""
	})
	r.until("all that belongs to maps to go", func() string {
		return r.kubectl("get", "service,secret,pdb,networkpolicy,configmap", "-l", "app.kubernetes.io/managed-by=overworld", "-o", "name")
	})
	r.helm("uninstall", release, "--wait")
	r.kubectl("delete", "namespace", namespace, "--timeout=60s")
	r.measure("delete everything", time.Since(begin).Seconds(), 60, "s")
	if left := r.kubectl("get", "crd,clusterrole,clusterrolebinding", "-o", "name"); strings.Contains(left, "overworld") {
		r.Errorf("left behind in the cluster:\n%s", left)
	}
}
