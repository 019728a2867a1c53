package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMapKey(t *testing.T) {
	onEach(t, func(b *bench) {
		if _, err := b.store.MapKey(t.Context(), "meadow"); !errors.Is(err, ErrNotFound) {
			t.Errorf("key of an unknown map: %v, want ErrNotFound", err)
		}
		for _, key := range []string{"one", "two"} {
			if err := b.store.SetMapKey(t.Context(), "meadow", []byte(key)); err != nil {
				t.Fatal(err)
			}
			if got, err := b.store.MapKey(t.Context(), "meadow"); string(got) != key || err != nil {
				t.Errorf("key is %q, %v; want %q", got, err, key)
			}
		}
	})
}

func TestOpenRaisesTheEpoch(t *testing.T) {
	onEach(t, func(b *bench) {
		if _, err := b.store.OpenMap(t.Context(), "meadow"); !errors.Is(err, ErrNotFound) {
			t.Errorf("opening an unknown map: %v, want ErrNotFound", err)
		}
		if first, second := b.open("meadow"), b.open("meadow"); first != 1 || second != 2 {
			t.Errorf("epochs are %d, %d; want 1, 2", first, second)
		}
		if other := b.open("forest"); other != 1 {
			t.Errorf("epoch of the other map is %d, want 1", other)
		}
	})
}

func TestSaveIsThereAfterReopening(t *testing.T) {
	onEach(t, func(b *bench) {
		a := b.account("anna", "meadow")
		epoch := b.open("meadow")
		world := json.RawMessage(`{"текст":"\u0000 é","n":1.50}`)
		save(b, Save{Map: "meadow", Epoch: epoch, World: world, Players: []Player{{a.ID, json.RawMessage(`{"x":1}`)}}})
		// A save without a world leaves the world.
		save(b, Save{Map: "meadow", Epoch: epoch, Players: []Player{{a.ID, json.RawMessage(`{"x":2}`)}}})
		if err := b.store.Close(); err != nil {
			t.Fatal(err)
		}
		b.store = b.reopen()
		m, err := b.store.OpenMap(t.Context(), "meadow")
		if diff := cmp.Diff(Map{ID: "meadow", Epoch: epoch + 1, World: world}, m); diff != "" || err != nil {
			t.Errorf("opened: %v (-want +got):\n%s", err, diff)
		}
		if got := b.find(a.ID); string(got.Data) != `{"x":2}` {
			t.Errorf("player has %s", got.Data)
		}
	})
}

func save(b *bench, s Save) {
	b.Helper()
	if skipped, err := b.store.Save(b.Context(), s); err != nil || len(skipped) > 0 {
		b.Fatalf("saved with %v, skipped %v", err, skipped)
	}
}

func TestSaveOfAnOlderEpochIsRefusedWhole(t *testing.T) {
	onEach(t, func(b *bench) {
		a := b.account("anna", "meadow")
		old := b.open("meadow")
		b.open("meadow")
		players := []Player{{a.ID, json.RawMessage(`{"stale":true}`)}}
		for name, s := range map[string]Save{
			"with a world":         {Map: "meadow", Epoch: old, World: json.RawMessage(`{}`), Players: players},
			"players only":         {Map: "meadow", Epoch: old, Players: players},
			"epoch of the future":  {Map: "meadow", Epoch: old + 5, Players: players},
			"map that is not open": {Map: "nowhere", Epoch: 1, Players: players},
		} {
			if _, err := b.store.Save(t.Context(), s); !errors.Is(err, ErrFenced) {
				t.Errorf("%s: %v, want ErrFenced", name, err)
			}
		}
		if got := b.find(a.ID); got.Data != nil {
			t.Errorf("the refused save wrote %s", got.Data)
		}
	})
}

func TestSaveLeavesPlayersOfOtherMaps(t *testing.T) {
	onEach(t, func(b *bench) {
		here, gone := b.account("anna", "meadow"), b.account("boris", "forest")
		epoch := b.open("meadow")
		skipped, err := b.store.Save(t.Context(), Save{Map: "meadow", Epoch: epoch, Players: []Player{
			{gone.ID, json.RawMessage(`1`)}, {999, json.RawMessage(`2`)}, {here.ID, json.RawMessage(`3`)},
		}})
		want := []Skipped{
			{ID: gone.ID, Reason: fmt.Sprintf(`player %d is on map "forest"`, gone.ID)},
			{ID: 999, Reason: "there is no player 999"},
		}
		if diff := cmp.Diff(want, skipped); diff != "" || err != nil {
			t.Errorf("saved: %v (-want +got):\n%s", err, diff)
		}
		if string(b.find(here.ID).Data) != "3" || b.find(gone.ID).Data != nil {
			t.Error("the save wrote the wrong players")
		}
	})
}

// While a map is opened again and again, each save is of one epoch only.
func TestSavesRaceWithOpening(t *testing.T) {
	onEach(t, func(b *bench) {
		b.open("meadow")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				m, err := b.store.OpenMap(t.Context(), "meadow")
				if err != nil {
					t.Errorf("opening: %v", err)
					return
				}
				_, err = b.store.Save(t.Context(), Save{Map: "meadow", Epoch: m.Epoch, World: fmt.Append(nil, m.Epoch)})
				if err != nil && !errors.Is(err, ErrFenced) {
					t.Errorf("saving: %v", err)
				}
			})
		}
		wg.Wait()
		m, err := b.store.OpenMap(t.Context(), "meadow")
		if err != nil || m.Epoch != 10 || m.World == nil {
			t.Errorf("in the end: %+v, %v; want epoch 10 and a world", m, err)
		}
	})
}
