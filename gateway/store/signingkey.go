package store

import (
	"context"
	"fmt"
	"time"
)

// SigningKey is a key that tokens are signed with.
type SigningKey struct {
	// Generation counts the keys that there have ever been, from 1.
	Generation int64
	Created    time.Time
	// PEM is the private key.
	PEM string
}

// SigningKeys returns all keys, the newest last.
func (s *Store) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT generation, created_ms, pem FROM signing_keys ORDER BY generation")
	if err != nil {
		return nil, fmt.Errorf("reading signing keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var keys []SigningKey
	for rows.Next() {
		var k SigningKey
		var created int64
		if err := rows.Scan(&k.Generation, &created, &k.PEM); err != nil {
			return nil, fmt.Errorf("reading signing keys: %w", err)
		}
		k.Created = time.UnixMilli(created).UTC()
		keys = append(keys, k)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading signing keys: %w", err)
	}
	return keys, nil
}

// AddSigningKey adds a key, unless another gateway has added one of the same
// generation: then that one counts.
func (s *Store) AddSigningKey(ctx context.Context, k SigningKey) error {
	_, err := s.write.ExecContext(ctx, "INSERT INTO signing_keys (generation, created_ms, pem) VALUES ($1, $2, $3) ON CONFLICT (generation) DO NOTHING",
		k.Generation, k.Created.UnixMilli(), k.PEM)
	if err != nil {
		return fmt.Errorf("writing signing key: %w", err)
	}
	return nil
}

// DropSigningKeys deletes the keys before a generation.
func (s *Store) DropSigningKeys(ctx context.Context, before int64) error {
	if _, err := s.write.ExecContext(ctx, "DELETE FROM signing_keys WHERE generation < $1", before); err != nil {
		return fmt.Errorf("dropping signing keys: %w", err)
	}
	return nil
}
