package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSQLiteFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "dir ?#%", "test.db")
	s, err := OpenSQLite(t.Context(), path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	for file, want := range map[string]os.FileMode{path: 0o600, path + "-wal": 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %v", file, info, err, want)
		}
	}
}

func TestSQLiteOfANewerProgramIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := OpenSQLite(t.Context(), path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = OpenSQLite(t.Context(), path, time.Now)
	if err == nil || !strings.Contains(err.Error(), "written by a newer version of the program: they have version 99") {
		t.Errorf("opened with %v", err)
	}
}

func TestSQLiteFaults(t *testing.T) {
	dir := t.TempDir()
	notDatabase := filepath.Join(dir, "text.db")
	if err := os.WriteFile(notDatabase, []byte(strings.Repeat("this is a text\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{notDatabase, dir, filepath.Join(notDatabase, "below.db")} {
		if _, err := OpenSQLite(t.Context(), path, time.Now); err == nil || !strings.Contains(err.Error(), "opening database") {
			t.Errorf("%s opened with %v", path, err)
		}
	}
}
