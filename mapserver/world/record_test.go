package world

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/mapserver/value"
)

func TestSnapshot(t *testing.T) {
	r := newRig(t)
	r.ok(r.Spawn())
	e := r.Entity("enemys_1")
	r.ok(e.SetComponent(0, num(12)))
	r.ok(e.SetComponent(2, value.FromList(num(1), value.FromString("sword"))))
	r.ok(e.Event(0).Add("to", dict("x", num(3))))
	r.ok(e.Event(0).SetTime(num(r.Now() + 60)))
	r.player()
	data, changed := r.Snapshot()
	if !changed || strings.Contains(string(data), "players_7") {
		t.Fatalf("the snapshot is %s", data)
	}
	if _, changed := r.Snapshot(); changed {
		t.Error("nothing changed, and it is another snapshot")
	}
	state, err := value.ParseJSON(data)
	r.ok(err)

	again := newRig(t)
	r.ok(again.Restore(state))
	r.ok(again.Spawn()) // nothing new
	r.want(again.take())
	got, _ := again.Snapshot()
	if diff := cmp.Diff(string(data), string(got)); diff != "" {
		t.Error(diff)
	}
	r.want(again.frame(61*time.Second), `event move/to enemys_1 {"x":3,"speed":1}`)
	added, err := again.Add(Enemys, value.Null)
	r.ok(err)
	if added.Key() != "enemys_3" {
		t.Errorf("the next one is %s", added.Key())
	}
}

func TestBadSnapshots(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:            "not a table",
		`{"version":9}`: "version 9",
		`{"version":1,"entities":[{"type":"players","id":1}]}`: `entity 1 of the snapshot: it has the type "players"`,
		`{"version":1,"entities":[{"type":"enemys"}]}`:         "its id is missing",
	} {
		r := newRig(t)
		v, err := value.ParseJSON([]byte(text))
		r.ok(err)
		r.refused(r.Restore(v), want)
	}
}

func TestPlayerComesBack(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.ok(e.Set(FieldX, num(3)))
	r.ok(e.SetComponent(1, num(50)))
	record, err := value.ParseJSON(e.Record())
	r.ok(err)
	r.ok(r.Remove(e))
	r.frame(step)
	back, err := r.Player(7, "Ann", record)
	r.ok(err)
	if x, _, _ := back.Position(); x != 3 || back.Component(1).Num() != 50 || back.Prefab() != DefaultPlayer {
		t.Errorf("the player came back as %s", back.Record())
	}
}

func TestSpawnsFollowTheSchema(t *testing.T) {
	r := newRig(t)
	r.ok(r.Spawn())
	r.ok(r.Remove(r.Entity("enemys_1")))
	s := testSchema()
	s.Spawns = append(s.Spawns, Spawn{Type: Animals, Prefab: "hen", Count: 3})
	r.Reload(s, ground{})
	r.ok(r.Spawn())
	if r.Len(Enemys) != 1 || r.Len(Animals) != 3 {
		t.Errorf("%d enemys and %d animals, want 1 and 3", r.Len(Enemys), r.Len(Animals))
	}
	s = testSchema()
	s.Spawns = nil
	r.Reload(s, ground{})
	r.ok(r.Spawn())
	if r.Len(Enemys)+r.Len(Animals) != 0 {
		t.Errorf("%d enemys and %d animals of templates that are gone", r.Len(Enemys), r.Len(Animals))
	}
}

func TestReload(t *testing.T) {
	r := newRig(t)
	e := r.player()
	r.ok(e.SetComponent(0, num(3)))
	r.ok(e.Event(0).Call("to", dict("x", num(2)), 99, true))
	r.ok(e.Event(1).Add("hit", value.Null))
	s := testSchema()
	s.Components = append([]Component{{Name: "mana", Of: all, Default: num(5)}}, s.Components[:2]...)
	s.Groups = s.Groups[:1]
	r.Reload(s, ground{})
	r.take()
	if e.Component(0).Num() != 5 || e.Component(1).Num() != 3 {
		t.Errorf("after the reload: %s", e.Record())
	}
	r.want(r.frame(step), `event move/to players_7 {"x":2,"speed":1}`)
	if len(r.acks) != 1 {
		t.Errorf("acknowledged %q", r.acks)
	}
}
