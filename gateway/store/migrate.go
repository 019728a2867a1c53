package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// migrations are the steps to the tables of a database.
type migrations struct {
	dialect goose.Dialect
	files   fs.FS
	dir     string
}

// migrate brings the tables up to what this program knows.
func migrate(ctx context.Context, db *sql.DB, m migrations, options ...goose.ProviderOption) error {
	sub, err := fs.Sub(m.files, m.dir)
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	provider, err := goose.NewProvider(m.dialect, db, sub, options...)
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading version: %w", err)
	}
	if current > target {
		return fmt.Errorf("the data were written by a newer version of the program: they have version %d, this program knows up to %d", current, target)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating tables: %w", err)
	}
	return nil
}
