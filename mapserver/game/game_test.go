package game_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/loop"
)

// counter is a Game that counts, on top of one that does nothing.
type counter struct {
	game.Nop
	frames, received int
}

func (c *counter) Frame(game.Frame)             { c.frames++ }
func (c *counter) Receive(game.Session, []byte) { c.received++ }

// A whole map runs without a socket, a store and a script.
func TestWholeMap(t *testing.T) {
	g := &counter{}
	l, err := loop.New(loop.Config{Rate: 10, Frame: func(f loop.Frame) { g.Frame(game.Frame(f)) }})
	if err != nil {
		t.Fatal(err)
	}
	player := game.NopSession{P: game.Player{ID: 7, Login: "Ann"}}
	l.Post(loop.Func(func(time.Time) {
		if err := g.Join(player); err != nil {
			t.Error(err)
		}
		g.Receive(player, []byte("hello"))
	}))
	now := time.Unix(1_700_000_000, 0)
	for range 10 {
		now = l.Step(now)
	}
	drained := false
	l.Post(loop.Func(func(now time.Time) {
		g.Resync(player)
		g.Leave(player)
		g.Drain(now, func() { drained = true })
	}))
	l.Step(now)
	g.Close()
	if g.frames != 11 || g.received != 1 || !drained {
		t.Errorf("%d frames, %d messages, drained %v", g.frames, g.received, drained)
	}
	player.Send(&game.Message{})
	player.Close(1000, "")
	if player.ID() != 7 || player.Player().Login != "Ann" {
		t.Errorf("the session is %d of %v", player.ID(), player.Player())
	}
}

func TestReadBundle(t *testing.T) {
	files := fstest.MapFS{
		"world.yaml": {Data: []byte("x")}, "events/a.lua": {Data: []byte("y")}, ".git/config": {Data: []byte("z")}, "events/.hidden": {Data: []byte("z")},
	}
	b, err := game.ReadBundle(files)
	if err != nil || fmt.Sprint(b.Paths()) != "[events/a.lua world.yaml]" {
		t.Fatalf("%v, %v", b, err)
	}
	same := game.NewBundle(map[string][]byte{"events/a.lua": []byte("y"), "world.yaml": []byte("x")})
	if b.Revision != same.Revision || len(b.Revision) != 12 {
		t.Errorf("revisions %s and %s", b.Revision, same.Revision)
	}
	for _, other := range []map[string][]byte{{"world.yaml": []byte("x")}, {"events/a.lua": []byte("yw"), "orld.yaml": []byte("x")}, {"events/a.lua": []byte("x"), "world.yaml": []byte("y")}} {
		if game.NewBundle(other).Revision == b.Revision {
			t.Errorf("%v has the same revision", other)
		}
	}
}

func TestBadBundles(t *testing.T) {
	many := fstest.MapFS{}
	for i := range game.MaxBundleFiles + 1 {
		many[fmt.Sprint(i)] = &fstest.MapFile{}
	}
	for want, files := range map[string]fstest.MapFS{
		"no files":              {},
		"larger than 16 MiB":    {"a": {Data: make([]byte, game.MaxBundleBytes)}, "b": {Data: []byte("x")}},
		"more than 2000 files":  many,
		"is not a regular file": {"link": {Mode: 1 << 27}},
	} {
		_, err := game.ReadBundle(files)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := game.ReadBundle(fstest.MapFS{}); !errors.Is(err, game.ErrEmptyBundle) {
		t.Errorf("the error is %v", err)
	}
}

func TestPreparedOnce(t *testing.T) {
	m := &game.Message{Data: []byte("x")}
	calls := 0
	prepare := func(m *game.Message) (any, error) { calls++; return len(m.Data), errors.New("kept") }
	for range 3 {
		if v, err := m.Prepared(prepare); v != 1 || err == nil {
			t.Errorf("%v, %v", v, err)
		}
	}
	if calls != 1 {
		t.Errorf("prepared %d times", calls)
	}
}
