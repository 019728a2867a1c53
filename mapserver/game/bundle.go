package game

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Limits of a bundle: what a ConfigMap can carry, and some room for laptops.
const (
	MaxBundleBytes = 16 << 20
	MaxBundleFiles = 2000
)

// ErrEmptyBundle is what reading a folder without files gives.
var ErrEmptyBundle = errors.New("the bundle has no files")

// Bundle is the code and data of a game: a folder, held in memory.
type Bundle struct {
	// Revision is a hash of the content: the same files give the same revision.
	Revision string
	// Files maps slash-separated paths below the bundle's folder to contents.
	Files map[string][]byte
	// Terrain is the path of the Tiled map for one map server; "" is the one that
	// the bundle itself names. It is not part of the revision.
	Terrain string
}

// NewBundle returns a bundle of files, with its revision computed.
func NewBundle(files map[string][]byte) *Bundle {
	return &Bundle{Revision: revision(files), Files: files}
}

// ReadBundle reads all files of fsys. Hidden files and folders (a leading dot)
// are left out; links and other irregular files are refused.
func ReadBundle(fsys fs.FS) (*Bundle, error) {
	files := make(map[string][]byte)
	total := 0
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := path.Base(p); p != "." && strings.HasPrefix(name, ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		data, err := readRegular(fsys, p, d, MaxBundleBytes-total)
		if err != nil {
			return err
		}
		total += len(data)
		files[p] = data
		if len(files) > MaxBundleFiles {
			return fmt.Errorf("more than %d files", MaxBundleFiles)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading bundle: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("reading bundle: %w", ErrEmptyBundle)
	}
	return NewBundle(files), nil
}

func readRegular(fsys fs.FS, p string, d fs.DirEntry, room int) ([]byte, error) {
	if !d.Type().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file (links are not followed)", p)
	}
	f, err := fsys.Open(p)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, int64(room)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	if len(data) > room {
		return nil, fmt.Errorf("the files are larger than %d MiB together", MaxBundleBytes>>20)
	}
	return data, nil
}

// Paths returns the paths of the bundle's files in order.
func (b *Bundle) Paths() []string {
	paths := make([]string, 0, len(b.Files))
	for p := range b.Files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

func revision(files map[string][]byte) string {
	b := Bundle{Files: files}
	h := sha256.New()
	for _, p := range b.Paths() {
		_, _ = fmt.Fprintf(h, "%d %s %d\n", len(p), p, len(files[p]))
		_, _ = h.Write(files[p])
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
