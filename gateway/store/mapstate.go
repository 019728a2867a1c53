package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
)

// SetMapKey stores the hash of a map's key, and the map itself if it is new.
func (s *Store) SetMapKey(ctx context.Context, mapID string, hash []byte) error {
	_, err := s.write.ExecContext(ctx, `
		INSERT INTO maps (id, key_hash, updated_ms) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET key_hash = excluded.key_hash`,
		mapID, hex.EncodeToString(hash), s.nowMilli())
	if err != nil {
		return fmt.Errorf("writing key of map: %w", err)
	}
	return nil
}

// MapKey returns the hash of a map's key, or ErrNotFound.
func (s *Store) MapKey(ctx context.Context, mapID string) ([]byte, error) {
	var text string
	err := s.read.QueryRowContext(ctx, "SELECT key_hash FROM maps WHERE id = $1", mapID).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && text == "") {
		return nil, fmt.Errorf("reading key of map: %w", ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("reading key of map: %w", err)
	}
	hash, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("reading key of map: %w", err)
	}
	return hash, nil
}

// OpenMap raises a map's epoch and returns its state. From then on, writes with
// an older epoch end in ErrFenced.
func (s *Store) OpenMap(ctx context.Context, mapID string) (Map, error) {
	m := Map{ID: mapID}
	var world string
	err := s.write.QueryRowContext(ctx,
		"UPDATE maps SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch, world", mapID).Scan(&m.Epoch, &world)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Map{}, fmt.Errorf("opening map: %w", err)
	}
	m.World = document(world)
	return m, nil
}

// Save writes a map and its players, all or nothing. Players that are on another
// map, or do not exist, are left alone and returned.
func (s *Store) Save(ctx context.Context, b Save) ([]Skipped, error) {
	var skipped []Skipped
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		now := s.nowMilli()
		if err := writeWorld(ctx, tx, b, now); err != nil {
			return err
		}
		var err error
		skipped, err = writePlayers(ctx, tx, b, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("saving map: %w", err)
	}
	return skipped, nil
}

// writeWorld comes first in a save also when there is no world to write: it
// locks the map's row, so that nobody opens the map before the save is through.
func writeWorld(ctx context.Context, tx *sql.Tx, b Save, now int64) error {
	if err := fence(ctx, tx, b.Map, b.Epoch); err != nil || b.World == nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE maps SET world = $1, updated_ms = $2 WHERE id = $3", string(b.World), now, b.Map)
	if err != nil {
		return fmt.Errorf("writing world: %w", err)
	}
	return nil
}

// fence locks a map's row and checks that epoch is the map's last.
func fence(ctx context.Context, tx *sql.Tx, mapID string, epoch int64) error {
	res, err := tx.ExecContext(ctx, "UPDATE maps SET epoch = epoch WHERE id = $1 AND epoch = $2", mapID, epoch)
	if err != nil {
		return fmt.Errorf("checking epoch: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("checking epoch: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("epoch %d of map %q: %w", epoch, mapID, ErrFenced)
	}
	return nil
}

func writePlayers(ctx context.Context, tx *sql.Tx, b Save, now int64) ([]Skipped, error) {
	if len(b.Players) == 0 {
		return nil, nil
	}
	update, err := tx.PrepareContext(ctx, "UPDATE accounts SET data = $1, updated_ms = $2 WHERE id = $3 AND map_id = $4")
	if err != nil {
		return nil, fmt.Errorf("writing players: %w", err)
	}
	defer func() { _ = update.Close() }()
	var skipped []Skipped
	for _, p := range b.Players {
		res, err := update.ExecContext(ctx, string(p.Data), now, p.ID, b.Map)
		if err != nil {
			return nil, fmt.Errorf("writing player %d: %w", p.ID, err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return nil, fmt.Errorf("writing player %d: %w", p.ID, err)
		} else if n > 0 {
			continue
		}
		reason, err := absence(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		skipped = append(skipped, Skipped{ID: p.ID, Reason: reason})
	}
	return skipped, nil
}

// absence says why a player was not written.
func absence(ctx context.Context, tx *sql.Tx, id int64) (string, error) {
	at, err := whereabouts(ctx, tx, id)
	if errors.Is(err, ErrNotFound) {
		return fmt.Sprintf("there is no player %d", id), nil
	}
	if err != nil {
		return "", err
	}
	return (&MovedError{Player: id, Map: at.mapID}).Error(), nil
}
