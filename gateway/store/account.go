package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

const accountColumns = "id, login, password, created_ms, updated_ms, map_id, data"

// CreateAccount adds a player on map mapID. password is a hash in PHC form. The
// error is ErrLoginTaken if there is one of this login already.
func (s *Store) CreateAccount(ctx context.Context, login, password, mapID string) (Account, error) {
	now := s.nowMilli()
	row := s.write.QueryRowContext(ctx, `
		INSERT INTO accounts (login, login_key, password, created_ms, updated_ms, map_id)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (login_key) DO NOTHING
		RETURNING `+accountColumns,
		login, FoldLogin(login), password, now, now, mapID)
	a, err := scanAccount(row)
	if errors.Is(err, ErrNotFound) {
		err = ErrLoginTaken
	}
	if err != nil {
		return Account{}, fmt.Errorf("creating account: %w", err)
	}
	return a, nil
}

// Account returns the player with an id, or ErrNotFound.
func (s *Store) Account(ctx context.Context, id int64) (Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx,
		"SELECT "+accountColumns+" FROM accounts WHERE id = $1", id))
	if err != nil {
		return Account{}, fmt.Errorf("reading account: %w", err)
	}
	return a, nil
}

// AccountByLogin returns the player with a login in whatever case, or ErrNotFound.
func (s *Store) AccountByLogin(ctx context.Context, login string) (Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx,
		"SELECT "+accountColumns+" FROM accounts WHERE login_key = $1", FoldLogin(login)))
	if err != nil {
		return Account{}, fmt.Errorf("reading account: %w", err)
	}
	return a, nil
}

// Relocate puts a player whose map is gone on another one. It does nothing when
// the player is not on map from any more. It returns the account afterwards.
func (s *Store) Relocate(ctx context.Context, id int64, from, to string) (Account, error) {
	_, err := s.write.ExecContext(ctx, `
		UPDATE accounts SET map_id = $1, from_map = '', updated_ms = $2
		WHERE id = $3 AND map_id = $4`, to, s.nowMilli(), id, from)
	if err != nil {
		return Account{}, fmt.Errorf("relocating player: %w", err)
	}
	return s.Account(ctx, id)
}

func scanAccount(row *sql.Row) (Account, error) {
	var a Account
	var created, updated int64
	var data string
	err := row.Scan(&a.ID, &a.Login, &a.Password, &created, &updated, &a.Map, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrNotFound
	}
	if err != nil {
		return Account{}, err
	}
	a.Created, a.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	a.Data = document(data)
	return a, nil
}

// FoldLogin returns the form of a login that is the same for all its spellings
// in upper and lower case.
func FoldLogin(login string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, login)
}
