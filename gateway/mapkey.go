package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/overworld-gg/overworld/gateway/keeper"
)

// mapIDs are what ids of maps look like; they are also names of files.
var mapIDs = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$`)

// MapKey returns the key with which a map's server comes to the keeper. It is
// generated when it is asked for the first time, and kept in the file
// mapkeys/ID.key of the data folder, from where the map's server may read it.
func (s *Server) MapKey(ctx context.Context, mapID string) (string, error) {
	if !mapIDs.MatchString(mapID) {
		return "", fmt.Errorf("map id %q must be of letters, digits and . _ - (not at its ends), at most 253", mapID)
	}
	path := filepath.Join(s.cfg.Data, "mapkeys", mapID+".key")
	key, err := readOrCreate(path, rand.Text()+rand.Text())
	if err != nil {
		return "", fmt.Errorf("reading key of map %q: %w", mapID, err)
	}
	if len(key) < 32 {
		return "", fmt.Errorf("reading key of map %q: the key in %s is shorter than 32 characters; delete the file to get a new one", mapID, path)
	}
	if err := s.store.SetMapKey(ctx, mapID, keeper.HashKey(key)); err != nil {
		return "", err
	}
	return key, nil
}

// IntroduceMap stores the hash of the key with which a map's server comes to the
// keeper, when somebody else has made the key.
func (s *Server) IntroduceMap(ctx context.Context, mapID string, hash []byte) error {
	if !mapIDs.MatchString(mapID) {
		return fmt.Errorf("map id %q must be of letters, digits and . _ - (not at its ends), at most 253", mapID)
	}
	return s.store.SetMapKey(ctx, mapID, hash)
}

// readOrCreate returns the text of a file, which is made of fresh if it is missing.
func readOrCreate(path, fresh string) (string, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return fresh, writePrivate(path, []byte(fresh+"\n"))
}

// writePrivate writes a file that only its owner can read, all of it or nothing.
func writePrivate(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
