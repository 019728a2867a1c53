// Package store keeps accounts and the state of maps in an SQL database. It is
// the only package that knows a driver. The statements are those that SQLite and
// PostgreSQL share; what differs is in the migrations and in how to open it.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What a call can end with besides a fault of the database; errors.Is tells.
var (
	// ErrNotFound: there is no such account or map.
	ErrNotFound = errors.New("not found")
	// ErrLoginTaken: an account with this login exists, in whatever case.
	ErrLoginTaken = errors.New("the login is taken")
	// ErrFenced: the map has been opened again since the given epoch.
	ErrFenced = errors.New("the map has been opened by another server since")
	// ErrMoved: the player is not on the map that asks. See MovedError.
	ErrMoved = errors.New("the player is on another map")
)

// MovedError is the ErrMoved that says where the player is.
type MovedError struct {
	Player int64
	Map    string
}

// Error returns a sentence.
func (e *MovedError) Error() string {
	return fmt.Sprintf("player %d is on map %q", e.Player, e.Map)
}

// Unwrap returns ErrMoved.
func (*MovedError) Unwrap() error { return ErrMoved }

// Account is a player.
type Account struct {
	ID int64
	// Login is as it was given at registration.
	Login string
	// Password is a hash in PHC form.
	Password string
	Created  time.Time
	Updated  time.Time
	// Map is where the player is.
	Map string
	// Data is the player's entity, nil before its first save.
	Data json.RawMessage
}

// Map is the state of a map.
type Map struct {
	ID    string
	Epoch int64
	// World is the snapshot, nil before its first save.
	World json.RawMessage
}

// Save is what a map writes at once.
type Save struct {
	Map   string
	Epoch int64
	// World is the snapshot; nil leaves it as it is.
	World   json.RawMessage
	Players []Player
}

// Player is one player's entity.
type Player struct {
	ID   int64
	Data json.RawMessage
}

// Skipped is a player that a save left as it was, and why.
type Skipped struct {
	ID     int64
	Reason string
}

// Transfer moves a player from a map to another one.
type Transfer struct {
	Map    string
	Epoch  int64
	Player int64
	To     string
	// Data is the player's entity; nil leaves it as it is.
	Data json.RawMessage
}

// Store is an open database. Safe for concurrent use.
type Store struct {
	// write has a single connection for SQLite, so that writers queue in order
	// instead of trying again until the file is free.
	write, read *sql.DB
	now         func() time.Time
}

// Full tells whether an error means that the database's disk has no room left.
func Full(err error) bool {
	var server *pgconn.PgError
	var file *sqlite.Error
	switch {
	case errors.As(err, &server):
		return server.Code == "53100"
	case errors.As(err, &file):
		return file.Code()&0xff == sqlite3.SQLITE_FULL
	default:
		return false
	}
}

// Away tells whether an error means that the database cannot be reached or does
// not answer, so that the same call may succeed later.
func Away(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	var server *pgconn.PgError
	switch {
	case errors.As(err, &server):
		// Class 57: the server starts or stops. Class 53: it has no room.
		return strings.HasPrefix(server.Code, "57P") || strings.HasPrefix(server.Code, "53") || strings.HasPrefix(server.Code, "08")
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return true
	default:
		return false
	}
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("asking database: %w", err)
	}
	return nil
}

// Close closes the database.
func (s *Store) Close() error {
	if err := errors.Join(s.read.Close(), s.write.Close()); err != nil {
		return fmt.Errorf("closing database: %w", err)
	}
	return nil
}

// inTx runs do in a transaction that is committed unless do fails.
func (s *Store) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing transaction: %w", err)
	}
	return nil
}

func (s *Store) nowMilli() int64 { return s.now().UnixMilli() }

// document is the stored text of a JSON value as the rest of the program has it.
func document(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}
