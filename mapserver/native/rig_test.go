package native

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/keeper"
	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/script/js"
	"github.com/overworld-gg/overworld/mapserver/script/lua"
	"github.com/overworld-gg/overworld/mapserver/wire"
)

var beginning = time.Unix(1_700_000_000, 0)

// step is the length of a frame: of a text that is easy to read.
const step = 50 * time.Millisecond

// rig is a game whose clock, loop and keeper are moved by hand.
type rig struct {
	*Game
	t        testing.TB
	clock    time.Time
	frames   uint64
	tasks    []func(time.Time)
	sessions map[int64]*session
	nextID   uint64
	out      *bytes.Buffer // what is logged and sent, in order
	keeper   *memory
}

// memory is a keeper in memory. away makes it unreachable.
type memory struct {
	players map[int64]json.RawMessage
	world   json.RawMessage
	away    bool
	fenced  bool
	moved   map[int64]string
	saves   int
	// full says that no other map of the fleet has room.
	full bool
}

func (m *memory) err() error {
	switch {
	case m.fenced:
		return keeper.ErrFenced
	case m.away:
		return keeper.ErrUnavailable
	}
	return nil
}

func (m *memory) Load(_ context.Context, id int64) (keeper.Record, error) {
	return keeper.Record{ID: id, Data: m.players[id]}, m.err()
}

func (m *memory) Save(_ context.Context, b keeper.Batch) error {
	if err := m.err(); err != nil {
		return err
	}
	m.saves++
	for _, p := range b.Players {
		m.players[p.ID] = p.Data
	}
	if b.World != nil {
		m.world = b.World
	}
	return nil
}

func (m *memory) Transfer(_ context.Context, id int64, to string, data json.RawMessage) (keeper.Address, error) {
	if err := m.err(); err != nil {
		return keeper.Address{}, err
	}
	if to == "nowhere" {
		return keeper.Address{}, fmt.Errorf("there is no map %q: %w", to, keeper.ErrNotFound)
	}
	if to == "" && m.full {
		return keeper.Address{}, fmt.Errorf("no other map: %w", keeper.ErrNotFound)
	}
	to = cmp.Or(to, "elsewhere")
	m.moved[id], m.players[id] = to, data
	return keeper.Address{Host: "127.0.0.1", Port: 7002, Token: "token", ID: id, Map: to}, nil
}

// session is a client's connection that writes down what it is sent.
type session struct {
	r      *rig
	id     uint64
	player game.Player
	quiet  bool
	closed bool
}

func (s *session) ID() uint64          { return s.id }
func (s *session) Player() game.Player { return s.player }
func (s *session) Send(m *game.Message) {
	if !json.Valid(m.Data) {
		s.r.t.Errorf("not JSON: %s", m.Data)
	}
	if !s.quiet {
		_, _ = fmt.Fprintf(s.r.out, "%s < %s\n", s.player.Login, m.Data)
	}
}
func (s *session) Close(code int, reason string) {
	s.closed = true
	_, _ = fmt.Fprintf(s.r.out, "%s closed %d %s\n", s.player.Login, code, reason)
}

// newRig makes a game of files.
func newRig(t testing.TB, files map[string]string, change ...func(*Config)) *rig {
	t.Helper()
	r, err := tryRig(t, files, change...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func bundleOf(files map[string]string) *game.Bundle {
	data := map[string][]byte{}
	for name, text := range files {
		data[name] = []byte(text)
	}
	return game.NewBundle(data)
}

func tryRig(t testing.TB, files map[string]string, change ...func(*Config)) (*rig, error) {
	r := &rig{
		t: t, clock: beginning, sessions: map[int64]*session{}, out: &bytes.Buffer{},
		keeper: &memory{players: map[int64]json.RawMessage{}, moved: map[int64]string{}},
	}
	c := Config{
		ID: "meadow", Bundle: bundleOf(files), Languages: []script.Language{lua.Language{}, js.Language{}}, Keeper: r.keeper,
		// A script's clock is the test's: budgets are measured otherwise.
		Limits:     script.Limits{Call: time.Minute},
		Sides:      []wire.Side{{Name: "center", Map: "meadow"}},
		Return:     func(f func(time.Time)) bool { r.tasks = append(r.tasks, f); return true },
		Background: func(f func()) { f() },
		Lost:       func(err error) { _, _ = fmt.Fprintf(r.out, "lost: %v\n", err) },
		Log:        slog.New(slog.NewTextHandler(r.out, &slog.HandlerOptions{ReplaceAttr: plainLog})),
		Now:        func() time.Time { return r.clock },
	}
	for _, f := range change {
		f(&c)
	}
	g, err := New(c)
	r.Game = g
	return r, err
}

// plainLog leaves out of log lines what differs from run to run.
func plainLog(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, "trace", "revision", "fingerprint":
		return slog.Attr{}
	}
	return a
}

// frame runs n frames.
func (r *rig) frame(n int) {
	for range n {
		r.frames++
		tasks := r.tasks
		r.tasks = nil
		for _, f := range tasks {
			f(r.clock)
		}
		r.Frame(game.Frame{Number: r.frames, Now: r.clock, Step: step})
		r.clock = r.clock.Add(step)
	}
}

func (r *rig) join(id int64, login string) *session {
	r.nextID++
	s := &session{r: r, id: r.nextID, player: game.Player{ID: id, Login: login}}
	if old := r.sessions[id]; old != nil {
		r.Leave(old)
	}
	r.sessions[id] = s
	if err := r.Join(s); err != nil {
		_, _ = fmt.Fprintf(r.out, "%s refused: %v\n", login, err)
	}
	return s
}

func (r *rig) leave(id int64) {
	s := r.sessions[id]
	if s == nil {
		r.t.Fatalf("player %d is not there", id)
	}
	delete(r.sessions, id)
	r.Leave(s)
}

func (r *rig) say(id int64, text string) { r.Receive(r.sessions[id], []byte(text)) }

// take returns what was logged and sent since the last call.
func (r *rig) take() string {
	defer r.out.Reset()
	return strings.TrimSpace(r.out.String())
}

var errUsage = errors.New("steps are: join ID LOGIN, leave ID, say ID JSON, frame [N], pass SECONDS, quiet ID, loud ID, away, back, restart, reload")
