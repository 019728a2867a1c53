package native

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/script"
)

// walkers is a game with one event that walks.
func walkers(extra string) map[string]string {
	return map[string]string{
		"world.yaml": "events: {move: {timeout: 0, actions: {right: {public: true}}}, beat: {timeout: 1000000, actions: {index: }}}\n" +
			"player: {at: [[1, 1]]}\n" + extra,
		"events/move/right.lua": "object.x = object.x + 1",
		"events/beat/index.lua": "object.events.add('beat')",
	}
}

func TestDictionaries(t *testing.T) {
	r := newRig(t, walkers(""), func(c *Config) { c.Form.Dictionaries = true })
	r.join(7, "Ann")
	r.frame(2)
	if out := r.take(); !strings.Contains(out, `"players":{"players_7":{"id":7,`) {
		t.Errorf("the world is %s", out)
	}
	r.say(7, `{"action":"move/right"}`)
	r.frame(1)
	if out := r.take(); !strings.Contains(out, `{"players":{"players_7":{"id":7,"x":2}}}`) {
		t.Errorf("the change is %s", out)
	}
}

func TestSendRate(t *testing.T) {
	r := newRig(t, walkers(""), func(c *Config) { c.SendEvery = 3 })
	r.join(7, "Ann")
	r.frame(3)
	r.take()
	for range 3 {
		r.say(7, `{"action":"move/right","command_id":1}`)
		r.frame(1)
	}
	if got := strings.Count(r.take(), `"x":`); got != 1 {
		t.Errorf("%d changes in three frames, want one for all", got)
	}
}

func TestLostMap(t *testing.T) {
	r := newRig(t, walkers(""))
	r.join(7, "Ann")
	r.frame(2)
	r.keeper.fenced = true
	r.say(7, `{"action":"move/right"}`)
	r.frame(1)
	r.clock = r.clock.Add(10 * time.Second)
	r.frame(3)
	if out := r.take(); strings.Count(out, "lost: ") != 1 {
		t.Errorf("the map was lost %d times: %s", strings.Count(out, "lost: "), out)
	}
	saves := r.keeper.saves
	done := false
	r.Drain(r.clock.Add(time.Minute), func() { done = true })
	r.frame(3)
	if !done || r.keeper.saves != saves {
		t.Errorf("a lost map saves on: done %v, %d saves", done, r.keeper.saves-saves)
	}
}

func TestDrainGivesUp(t *testing.T) {
	r := newRig(t, walkers(""))
	r.join(7, "Ann")
	r.frame(2)
	r.keeper.away = true
	r.say(7, `{"action":"move/right"}`)
	r.frame(1)
	done := false
	r.Drain(r.clock.Add(2*time.Second), func() { done = true })
	r.frame(20)
	if done {
		t.Error("it gave up at once")
	}
	r.frame(40)
	if _, err := r.Saved(); !done || err == nil {
		t.Errorf("after its time: done %v, error %v", done, err)
	}
	if err := r.Join(&session{r: r, id: 99, player: game.Player{ID: 9, Login: "Bob"}}); err == nil {
		t.Error("a map that stops lets players in")
	}
}

func TestPlayerOfAnotherMapIsTakenOff(t *testing.T) {
	r := newRig(t, walkers(""))
	s := r.join(7, "Ann")
	r.frame(2)
	r.Skipped(7)
	r.frame(1)
	if !s.closed || r.world.Entity("players_7") != nil {
		t.Errorf("the player is still there: %s", r.take())
	}
	if _, kept := r.saver.departed[7]; kept {
		t.Error("the player would be saved over what the other map has")
	}
}

func TestUnreadablePlayer(t *testing.T) {
	r := newRig(t, walkers(""))
	r.keeper.players[7] = json.RawMessage(`{"x":`)
	s := r.join(7, "Ann")
	r.frame(2)
	if out := r.take(); !s.closed || !strings.Contains(out, "cannot be read") {
		t.Errorf("got %s", out)
	}
	if string(r.keeper.players[7]) != `{"x":` {
		t.Error("the record was overwritten")
	}
}

func TestSnapshotThatCannotBeRead(t *testing.T) {
	for _, state := range []string{`{`, `5`, `{"version":99}`} {
		_, err := tryRig(t, walkers(""), func(c *Config) { c.State = json.RawMessage(state) })
		if err == nil || !strings.Contains(err.Error(), "restoring the map's state") {
			t.Errorf("state %s: %v", state, err)
		}
	}
}

// Scripts whose data outgrow their memory are started afresh; the world stays.
func TestFullMemory(t *testing.T) {
	files := walkers("")
	files["init.lua"] = "kept, starts = {}, 1"
	files["events/move/right.lua"] = "object.x = object.x + 1\nkept[#kept + 1] = string.rep('x', 300000) .. #kept\nprint(#kept)"
	r := newRig(t, files, func(c *Config) { c.Limits = script.Limits{Memory: 4 << 20, Call: time.Minute} })
	r.join(7, "Ann").quiet = true
	r.frame(2)
	for range 40 {
		r.say(7, `{"action":"move/right"}`)
		r.frame(1)
	}
	out := r.take()
	if !strings.Contains(out, "not enough memory") || !strings.Contains(out, "outgrew their memory") {
		t.Fatalf("the memory was not full: %s", out)
	}
	if _, after, _ := strings.Cut(out, "outgrew"); !strings.Contains(after, "msg=1 ") {
		t.Errorf("the scripts did not start afresh: %s", out)
	}
	if x, _, _ := r.world.Entity("players_7").Position(); x < 40 {
		t.Errorf("x is %v after 40 steps", x)
	}
}

// populate makes a game with players who have seen the world, and NPCs that wait.
func populate(b *testing.B, players, npcs int, files map[string]string) *rig {
	files["world.yaml"] += fmt.Sprintf("spawns: [{type: enemys, prefab: rat, count: %d}]\n", npcs)
	files["entities/enemys/enter.lua"] = "object.events.beat.resetTime(1000000) object.events.add('beat')"
	r := newRig(b, files)
	for i := range players {
		r.join(int64(i+1), "p").quiet = true
	}
	r.frame(2)
	for _, s := range r.sessions {
		s.quiet = true
	}
	return r
}

// mute is a session that costs nothing.
type mute struct{ game.NopSession }

// BenchmarkIdleFrame is a frame with 500 idle players and 1,000 idle NPCs: it
// must not allocate, nor touch them one by one.
func BenchmarkIdleFrame(b *testing.B) {
	r := populate(b, 500, 1000, walkers(""))
	r.config.SaveEvery = time.Hour
	r.saver.at = r.clock.Add(time.Hour)
	f := game.Frame{Number: r.frames, Now: r.clock, Step: step}
	b.ReportAllocs()
	for b.Loop() {
		f.Number++
		r.Frame(f)
	}
}

// BenchmarkBusyFrame is a frame in which 42 of 500 players walk, as when each
// walks five times a second at 60 Hz; all are told.
func BenchmarkBusyFrame(b *testing.B) {
	r := populate(b, 500, 0, walkers(""))
	for _, p := range r.order {
		p.session = mute{game.NopSession{P: p.Player}}
	}
	f := game.Frame{Number: r.frames, Now: r.clock, Step: step}
	command := []byte(`{"action":"move/right","command_id":1670069589900}`)
	next := 0
	b.ReportAllocs()
	for b.Loop() {
		for range 42 {
			r.Receive(r.order[next%500].session, command)
			next++
		}
		f.Number++
		f.Now = f.Now.Add(step)
		r.clock = f.Now
		r.Frame(f)
	}
	b.ReportMetric(42*float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}

// BenchmarkEvents runs events of NPCs in Lua, one a call: how many a second?
func BenchmarkEvents(b *testing.B) {
	files := walkers("")
	files["events/move/right.lua"] = "object.x = (object.x + 1) % 900 object.events.add('move', 'right')"
	files["events/beat/index.lua"] = "object.events.add('move', 'right')"
	files["world.yaml"] = strings.ReplaceAll(files["world.yaml"], "timeout: 1000000", "timeout: 0")
	r := populate(b, 0, 1000, files)
	r.clock = r.clock.Add(2_000_000 * time.Second)
	f := game.Frame{Number: r.frames, Now: r.clock, Step: step}
	r.Frame(f)
	b.ReportAllocs()
	for b.Loop() {
		f.Number++
		f.Now = f.Now.Add(step)
		r.clock = f.Now
		r.Frame(f)
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
