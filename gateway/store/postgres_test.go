package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Gateways that start at once share the work of making the tables.
func TestPostgresMigratesOnce(t *testing.T) {
	url, err := database.Create("at_once")
	if err != nil {
		t.Fatal(err)
	}
	var opened sync.WaitGroup
	for range 4 {
		opened.Go(func() {
			s, err := OpenPostgres(t.Context(), url, time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	opened.Wait()
}

// Two gateways that write for the same maps at once: each save is fenced or whole,
// and every player is on one map in the end.
func TestPostgresRaces(t *testing.T) {
	url, err := database.Create("races")
	if err != nil {
		t.Fatal(err)
	}
	var stores [2]*Store
	for i := range stores {
		if stores[i], err = OpenPostgres(t.Context(), url, time.Now); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = stores[i].Close() }()
	}
	const players = 8
	for n := range players {
		if _, err := stores[0].CreateAccount(t.Context(), fmt.Sprintf("p%d", n), "$hash", "east"); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"east", "west"} {
		if err := stores[0].SetMapKey(t.Context(), id, []byte("key")); err != nil {
			t.Fatal(err)
		}
	}
	var running sync.WaitGroup
	for worker := range 8 {
		running.Go(func() { race(t, stores[worker%2], worker, players) })
	}
	running.Wait()
	for n := range players {
		a, err := stores[1].Account(t.Context(), int64(n+1))
		if err != nil || (a.Map != "east" && a.Map != "west") {
			t.Errorf("player %d is on %q, %v", n+1, a.Map, err)
		}
	}
}

// race opens a map again and again, moves players away and saves them.
func race(t *testing.T, s *Store, worker, players int) {
	maps := []string{"east", "west"}
	here, there := maps[worker%2], maps[(worker+1)%2]
	for n := range 20 {
		m, err := s.OpenMap(t.Context(), here)
		if err != nil {
			t.Error(err)
			return
		}
		id := int64((worker+n)%players + 1)
		data := []byte(fmt.Sprintf(`{"worker":%d,"n":%d}`, worker, n))
		_, err = s.Save(t.Context(), Save{Map: here, Epoch: m.Epoch, World: data, Players: []Player{{ID: id, Data: data}}})
		if err != nil && !errors.Is(err, ErrFenced) {
			t.Error(err)
		}
		err = s.TransferPlayer(t.Context(), Transfer{Map: here, Epoch: m.Epoch, Player: id, To: there, Data: data})
		if err != nil && !errors.Is(err, ErrFenced) && !errors.Is(err, ErrMoved) {
			t.Error(err)
		}
	}
}

// A database that goes away is told as such at once, and used again when it is
// back.
func TestPostgresComesBack(t *testing.T) {
	url, err := database.Create("away")
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenPostgres(t.Context(), url, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.CreateAccount(t.Context(), "anna", "$hash", "east"); err != nil {
		t.Fatal(err)
	}
	if err := database.Halt(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AccountByLogin(t.Context(), "anna"); !Away(err) {
		t.Errorf("while it is away: %v", err)
	}
	if err := s.Ping(t.Context()); !Away(err) {
		t.Errorf("a ping while it is away: %v", err)
	}
	if _, err := OpenPostgres(t.Context(), url, time.Now); !Away(err) {
		t.Errorf("opened while it is away: %v", err)
	}
	if err := database.Run(); err != nil {
		t.Fatal(err)
	}
	if a, err := s.AccountByLogin(t.Context(), "anna"); err != nil || a.Login != "anna" {
		t.Errorf("when it is back: %v, %v", a, err)
	}
}

func TestPostgresFaults(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://anna:secret@:::/x":                   "the URL must look like postgres://",
		"mysql://anna:secret@localhost/x":                "opening database",
		database.URL("missing"):                          `database "missing" does not exist`,
		"postgres://anna:secret@127.0.0.1:1/x":           "opening database x on 127.0.0.1",
		"postgres://anna:s@cret@127.0.0.1:bad/overworld": "opening database",
	} {
		_, err := OpenPostgres(t.Context(), url, time.Now)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "cret@") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if Away(nil) || Away(errors.New("other")) || Away(ErrFenced) {
		t.Error("other errors pass for an absence")
	}
}

// What was written by a newer program is refused.
func TestPostgresOfANewerProgramIsRefused(t *testing.T) {
	url, err := database.Create("newer")
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenPostgres(t.Context(), url, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if _, err := OpenPostgres(t.Context(), url, time.Now); err == nil || !strings.Contains(err.Error(), "written by a newer version") {
		t.Errorf("opened with %v", err)
	}
}

// A backup of a database in use, restored over what came later: accounts and maps are
// as they were, and a map that has run meanwhile is refused and starts again from there.
func TestPostgresBackup(t *testing.T) {
	url, err := database.Create("backup")
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenPostgres(t.Context(), url, time.Now)
	must(err)
	must(s.SetMapKey(t.Context(), "meadow", []byte("key")))
	_, err = s.CreateAccount(t.Context(), "anna", "$hash", "meadow")
	must(err)
	must(openAndSave(t, s, `{"day":1}`).err)
	file := filepath.Join(t.TempDir(), "game.dump")
	must(database.Backup("backup", file))
	running := openAndSave(t, s, `{"day":2}`)
	must(running.err)
	must(s.Close()) // the gateways are stopped
	must(database.Restore("backup", file))
	s, err = OpenPostgres(t.Context(), url, time.Now)
	must(err)
	defer func() { _ = s.Close() }()
	if _, err := s.Save(t.Context(), Save{Map: "meadow", Epoch: running.Epoch, World: json.RawMessage(`{"day":3}`)}); !errors.Is(err, ErrFenced) {
		t.Errorf("a map from after the backup saves with %v", err)
	}
	if again := openAndSave(t, s, `{"day":2}`); string(again.World) != `{"day":1}` || again.err != nil {
		t.Errorf("the map is %s, %v", again.World, again.err)
	}
	if a, err := s.AccountByLogin(t.Context(), "anna"); err != nil || a.Map != "meadow" {
		t.Errorf("the player is %+v, %v", a, err)
	}
}

// opened is a map as it was opened, and how saving it went.
type opened struct {
	Map
	err error
}

func openAndSave(t *testing.T, s *Store, world string) opened {
	t.Helper()
	m, err := s.OpenMap(t.Context(), "meadow")
	if err == nil {
		_, err = s.Save(t.Context(), Save{Map: "meadow", Epoch: m.Epoch, World: json.RawMessage(world)})
	}
	return opened{m, err}
}
