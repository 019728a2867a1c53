package store

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A disk without room: what is there can be read, nothing is written by half, and all
// works again when there is room.
func TestSQLiteFull(t *testing.T) {
	s, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.SetMapKey(t.Context(), "meadow", []byte("key")); err != nil {
		t.Fatal(err)
	}
	m, err := s.OpenMap(t.Context(), "meadow")
	if err != nil {
		t.Fatal(err)
	}
	large := json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)
	room := func(pages string) {
		t.Helper()
		if _, err := s.write.ExecContext(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	room("1") // SQLite makes it as many as there are
	if _, err := s.Save(t.Context(), Save{Map: "meadow", Epoch: m.Epoch, World: large}); !Full(err) || Away(err) {
		t.Errorf("saving on a full disk: %v", err)
	}
	room("100000")
	if _, err := s.Save(t.Context(), Save{Map: "meadow", Epoch: m.Epoch, World: large}); err != nil {
		t.Errorf("saving when there is room again: %v", err)
	}
	if Full(errors.New("something else")) || !Full(&pgconn.PgError{Code: "53100"}) {
		t.Error("Full takes one error for another")
	}
}

// wire is a connection to the database that can be cut: what is sent goes nowhere, and
// nobody says so.
type wire struct {
	listener net.Listener
	cut      chan struct{}
}

func lay(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	w := &wire{listener: l, cut: make(chan struct{})}
	go func() {
		for {
			here, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", to)
			if err != nil {
				_ = here.Close()
				continue
			}
			go w.carry(there, here)
			go w.carry(here, there)
		}
	}()
	return w
}

func (w *wire) carry(to io.WriteCloser, from io.Reader) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		select {
		case <-w.cut:
			continue
		default:
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// A network that leads nowhere is an absence, too, as soon as the caller has waited
// long enough.
func TestPostgresHangs(t *testing.T) {
	direct, err := database.Create("hangs")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	w := lay(t, u.Host)
	u.Host = w.listener.Addr().String()
	s, err := OpenPostgres(t.Context(), u.String(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.CreateAccount(t.Context(), "anna", "$hash", "meadow"); err != nil {
		t.Fatal(err)
	}
	close(w.cut)
	for range 2 { // on an open connection, and on a new one
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := s.AccountByLogin(ctx, "anna")
		cancel()
		if !Away(err) {
			t.Errorf("asking over a wire that is cut: %v", err)
		}
	}
}
