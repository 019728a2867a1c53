package world

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// ground is 10 by 10 tiles with a wall at x = 5.
type ground struct{}

func (ground) Bounds() Rect           { return Rect{W: 10, H: 10} }
func (ground) Walkable(x, y int) bool { return x >= 0 && x < 10 && y >= 0 && y < 10 && x != 5 }
func (ground) Path(_, to [2]int, _ int) ([][2]int, bool) {
	return [][2]int{to}, true
}
func (g ground) RandomFree(_ *rand.Rand, area Rect, taken func(x, y int) bool) (int, int, bool) {
	if area.W == 0 {
		area = g.Bounds()
	}
	for y := area.Y; y < area.Y+area.H; y++ {
		for x := area.X; x < area.X+area.W; x++ {
			if g.Walkable(x, y) && (taken == nil || !taken(x, y)) {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

// codes are the codes of slots by name, in place of a script engine.
type codes struct {
	code   map[string]func(e *Entity, arg value.Value) (value.Value, bool)
	ran    []string
	faults []string
	rests  string // the name of the slot that rests
}

func (c *codes) Rests(s Slot) bool { return s.Name == c.rests }

func (c *codes) Run(s Slot, e *Entity, arg value.Value) (value.Value, bool) {
	text, _ := value.AppendJSON(nil, arg)
	c.ran = append(c.ran, fmt.Sprintf("%s %s %s", s.Name, e.Key(), text))
	if f := c.code[s.Name]; f != nil {
		return f(e, arg)
	}
	return value.Null, true
}

func (c *codes) Fault(s Slot, e *Entity, err error) {
	c.faults = append(c.faults, s.Name+" "+e.Key()+" "+err.Error())
}

func (c *codes) on(slot string, f func(e *Entity, arg value.Value)) {
	c.code[slot] = func(e *Entity, arg value.Value) (value.Value, bool) { f(e, arg); return value.Null, true }
}

// take returns what has run since the last call.
func (c *codes) take() []string { out := c.ran; c.ran = nil; return out }

var start = time.Unix(1_700_000_000, 0)

type rig struct {
	*World
	*codes
	t     *testing.T
	clock time.Time
	acks  []string
}

var all = [TypeCount]bool{true, true, true, true}

func slot(name string) Slot { return Slot{ID: 1, Name: name} }

var nan = math.NaN()

func testSchema() *Schema {
	number := func(name string) Param { return Param{Name: name, Min: nan, Max: nan} }
	required := number("x")
	required.Required, required.Max = true, 9
	optional := number("speed")
	optional.Default = value.FromNumber(1)
	return &Schema{
		Components: []Component{
			{Name: "hp", Default: value.FromNumber(10), Of: all, OnChange: slot("component hp")},
			{Name: "gold", Of: [TypeCount]bool{Players: true}, Private: true, Default: value.FromNumber(0)},
			{Name: "bag", Type: JSONComponent, Of: all},
			{Name: "title", Type: StringComponent, Of: all},
		},
		Groups: []Group{
			{Name: "move", Of: all, Timeout: 0.5, Actions: []Action{
				{Name: "index", Public: true, Code: slot("event move/index")},
				{Name: "to", Public: true, Code: slot("event move/to"), Params: []Param{required, optional}},
			}},
			{Name: "fight", Of: all, TimeoutCode: slot("timeout fight"), Actions: []Action{
				{Name: "hit", Code: slot("event fight/hit")},
			}},
		},
		Enter:   [TypeCount][]Slot{Enemys: {slot("enter enemys")}},
		Leave:   [TypeCount][]Slot{Enemys: {slot("leave enemys")}},
		Prefabs: []Prefab{{Type: Enemys, Name: "goblin", Components: []Default{{0, value.FromNumber(30)}}, Enter: []Slot{slot("enter goblin")}}},
		Spawns:  []Spawn{{Type: Enemys, Prefab: "goblin", Count: 2, At: []Point{{X: 1, Y: 2}}, Area: Rect{X: 3, Y: 3, W: 1, H: 1}}},
	}
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, clock: start, codes: &codes{code: map[string]func(*Entity, value.Value) (value.Value, bool){}}}
	r.World = New(Config{
		Schema: testSchema(), Terrain: ground{}, MapID: "meadow", Scripts: r.codes,
		Executed: func(e *Entity, group string, command, wait float64) {
			r.acks = append(r.acks, fmt.Sprintf("%s %s %v %.2f", e.Key(), group, command, wait))
		},
	}, start)
	return r
}

func (r *rig) player() *Entity {
	r.t.Helper()
	e, err := r.Player(7, "Ann", value.Null)
	if err != nil {
		r.t.Fatal(err)
	}
	r.take()
	return e
}

// frame lets d pass and runs a frame.
func (r *rig) frame(d time.Duration) []string {
	r.clock = r.clock.Add(d)
	r.Frame(r.clock)
	return r.take()
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) want(got []string, want ...string) {
	r.t.Helper()
	if !slices.Equal(got, want) {
		r.t.Fatalf("ran %q, want %q", got, want)
	}
}

func (r *rig) refused(err error, text string) {
	r.t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		r.t.Fatalf("the error is %v, want one with %q", err, text)
	}
}

func dict(pairs ...any) value.Value {
	d := &value.Dict{}
	for i := 0; i < len(pairs); i += 2 {
		d.Set(pairs[i].(string), pairs[i+1].(value.Value))
	}
	return value.FromDict(d)
}

func num(f float64) value.Value { return value.FromNumber(f) }

const step = 16 * time.Millisecond

func TestFirstEventRunsInTheNextFrame(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.ok(e.Event(0).Add("", value.Null))
	r.want(r.frame(step), "event move/index players_7 {}")
	if a := e.Event(0).Action(); a != "" {
		t.Errorf("%q is still pending", a)
	}
	// The next one waits until the timeout is over.
	r.ok(e.Event(0).Add("to", dict("x", num(3))))
	r.want(r.frame(400 * time.Millisecond))
	r.want(r.frame(100*time.Millisecond), `event move/to players_7 {"x":3,"speed":1}`)
}

func TestAddingReplacesThePendingEvent(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.ok(e.Event(0).Add("", value.Null))
	r.ok(e.Event(0).Add("to", dict("x", num(1))))
	r.want(r.frame(step), `event move/to players_7 {"x":1,"speed":1}`)
}

func TestEventAddedByItsOwnCodeStays(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.on("event move/index", func(e *Entity, _ value.Value) { r.ok(e.Event(0).Add("index", value.Null)) })
	r.ok(e.Event(0).Add("", value.Null))
	r.frame(step)
	if e.Event(0).Action() != "index" {
		t.Fatal("the event that the code added is gone")
	}
	r.want(r.frame(step))
	r.want(r.frame(time.Second), "event move/index players_7 {}")
}

// An event of the game whose code rests is not lost.
func TestEventWaitsWhileItsCodeRests(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.rests = "event move/index"
	r.ok(e.Event(0).Add("", value.Null))
	for range 5 {
		r.frame(time.Second)
	}
	if e.Event(0).Action() != "index" {
		t.Fatal("the event is gone")
	}
	r.rests = ""
	r.want(r.frame(2*time.Second), "event move/index players_7 {}")
}

func TestZeroTimeRunsOnceAFrame(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.on("event move/index", func(e *Entity, _ value.Value) {
		r.ok(e.Event(0).Add("index", value.Null))
		r.ok(e.Event(0).SetTime(num(0)))
	})
	r.ok(e.Event(0).Add("", value.Null))
	for range 3 {
		r.want(r.frame(step), "event move/index players_7 {}")
	}
}

func TestTimeSurvivesRemove(t *testing.T) {
	r := newRig(t)
	e := r.player()
	v := e.Event(0)
	r.ok(v.Add("", value.Null))
	r.frame(step)
	ends := v.Time()
	if want := r.Now() + 0.5; ends != want {
		t.Errorf("the timeout ends at %v, want %v", ends, want)
	}
	r.ok(v.Add("", value.Null))
	v.Remove()
	if v.Time() != ends || v.Action() != "" || !v.Data().IsNil() {
		t.Errorf("after remove: time %v, action %q, data %v", v.Time(), v.Action(), v.Data().Kind())
	}
	r.want(r.frame(time.Second))
	r.ok(v.ResetTime(value.Null))
	if v.Time() != r.Now()+0.5 {
		t.Errorf("resetTime() ends at %v", v.Time()-r.Now())
	}
	r.ok(v.ResetTime(num(2)))
	if v.Time() != r.Now()+2 {
		t.Errorf("resetTime(2) ends at %v", v.Time()-r.Now())
	}
}

func TestTimeoutCode(t *testing.T) {
	r := newRig(t)
	e := r.player()
	answer := num(3)
	r.code["timeout fight"] = func(*Entity, value.Value) (value.Value, bool) { return answer, true }
	if got := e.Event(1).Timeout(); got != 3 {
		t.Errorf("the timeout is %v", got)
	}
	for _, bad := range []value.Value{value.Null, num(-1), num(nan), value.FromString("1")} {
		answer = bad
		if got := e.Event(1).Timeout(); got != DefaultTimeout {
			t.Errorf("the timeout is %v for a wrong answer", got)
		}
	}
	if len(r.faults) != 4 {
		t.Errorf("faults: %q", r.faults)
	}
}

func TestCommandsAreAcknowledged(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.ok(e.Event(0).Call("to", dict("x", num(1)), 111, true))
	r.frame(step)
	r.ok(e.Event(0).Call("to", dict("x", num(1)), 112, true))
	r.frame(500 * time.Millisecond)
	if want := []string{"players_7 move 111 0.02", "players_7 move 112 0.50"}; !slices.Equal(r.acks, want) {
		t.Errorf("acknowledged %q, want %q", r.acks, want)
	}
	r.refused(e.Event(1).Call("hit", value.Null, 0, false), "fight/hit is not a public event")
	r.refused(e.Event(1).Call("kick", value.Null, 0, false), "there is no event fight/kick: the group fight has hit")
}

func TestParameters(t *testing.T) {
	r := newRig(t)
	v := r.player().Event(0)
	for _, c := range []struct {
		params value.Value
		text   string
	}{
		{value.Null, "event move/to: parameter x is missing"},
		{dict("x", value.FromString("1")), "parameter x must be a number, not a string"},
		{dict("x", num(10)), "parameter x must be at most 9, not 10"},
		{dict("x", num(1), "y", num(2)), `there is no parameter "y": the event takes x, speed`},
		{value.FromList(num(1)), "must be a table with names, not a list"},
		{num(1), "must be a table, not a number"},
		{dict("x", num(math.Inf(1))), "must be a finite number"},
	} {
		r.refused(v.Add("to", c.params), c.text)
	}
	r.refused(v.Add("index", dict("x", num(1))), "the event takes none")
	r.ok(v.Add("to", dict("x", num(1), "speed", num(4))))
	r.ok(v.SetData(dict("x", num(2))))
	r.want(r.frame(step), `event move/to players_7 {"x":2,"speed":1}`)
	r.refused(v.SetData(value.Null), "data must be a table, not nil")
	r.refused(v.SetTime(value.Null), "time must be a number, not nil")
	r.refused(v.SetAction(value.Null), "action must be the name of an event")
}

func TestComponentTriggers(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.ok(e.SetComponent(0, num(10)))
	r.want(r.take()) // unchanged
	r.ok(e.SetComponent(0, num(9)))
	r.want(r.take(), "component hp players_7 9")
	r.ok(e.SetComponent(0, value.Null))
	r.want(r.take(), "component hp players_7 null")
	r.refused(e.SetComponent(0, value.FromString("x")), "component hp must be a number, not a string")
	r.refused(e.SetComponent(0, num(nan)), "finite")
	var deepest error
	r.on("component hp", func(e *Entity, v value.Value) {
		if err := e.SetComponent(0, num(v.Num()+1)); err != nil {
			deepest = err
		}
	})
	r.ok(e.SetComponent(0, num(1)))
	r.refused(deepest, "nest deeper than 16 levels")
}

func TestEnterAndLeave(t *testing.T) {
	r := newRig(t)
	r.ok(r.Spawn())
	r.want(r.take(), "component hp enemys_1 30", "enter enemys enemys_1 null", "enter goblin enemys_1 null",
		"component hp enemys_2 30", "enter enemys enemys_2 null", "enter goblin enemys_2 null")
	if x, y, _ := r.Entity("enemys_2").Position(); x != 3 || y != 3 {
		t.Errorf("the second goblin is at %v, %v", x, y)
	}
	e := r.Entity("enemys_1")
	r.ok(r.Remove(e))
	r.ok(r.Remove(e))
	r.want(r.take(), "leave enemys enemys_1 null")
	if r.Entity("enemys_1") != nil || !e.Gone() || r.Len(Enemys) != 1 {
		t.Error("a removed entity is still there")
	}
	r.refused(e.SetComponent(0, num(1)), "enemys_1 has left the map")
	r.refused(e.Set(FieldX, num(1)), "enemys_1 has left the map")
	r.refused(e.Event(0).Add("", value.Null), "enemys_1 has left the map")
}

func TestAdd(t *testing.T) {
	r := newRig(t)
	e, err := r.Add(Enemys, dict("prefab", value.FromString("goblin"), "x", num(2.5), "y", num(3), "components", dict("hp", num(4))))
	r.ok(err)
	if x, y, _ := e.Position(); x != 2.5 || y != 3 || e.Component(0).Num() != 4 {
		t.Errorf("it is at %v, %v", x, y)
	}
	blocked, err := r.Add(Objects, dict("x", num(5), "y", num(1)))
	r.ok(err)
	if x, y, _ := blocked.Position(); !(ground{}).Walkable(int(x), int(y)) {
		t.Errorf("it was put into the wall at %v, %v", x, y)
	}
	for _, c := range []struct {
		typ  Type
		data value.Value
		text string
	}{
		{Players, value.Null, "players cannot be added"},
		{Enemys, dict("x", value.FromString("a")), "x must be a number, not a string"},
		{Enemys, dict("colour", num(1)), `there is no field "colour"`},
		{Enemys, dict("prefab", num(1)), "prefab must be a text"},
		{Enemys, dict("components", dict("gold", num(1))), `enemys have no component "gold"`},
		{Enemys, dict("id", num(1)), "id cannot be assigned"},
		{Enemys, dict("map_id", num(1)), `there is no field "map_id"`},
	} {
		_, err := r.Add(c.typ, c.data)
		r.refused(err, c.text)
	}
	if r.Len(Enemys) != 1 {
		t.Errorf("%d enemys after refused ones", r.Len(Enemys))
	}
	r.on("enter enemys", func(*Entity, value.Value) { _, err = r.Add(Enemys, value.Null) })
	_, _ = r.Add(Enemys, value.Null)
	if r.Len(Enemys) > 20 {
		t.Errorf("enter code that adds its like made %d", r.Len(Enemys))
	}
}

func TestWalkWhileEntitiesComeAndGo(t *testing.T) {
	r := newRig(t)
	var added []*Entity
	for range 4 {
		e, err := r.Add(Animals, value.Null)
		r.ok(err)
		added = append(added, e)
	}
	var seen []string
	for e := range r.All {
		seen = append(seen, e.Key())
		if e == added[0] {
			r.ok(r.Remove(added[0]))
			r.ok(r.Remove(added[1]))
		}
	}
	r.want(seen, "animals_1", "animals_3", "animals_4")
	if e := r.After("animals_1"); e != added[2] {
		t.Error("the walk does not go on after an entity that left")
	}
	r.frame(step)
	if e := r.After("animals_1"); e != nil {
		t.Error("an entity that left long ago still has its place")
	}
	if e := r.Next(added[2]); e != added[3] {
		t.Error("the order is broken after the gaps were closed")
	}
}

func TestFields(t *testing.T) {
	r := newRig(t)
	e := r.player()
	for _, c := range []struct {
		field Field
		v     value.Value
		text  string
	}{
		{FieldX, value.Null, "x must be a number, not nil"},
		{FieldZ, num(math.Inf(-1)), "z must be a finite number"},
		{FieldSide, num(1), "side must be a text, not a number"},
		{FieldAction, value.FromString("remove"), `action may not be "remove"`},
		{FieldPrefab, value.FromString(strings.Repeat("a", 256)), "prefab is 256 bytes long"},
		{FieldID, num(1), "id cannot be assigned"},
		{FieldLogin, value.FromString("Bob"), "login cannot be assigned"},
		{FieldMapID, value.Null, "map_id must be the id of a map"},
	} {
		r.refused(e.Set(c.field, c.v), c.text)
	}
	r.ok(e.Set(FieldSide, value.FromString("left")))
	if e.Get(FieldSide).Str() != "left" || e.Get(FieldKey).Str() != "players_7" || e.Get(FieldCreated).Str() != "2023-11-14 22:13:20" {
		t.Error("fields do not read as they should")
	}
	r.ok(e.Set(FieldMapID, num(5)))
	if d := r.Departures(); len(d) != 1 || d[0].Moving() != "5" {
		t.Errorf("departures: %v", d)
	}
	npc, err := r.Add(Enemys, value.Null)
	r.ok(err)
	r.refused(npc.Set(FieldMapID, num(5)), "map_id can only be assigned on players")
}

func TestChanges(t *testing.T) {
	r := newRig(t)
	e := r.player()
	if !e.Fresh() || len(r.Changed(Players)) != 1 {
		t.Fatal("a new player is not among the changed")
	}
	r.Settle()
	if e.Fresh() || len(r.Changed(Players)) != 0 {
		t.Fatal("settled changes are still there")
	}
	r.ok(e.Set(FieldX, num(4)))
	r.ok(e.SetComponent(1, num(5)))
	r.ok(e.Event(0).Add("", value.Null))
	if !e.FieldChanged(FieldX) || e.FieldChanged(FieldY) || !e.ComponentChanged(1) || e.ComponentChanged(0) || !e.EventChanged(0) {
		t.Error("the changes are not what was changed")
	}
	r.frame(step)
	if e.EventChanged(0) || !e.TimeChanged(0) {
		t.Error("an event that came and went counts as a change, or its time does not")
	}
	r.ok(e.Event(0).Add("", value.Null))
	r.Settle()
	r.frame(time.Second)
	if !e.EventChanged(0) {
		t.Error("that an event has gone is no change")
	}
}

// Two runs of the same inputs are equal.
func TestDeterminism(t *testing.T) {
	play := func() string {
		r := newRig(t)
		r.ok(r.Spawn())
		r.on("event move/index", func(e *Entity, _ value.Value) {
			x, y, ok := r.Free(Rect{X: 1, Y: 1, W: 4, H: 4})
			if ok {
				r.ok(e.Set(FieldX, num(float64(x))))
				r.ok(e.Set(FieldY, num(float64(y))))
			}
			r.ok(e.Event(0).Add("index", value.Null))
		})
		for e := range r.All {
			r.ok(e.Event(0).Add("", value.Null))
		}
		for range 200 {
			r.frame(step)
		}
		data, _ := r.Snapshot()
		return string(data)
	}
	if a, b := play(), play(); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}

// A frame touches no entity that has nothing to do.
func BenchmarkFrameIdle(b *testing.B) {
	w := New(Config{Schema: testSchema(), Terrain: ground{}}, start)
	for i := range 1500 {
		e := w.newEntity(Type(i%2), int64(i+1), "x")
		w.place(e)
		e.Event(0).time = 1e12
		if err := e.Event(0).Add("", value.Null); err != nil {
			b.Fatal(err)
		}
	}
	w.Settle()
	b.ReportAllocs()
	for b.Loop() {
		w.Frame(start)
		w.Settle()
	}
}
