//go:build scale

package scale

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// mapWatch knows the GameMaps as whoever watches them sees them.
type mapWatch struct {
	mu      sync.Mutex
	now     map[string]*v1alpha1.GameMap
	waiting map[string][]*wish
}

// wish is somebody who waits for a map to be somehow.
type wish struct {
	holds func(*v1alpha1.GameMap) bool
	met   chan time.Time
}

func (r *rig) watchMaps() *mapWatch {
	r.Helper()
	w := &mapWatch{now: map[string]*v1alpha1.GameMap{}, waiting: map[string][]*wish{}}
	r.informer(&v1alpha1.GameMap{}, cache.ByObject{}, toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { w.see(o.(*v1alpha1.GameMap)) },
		UpdateFunc: func(_, o any) { w.see(o.(*v1alpha1.GameMap)) },
		DeleteFunc: func(o any) {
			if gone, ok := o.(toolscache.DeletedFinalStateUnknown); ok {
				o = gone.Obj
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			delete(w.now, o.(*v1alpha1.GameMap).Name)
		},
	})
	return w
}

func (w *mapWatch) see(m *v1alpha1.GameMap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now[m.Name] = m
	var left []*wish
	for _, wish := range w.waiting[m.Name] {
		if wish.holds(m) {
			wish.met <- time.Now()
		} else {
			left = append(left, wish)
		}
	}
	w.waiting[m.Name] = left
}

// when returns a channel that gets the time when a map is somehow.
func (w *mapWatch) when(mapName string, holds func(*v1alpha1.GameMap) bool) <-chan time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	wish := &wish{holds, make(chan time.Time, 1)}
	w.waiting[mapName] = append(w.waiting[mapName], wish)
	return wish.met
}

// count counts the maps that are somehow.
func (w *mapWatch) count(holds func(*v1alpha1.GameMap) bool) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.now {
		if holds(m) {
			n++
		}
	}
	return n
}

func isReady(m *v1alpha1.GameMap) bool {
	return meta.IsStatusConditionTrue(m.Status.Conditions, v1alpha1.ConditionReady)
}

// runs tells whether a map's status says that it runs a revision.
func runs(revision string) func(*v1alpha1.GameMap) bool {
	return func(m *v1alpha1.GameMap) bool {
		return m.Status.Revision.Applied == revision && m.Status.Revision.Wanted == revision
	}
}

// pending counts who still waits.
func (w *mapWatch) pending() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, wishes := range w.waiting {
		n += len(wishes)
	}
	return n
}
