package directory

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// ErrNotSynced is what looking up a map gives before the cluster has told of all
// maps.
var ErrNotSynced = errors.New("the maps are not known yet")

// ClusterConfig says which GameMaps a Cluster directory is made of.
type ClusterConfig struct {
	// Kubeconfig is a file that says where the cluster is, "" for the pod's account.
	Kubeconfig string
	// Namespace holds the GameMaps of the game.
	Namespace string
	// Start is the id of the map for new players; "" is the oldest map.
	Start string
	// Key is told the hash of each map's key. It is told again until it succeeds.
	Key func(ctx context.Context, mapID string, hash []byte) error
	// Terrain reads the Tiled map of a map's server.
	Terrain func(ctx context.Context, statusURL string) ([]byte, error)
	Logger  *slog.Logger
}

// Cluster is a directory that follows the GameMaps of a namespace. It reads
// nothing else.
type Cluster struct {
	*Static
	config ClusterConfig
	cache  cache.Cache

	mu     sync.Mutex
	synced bool
	maps   map[string]*clusterMap // by the id of the map
}

// clusterMap is what is known of a map, and what is to be done about it.
type clusterMap struct {
	name    string // of the GameMap
	created time.Time
	hash    string // of the key
	told    string // the hash that Key was told
	// terrain is which Tiled map is wanted: it changes with the server and with
	// the revision that it runs. read is the one that the directory has.
	terrain, read string
	status        string // the URL of the server's status
	// later is until when what has failed is not tried again.
	later time.Time
	// running says that players may come, tried that the terrain has been asked for:
	// the first player is to get it, too.
	running, tried bool
}

// NewCluster returns a directory that knows nothing before Run.
func NewCluster(c ClusterConfig) (*Cluster, error) {
	config, err := clusterConfig(c.Kubeconfig)
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	watched, err := cache.New(config, cache.Options{
		Scheme: scheme, DefaultNamespaces: map[string]cache.Config{c.Namespace: {}}, DefaultTransform: cache.TransformStripManagedFields(),
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	return &Cluster{Static: NewStatic(c.Start), config: c, cache: watched, maps: make(map[string]*clusterMap)}, nil
}

func clusterConfig(kubeconfig string) (*rest.Config, error) {
	config, err := rest.InClusterConfig()
	if kubeconfig != "" {
		config, err = clientcmd.BuildConfigFromFlags("", kubeconfig)
	}
	if errors.Is(err, rest.ErrNotInCluster) {
		return nil, errors.New("this is no pod in a cluster: name a kubeconfig file with --kubeconfig, or list the maps in a file with --maps")
	}
	if err != nil {
		return nil, fmt.Errorf("reading where the cluster is: %w", err)
	}
	return config, nil
}

// Run follows the GameMaps until ctx is done. While the API server is away, what
// was known before stays.
func (c *Cluster) Run(ctx context.Context) error {
	informer, err := c.cache.GetInformer(ctx, &v1alpha1.GameMap{}, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watching GameMaps: %w", err)
	}
	handler, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { c.set(o) },
		UpdateFunc: func(_, o any) { c.set(o) },
		DeleteFunc: func(o any) { c.drop(o) },
	})
	if err != nil {
		return fmt.Errorf("watching GameMaps: %w", err)
	}
	var running sync.WaitGroup
	running.Go(func() { c.work(ctx, handler.HasSynced) })
	defer running.Wait()
	if err := c.cache.Start(ctx); err != nil {
		return fmt.Errorf("watching GameMaps: %w", err)
	}
	return nil
}

// Lookup returns where a map is. The error wraps ErrUnknownMap, or ErrNotSynced
// before the cluster has told of all maps.
func (c *Cluster) Lookup(mapID string) (Place, error) {
	p, err := c.Static.Lookup(mapID)
	return p, c.orNotSynced(err)
}

// Enter is Static's, with the errors of Lookup.
func (c *Cluster) Enter(name string) (string, Place, error) {
	id, p, err := c.Static.Enter(name)
	return id, p, c.orNotSynced(err)
}

// orNotSynced says of a map that is not known that it may be yet.
func (c *Cluster) orNotSynced(err error) error {
	if err == nil {
		return nil
	}
	return cmp.Or(c.Ready(), err)
}

// Ready says why the directory does not know all maps, nil once it does.
func (c *Cluster) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.synced {
		return ErrNotSynced
	}
	return nil
}

// Start is where new players begin: the map or the fleet that was named, or the
// oldest map, with its fleet if it has one.
func (c *Cluster) Start() string {
	if named := c.Static.Start(); named != "" {
		return named
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	start := ""
	for id, m := range c.maps {
		oldest := c.maps[start]
		if oldest == nil || m.created.Before(oldest.created) || (m.created.Equal(oldest.created) && id < start) {
			start = id
		}
	}
	if p, err := c.Static.Lookup(start); err == nil && p.Fleet != "" {
		return p.Fleet
	}
	return start
}

func (c *Cluster) set(o any) {
	g, ok := o.(*v1alpha1.GameMap)
	if !ok {
		return
	}
	place := placeOf(g)
	c.mu.Lock()
	defer c.mu.Unlock()
	id := g.MapID()
	c.dropName(g.Name, id)
	m := c.maps[id]
	if m == nil {
		m = &clusterMap{}
		c.maps[id] = m
	} else if m.name != g.Name && g.Status.Pod == "" {
		return // two GameMaps have one id: the one with a pod counts
	}
	m.name, m.created, m.hash, m.status = g.Name, g.CreationTimestamp.Time, g.Status.KeyHash, place.StatusURL
	m.terrain = ""
	if place.StatusURL != "" {
		m.terrain = place.StatusURL + " " + g.Status.Revision.Applied
	}
	if old, err := c.Static.Lookup(id); err == nil {
		place.Map = old.Map
	}
	if m.running = place.Ready(); m.running && !m.tried && m.terrain != "" {
		place.State = Starting
	}
	c.Set(id, place)
}

// dropName forgets the map that a GameMap was before it got another id.
func (c *Cluster) dropName(name, id string) {
	for other, m := range c.maps {
		if m.name == name && other != id {
			delete(c.maps, other)
			c.Remove(other)
		}
	}
}

func (c *Cluster) drop(o any) {
	if gone, ok := o.(toolscache.DeletedFinalStateUnknown); ok {
		o = gone.Obj
	}
	if g, ok := o.(*v1alpha1.GameMap); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.dropName(g.Name, "")
	}
}

// placeOf is where a GameMap says that it is.
func placeOf(g *v1alpha1.GameMap) Place {
	sides := map[string]string{"center": g.MapID()}
	for side, id := range g.Spec.Neighbours {
		sides[side] = id
	}
	p := Place{
		Host: g.Status.Host, Port: int(g.Status.Port), Sides: sides, Players: int(g.Status.Players), State: Starting,
		Fleet: g.Labels[v1alpha1.LabelFleet], Spread: g.Annotations[v1alpha1.AnnotationPlacement] == string(v1alpha1.PlacementSpread),
		Draining: g.Annotations[v1alpha1.AnnotationDrain] != "", Pod: g.Status.PodUID,
	}
	if retry := g.Status.NextRetry; retry != nil {
		p.RetryAt = retry.Time
	}
	if g.Spec.MaxPlayers != nil {
		p.MaxPlayers = int(*g.Spec.MaxPlayers)
	}
	if g.Status.PodIP != "" {
		p.StatusURL = "http://" + net.JoinHostPort(g.Status.PodIP, "9000")
	}
	switch {
	case g.Spec.Suspend || g.DeletionTimestamp != nil:
		p.State = Stopped
	case g.Status.Phase == v1alpha1.PhaseRunning:
		p.State = Running
	}
	return p
}

const (
	// workEvery is how often is looked for something to do, workPause how long what
	// has failed rests, workers how much is done at once: a map that does not answer
	// must not hold the others up.
	workEvery = 200 * time.Millisecond
	workPause = 2 * time.Second
	workers   = 8
)

// work does what maps need: their keys are to be told, their terrains read.
func (c *Cluster) work(ctx context.Context, synced func() bool) {
	ticker := time.NewTicker(workEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		c.mu.Lock()
		c.synced = c.synced || synced()
		c.mu.Unlock()
		c.attendAll(ctx, time.Now())
	}
}

// attendAll does all that there is to do, and returns when it has been tried.
func (c *Cluster) attendAll(ctx context.Context, now time.Time) {
	var running sync.WaitGroup
	room := make(chan struct{}, workers)
	for id, m := range c.todo(now) {
		room <- struct{}{}
		running.Go(func() {
			defer func() { <-room }()
			if err := c.attend(ctx, id, m); err != nil {
				c.config.Logger.Warn("asking a map, or noting its key", slog.String("gamemap", m.name), slog.Any("error", err))
				c.note(id, func(m *clusterMap) { m.later = now.Add(workPause) })
			}
		})
	}
	running.Wait()
}

// todo are the maps about which there is something to do, as they are now.
func (c *Cluster) todo(now time.Time) map[string]clusterMap {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]clusterMap{}
	for id, m := range c.maps {
		unknown := m.terrain != "" && (m.terrain != m.read || !m.tried)
		if now.After(m.later) && (m.hash != m.told || unknown) {
			out[id] = *m
		}
	}
	return out
}

func (c *Cluster) attend(ctx context.Context, id string, m clusterMap) error {
	if m.hash != m.told {
		hash, err := hex.DecodeString(m.hash)
		if err == nil && len(hash) > 0 {
			err = c.config.Key(ctx, id, hash)
		}
		if err != nil {
			return err
		}
		c.note(id, func(now *clusterMap) { now.told = m.hash })
	}
	if m.terrain == "" || (m.terrain == m.read && m.tried) {
		return nil
	}
	text, err := c.config.Terrain(ctx, m.status)
	c.note(id, func(now *clusterMap) {
		now.tried = true
		c.Update(id, func(p *Place) {
			if err == nil {
				now.read, p.Map = m.terrain, text
			}
			if now.running {
				p.State = Running
			}
		})
	})
	return err
}

func (c *Cluster) note(id string, change func(*clusterMap)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.maps[id]; m != nil {
		change(m)
	}
}
