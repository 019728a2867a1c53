package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAccountIsFoundAgain(t *testing.T) {
	onEach(t, func(b *bench) {
		made := b.account("Иван.1", "meadow")
		want := Account{ID: made.ID, Login: "Иван.1", Password: "$hash", Created: b.clock.now(), Updated: b.clock.now(), Map: "meadow"}
		if diff := cmp.Diff(want, made); diff != "" || made.ID <= 0 {
			t.Errorf("created account (-want +got):\n%s", diff)
		}
		if err := b.store.Close(); err != nil {
			t.Fatal(err)
		}
		again := b.reopen()
		byLogin, err := again.AccountByLogin(t.Context(), "ИВАН.1")
		if diff := cmp.Diff(want, byLogin); diff != "" || err != nil {
			t.Errorf("by login: %v (-want +got):\n%s", err, diff)
		}
		byID, err := again.Account(t.Context(), made.ID)
		if diff := cmp.Diff(want, byID); diff != "" || err != nil {
			t.Errorf("by id: %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestUnknownAccount(t *testing.T) {
	onEach(t, func(b *bench) {
		if _, err := b.store.Account(t.Context(), 7); !errors.Is(err, ErrNotFound) {
			t.Errorf("by id: %v, want ErrNotFound", err)
		}
		if _, err := b.store.AccountByLogin(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
			t.Errorf("by login: %v, want ErrNotFound", err)
		}
	})
}

func TestLoginIsUniqueInAnyCase(t *testing.T) {
	onEach(t, func(b *bench) {
		b.account("Anna", "meadow")
		for _, login := range []string{"Anna", "anna", "ANNA"} {
			if _, err := b.store.CreateAccount(t.Context(), login, "x", "meadow"); !errors.Is(err, ErrLoginTaken) {
				t.Errorf("%s: %v, want ErrLoginTaken", login, err)
			}
		}
	})
}

func TestOneOfManyRegistersALogin(t *testing.T) {
	onEach(t, func(b *bench) {
		errs := make([]error, 20)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = b.store.CreateAccount(t.Context(), "same", fmt.Sprint(i), "meadow") })
		}
		wg.Wait()
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
			} else if !errors.Is(err, ErrLoginTaken) {
				t.Errorf("unexpected error: %v", err)
			}
		}
		if made != 1 {
			t.Errorf("%d accounts were made, want 1", made)
		}
	})
}

func TestFoldLogin(t *testing.T) {
	for _, pair := range [][2]string{{"Anna", "aNNA"}, {"ИВАН", "иван"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"\u212aelvin", "kelvin"}} {
		if FoldLogin(pair[0]) != FoldLogin(pair[1]) {
			t.Errorf("%q and %q fold to different logins", pair[0], pair[1])
		}
	}
	if FoldLogin("anna") == FoldLogin("hanna") {
		t.Error("different logins fold to the same")
	}
}

func TestRelocate(t *testing.T) {
	onEach(t, func(b *bench) {
		a := b.account("anna", "gone")
		b.clock.advance(time.Second)
		moved, err := b.store.Relocate(t.Context(), a.ID, "gone", "meadow")
		if err != nil || moved.Map != "meadow" || !moved.Updated.Equal(b.clock.now()) {
			t.Errorf("relocated to %+v, %v; want map meadow", moved, err)
		}
		stays, err := b.store.Relocate(t.Context(), a.ID, "gone", "forest")
		if err != nil || stays.Map != "meadow" {
			t.Errorf("relocated from where it is not: %+v, %v; want map meadow", stays, err)
		}
	})
}
