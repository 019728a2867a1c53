package directory

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// town is a directory that is told of GameMaps by hand.
type town struct {
	*Cluster
	t *testing.T
	// keys are those that were told, away makes telling and reading fail.
	keys map[string]string
	away error
	now  time.Time
}

func newTown(t *testing.T) *town {
	w := &town{t: t, keys: map[string]string{}, now: time.Unix(1_700_000_000, 0)}
	w.Cluster = &Cluster{Static: NewStatic(""), maps: map[string]*clusterMap{}, config: ClusterConfig{
		Key: func(_ context.Context, id string, hash []byte) error {
			if w.away == nil {
				w.keys[id] = string(hash)
			}
			return w.away
		},
		Terrain: func(_ context.Context, url string) ([]byte, error) { return []byte("map of " + url), w.away },
		Logger:  slog.New(slog.DiscardHandler),
	}}
	return w
}

// once does what there is to do, some seconds after the last time.
func (w *town) once() {
	w.now = w.now.Add(2 * workPause)
	w.attendAll(w.t.Context(), w.now)
}

// gameMap is a GameMap that runs.
func gameMap(name string, age time.Duration) *v1alpha1.GameMap {
	limit := int32(50)
	g := &v1alpha1.GameMap{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(1_700_000_000, 0).Add(-age))}}
	g.Spec = v1alpha1.GameMapSpec{MaxPlayers: &limit, Neighbours: map[string]string{"left": "forest"}}
	g.Status = v1alpha1.GameMapStatus{
		Phase: v1alpha1.PhaseRunning, Host: "203.0.113.7", Port: 30001, Players: 3, Pod: name + "-0", PodIP: "10.0.0.1", KeyHash: "6162",
		Revision: v1alpha1.RevisionStatus{Applied: "r1"},
	}
	return g
}

func (w *town) place(id string) Place {
	w.t.Helper()
	p, err := w.Lookup(id)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestClusterFollowsMaps(t *testing.T) {
	w := newTown(t)
	if _, err := w.Lookup("meadow"); !errors.Is(err, ErrNotSynced) {
		t.Errorf("before the first list: %v", err)
	}
	w.synced = true
	if _, err := w.Lookup("meadow"); !errors.Is(err, ErrUnknownMap) {
		t.Errorf("a map that is not there: %v", err)
	}
	g := gameMap("meadow", time.Hour)
	w.set(g)
	if p := w.place("meadow"); p.State != Starting {
		t.Error("players come in before the terrain is known")
	}
	w.once()
	want := Place{
		Host: "203.0.113.7", Port: 30001, StatusURL: "http://10.0.0.1:9000", Map: []byte("map of http://10.0.0.1:9000"),
		Sides: map[string]string{"center": "meadow", "left": "forest"}, State: Running, Players: 3, MaxPlayers: 50,
	}
	if diff := cmp.Diff(want, w.place("meadow")); diff != "" || w.keys["meadow"] != "ab" {
		t.Errorf("the key is %q; (-want +got)\n%s", w.keys["meadow"], diff)
	}
	if left := w.todo(w.now.Add(time.Hour)); len(left) != 0 {
		t.Errorf("there is still to do: %v", left)
	}

	// A map that cannot be asked is played on all the same.
	w.away = errors.New("away")
	next := gameMap("meadow", time.Hour)
	next.Status.Revision.Applied, next.Status.PodIP = "r2", "10.0.0.2"
	w.set(next)
	w.once()
	if p := w.place("meadow"); p.State != Running || string(p.Map) != "map of http://10.0.0.1:9000" {
		t.Errorf("a map that cannot be asked is %+v", p)
	}
	w.away = nil
	w.once()
	if p := w.place("meadow"); string(p.Map) != "map of http://10.0.0.2:9000" {
		t.Errorf("the terrain is %s", p.Map)
	}
	w.drop(next)
	if _, err := w.Lookup("meadow"); !errors.Is(err, ErrUnknownMap) {
		t.Errorf("a map that is gone: %v", err)
	}
}

func TestClusterStates(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*v1alpha1.GameMap)
		want   State
	}{
		"running":   {func(*v1alpha1.GameMap) {}, Running},
		"starting":  {func(g *v1alpha1.GameMap) { g.Status.Phase = v1alpha1.PhaseStarting }, Starting},
		"suspended": {func(g *v1alpha1.GameMap) { g.Spec.Suspend = true }, Stopped},
		"deleted":   {func(g *v1alpha1.GameMap) { g.DeletionTimestamp = &g.CreationTimestamp }, Stopped},
	} {
		g := gameMap("meadow", 0)
		test.change(g)
		if got := placeOf(g).State; got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestClusterStart(t *testing.T) {
	w := newTown(t)
	if w.Start() != "" {
		t.Error("players start where there is no map")
	}
	w.set(gameMap("young", time.Minute))
	w.set(gameMap("old", time.Hour))
	if got := w.Start(); got != "old" {
		t.Errorf("players start on %s", got)
	}
	w.SetStart("young")
	if got := w.Start(); got != "young" {
		t.Errorf("players start on %s, not where it was said", got)
	}
}

// A GameMap that gets another id is another map; of two with one id, the one that
// runs counts.
func TestClusterIDs(t *testing.T) {
	w := newTown(t)
	w.synced = true
	w.set(gameMap("meadow", 0))
	renamed := gameMap("meadow", 0)
	renamed.Spec.ID = "valley"
	w.set(renamed)
	if _, err := w.Lookup("meadow"); !errors.Is(err, ErrUnknownMap) {
		t.Errorf("the old id: %v", err)
	}
	second := gameMap("copy", 0)
	second.Spec.ID, second.Status = "valley", v1alpha1.GameMapStatus{}
	w.set(second)
	if p := w.place("valley"); p.Port != 30001 {
		t.Errorf("the map with the same id took over: %+v", p)
	}
}
