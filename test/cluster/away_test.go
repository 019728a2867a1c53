//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

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
