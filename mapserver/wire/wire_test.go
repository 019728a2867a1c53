package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// open is ground without walls.
type open struct{}

func (open) Bounds() world.Rect     { return world.Rect{W: 100, H: 100} }
func (open) Walkable(int, int) bool { return true }
func (open) Path(_, to [2]int, _ int) ([][2]int, bool) {
	return [][2]int{to}, true
}
func (open) RandomFree(*rand.Rand, world.Rect, func(int, int) bool) (int, int, bool) {
	return 1, 2, true
}

var start = time.Unix(1_700_000_000, 0)

func schema() *world.Schema {
	all := [world.TypeCount]bool{true, true, true, true}
	nan := math.NaN()
	return &world.Schema{
		Components: []world.Component{
			{Name: "hp", Of: all, Default: value.FromNumber(10)},
			{Name: "bag", Of: all, Type: world.JSONComponent},
			{Name: "gold", Of: [world.TypeCount]bool{true}, Private: true, Default: value.FromNumber(0)},
		},
		Groups: []world.Group{
			{Name: "move", Of: all, Timeout: 0.2, Actions: []world.Action{
				{Name: "up", Public: true},
				{Name: "to", Params: []world.Param{{Name: "x", Min: nan, Max: nan}}},
			}},
			{Name: "cast", Of: all, TimeoutCode: world.Slot{ID: 1, Name: "timeout cast"}, Actions: []world.Action{{Name: "index"}}},
		},
		Player: world.Spawn{Prefab: "hero", At: []world.Point{{X: 3, Y: 4}}},
	}
}

// rig is a world with one player, whom clients know, and its encoder.
type rig struct {
	*world.World
	*Encoder
	t     testing.TB
	ann   *world.Entity
	clock time.Time
}

func newRig(t testing.TB, form Form) *rig {
	t.Helper()
	w := world.New(world.Config{Schema: schema(), Terrain: open{}, MapID: "4"}, start)
	r := &rig{World: w, Encoder: NewEncoder(w, form, []Side{{"center", "4"}, {"left", "cave"}}), t: t, clock: start}
	r.ann = r.player(24, "Ann")
	w.Settle()
	return r
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) player(id int64, login string) *world.Entity {
	r.t.Helper()
	e, err := r.Player(id, login, value.Null)
	r.ok(err)
	return e
}

func (r *rig) frame(d time.Duration) {
	r.clock = r.clock.Add(d)
	r.Frame(r.clock)
}

// changes returns what everybody is told, and settles it.
func (r *rig) changes() string {
	r.t.Helper()
	b, ok := r.Changes([]byte("kept"))
	r.Settle()
	text := strings.TrimPrefix(string(b), "kept")
	if !ok && text != "" || ok && !json.Valid([]byte(text)) {
		r.t.Fatalf("ok is %v of %q", ok, text)
	}
	return text
}

func (r *rig) private(p Private) string {
	r.t.Helper()
	b, ok := r.Private([]byte("kept"), &p)
	text := strings.TrimPrefix(string(b), "kept")
	if !ok && text != "" || ok && !json.Valid([]byte(text)) {
		r.t.Fatalf("ok is %v of %q", ok, text)
	}
	return text
}

func (r *rig) want(got, want string) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func set(f world.Field, v any) func(*world.Entity) error {
	return func(e *world.Entity) error {
		if text, ok := v.(string); ok {
			return e.Set(f, value.FromString(text))
		}
		return e.Set(f, value.FromNumber(v.(float64)))
	}
}

func TestWorld(t *testing.T) {
	r := newRig(t, Form{})
	r.ok(r.ann.Event(0).Call("up", value.Null, 5, true))
	r.want(string(r.Encoder.World(nil)), `{"action":"load/index","sides":{"center":4,"left":"cave"},`+
		`"timeouts":{"move":{"timeout":0.2,"actions":{"up":true,"to":false}},"cast":{"timeout":1,"actions":{"index":false}},`+
		`"load":{"timeout":1,"actions":{"index":true}},"save":{"timeout":1,"actions":{"index":false}}},`+
		`"players":[{"id":24,"key":"players_24","type":"players","map_id":4,"prefab":"hero","x":3,"y":4,"z":0,"sort":0,"side":"","action":"","speed":0,`+
		`"created":"2023-11-14 22:13:20","login":"Ann","sides":{"center":4,"left":"cave"},"components":{"hp":10,"bag":null},`+
		`"events":{"move":{"time":0,"action":"up","data":null,"command_id":5}}}],"enemys":[],"animals":[],"objects":[]}`)
}

func TestChangesAreOnlyWhatChanged(t *testing.T) {
	r := newRig(t, Form{})
	r.want(r.changes(), "")
	for _, f := range []func(*world.Entity) error{set(world.FieldX, 4.5), set(world.FieldSide, "l\u00e9ft"), set(world.FieldX, 5.0)} {
		r.ok(f(r.ann))
	}
	r.ok(r.ann.SetComponent(0, value.FromNumber(9)))
	r.ok(r.ann.SetComponent(2, value.FromNumber(7)))
	r.want(r.changes(), `{"players":[{"id":24,"x":5,"side":"l\u00e9ft","components":{"hp":9}}]}`)
	r.ok(r.ann.SetComponent(2, value.FromNumber(8)))
	r.want(r.changes(), "") // private
	e, err := r.Add(world.Enemys, value.Null)
	r.ok(err)
	r.want(r.changes(), `{"enemys":[{"id":1,"key":"enemys_1","type":"enemys","map_id":4,"prefab":"","x":1,"y":2,"z":0,"sort":0,"side":"","action":"","speed":0,`+
		`"created":"2023-11-14 22:13:20","components":{"hp":10,"bag":null},"events":{}}]}`)
	r.ok(r.Remove(e))
	r.want(r.changes(), `{"enemys":[{"id":1,"action":"remove"}]}`)
	e, err = r.Add(world.Enemys, value.Null)
	r.ok(err)
	r.ok(r.Remove(e))
	r.want(r.changes(), "") // came and went
}

func TestOneWhoIsBackIsNotRemoved(t *testing.T) {
	r := newRig(t, Form{Dictionaries: true})
	r.ok(r.Remove(r.ann))
	r.frame(0)
	r.player(24, "Ann")
	got := r.changes()
	if strings.Contains(got, "remove") || strings.Count(got, `"players_24":`) != 1 || !strings.Contains(got, `"login":"Ann"`) {
		t.Errorf("got %s", got)
	}
}

func TestEventsInChanges(t *testing.T) {
	r := newRig(t, Form{})
	params := &value.Dict{}
	params.Set("x", value.FromNumber(3))
	r.ok(r.ann.Event(0).Add("to", value.FromDict(params)))
	r.want(r.changes(), `{"players":[{"id":24,"events":{"move":{"action":"to","data":{"x":3},"command_id":null}}}]}`)
	r.frame(0)
	r.want(r.changes(), `{"players":[{"id":24,"events":{"move":{"action":null,"data":null,"command_id":null}}}]}`)
	r.ok(r.ann.Event(0).Add("up", value.Null))
	r.frame(time.Second)
	r.want(r.changes(), "") // came and went
}

func TestForms(t *testing.T) {
	r := newRig(t, Form{Dictionaries: true, ListsAsObjects: true})
	r.ok(r.ann.SetComponent(1, value.FromList(value.FromNumber(7), value.FromList(value.FromString("a")))))
	r.want(r.changes(), `{"players":{"players_24":{"id":24,"components":{"bag":{"1":7,"2":{"1":"a"}}}}}}`)
	text, err := r.Table(nil, value.FromList(value.FromBool(true)))
	r.ok(err)
	r.want(string(text), `{"1":true}`)
	if _, err := r.Table(nil, value.FromList(value.FromRef(t))); err == nil {
		t.Error("a reference is encoded")
	}
}

func TestPrivate(t *testing.T) {
	r := newRig(t, Form{})
	r.want(r.private(Private{Entity: r.ann}), "")
	r.want(r.private(Private{Entity: r.ann, All: true}), `{"players":[{"id":24,"components":{"gold":0}}]}`)
	r.ok(r.ann.SetComponent(2, value.FromNumber(5)))
	r.ok(r.ann.Event(0).SetTime(value.FromNumber(1_700_000_000.123456)))
	r.want(r.private(Private{Entity: r.ann}), `{"players":[{"id":24,"components":{"gold":5},"events":{"move":{"time":1700000000.1235}}}]}`)
	r.Settle()
	acks := []Ack{{"move", 1, 0}, {"cast", 2, 0.5}, {"move", 3, 0.00001}}
	r.want(r.private(Private{Entity: r.ann, Acks: acks}), `{"commands":{"cast":{"command_id":2,"wait_time":0.5},"move":{"command_id":3,"wait_time":0}}}`)
	r.want(r.private(Private{Entity: r.ann, Timeouts: []Timeout{{1, 2.5}}}), `{"timeouts":{"cast":{"timeout":2.5}}}`)
	r.want(r.private(Private{Entity: r.ann, Acks: acks[:1], Timeouts: []Timeout{{1, 2.5}}, All: true}),
		`{"commands":{"move":{"command_id":1,"wait_time":0}},"timeouts":{"cast":{"timeout":2.5}},"players":[{"id":24,"components":{"gold":5},"events":{"move":{"time":1700000000.1235}}}]}`)
}

func TestDecode(t *testing.T) {
	for text, want := range map[string]string{
		`{"action":"move/up"}`: "move up false 0 null",
		`{"action":"save"}`:    "save  false 0 null",
		`{"action":"move/to","command_id":1670069589900,"x":1,"ping":0.5}`: `move to true 1670069589900 {"x":1}`,
		`{"action":"a/b/c"}`: "a b/c false 0 null",
		`{"group":"move","action":"to","unixtime":7,"y":null}`: "move to true 7 null",
		`{"group":"move","unixtime":"7"}`:                      "move  true 7 null",
		`{"group":"red","action":"move/up"}`:                   `move up false 0 {"group":"red"}`,
	} {
		c, err := Decode([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		params, _ := value.AppendJSON(nil, c.Params)
		if got := fmt.Sprintf("%s %s %v %.0f %s", c.Group, c.Action, c.HasID, c.ID, params); got != want {
			t.Errorf("%s reads as %q, want %q", text, got, want)
		}
	}
	if c, err := Decode([]byte(`{"action":"a","ping":0.25}`)); err != nil || c.Ping != 0.25 {
		t.Errorf("the ping is %v, %v", c.Ping, err)
	}
}

func TestBadFrames(t *testing.T) {
	for text, want := range map[string]string{
		``:                                "the frame cannot be read as JSON: the JSON text ends too early",
		`{"action":"move/up"`:             "ends too early",
		`{"action":"move/up"} {}`:         "more than one JSON value",
		"{\"action\":\"\xff\"}":           "not UTF-8",
		`[]`:                              "the frame must be a JSON object",
		`"move/up"`:                       "the frame must be a JSON object",
		`{}`:                              `"action" is missing`,
		`{"action":null}`:                 `"action" is missing`,
		`{"action":"/up"}`:                `"action" is missing`,
		`{"action":{}}`:                   `"action" must be a text such as "move/up", not a table`,
		`{"action":"a","command_id":[]}`:  `"command_id" must be a number`,
		`{"action":"a","unixtime":"NaN"}`: `"command_id" must be a number`,
		strings.Repeat(`{"a":`, 50) + `1` + strings.Repeat(`}`, 50): "nest deeper",
	} {
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"action":"move/to","command_id":1670069589900,"x":1}`))
	f.Add([]byte(`{"group":"move","unixtime":"7"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Decode(data)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		if c.Group == "" {
			t.Error("a command without a group")
		}
		if _, err := value.AppendJSON(nil, c.Params); err != nil {
			t.Errorf("parameters that cannot be sent on: %v", err)
		}
	})
}

// moved is a world in which n of 500 players have moved.
func moved(t testing.TB, n int) *rig {
	r := newRig(t, Form{})
	for i := range 500 {
		r.player(int64(100+i), "p")
	}
	r.Settle()
	for i := range n {
		e := r.Entity(fmt.Sprintf("players_%d", 100+i))
		r.ok(e.Set(world.FieldX, value.FromNumber(float64(50+i))))
		r.ok(e.Set(world.FieldSide, value.FromString("left")))
	}
	return r
}

func TestChangesAllocateNothing(t *testing.T) {
	r := moved(t, 42)
	b, _ := r.Changes(nil)
	if n := testing.AllocsPerRun(10, func() { b, _ = r.Changes(b[:0]) }); n > 0 {
		t.Errorf("%v allocations for 42 changes", n)
	}
	p := Private{Entity: r.ann, All: true, Acks: []Ack{{"move", 1, 0}}}
	if n := testing.AllocsPerRun(10, func() { b, _ = r.Private(b[:0], &p) }); n > 0 {
		t.Errorf("%v allocations for what is private", n)
	}
}

func BenchmarkChanges42(b *testing.B) {
	r := moved(b, 42)
	buffer, _ := r.Changes(nil)
	b.SetBytes(int64(len(buffer)))
	b.ReportAllocs()
	for b.Loop() {
		buffer, _ = r.Changes(buffer[:0])
	}
}

func BenchmarkWorld500(b *testing.B) {
	r := moved(b, 0)
	buffer := r.Encoder.World(nil)
	b.SetBytes(int64(len(buffer)))
	b.ReportAllocs()
	for b.Loop() {
		buffer = r.Encoder.World(buffer[:0])
	}
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(`{"action":"move/to","command_id":1670069589900,"x":1,"y":2}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
