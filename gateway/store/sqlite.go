package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

// readers is how many reads of an SQLite file run beside the one write.
const readers = 4

// OpenSQLite opens the database file at path, creating it, its folder and its
// tables where they are missing. now is the clock for the times it writes.
func OpenSQLite(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	s := &Store{now: now}
	var err error
	if s.write, err = openSQLite(path, 1); err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	if s.read, err = openSQLite(path, readers); err != nil {
		_ = s.write.Close()
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	if err := migrate(ctx, s.write, migrations{goose.DialectSQLite3, sqliteMigrations, "migrations/sqlite"}); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	return s, nil
}

// createPrivate makes the file before SQLite does, readable by its owner only:
// it holds password hashes.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// openSQLite opens path with a write-ahead log: what has been committed is with
// the kernel, so the end of the process, however sudden, loses nothing of it.
func openSQLite(path string, connections int) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	options := url.Values{
		"_busy_timeout": {"10000"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"NORMAL"},
		"_foreign_keys": {"on"},
		"_txlock":       {"immediate"},
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}
