// Package local runs a whole game in one process, for a laptop: the gateway with
// its database in a folder, and a map server for each map. Nothing else is
// needed; the same code runs apart in a cluster.
package local

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/overworld-gg/overworld/gateway"
	"github.com/overworld-gg/overworld/gateway/auth"
	"github.com/overworld-gg/overworld/gateway/directory"
	"github.com/overworld-gg/overworld/mapserver"
	"github.com/overworld-gg/overworld/mapserver/config"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/keeper"
)

// Config says what to run. Maps and Data must be set.
type Config struct {
	// Maps are the maps of the game; new players start on the first one.
	Maps []Map
	// Listen is the address of the entry and the page, default "127.0.0.1:8080".
	Listen string
	// FirstPort is the port of the first map that names none; the next maps get
	// the next ones. 0: any free port.
	FirstPort int
	// Data is the folder for the database and the keys.
	Data string
	// TLSCert and TLSKey are PEM files; with them everything is https and wss.
	TLSCert, TLSKey string
	// Log takes what scripts print and what goes wrong.
	Log *slog.Logger
	// Tell is told what happens to the maps: that they are ready, and what a change
	// of their files has led to.
	Tell func(Notice)
}

// Map is one map of the game.
type Map struct {
	config.Map
	// Read reads the bundle, again each time the files have changed.
	Read func() (*game.Bundle, error)
	// Watch are the folders of its files.
	Watch []string
}

// Notice is what Config.Tell is told.
type Notice struct {
	// Map is the id of the map, "" for all.
	Map string
	// Text says what happened.
	Text string
	// Err is what went wrong, nil if nothing did.
	Err error
}

// Game is a game in one process.
type Game struct {
	config    Config
	gateway   *gateway.Server
	directory *directory.Static
	listener  net.Listener // the entry's
	keeper    net.Listener
	tls       *tls.Config
	maps      []*runningMap
	cancel    context.CancelFunc

	mu    sync.Mutex
	ready bool
}

// runningMap is a map and its server.
type runningMap struct {
	Map
	server   *mapserver.Server
	players  net.Listener
	status   net.Listener
	key      string
	revision string
}

// New opens the data and all ports. It serves nothing before Run.
func New(ctx context.Context, c Config) (*Game, error) {
	if len(c.Maps) == 0 {
		return nil, errors.New("there is no map to run")
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:8080"
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Tell == nil {
		c.Tell = func(Notice) {}
	}
	g := &Game{config: c, directory: directory.NewStatic(c.Maps[0].ID)}
	if err := g.open(ctx); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

func (g *Game) open(ctx context.Context) (err error) {
	if g.tls, err = mapserver.Certificate(g.config.TLSCert, g.config.TLSKey); err != nil {
		return err
	}
	if g.listener, err = listen(g.config.Listen, "give another address with --listen"); err != nil {
		return err
	}
	if g.keeper, err = listen("127.0.0.1:0", ""); err != nil {
		return err
	}
	g.gateway, err = gateway.New(ctx, gateway.Config{
		Data: g.config.Data, Directory: g.directory, Listener: g.listener, KeeperListener: g.keeper,
		TLSCert: g.config.TLSCert, TLSKey: g.config.TLSKey, Page: page(), Ready: g.Ready,
		// A laptop is one machine: whoever tests with many players has one address.
		Limits:       auth.Limits{Registrations: 6000, LoginsPerAddress: 6000},
		PasswordCost: auth.Cost{Parallel: 1}, Logger: slog.New(warnings{g.config.Log.Handler()}),
	})
	if err != nil {
		return err
	}
	for i := range g.config.Maps {
		m, err := g.openMap(ctx, i)
		if err != nil {
			return fmt.Errorf("map %s: %w", g.config.Maps[i].ID, err)
		}
		g.maps = append(g.maps, m)
	}
	return nil
}

// listen opens a port; advice says what to do when it is taken.
func listen(address, advice string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil && advice != "" {
		return nil, fmt.Errorf("%w; %s", err, advice)
	}
	return l, err
}

// openMap opens the ports of the nth map.
func (g *Game) openMap(ctx context.Context, n int) (*runningMap, error) {
	m := &runningMap{Map: g.config.Maps[n]}
	var err error
	if m.key, err = g.gateway.MapKey(ctx, m.ID); err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(g.config.Listen)
	if err != nil {
		return nil, err
	}
	port := m.Port
	if port == 0 && g.config.FirstPort != 0 {
		port = g.config.FirstPort + n
	}
	if m.players, err = listen(net.JoinHostPort(host, strconv.Itoa(port)), "give other ports with --first-port"); err != nil {
		return nil, err
	}
	if m.status, err = listen("127.0.0.1:0", ""); err != nil {
		_ = m.players.Close()
		return nil, err
	}
	m.Port = portOf(m.players)
	if ip := net.ParseIP(host); m.Host == "" && host != "" && (ip == nil || !ip.IsUnspecified()) {
		m.Host = host
	}
	g.directory.Set(m.ID, directory.Place{
		Host: m.Host, Port: m.Port, StatusURL: "http://" + m.status.Addr().String(), Sides: m.sides(),
		State: directory.Starting, MaxPlayers: m.MaxPlayers,
	})
	return m, nil
}

func portOf(l net.Listener) int {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// sides are the map and its neighbours, by the name of the side.
func (m *runningMap) sides() map[string]string {
	sides := map[string]string{"center": m.ID}
	for name, id := range m.Neighbours {
		sides[name] = id
	}
	return sides
}

// Run runs the game until ctx is done; then all maps are saved and players told.
func (g *Game) Run(ctx context.Context) error {
	// The gateway lives longer than the maps: they save into it.
	gatewayCtx, stopGateway := context.WithCancel(context.Background())
	defer stopGateway()
	gatewayDone := make(chan error, 1)
	go func() { gatewayDone <- g.gateway.Run(gatewayCtx) }()

	ctx, g.cancel = context.WithCancel(ctx)
	defer g.cancel()
	err := g.runMaps(ctx, gatewayDone)
	stopGateway()
	return errors.Join(err, <-gatewayDone)
}

// runMaps builds and runs the maps until ctx is done or one of them fails.
func (g *Game) runMaps(ctx context.Context, gatewayDone chan error) error {
	if err := g.build(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	failed := make(chan error, len(g.maps))
	for _, m := range g.maps {
		running.Go(func() {
			defer cancel() // a game with a map missing is not the game
			if err := m.server.Run(ctx); err != nil {
				failed <- fmt.Errorf("map %s: %w", m.ID, err)
			}
		})
	}
	running.Go(func() { g.attend(ctx) })
	for _, m := range g.maps {
		running.Go(func() { g.watch(ctx, m) })
	}
	select {
	case err := <-gatewayDone:
		cancel()
		gatewayDone <- err
	case <-ctx.Done():
	}
	running.Wait()
	close(failed)
	var errs []error
	for err := range failed {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// build compiles all bundles, so that all problems are told at once, and opens
// the maps' states.
func (g *Game) build(ctx context.Context) error {
	var errs []error
	for _, m := range g.maps {
		if err := g.buildMap(ctx, m); err != nil {
			errs = append(errs, fmt.Errorf("map %s:\n%w", m.ID, err))
		}
	}
	return errors.Join(errs...)
}

func (g *Game) buildMap(ctx context.Context, m *runningMap) error {
	b, err := m.Read()
	if err != nil {
		return err
	}
	m.revision = b.Revision
	m.server, err = mapserver.New(ctx, mapserver.Config{
		Map: m.Map.Map, Bundle: b, Dialect: m.Dialect, Entry: m.Entry,
		Door:     mapserver.NewGate(m.ID, g.gateway.PublicKeys()),
		Keeper:   keeper.Config{URL: "http://" + g.keeper.Addr().String(), Key: m.key},
		Listener: m.players, TLS: g.tls, Status: m.status, Log: g.config.Log,
	})
	if err != nil {
		return err
	}
	g.showMap(m)
	return nil
}

// showMap gives players' clients the map's picture.
func (g *Game) showMap(m *runningMap) {
	g.directory.Update(m.ID, func(p *directory.Place) { p.Map = m.server.Terrain() })
}

// attendEvery is how often the directory is told how full the maps are.
const attendEvery = time.Second / 4

// attend keeps the directory up to date, and says when all maps run.
func (g *Game) attend(ctx context.Context) {
	ticker := time.NewTicker(attendEvery)
	defer ticker.Stop()
	for {
		all := true
		for _, m := range g.maps {
			frames, _ := m.server.Status()
			g.directory.Update(m.ID, func(p *directory.Place) {
				p.Players = m.server.Players()
				if frames.Count > 0 {
					p.State = directory.Running
				}
			})
			all = all && frames.Count > 0
		}
		g.becomeReady(all)
		select {
		case <-ctx.Done():
			g.leave()
			return
		case <-ticker.C:
		}
	}
}

func (g *Game) becomeReady(ready bool) {
	g.mu.Lock()
	was := g.ready
	g.ready = ready
	g.mu.Unlock()
	if ready && !was {
		g.config.Tell(Notice{Text: "ready"})
	}
}

// leave tells the directory that the maps stop.
func (g *Game) leave() {
	g.mu.Lock()
	g.ready = false
	g.mu.Unlock()
	for _, m := range g.maps {
		g.directory.Update(m.ID, func(p *directory.Place) { p.State = directory.Starting })
	}
}

// Ready tells why players cannot play yet, nil once they can.
func (g *Game) Ready() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ready {
		return errors.New("the maps are not running")
	}
	return nil
}

// Hurry makes a stop that is under way skip what is not saving.
func (g *Game) Hurry() {
	for _, m := range g.maps {
		if m.server != nil {
			m.server.Hurry()
		}
	}
}

// URL is where players sign in.
func (g *Game) URL() string { return g.scheme("http") + "://" + g.listener.Addr().String() }

func (g *Game) scheme(plain string) string {
	if g.tls != nil {
		return plain + "s"
	}
	return plain
}

// Close frees what New has opened, when Run is not to be called.
func (g *Game) Close() error {
	var errs []error
	for _, l := range []net.Listener{g.listener, g.keeper} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	for _, m := range g.maps {
		errs = append(errs, m.players.Close(), m.status.Close())
	}
	if g.gateway != nil {
		errs = append(errs, g.gateway.Close())
	}
	return errors.Join(errs...)
}

// State is how one map is doing.
type State struct {
	ID string
	// URL is the map's address for WebSocket clients.
	URL     string
	Players int
	// FPS is frames per second, Rate how many there should be.
	FPS  float64
	Rate int
	// Busy is the share of time spent in frames.
	Busy   float64
	Faults int64
}

// States tells how the maps are doing. After Tell has said that they are ready.
func (g *Game) States() []State {
	out := make([]State, len(g.maps))
	for i, m := range g.maps {
		frames, faults := m.server.Status()
		out[i] = State{
			ID: m.ID, URL: g.scheme("ws") + "://" + m.players.Addr().String(), Players: m.server.Players(),
			FPS: frames.FPS1, Rate: frames.Rate, Busy: frames.Busy, Faults: faults,
		}
	}
	return out
}

// warnings is a log without what is of no interest on a laptop: who signs in.
type warnings struct{ slog.Handler }

// Enabled tells whether records of the level are written.
func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}
