package store

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestLoadPlayer(t *testing.T) {
	onEach(t, func(b *bench) {
		a := b.account("anna", "meadow")
		old := b.open("meadow")
		epoch, forest := b.open("meadow"), b.open("forest")
		tests := map[string]struct {
			mapID     string
			epoch, id int64
			want      error
		}{
			"its own":        {"meadow", epoch, a.ID, nil},
			"older epoch":    {"meadow", old, a.ID, ErrFenced},
			"another map":    {"forest", forest, a.ID, ErrMoved},
			"unknown player": {"meadow", epoch, 999, ErrNotFound},
		}
		for name, test := range tests {
			got, err := b.store.LoadPlayer(t.Context(), test.mapID, test.epoch, test.id)
			if !errors.Is(err, test.want) || (err == nil && got.Login != "anna") {
				t.Errorf("%s: %+v, %v; want %v", name, got, err, test.want)
			}
		}
		var moved *MovedError
		_, err := b.store.LoadPlayer(t.Context(), "forest", forest, a.ID)
		if !errors.As(err, &moved) || moved.Map != "meadow" {
			t.Errorf("%v does not tell where the player is", err)
		}
	})
}

func TestTransfer(t *testing.T) {
	onEach(t, func(b *bench) {
		a := b.account("anna", "meadow")
		old := b.open("meadow")
		epoch, forest := b.open("meadow"), b.open("forest")
		move := Transfer{Map: "meadow", Epoch: epoch, Player: a.ID, To: "forest", Data: json.RawMessage(`{"hp":3}`)}

		stale := move
		stale.Epoch = old
		if err := b.store.TransferPlayer(t.Context(), stale); !errors.Is(err, ErrFenced) {
			t.Errorf("with an older epoch: %v, want ErrFenced", err)
		}
		unknown := move
		unknown.Player = 999
		if err := b.store.TransferPlayer(t.Context(), unknown); !errors.Is(err, ErrNotFound) {
			t.Errorf("of an unknown player: %v, want ErrNotFound", err)
		}
		// The second one is what a map does that missed the first answer.
		for _, attempt := range []string{"first", "second"} {
			if err := b.store.TransferPlayer(t.Context(), move); err != nil {
				t.Errorf("%s attempt: %v", attempt, err)
			}
		}
		loaded, err := b.store.LoadPlayer(t.Context(), "forest", forest, a.ID)
		if err != nil || loaded.Map != "forest" || string(loaded.Data) != `{"hp":3}` {
			t.Errorf("loaded %+v, %v on the other map", loaded, err)
		}
		// Once the player is there, the old map has no say any more.
		if err := b.store.TransferPlayer(t.Context(), move); !errors.Is(err, ErrMoved) {
			t.Errorf("after it was loaded: %v, want ErrMoved", err)
		}
	})
}

func TestTransferWithoutDataKeepsThem(t *testing.T) {
	onEach(t, func(b *bench) {
		a := b.account("anna", "meadow")
		epoch := b.open("meadow")
		save(b, Save{Map: "meadow", Epoch: epoch, Players: []Player{{a.ID, json.RawMessage(`1`)}}})
		if err := b.store.TransferPlayer(t.Context(), Transfer{Map: "meadow", Epoch: epoch, Player: a.ID, To: "forest"}); err != nil {
			t.Fatal(err)
		}
		if got := b.find(a.ID); string(got.Data) != "1" || got.Map != "forest" {
			t.Errorf("transferred to %+v", got)
		}
	})
}
