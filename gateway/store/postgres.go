package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/postgres/*.sql
var postgresMigrations embed.FS

const (
	// connections bounds what one gateway asks of the database at once. PostgreSQL's
	// own default is 100 for all.
	connections = 16
	// connectTimeout and statementTimeout bound how long a database that is away, or
	// stuck, holds a request up.
	connectTimeout   = 3 * time.Second
	statementTimeout = "15s"
)

// OpenPostgres opens the database at a URL such as
// postgres://user:password@host:5432/name, creating its tables where they are
// missing. now is the clock for the times it writes. Errors do not tell the
// password.
func OpenPostgres(ctx context.Context, url string, now func() time.Time) (*Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("opening database: the URL must look like postgres://user:password@host:5432/name, and special characters in the password must be escaped as in %40 for @")
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > connectTimeout {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["statement_timeout"] == "" {
		config.RuntimeParams["statement_timeout"] = statementTimeout
	}
	config.RuntimeParams["application_name"] = "overworld-gateway"
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(time.Minute)
	s := &Store{write: db, read: db, now: now}
	locker, err := lock.NewPostgresSessionLocker() // gateways that start at once migrate one after another
	if err == nil {
		err = migrate(ctx, db, migrations{goose.DialectPostgres, postgresMigrations, "migrations/postgres"}, goose.WithSessionLocker(locker))
	}
	if err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("opening database %s on %s: %w", config.Database, config.Host, err)
	}
	return s, nil
}
