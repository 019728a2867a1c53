package bots

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// apply feeds packets to a fresh mirror.
func apply(t *testing.T, packets ...string) *World {
	t.Helper()
	w := NewWorld()
	for _, text := range packets {
		p, err := Decode([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		w.Apply(p)
	}
	return w
}

func TestWorldIsTheSameInBothForms(t *testing.T) {
	lists := apply(t,
		`{"action":"load/index","players":[{"id":3,"prefab":"P","x":1,"y":2,"components":{"hp":5,"gold":1}}],"enemys":[{"id":3,"key":"enemys_3"}]}`,
		`{"players":[{"id":3,"x":1.5,"components":{"hp":4},"events":{"move":{"time":1}}},{"id":9,"x":1}]}`,
		`{"players":[{"id":4,"prefab":"P"}],"enemys":[{"id":3,"action":"remove"}]}`)
	dictionaries := apply(t,
		`{"action":"load/index","players":{"players_3":{"id":3,"prefab":"P","x":1,"y":2,"components":{"hp":5,"gold":1}}},"enemys":{"enemys_3":{"id":3}}}`,
		`{"players":{"players_3":{"x":1.5,"components":{"hp":4},"events":{"move":{"time":1}}},"players_9":{"x":1}}}`,
		`{"players":{"players_4":{"id":4,"prefab":"P"}},"enemys":{"enemys_3":{"action":"remove"}}}`)
	for _, w := range []*World{lists, dictionaries} {
		if w.Len() != 2 || w.Loads() != 1 || len(w.Of("players")) != 2 || w.Entity("enemys_3") != nil {
			t.Fatalf("%d entities", w.Len())
		}
		e := w.Entity("players_3")
		if e.X != 1.5 || e.Y != 2 || e.ID != 3 || e.Text("prefab") != "P" {
			t.Errorf("entity %+v", e)
		}
		want := map[string]any{"hp": 4.0, "gold": 1.0}
		if diff := cmp.Diff(want, e.Fields["components"]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestWorldLoadsAfresh(t *testing.T) {
	w := apply(t, `{"action":"load/index","objects":[{"id":1}]}`, `{"action":"load/index","objects":[{"id":2}],"players":[]}`)
	if w.Len() != 1 || w.Entity("objects_2") == nil || w.Loads() != 2 {
		t.Errorf("%d entities after %d loads", w.Len(), w.Loads())
	}
}

func TestWorldKeepsActionsWhenTimeoutsChange(t *testing.T) {
	w := apply(t,
		`{"timeouts":{"move":{"timeout":0.2,"actions":{"up":true}},"save":{"timeout":1,"actions":[]}}}`,
		`{"timeouts":{"move":{"timeout":0.4}}}`, `{"timeouts":[]}`)
	want := map[string]Group{"move": {Timeout: 0.4, Actions: map[string]bool{"up": true}}, "save": {Timeout: 1, Actions: map[string]bool{}}}
	if diff := cmp.Diff(want, w.Groups()); diff != "" {
		t.Error(diff)
	}
}

func TestNearest(t *testing.T) {
	w := apply(t, `{"action":"load/index","enemys":[{"id":2,"x":3},{"id":1,"x":3},{"id":3,"x":-4}],"animals":[{"id":9}]}`)
	if e := w.nearest("enemys", 0, 0); e.Key != "enemys_1" {
		t.Errorf("nearest is %s", e.Key)
	}
	if e := w.nearest("objects", 0, 0); e != nil {
		t.Errorf("nearest of none is %s", e.Key)
	}
}

func TestDecodeTellsWhatIsWrong(t *testing.T) {
	tests := map[string]string{
		`[]`:                                   "reading packet: json: cannot unmarshal array into Go value of type bots.envelope",
		`{"players":7}`:                        "reading packet: players: json: cannot unmarshal number into Go value of type map[string]map[string]interface {}",
		`{"commands":{"a":{"command_id":{}}}}`: "reading packet: expected a whole number, not {}",
	}
	for text, want := range tests {
		if _, err := Decode([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", text, err, want)
		}
	}
}

func TestConcerns(t *testing.T) {
	tests := map[string]bool{
		`{"players":[{"id":1,"x":2,"components":{"hp":3}}]}`: false,
		`{"commands":{"move":{"command_id":1}}}`:             true,
		`{"error": "no"}`:                                    true,
		`{ "action" : "load/index" }`:                        true,
		`{"reconnect":true}`:                                 true,
	}
	for text, want := range tests {
		if got := concerns([]byte(text)); got != want {
			t.Errorf("concerns(%s) = %v", text, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"action":"load/index","players":[{"id":1,"x":2,"components":{"hp":3}}],"timeouts":{"move":{"timeout":1,"actions":{"up":true}}}}`))
	f.Add([]byte(`{"players":{"players_1":{"x":null,"events":[],"action":"remove"}},"commands":{"move":{"command_id":"12","wait_time":0.1}}}`))
	f.Add([]byte(`{"host":"a:1","token":"t","reconnect":0,"timeouts":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(data)
		if err != nil {
			return
		}
		w := NewWorld()
		w.Apply(p)
		w.Apply(p)
		_ = choices(w.Groups(), nil)
		_ = w.nearest("enemys", 0, 0)
	})
}
