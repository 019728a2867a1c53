package store

import (
	"fmt"
	"os"
	"testing"

	"github.com/overworld-gg/overworld/test/postgres"
)

// database is a real PostgreSQL, shared by all tests; each has a database of its
// own in it.
var database *postgres.Server

func TestMain(m *testing.M) {
	var err error
	if database, err = postgres.Start("127.0.0.1"); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "starting PostgreSQL:", err)
		os.Exit(1)
	}
	code := m.Run()
	if err := database.Stop(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "stopping PostgreSQL:", err)
		code = 1
	}
	os.Exit(code)
}
