package game

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// ReadArchive reads all files of a zip archive, with the rules of ReadBundle.
// Paths that lead out of the archive, absolute ones, and links are refused, and
// so is what is larger unpacked than a bundle may be, whatever the archive says
// of its sizes.
func ReadArchive(data []byte) (*Bundle, error) {
	files, err := unpack(data)
	if err != nil {
		return nil, fmt.Errorf("reading archive: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("reading archive: %w", ErrEmptyBundle)
	}
	return NewBundle(files), nil
}

func unpack(data []byte) (map[string][]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, zip.ErrInsecurePath) {
		err = nil // told below, with the path
	}
	if err != nil {
		return nil, fmt.Errorf("it is not a zip archive: %w", err)
	}
	files := make(map[string][]byte)
	room := MaxBundleBytes
	for _, f := range archive.File {
		if err := checkEntry(f); err != nil {
			return nil, err
		}
		if strings.HasSuffix(f.Name, "/") || hidden(f.Name) {
			continue
		}
		if files[f.Name] != nil {
			return nil, fmt.Errorf("%s is there twice", f.Name)
		}
		if len(files) == MaxBundleFiles {
			return nil, fmt.Errorf("more than %d files", MaxBundleFiles)
		}
		text, err := readEntry(f, room)
		if err != nil {
			return nil, err
		}
		room -= len(text)
		files[f.Name] = text
	}
	return files, nil
}

// CheckPath tells whether a file of a bundle may have a path.
func CheckPath(name string) error {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00") {
		return fmt.Errorf("the path %q is not allowed: paths must be relative, with / between their parts, none of which is . or .. itself", name)
	}
	return nil
}

func checkEntry(f *zip.File) error {
	name := strings.TrimSuffix(f.Name, "/")
	if err := CheckPath(name); err != nil {
		return err
	}
	if mode := f.Mode(); !mode.IsRegular() && !mode.IsDir() {
		return fmt.Errorf("%s is not a regular file (links are not followed)", name)
	}
	return nil
}

// hidden tells whether a path has a part with a leading dot.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
}

func readEntry(f *zip.File, room int) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	defer func() { _ = r.Close() }()
	text, err := io.ReadAll(io.LimitReader(r, int64(room)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	if len(text) > room {
		return nil, fmt.Errorf("the files are larger than %d MiB together", MaxBundleBytes>>20)
	}
	return text, nil
}

// Archive packs the bundle as a zip archive; the same bundle gives the same bytes.
func (b *Bundle) Archive() ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range b.Paths() {
		f, err := w.CreateHeader(&zip.FileHeader{Name: p, Method: zip.Deflate})
		if err == nil {
			_, err = f.Write(b.Files[p])
		}
		if err != nil {
			return nil, fmt.Errorf("packing %s: %w", p, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("packing bundle: %w", err)
	}
	return out.Bytes(), nil
}

// Below returns the bundle in a folder of this one; its paths begin there. An
// empty folder, or ".", is the bundle itself.
func (b *Bundle) Below(folder string) (*Bundle, error) {
	folder = path.Clean(folder)
	if folder == "." {
		return b, nil
	}
	files := make(map[string][]byte)
	for p, data := range b.Files {
		if rest, ok := strings.CutPrefix(p, folder+"/"); ok {
			files[rest] = data
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("the bundle has no folder %s", folder)
	}
	return NewBundle(files), nil
}
