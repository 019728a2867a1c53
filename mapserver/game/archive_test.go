package game_test

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// pack makes an archive of what header says, so that bad ones can be made.
func pack(t testing.TB, headers ...*zip.FileHeader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, h := range headers {
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(h.Name, "/") {
			continue
		}
		if _, err := f.Write([]byte(h.Comment)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func link(name string) *zip.FileHeader {
	h := &zip.FileHeader{Name: name, Comment: "/etc/passwd"}
	h.SetMode(fs.ModeSymlink | 0o777)
	return h
}

func TestArchive(t *testing.T) {
	b := game.NewBundle(map[string][]byte{"world.yaml": []byte("use: [move]\n"), "events/wave.lua": []byte("x = 1")})
	first, err := b.Archive()
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Archive()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("packed twice, the bytes differ (%v)", err)
	}
	got, err := game.ReadArchive(first)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, got); diff != "" {
		t.Error(diff)
	}
}

func TestArchiveLeavesOut(t *testing.T) {
	got, err := game.ReadArchive(pack(t, &zip.FileHeader{Name: "a/"}, &zip.FileHeader{Name: "a/b.lua", Comment: "b"},
		&zip.FileHeader{Name: ".git/config", Comment: "c"}, &zip.FileHeader{Name: "a/.swp", Comment: "d"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/b.lua"}, got.Paths()); diff != "" {
		t.Error(diff)
	}
}

func TestBadArchives(t *testing.T) {
	bomb := &zip.FileHeader{Name: "zeros", Method: zip.Deflate, Comment: ""}
	var large bytes.Buffer
	w := zip.NewWriter(&large)
	f, err := w.CreateHeader(bomb)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(make([]byte, game.MaxBundleBytes+1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"bomb":      {large.Bytes(), "the files are larger than 16 MiB together"},
		"up":        {pack(t, &zip.FileHeader{Name: "../x.lua", Comment: "x"}), `the path "../x.lua" is not allowed: paths must be relative`},
		"inside up": {pack(t, &zip.FileHeader{Name: "a/../../x.lua", Comment: "x"}), "is not allowed"},
		"absolute":  {pack(t, &zip.FileHeader{Name: "/etc/x", Comment: "x"}), `the path "/etc/x" is not allowed`},
		"windows":   {pack(t, &zip.FileHeader{Name: `a\b.lua`, Comment: "x"}), "is not allowed"},
		"link":      {pack(t, link("x.lua")), "x.lua is not a regular file (links are not followed)"},
		"twice":     {pack(t, &zip.FileHeader{Name: "x", Comment: "1"}, &zip.FileHeader{Name: "x", Comment: "2"}), "x is there twice"},
		"empty":     {pack(t), "the bundle has no files"},
		"no zip":    {[]byte("hello"), "it is not a zip archive"},
		"cut":       {pack(t, &zip.FileHeader{Name: "x", Comment: "1"})[:40], "it is not a zip archive"},
	} {
		if _, err := game.ReadArchive(test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestBelow(t *testing.T) {
	b := game.NewBundle(map[string][]byte{"games/meadow/world.yaml": {}, "README.md": {}})
	got, err := b.Below("games/meadow")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"world.yaml"}, got.Paths()); diff != "" {
		t.Error(diff)
	}
	if same, err := b.Below(""); err != nil || same != b {
		t.Errorf("the bundle below nothing is %v, %v", same, err)
	}
	if _, err := b.Below("games/cave"); err == nil || err.Error() != "the bundle has no folder games/cave" {
		t.Error(err)
	}
}

func FuzzReadArchive(f *testing.F) {
	f.Add(pack(f, &zip.FileHeader{Name: "a/b.lua", Comment: "b"}))
	f.Add(pack(f, link("x")))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := game.ReadArchive(data)
		if err != nil {
			return
		}
		for p := range b.Files {
			if !fs.ValidPath(p) {
				t.Errorf("accepted the path %q", p)
			}
		}
	})
}
