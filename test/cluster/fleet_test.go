//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

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
