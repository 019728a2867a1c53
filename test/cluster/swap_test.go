//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
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
