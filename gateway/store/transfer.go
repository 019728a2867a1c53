package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// LoadPlayer returns a player that is on the map that asks.
func (s *Store) LoadPlayer(ctx context.Context, mapID string, epoch, id int64) (Account, error) {
	var a Account
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if err := fence(ctx, tx, mapID, epoch); err != nil {
			return err
		}
		at, err := whereabouts(ctx, tx, id)
		if err != nil {
			return err
		}
		if at.mapID != mapID {
			return &MovedError{Player: id, Map: at.mapID}
		}
		a, err = scanAccount(tx.QueryRowContext(ctx,
			"UPDATE accounts SET from_map = '' WHERE id = $1 RETURNING "+accountColumns, id))
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("loading player: %w", err)
	}
	return a, nil
}

// TransferPlayer moves a player with its data to another map. Done again by the
// same map before the other one has loaded the player, it changes nothing and
// succeeds: the first answer may have been lost on its way.
func (s *Store) TransferPlayer(ctx context.Context, t Transfer) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if err := fence(ctx, tx, t.Map, t.Epoch); err != nil {
			return err
		}
		at, err := whereabouts(ctx, tx, t.Player)
		if err != nil {
			return err
		}
		if at.mapID == t.To && at.from == t.Map {
			return nil
		}
		if at.mapID != t.Map {
			return &MovedError{Player: t.Player, Map: at.mapID}
		}
		_, err = tx.ExecContext(ctx,
			"UPDATE accounts SET map_id = $1, from_map = $2, data = COALESCE(NULLIF($3, ''), data), updated_ms = $4 WHERE id = $5",
			t.To, t.Map, string(t.Data), s.nowMilli(), t.Player)
		return err
	})
	if err != nil {
		return fmt.Errorf("transferring player: %w", err)
	}
	return nil
}

type whereabout struct{ mapID, from string }

func whereabouts(ctx context.Context, tx *sql.Tx, id int64) (whereabout, error) {
	var at whereabout
	err := tx.QueryRowContext(ctx, "SELECT map_id, from_map FROM accounts WHERE id = $1", id).Scan(&at.mapID, &at.from)
	if errors.Is(err, sql.ErrNoRows) {
		return at, fmt.Errorf("player %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return at, fmt.Errorf("finding player %d: %w", id, err)
	}
	return at, nil
}
