//go:build cluster

package cluster

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// kill ends a map's pod without a word: players come back by themselves, and nothing
// older than the last save is lost.
func (r *rig) kill() {
	gateway := r.gatewayURL()
	c := r.crowd(gateway)
	w := r.waver(gateway)
	for range 4 {
		w.wave()
	}
	r.until("a save", func() string { // of what was before this moment
		if age := r.statusOf(r.gameMap("meadow").Status.Pod).Save.AgeSeconds; age == nil || *age > time.Since(w.last).Seconds() {
			return "the last save is older than the last wave"
		}
		return ""
	})
	waves := w.waves()
	back := func(times int) {
		r.Helper()
		r.until("the players to come back", func() string {
			if now := c.now(); now.Connected != players || now.Reconnects < times*players {
				return fmt.Sprintf("%+v", now)
			}
			return ""
		})
		w.connect()
		if now := w.waves(); now < waves {
			r.Errorf("the player has waved %d times, and %d before the last save", now, waves)
		}
	}
	r.crashPod(r.gameMap("meadow").Status.Pod)
	back(1)
	r.measure("map server killed: a player was away for", c.now().LongestAway, 10, "s")
	r.kubectl("delete", "pod", r.gameMap("meadow").Status.Pod, "--force", "--grace-period=0")
	back(2)
	r.measure("map pod deleted by force: a player was away for", c.now().LongestAway, 10, "s")
}

// crashPod kills the program in a pod without a word where the node's processes can be
// reached; elsewhere it deletes the pod by force.
func (r *rig) crashPod(pod string) {
	r.Helper()
	if !r.own() {
		r.kubectl("delete", "pod", pod, "--force", "--grace-period=0")
		return
	}
	files, err := filepath.Glob("/proc/[0-9]*/root/etc/hostname")
	if err != nil {
		r.Fatal(err)
	}
	killed := 0
	for _, file := range files {
		process := strings.TrimSuffix(file, "/root/etc/hostname")
		host, _ := os.ReadFile(file)
		program, _ := os.ReadFile(process + "/comm")
		if strings.TrimSpace(string(host)) != pod || strings.TrimSpace(string(program)) == "pause" {
			continue
		}
		id, err := strconv.Atoi(filepath.Base(process))
		if err == nil {
			err = syscall.Kill(id, syscall.SIGKILL)
		}
		if err != nil {
			r.Fatal(err)
		}
		killed++
	}
	if killed != 1 {
		r.Fatalf("%d processes of pod %s were killed", killed, pod)
	}
}

// restartGateway ends the only gateway without a word.
func (r *rig) restartGateway() {
	d := r.door()
	c := r.crowd(d.gateway)
	before := c.now()
	begin := time.Now()
	r.crashPod(r.fields("get", "pods", "-l", "app.kubernetes.io/component=gateway", "-o", "jsonpath={.items[0].metadata.name}")[0])
	failed := time.Time{}
	r.until("logins", func() string {
		text, _ := d.login()
		if text != "" {
			failed = time.Now()
		}
		if text == "" && time.Since(begin) < 3*time.Second { // the one that was ended may answer for a moment
			return "wait"
		}
		return text
	})
	away := 0.
	if !failed.IsZero() {
		away = failed.Sub(begin).Seconds()
	}
	r.measure("gateway killed: logins work again after", away, 5, "s")
	c.undisturbed("the gateway was killed", before)
}

// strangers starts three more pods of a map by force: they wait, and the map's own
// goes on.
func (r *rig) strangers() {
	c := r.crowd(r.gatewayURL())
	before, pod := c.now(), r.gameMap("meadow").Status.Pod
	manifest := r.kubectl("get", "pod", pod, "-o", "json")
	r.Cleanup(func() { r.kubectl("delete", "pod", "-l", "stranger=yes", "--force", "--grace-period=0") })
	for i := range 3 {
		r.apply(stranger(r, manifest, fmt.Sprintf("stranger-%d", i)))
	}
	for i := range 3 {
		name := fmt.Sprintf("stranger-%d", i)
		r.until("the stranger to say why it waits", func() string { return r.unsaid(name, "it waits until it is its turn") })
	}
	r.until("a save of the map", func() string {
		if s := r.statusOf(pod).Save; s.Error != "" || s.AgeSeconds == nil || *s.AgeSeconds > 8 {
			return fmt.Sprintf("%+v", s)
		}
		return ""
	})
	c.undisturbed("three strangers came", before)
	if ready := r.fields("get", "pods", "-l", "stranger=yes", "-o", `jsonpath={.items[*].status.containerStatuses[*].ready}`); strings.Contains(strings.Join(ready, " "), "true") {
		r.Errorf("a stranger lets players in: %v", ready)
	}
}

// stranger is the manifest of a pod made of another one, which nobody owns.
func stranger(r *rig, manifest, name string) string {
	r.Helper()
	var pod corev1.Pod
	if err := json.Unmarshal([]byte(manifest), &pod); err != nil {
		r.Fatal(err)
	}
	pod.ObjectMeta = metav1.ObjectMeta{Name: name, Namespace: pod.Namespace, Labels: pod.Labels, Annotations: pod.Annotations}
	pod.Labels["stranger"] = "yes"
	pod.Spec.NodeName, pod.Status = "", corev1.PodStatus{}
	text, err := json.Marshal(&pod)
	if err != nil {
		r.Fatal(err)
	}
	return string(text)
}

// lead kills the leader of two operators: the other one takes over.
func (r *rig) lead() {
	r.helm("upgrade", release, "charts/overworld", "--reuse-values", "--set", "operator.replicas=2", "--wait")
	r.until("a leader among two", func() string {
		if pods := r.fields("get", "pods", "-l", "app.kubernetes.io/component=operator", "-o", "name"); len(pods) != 2 {
			return fmt.Sprint(pods)
		}
		if r.leader() == "" {
			return "nobody leads"
		}
		return ""
	})
	leader := r.leader()
	r.crashPod(leader)
	begin := time.Now()
	r.kubectl("patch", "gamemap", "hello", "--type=merge", "-p", `{"spec": {"exposure": {"publicHost": "new.example"}}}`)
	r.until("the other operator to work", func() string { return strings.TrimPrefix(r.gameMap("hello").Status.Host, "new.example") })
	r.measure("leader of two operators killed: the other one works after", time.Since(begin).Seconds(), 20, "s")
	r.kubectl("patch", "gamemap", "hello", "--type=merge", "-p", `{"spec": {"exposure": {"publicHost": null}}}`)
	r.helm("upgrade", release, "charts/overworld", "--reuse-values", "--set", "operator.replicas=1", "--wait")
}

// leader is the pod that holds the operators' lease.
func (r *rig) leader() string {
	r.Helper()
	holder := r.kubectl("get", "lease", "operator.overworld.dev", "-o", "jsonpath={.spec.holderIdentity}")
	pod, _, _ := strings.Cut(holder, "_")
	return pod
}

// crash runs a map whose scripts take more memory than its pod may: the status says so,
// and so do logins. It is left as it is: what is deleted next is a crash loop.
func (r *rig) crash() {
	r.apply(`{"apiVersion": "overworld.dev/v1alpha1", "kind": "ScriptBundle", "metadata": {"name": "greedy"}, "spec": {
		"limits": {"memory": "2Gi", "callBudget": "10s"},
		"files": {"world.yaml": "use: [move]", "init.lua": "local t = {} for i = 1, 400 do t[i] = string.rep('x', 1048576) .. i end"}}}`)
	r.apply(`{"apiVersion": "overworld.dev/v1alpha1", "kind": "GameMap", "metadata": {"name": "greedy"}, "spec": {"bundle": "greedy",
		"pod": {"resources": {"limits": {"memory": "64Mi"}, "requests": {"memory": "32Mi"}}}}}`)
	r.until("the status to say why", func() string {
		ready := meta.FindStatusCondition(r.gameMap("greedy").Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Reason != "Crashing" || !strings.Contains(ready.Message, "took more memory than it may") {
			return fmt.Sprintf("%+v", ready)
		}
		return ""
	})
	r.startAt("greedy")
	answer := r.post(r.gatewayURL()+"/server/signin/register", map[string]string{"login": fmt.Sprintf("oom%d", time.Now().UnixNano()%1e6), "password": "secret123"})
	if text := fmt.Sprint(answer["error"]); !regexp.MustCompile(`^map is starting, try again in \d+ s$`).MatchString(text) {
		r.Errorf("a login to a map that crashes: %s", text)
	}
	r.Log(r.kubectl("get", "gamemap"))
}
