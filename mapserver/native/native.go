package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/keeper"
	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/wire"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// Keeper keeps players and the map's state. keeper.Client is one. Its methods
// are called off the loop and may wait.
type Keeper interface {
	// Load reads a player.
	Load(ctx context.Context, player int64) (keeper.Record, error)
	// Save writes what has changed, all of it or nothing.
	Save(ctx context.Context, b keeper.Batch) error
	// Transfer moves a player to another map.
	Transfer(ctx context.Context, player int64, to string, data json.RawMessage) (keeper.Address, error)
}

// NopKeeper keeps nothing: every player is new, and there is no other map.
type NopKeeper struct{}

// Load returns an empty record.
func (NopKeeper) Load(context.Context, int64) (keeper.Record, error) { return keeper.Record{}, nil }

// Save forgets.
func (NopKeeper) Save(context.Context, keeper.Batch) error { return nil }

// Transfer knows no other map.
func (NopKeeper) Transfer(context.Context, int64, string, json.RawMessage) (keeper.Address, error) {
	return keeper.Address{}, keeper.ErrNotFound
}

// Config says how a Game works. Bundle and Languages must be set.
type Config struct {
	// ID is the id of the map.
	ID string
	// Bundle is the code that runs at first.
	Bundle *game.Bundle
	// Languages are what bundles may be written in.
	Languages []script.Language
	// Limits bound the calls of scripts.
	Limits script.Limits
	// Form is how frames are written, Sides which map lies on which side.
	Form  wire.Form
	Sides []wire.Side
	// SendEvery is after how many frames changes are sent (1).
	SendEvery int
	// SaveEvery is the time between saves (5 s).
	SaveEvery time.Duration
	// Keeper keeps players and the map (NopKeeper). State is the map's state as
	// it was kept, empty for a new map.
	Keeper Keeper
	State  json.RawMessage
	// Return brings the result of work in the background to the loop's goroutine.
	// Background starts such work (a goroutine for each).
	Return     func(func(now time.Time)) bool
	Background func(func())
	// Lost is told, once, that the map is not ours any more: it must stop.
	Lost func(error)
	// Log takes what scripts print and what goes wrong (nobody).
	Log *slog.Logger
	// Now is the wall clock (time.Now), Clock the time of the loop's frame (Now).
	Now, Clock func() time.Time
}

func (c *Config) setDefaults() {
	if c.SendEvery == 0 {
		c.SendEvery = 1
	}
	if c.SaveEvery == 0 {
		c.SaveEvery = 5 * time.Second
	}
	if c.Keeper == nil {
		c.Keeper = NopKeeper{}
	}
	if c.Background == nil {
		c.Background = func(f func()) { go f() }
	}
	if c.Lost == nil {
		c.Lost = func(error) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Clock == nil {
		c.Clock = c.Now
	}
}

// Game is the native game of one map.
type Game struct {
	config  Config
	world   *world.World
	code    *code
	encoder *wire.Encoder
	faults  script.Faults

	// players are those with a session, by id; order has them as they came.
	players map[int64]*player
	order   []*player
	// leaving are players whose session has gone in this frame.
	leaving []*player
	// expelled are players that scripts have removed in this frame.
	expelled []*world.Entity
	// packets are what scripts send, until the frame's changes have been sent.
	packets []packet
	// told are players with something private to be told.
	told []*player
	// spent is the time of the code that ran before the last swap.
	spent time.Duration
	// scratch is where changes are encoded.
	scratch []byte

	saver    saver
	closing  closing
	stopping bool
	// ctx ends what waits in the background.
	ctx    context.Context
	cancel context.CancelFunc
}

var (
	_ game.Game     = (*Game)(nil)
	_ game.Reloader = (*Game)(nil)
)

// New makes the game of a bundle: its code is compiled, its init code run, and
// the map's state restored, or its spawns carried out. The error tells all
// problems of the bundle, one a line.
func New(c Config) (*Game, error) {
	c.setDefaults()
	g := &Game{config: c, players: map[int64]*player{}}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.saver.init(g)
	compiled, err := g.compile(c.Bundle)
	if err != nil {
		return nil, err
	}
	if g.code, err = start(compiled, &g.config, &g.faults); err != nil {
		return nil, err
	}
	if err := g.open(); err != nil {
		g.code.close()
		return nil, err
	}
	return g, nil
}

// compile reads and compiles a bundle; hints are logged.
func (g *Game) compile(b *game.Bundle) (*compiled, error) {
	c, problems := compile(b, g.config.Languages)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	for _, p := range problems {
		g.config.Log.Warn("bundle", slog.String("problem", p.String()))
	}
	return c, nil
}

// open makes the world.
func (g *Game) open() error {
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(g.config.ID))
	g.world = world.New(world.Config{
		Schema: g.code.loaded.Schema, Terrain: g.code.loaded.Terrain, MapID: g.config.ID,
		Scripts: scripts{g}, Load: g.loadAsked, Save: g.saveAsked,
		Executed: g.executed, Ran: g.ran, Removed: g.removed, Seed: seed.Sum64(),
	}, g.config.Now())
	g.attach()
	if len(g.config.State) > 0 {
		state, err := value.ParseJSON(g.config.State)
		if err == nil {
			err = g.world.Restore(state)
		}
		if err != nil {
			return fmt.Errorf("restoring the map's state: %w", err)
		}
	}
	return g.world.Spawn()
}

// attach makes the world known to the scripts and the encoder.
func (g *Game) attach() {
	h := g.code.host
	h.world, h.send, h.broadcast = g.world, g.send, g.broadcast
	g.encoder = wire.NewEncoder(g.world, g.config.Form, g.config.Sides)
}

// scripts is the world's Scripts: the code that runs now.
type scripts struct{ g *Game }

// Run runs the code of a slot.
func (s scripts) Run(slot world.Slot, e *world.Entity, arg value.Value) (value.Value, bool) {
	return s.g.code.Run(slot, e, arg)
}

// Rests tells that the code of a slot is not run for now.
func (s scripts) Rests(slot world.Slot) bool { return s.g.code.Rests(slot) }

// Fault records a fault of a slot.
func (s scripts) Fault(slot world.Slot, e *world.Entity, err error) { s.g.code.Fault(slot, e, err) }

// Frame runs one frame and sends what it changed.
func (g *Game) Frame(f game.Frame) {
	g.world.Tick(f.Now)
	g.farewell()
	if !g.stopping {
		g.world.Frame(f.Now)
		g.settleExpelled()
		g.depart()
		g.close()
		g.code.revive()
	}
	if f.Number%uint64(g.config.SendEvery) == 0 || g.stopping {
		g.flush()
	}
	g.saver.frame(f.Now)
}

// Prepare loads another bundle beside the running one.
func (g *Game) Prepare(b *game.Bundle) (swap func(), err error) {
	c, err := g.compile(b)
	if err != nil {
		return nil, err
	}
	next, err := start(c, &g.config, &g.faults)
	if err != nil {
		return nil, err
	}
	return func() { g.swap(next) }, nil
}

// swap makes prepared code the running one, between two frames.
func (g *Game) swap(next *code) {
	g.code.close()
	g.spent += g.code.spent
	g.code = next
	g.world.Reload(next.loaded.Schema, next.loaded.Terrain)
	g.attach()
	g.faults.Reloaded()
	if err := g.world.Spawn(); err != nil {
		g.config.Log.Error("carrying out the new spawns", slog.Any("error", err))
	}
	for _, p := range g.order {
		p.timeouts, p.known, p.full = p.timeouts[:0], nil, true
	}
	g.config.Log.Info("bundle swapped", slog.String("revision", next.revision))
}

// Drain stops the world and saves it.
func (g *Game) Drain(until time.Time, done func()) {
	g.stopping = true
	g.saver.drain(until, done)
}

// Close frees the scripts.
func (g *Game) Close() {
	g.cancel()
	g.code.close()
}

// Faults are the faults of the scripts. Safe from any goroutine.
func (g *Game) Faults() *script.Faults { return &g.faults }

// Revision is that of the bundle that runs, Costs what its code has cost, Memory
// the bytes that the scripts' data take. For the loop's goroutine only.
func (g *Game) Revision() string { return g.code.revision }

// Costs are what the pieces of code have cost so far. For the loop's goroutine only.
func (g *Game) Costs() []Cost { return g.code.costs() }

// ScriptTime is the time that scripts have taken so far.
// For the loop's goroutine only.
func (g *Game) ScriptTime() time.Duration { return g.spent + g.code.spent }

// Memory is the bytes that the scripts' data take. For the loop's goroutine only.
func (g *Game) Memory() int64 { return g.code.memory() }

// Saved tells when the state was last saved, zero if never, and why the last try
// failed. For the loop's goroutine only.
func (g *Game) Saved() (last time.Time, err error) { return g.saver.last, g.saver.err }

var errStopping = errors.New("the map is being stopped: sign in again in a few seconds")
