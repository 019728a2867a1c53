package store

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// backends are the databases that every test of this package runs on. open is
// called again to reopen what an earlier call left in dir.
var backends = map[string]func(t *testing.T, dir string, now func() time.Time) *Store{
	"sqlite": func(t *testing.T, dir string, now func() time.Time) *Store {
		t.Helper()
		s, err := OpenSQLite(t.Context(), filepath.Join(dir, "test.db"), now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	},
	"postgres": func(t *testing.T, dir string, now func() time.Time) *Store {
		t.Helper()
		// The database has the name of the folder, so that it is found again.
		name := strings.ToLower(strings.NewReplacer("/", "_", ".", "_").Replace(strings.TrimPrefix(dir, os.TempDir())))
		if _, err := database.Create(name); err != nil && !strings.Contains(err.Error(), "already exists") {
			t.Fatal(err)
		}
		s, err := OpenPostgres(t.Context(), database.URL(name), now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	},
}

// bench is a fresh database, its clock, and the way to open it once more.
type bench struct {
	*testing.T
	store  *Store
	clock  *clock
	reopen func() *Store
}

func onEach(t *testing.T, test func(b *bench)) {
	t.Helper()
	for name, open := range backends {
		t.Run(name, func(t *testing.T) {
			dir, c := t.TempDir(), &clock{at: time.UnixMilli(1_700_000_000_123).UTC()}
			test(&bench{T: t, clock: c, store: open(t, dir, c.now), reopen: func() *Store { return open(t, dir, c.now) }})
		})
	}
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (b *bench) account(login, mapID string) Account {
	b.Helper()
	a, err := b.store.CreateAccount(b.Context(), login, "$hash", mapID)
	if err != nil {
		b.Fatal(err)
	}
	return a
}

// open makes the map if need be, and opens it.
func (b *bench) open(mapID string) int64 {
	b.Helper()
	if err := b.store.SetMapKey(b.Context(), mapID, []byte("key")); err != nil {
		b.Fatal(err)
	}
	m, err := b.store.OpenMap(b.Context(), mapID)
	if err != nil {
		b.Fatal(err)
	}
	return m.Epoch
}

func (b *bench) find(id int64) Account {
	b.Helper()
	a, err := b.store.Account(b.Context(), id)
	if err != nil {
		b.Fatal(err)
	}
	return a
}
