// Package mapserver is the process that owns one map: it builds the keeper's
// client, the game, the loop, the sessions and the report, runs them, and stops
// them in reverse.
package mapserver

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/overworld-gg/overworld/mapserver/bundle"
	"github.com/overworld-gg/overworld/mapserver/config"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/keeper"
	"github.com/overworld-gg/overworld/mapserver/loop"
	"github.com/overworld-gg/overworld/mapserver/native"
	"github.com/overworld-gg/overworld/mapserver/report"
	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/script/js"
	"github.com/overworld-gg/overworld/mapserver/script/lua"
	"github.com/overworld-gg/overworld/mapserver/session"
	"github.com/overworld-gg/overworld/mapserver/wire"
)

// Languages are those that bundles may be written in.
func Languages() []script.Language { return []script.Language{lua.Language{}, js.Language{}} }

// The dialects that a map server runs.
const (
	DialectWorld    = "World"
	DialectGameLift = config.GameLift
)

// Config says what a Server is made of. Map, Bundle, Door and Listener must be
// set.
type Config struct {
	// Map is the map's launch file.
	Map config.Map
	// Bundle is the code that runs at first, Dialect the system that it is written for
	// (DialectWorld), Entry the path of its entry file where that is not the dialect's
	// own.
	Bundle  *game.Bundle
	Dialect string
	Entry   string
	// Door checks players' tokens.
	Door session.Door
	// Keeper keeps the map's state and its players; Map.ID, and Skipped, are set
	// by the Server. An empty URL: nothing is kept.
	Keeper keeper.Config
	// SendOn tells players of a map that stops to come back to it: something starts
	// it again.
	SendOn bool
	// Listener is where players connect; with TLS, over wss.
	Listener net.Listener
	TLS      *tls.Config
	// Status is where the operator asks how the map is; nil: nowhere.
	Status net.Listener
	// Log takes what scripts print and what goes wrong (the default logger).
	Log *slog.Logger
}

// Server runs one map.
type Server struct {
	config   Config
	log      *slog.Logger
	game     hosted
	loop     *loop.Loop
	sessions *session.Server
	keeper   *keeper.Client // nil if nothing is kept
	servers  []*http.Server
	started  time.Time
	ctx      context.Context // ends when Run does
	cancel   context.CancelFunc
	lost     chan error
	hurry    chan struct{}
	hurried  sync.Once
	// swapped notes, at the end of a frame, how long the change of code took that
	// began in it; nil in other frames. The loop's goroutine only.
	swapped func()

	mu       sync.Mutex
	draining bool
	bundle   report.Bundle
	terrain  []byte
	inner    inner
}

// New builds a map server: it asks the keeper for the map's state, waiting for
// it if need be, compiles the bundle and runs its init code. It does not let
// players in before Run.
func New(ctx context.Context, c Config) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &Server{
		config: c, log: c.Log.With(slog.String("gamemap", c.Map.ID)), started: time.Now(),
		lost: make(chan error, 1), hurry: make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.applied(c.Bundle)
	if err := s.build(ctx); err != nil {
		s.cancel()
		return nil, err
	}
	// Reading and compiling a bundle takes a few MiB that the map never needs again.
	debug.FreeOSMemory()
	return s, nil
}

// BundleError is what New returns when it is the bundle that cannot run.
type BundleError struct{ err error }

// Error tells what is wrong with the bundle, a line for each problem.
func (e *BundleError) Error() string { return e.err.Error() }

// Unwrap returns what the game said.
func (e *BundleError) Unwrap() error { return e.err }

// build makes the parts in the order in which they need each other.
func (s *Server) build(ctx context.Context) (err error) {
	m := s.config.Map
	if s.loop, err = loop.New(loop.Config{Rate: m.TickRate, Frame: s.frame}); err != nil {
		return err
	}
	switch s.config.Dialect {
	case "", DialectWorld:
		return s.buildWorld(ctx)
	case DialectGameLift:
		return s.buildRealtime()
	default:
		return fmt.Errorf("there is no dialect %q: it must be %s or %s", s.config.Dialect, DialectWorld, DialectGameLift)
	}
}

// buildWorld makes the native game and its sessions.
func (s *Server) buildWorld(ctx context.Context) error {
	m := s.config.Map
	kept, state, err := s.openKeeper(ctx)
	if err != nil {
		return err
	}
	s.game, err = native.New(native.Config{
		ID:        m.ID,
		Bundle:    s.config.Bundle,
		Languages: Languages(),
		Limits:    script.Limits{Call: m.CallBudget, Memory: m.ScriptMemory},
		Form:      wire.Form{Dictionaries: m.Dictionaries, ListsAsObjects: m.ListsAsObjects},
		Sides:     sides(m),
		SendEvery: max(1, m.TickRate/max(1, m.SendRate)),
		SaveEvery: m.SaveEvery,
		Keeper:    kept,
		State:     state,
		Return:    func(f func(time.Time)) bool { return s.loop.Return(loop.Func(f)) },
		Lost:      func(err error) { s.lost <- err },
		Log:       s.log,
		Clock:     s.loop.Now,
	})
	if err != nil {
		return &BundleError{err}
	}
	return s.open(session.Config{
		Door: s.config.Door, Compress: m.Compression,
		ErrorFrame: func(text string) *game.Message { return &game.Message{Data: wire.AppendError(nil, text)} },
	})
}

// open makes the sessions of the game.
func (s *Server) open(c session.Config) (err error) {
	c.Game, c.MaxPlayers, c.Log = s.game, s.config.Map.MaxPlayers, s.log
	c.Post = func(t session.Task) bool { return s.loop.Post(t) }
	if s.sessions, err = session.New(c); err != nil {
		s.game.Close()
		return err
	}
	s.serve()
	return nil
}

// openKeeper takes the map over from whoever had it.
func (s *Server) openKeeper(ctx context.Context) (native.Keeper, json.RawMessage, error) {
	c := s.config.Keeper
	if c.URL == "" || !s.config.Map.Persistent {
		return native.NopKeeper{}, nil, nil
	}
	c.Map = s.config.Map.ID
	c.Skipped = func(k keeper.Skipped) { s.loop.Return(loop.Func(func(time.Time) { s.game.Skipped(k.ID) })) }
	client, err := keeper.New(c)
	if err != nil {
		return nil, nil, err
	}
	var opened keeper.Opened
	err = patiently(ctx, s.log, func() error {
		opened, err = client.Open(ctx)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	s.keeper = client
	return client, opened.World, nil
}

// sides are the map itself and its neighbours, by name.
func sides(m config.Map) []wire.Side {
	out := []wire.Side{{Name: "center", Map: m.ID}}
	for name, id := range m.Neighbours {
		if name != "center" {
			out = append(out, wire.Side{Name: name, Map: id})
		}
	}
	slices.SortFunc(out[1:], func(a, b wire.Side) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}

// frame is one frame of the loop.
func (s *Server) frame(f loop.Frame) {
	s.game.Frame(game.Frame(f))
	s.sessions.Flush()
	if s.swapped != nil {
		s.swapped()
		s.swapped = nil
	}
}

// Limits of requests: a client that opens a connection and says nothing must not
// keep it.
const (
	headerTimeout = 10 * time.Second
	statusTimeout = 30 * time.Second
)

// serve prepares the HTTP servers.
func (s *Server) serve() {
	players := &http.Server{Handler: s.sessions, ReadHeaderTimeout: headerTimeout, ErrorLog: quiet(s.log)}
	s.servers = append(s.servers, players)
	if s.config.Status != nil {
		handler := report.Handler(report.Config{Map: s.config.Map.ID, Snapshot: s.snapshot, Terrain: s.Terrain})
		s.servers = append(s.servers, &http.Server{
			Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: statusTimeout, WriteTimeout: statusTimeout, ErrorLog: quiet(s.log),
		})
	}
}

// listeners are where the HTTP servers serve: players first, over TLS if that is
// asked for.
func (s *Server) listeners() []net.Listener {
	players := s.config.Listener
	if s.config.TLS != nil {
		players = tls.NewListener(session.Listener(players), s.config.TLS)
	}
	if s.config.Status == nil {
		return []net.Listener{players}
	}
	return []net.Listener{players, s.config.Status}
}

// ErrLost is what Run returns when another server has taken the map over.
var ErrLost = errors.New("another server runs this map now")

// Run lets players in and runs the map until ctx is done; then it saves
// everything, tells the players, and returns nil.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, len(s.servers))
	var running sync.WaitGroup
	running.Go(func() { s.loop.Run(s.ctx) })
	for i, l := range s.listeners() {
		running.Go(func() {
			if err := s.servers[i].Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serving on %s: %w", l.Addr(), err)
			}
		})
	}
	err := s.wait(ctx, failed)
	s.cancel()
	for _, server := range s.servers {
		_ = server.Close()
	}
	running.Wait()
	s.sessions.Close()
	s.game.Close()
	return err
}

// wait waits for a reason to stop, and stops.
func (s *Server) wait(ctx context.Context, failed <-chan error) error {
	select {
	case err := <-failed:
		return errors.Join(err, s.stop())
	case <-s.lost:
		_ = s.stop()
		return ErrLost
	case <-ctx.Done():
		return s.stop()
	}
}

// Hurry makes a stop that is under way skip what is not saving. Safe from any
// goroutine, at any time.
func (s *Server) Hurry() { s.hurried.Do(func() { close(s.hurry) }) }

// stop ends the map: nobody comes in any more, everything is saved, players are
// told.
func (s *Server) stop() error {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	s.log.Info("stopping", slog.Duration("within", s.config.Map.DrainFor))
	s.sessions.Refuse("")
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Map.DrainFor)
	defer cancel()
	err := s.save(ctx)
	if s.config.SendOn && s.keeper != nil {
		s.sendOn(ctx)
	}
	go func() {
		select {
		case <-s.hurry:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := s.sessions.Drain(ctx, ""); err != nil {
		s.log.Warn("players did not part in time", slog.Any("error", err))
	}
	return err
}

// sendOn gives players the token to come back with. Who gets none signs in again.
func (s *Server) sendOn(ctx context.Context) {
	here := make(chan []keeper.Record, 1)
	if err := s.loop.Do(ctx, func(time.Time) { here <- s.game.Here() }); err != nil {
		return // the loop hangs: the drain tells
	}
	players := <-here
	if len(players) == 0 {
		return
	}
	addresses, err := s.keeper.Tickets(ctx, players)
	if err != nil {
		s.log.Warn("players have to sign in again", slog.Any("error", err))
		return
	}
	_ = s.loop.Do(ctx, func(time.Time) { s.game.SendOn(addresses) })
}

// save waits until the game has saved everything.
func (s *Server) save(ctx context.Context) error {
	saved := make(chan error, 1)
	until, _ := ctx.Deadline()
	err := s.loop.Do(ctx, func(time.Time) {
		s.game.Drain(until, func() {
			_, err := s.game.Saved()
			saved <- err
		})
	})
	if err != nil {
		return fmt.Errorf("saving the map: %w", err)
	}
	select {
	case err := <-saved:
		if err != nil {
			return fmt.Errorf("saving the map: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("saving the map: %w", ctx.Err())
	}
}

// Want tells that a revision is to run that has not come yet; problem says why, if
// it is more than waiting.
func (s *Server) Want(revision, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bundle.Wanted, s.bundle.Err = revision, problem
}

// Reload makes b the code that runs. An error leaves the running code as it was,
// and tells all problems of the bundle, one a line. Not for the loop's goroutine.
func (s *Server) Reload(ctx context.Context, b *game.Bundle) error {
	s.mu.Lock()
	s.bundle.Wanted = b.Revision
	s.mu.Unlock()
	swap, err := s.game.Prepare(b)
	if err == nil {
		err = s.loop.Do(ctx, func(time.Time) { s.swap(swap) })
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.bundle.Err = err.Error()
		return err
	}
	s.applied(b)
	return nil
}

// swap changes the code, on the loop's goroutine; the time until the end of the frame
// in which it does is what players could notice.
func (s *Server) swap(change func()) {
	began := time.Now()
	change()
	s.swapped = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bundle.Swap = time.Since(began)
	}
}

// applied notes that b runs.
func (s *Server) applied(b *game.Bundle) {
	loaded, _ := bundle.Load(b)
	s.bundle, s.terrain = report.Bundle{Wanted: b.Revision, Applied: b.Revision, Swap: s.bundle.Swap}, loaded.MapData
}

// Terrain is the text of the Tiled map of the running bundle, nil if it has none.
func (s *Server) Terrain() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.terrain
}
