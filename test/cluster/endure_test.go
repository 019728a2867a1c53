//go:build cluster

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/bots"
)

// swap changes the scripts of a map with players: by a revision that works, by one
// that does not, and back to the one before.
func (r *rig) swap() {
	r.startAt("meadow")
	c := r.crowd(r.gatewayURL())
	before, pod := c.now(), r.gameMap("meadow").Status.Pod
	old := r.bundle("meadow").Status.Revision
	begin := time.Now()
	r.meadow("print('swapped')")
	r.until("the scripts to change", func() string { return r.unsaid(pod, "swapped") })
	r.measure("scripts changed under 50 players", time.Since(begin).Seconds(), 5, "s")
	r.until("the status to say so", func() string { return r.unlike("meadow", r.bundle("meadow").Status.Revision) })
	second := r.gameMap("meadow").Status.Revision.Applied
	pauses := []float64{r.statusOf(pod).Bundle.SwapMs}
	for _, revision := range []string{old, second} {
		r.rollBack(`"` + revision + `"`)
		r.until("the roll-back", func() string { return r.unlike("meadow", revision) })
		pauses = append(pauses, r.statusOf(pod).Bundle.SwapMs)
	}
	slices.Sort(pauses)
	r.measure("pause of the map by the change, median of three", pauses[1], 2*1000./60, "ms")
	r.rollBack("null")
	c.undisturbed("scripts changed", before)

	r.meadow("error('this cannot be')")
	r.until("the bundle to say that the map refuses it", func() string {
		b := r.bundle("meadow")
		ready := meta.FindStatusCondition(b.Status.Conditions, v1alpha1.ConditionReady)
		if ready.Reason != "RevisionRefused" || !strings.Contains(ready.Message, "this cannot be") {
			return ready.Message
		}
		return ""
	})
	if now := r.gameMap("meadow").Status.Revision; now.Applied != second || !strings.Contains(now.Error, "init.lua:") {
		r.Errorf("the map runs %+v, and should run %s", now, second)
	}
	r.rollBack(`"` + second + `"`)
	r.until("the roll-back", func() string { return r.unlike("meadow", second) })
	r.Log(r.kubectl("get", "gamemap,scriptbundle"))
	r.rollBack("null")
	r.apply(r.overworld("bundle", "pack", "examples/meadow"))
	r.until("the first revision again", func() string { return r.unlike("meadow", old) })
	c.undisturbed("scripts refused and rolled back", before)
}

// rollBack asks for a revision of the meadow's scripts, in JSON.
func (r *rig) rollBack(revision string) {
	r.Helper()
	r.kubectl("patch", "scriptbundle", "meadow", "--type=merge", "-p", `{"spec": {"revision": `+revision+`}}`)
}

// meadow applies the example with a line more in its init script.
func (r *rig) meadow(line string) {
	dir := r.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "examples/meadow"))); err != nil {
		r.Fatal(err)
	}
	path := filepath.Join(dir, "init.lua")
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(text, "\n"+line+"\n"...), 0o600)
	}
	if err != nil {
		r.Fatal(err)
	}
	r.apply(r.overworld("bundle", "pack", dir, "--name", "meadow"))
}

func (r *rig) bundle(name string) *v1alpha1.ScriptBundle {
	r.Helper()
	var b v1alpha1.ScriptBundle
	if err := r.client.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: name}, &b); err != nil {
		r.Fatal(err)
	}
	return &b
}

// unsaid complains of words that are not in a pod's log.
func (r *rig) unsaid(pod, words string) string {
	if out, err := r.try("", kubectl(), "-n", namespace, "logs", pod, "--tail=200"); err != nil || !strings.Contains(out, words) {
		return "its log does not say " + words + ": " + out
	}
	return ""
}

// unlike complains of a map that does not run a revision, or not as it should.
func (r *rig) unlike(name, revision string) string {
	if now := r.gameMap(name).Status.Revision; now.Applied != revision || now.Wanted != revision || now.Error != "" {
		return fmt.Sprintf("%+v, want %s", now, revision)
	}
	return ""
}

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

// waver is a player who counts.
type waver struct {
	r    *rig
	c    *bots.Client
	name string
	last time.Time
}

func (r *rig) waver(gateway string) *waver {
	r.Helper()
	c, err := bots.NewClient(bots.Options{URL: gateway})
	if err != nil {
		r.Fatal(err)
	}
	w := &waver{r: r, c: c, name: fmt.Sprintf("waver%d", time.Now().UnixNano()%1e6)}
	to, err := c.Register(context.Background(), w.name, "secret123")
	if err != nil {
		r.Fatal(err)
	}
	w.enter(to)
	r.Cleanup(c.Close)
	return w
}

// connect signs in again.
func (w *waver) connect() {
	w.r.Helper()
	w.c.Close()
	var to bots.Credentials
	w.r.until("the waver's login", func() (text string) {
		var err error
		if to, err = w.c.Login(context.Background(), w.name, "secret123"); err != nil {
			return err.Error()
		}
		return ""
	})
	w.enter(to)
}

func (w *waver) enter(to bots.Credentials) {
	w.r.Helper()
	if err := w.c.Dial(context.Background(), to); err != nil {
		w.r.Fatal(err)
	}
	w.wait(func() bool { return w.c.Player() != nil })
}

func (w *waver) wait(enough func() bool) {
	w.r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := w.c.Wait(ctx, func(*bots.Packet, *bots.World) bool { return enough() }); err != nil {
		w.r.Fatal(err)
	}
}

func (w *waver) waves() int {
	n, _ := w.c.Player().Component("waves").(float64)
	return int(n)
}

func (w *waver) wave() {
	w.r.Helper()
	before := w.waves()
	if _, err := w.c.Command("greet/wave", nil); err != nil {
		w.r.Fatal(err)
	}
	w.wait(func() bool { return w.waves() > before })
	w.last = time.Now()
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

// move scales a fleet from one map to five and down to two while all play on one.
func (r *rig) move() {
	r.kubectl("delete", "fleet", "arena", "--wait")
	r.until("the maps of the fleet before to go", func() string {
		return strings.Join(r.fields("get", "gamemap", "-l", "overworld.dev/fleet=arena", "-o", "name"), " ")
	})
	r.apply(`{"apiVersion": "overworld.dev/v1alpha1", "kind": "Fleet", "metadata": {"name": "arena"},
		"spec": {"replicas": 1, "strategy": {"drainSeconds": 5}, "template": {"spec": {"bundle": "hello", "maxPlayers": 80}}}}`)
	r.until("the first map", func() string { return r.fleetUnlike(1) })
	r.startAt("arena")
	c := r.crowd(r.gatewayURL())
	before := c.now()
	begin := time.Now()
	r.kubectl("scale", "fleet", "arena", "--replicas=5")
	r.until("five maps", func() string { return r.fleetUnlike(5) })
	r.measure("fleet of one map scaled to five", time.Since(begin).Seconds(), 15, "s")
	r.kubectl("scale", "fleet", "arena", "--replicas=2")
	r.until("two maps", func() string { return r.fleetUnlike(2) })
	c.undisturbed("a fleet was scaled from 1 to 5 to 2 maps", before)
}

// fleetUnlike complains of a fleet that has not so many maps, all ready and new.
func (r *rig) fleetUnlike(n int32) string {
	var f v1alpha1.Fleet
	if err := r.client.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: "arena"}, &f); err != nil {
		return err.Error()
	}
	s := f.Status
	if s.ObservedGeneration != f.Generation || s.Replicas != n || s.Ready != n || s.Updated != n || s.Draining != 0 {
		return fmt.Sprintf("%+v", s)
	}
	return ""
}

// image gives all maps another map server: a fleet's players are warned and moved.
func (r *rig) image() {
	c := r.crowd(r.gatewayURL())
	change := "image.pullPolicy=Never"
	if next := os.Getenv("OVERWORLD_E2E_NEXT_IMAGE"); next != "" {
		change = "mapserver.image=" + next
	}
	pods := func() []string {
		return r.fields("get", "pods", "-l", "overworld.dev/fleet=arena", "-o", "jsonpath={.items[*].metadata.uid}")
	}
	was := pods()
	begin := time.Now()
	r.helm("upgrade", release, "charts/overworld", "--reuse-values", "--set", change, "--wait")
	r.until("all maps of the fleet to be new", func() string {
		for _, uid := range pods() {
			if slices.Contains(was, uid) {
				return "a pod is as it was"
			}
		}
		return r.fleetUnlike(2)
	})
	r.Logf("the fleet has another map server after %s", time.Since(begin))
	c.all("all players")
	now := c.now()
	if now.Warned < players || now.Handovers < players {
		r.Errorf("not all players were warned and moved: %+v", now)
	}
	r.measure("another map server, with drain: a player was away for", now.LongestAway, 10, "s")
	for _, name := range []string{"meadow", "hello"} {
		r.until("the other maps", func() string {
			if m := r.gameMap(name); m.Status.Outdated {
				return name + " is outdated"
			}
			return r.notReady(name)
		})
	}
}

// away takes away the operator, and meanwhile the database, the kubelet, and the API
// server: players notice nothing.
func (r *rig) away() {
	d := r.door()
	c := r.crowd(d.gateway)
	r.kubectl("scale", "deployment", "overworld-operator", "--replicas=0")
	began := time.Now()
	d.opens("the operator was away")
	if r.database != nil {
		r.databaseAway(c, d)
	}
	if r.own() {
		r.cut(c, "kubelet", 30*time.Second, d)
		r.cut(c, "apiserver", 2*time.Minute, d)
	} else {
		r.watch(c, "the operator", 2*time.Minute-time.Since(began), d)
	}
	r.kubectl("scale", "deployment", "overworld-operator", "--replicas=1")
	r.until("the maps", func() string { return r.fleetUnlike(2) })
}

// own tells that the cluster is hack/cluster's, whose parts can be stopped.
func (r *rig) own() bool { return os.Getenv("OVERWORLD_E2E_HOST") != "" }

// cut stops a part of the cluster for some time.
func (r *rig) cut(c *crowd, part string, long time.Duration, d *door) {
	r.Helper()
	resume := func() { r.run("", "hack/cluster/cluster", "resume", part) }
	r.run("", "hack/cluster/cluster", "pause", part)
	defer resume()
	r.watch(c, part, long, d)
}

// watch lets time pass while a part is away: players play, and logins go on.
func (r *rig) watch(c *crowd, part string, long time.Duration, d *door) {
	r.Helper()
	before := c.now()
	for end := time.Now().Add(long); time.Now().Before(end); <-time.After(5 * time.Second) {
		d.opens(part + " was away")
	}
	c.undisturbed(part+" was away", before)
	r.measure(part+" away for "+long.String()+": players who noticed", float64(c.now().Reconnects-before.Reconnects), 0, "")
}

// databaseAway stops PostgreSQL for a minute: play goes on, logins say so at once, and
// what happened meanwhile is saved afterwards.
func (r *rig) databaseAway(c *crowd, d *door) {
	r.Helper()
	before, pod := c.now(), r.gameMap(r.busiest()).Status.Pod
	if err := r.database.Halt(); err != nil {
		r.Fatal(err)
	}
	halted, longest := time.Now(), time.Duration(0)
	for time.Since(halted) < time.Minute {
		text, took := d.login()
		if !strings.Contains(text, "database is away") {
			r.Errorf("a login while the database is away: %q", text)
		}
		longest = max(longest, took)
		<-time.After(5 * time.Second)
	}
	r.measure("database away: logins say so within", longest.Seconds(), 0.5, "s")
	if s := r.statusOf(pod).Save; s.Error == "" {
		r.Error("the map does not say that it cannot save")
	}
	c.undisturbed("the database was away", before)
	if err := r.database.Run(); err != nil {
		r.Fatal(err)
	}
	r.measure("database back: all is saved after", r.saved(pod).Seconds(), 10, "s")
	d.opens("the database was back")
}

// smallDisk is a disk of its own for the database, which can be filled.
func (r *rig) smallDisk() string {
	r.Helper()
	dir, err := os.MkdirTemp("", "overworld-disk-")
	if err == nil {
		err = syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=400m,mode=755")
	}
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := errors.Join(syscall.Unmount(dir, syscall.MNT_DETACH), os.Remove(dir)); err != nil {
			r.Error(err)
		}
	})
	r.disk = dir
	return dir
}

// fullDisk fills the database's disk: the map says so and goes on, and all is saved when
// there is room.
func (r *rig) fullDisk() {
	if r.disk == "" {
		r.Log("the database is not on this machine: its disk stays as it is")
		return
	}
	r.startAt("meadow")
	gateway := r.gatewayURL()
	c, w := r.crowd(gateway), r.waver(gateway)
	before, pod := c.now(), r.gameMap("meadow").Status.Pod
	ballast := filepath.Join(r.disk, "ballast")
	if out, err := r.try("", "dd", "if=/dev/zero", "of="+ballast, "bs=64k"); err == nil {
		r.Fatal("the disk is not full: ", out)
	}
	w.wave()
	r.until("the map to say that it cannot save", func() string {
		if s := r.statusOf(pod).Save; !strings.Contains(s.Error, "database") {
			return fmt.Sprintf("%+v", s)
		}
		return ""
	})
	r.until("the status to say so", func() string {
		saved := meta.FindStatusCondition(r.gameMap("meadow").Status.Conditions, v1alpha1.ConditionSaved)
		if saved.Reason != "SaveFailed" {
			return saved.Message
		}
		r.Log(saved.Message)
		return ""
	})
	c.undisturbed("the database's disk was full", before)
	if err := os.Remove(ballast); err != nil {
		r.Fatal(err)
	}
	if err := r.database.Halt(); err != nil { // it may have ended by itself
		r.Fatal(err)
	}
	if err := r.database.Run(); err != nil {
		r.Fatal(err)
	}
	r.saved(pod)
	c.undisturbed("there was room again", before)
}

// saved waits for a save that begins now, and returns how long it took.
func (r *rig) saved(pod string) time.Duration {
	r.Helper()
	begin := time.Now()
	return r.until("saves", func() string {
		if s := r.statusOf(pod).Save; s.Error != "" || s.AgeSeconds == nil || *s.AgeSeconds > time.Since(begin).Seconds() {
			return fmt.Sprintf("%+v", s)
		}
		return ""
	})
}

// busiest is the map with most players.
func (r *rig) busiest() string {
	r.Helper()
	var list v1alpha1.GameMapList
	if err := r.client.List(context.Background(), &list, client.InNamespace(namespace)); err != nil {
		r.Fatal(err)
	}
	best := slices.MaxFunc(list.Items, func(a, b v1alpha1.GameMap) int { return int(a.Status.Players - b.Status.Players) })
	return best.Name
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
