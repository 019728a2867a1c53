package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// build compiles a small program for a machine.
func build(t *testing.T, arch string) string {
	t.Helper()
	dir := t.TempDir()
	source, out := filepath.Join(dir, "main.go"), filepath.Join(dir, "gateway")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, text)
	}
	return out
}

func pack(t *testing.T, binary, arch string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "gateway.tar")
	o := options{ref: "overworld/gateway:dev", binary: binary, out: out, user: "65532:65532", arch: arch, about: "dev"}
	if err := o.run(); err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestImage(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		binary := build(t, arch)
		out := pack(t, binary, arch)
		image, err := tarball.ImageFromPath(out, nil)
		if err != nil {
			t.Fatal(err)
		}
		c, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if c.Architecture != arch || c.Config.User != "65532:65532" || strings.Join(c.Config.Entrypoint, " ") != "/gateway" {
			t.Errorf("%s: the image is %s, runs %v as %s", arch, c.Architecture, c.Config.Entrypoint, c.Config.User)
		}
		if got := c.Config.Labels["org.opencontainers.image.version"]; got != "dev" {
			t.Errorf("%s: the label version is %q", arch, got)
		}
		if !bytes.Equal(read(t, out), read(t, pack(t, binary, arch))) {
			t.Errorf("%s: packed twice, the bytes differ", arch)
		}
	}
}

func TestRefuses(t *testing.T) {
	arm := build(t, "arm64")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, binary, arch, want string }{
		{"another machine", arm, "amd64", "GOARCH=amd64"},
		{"no program", text, "amd64", "GOOS=linux"},
		{"an unknown machine", arm, "mips", "amd64 or arm64"},
		{"no file", text + "s", "amd64", "no such file"},
	} {
		o := options{ref: "a:b", binary: c.binary, out: filepath.Join(t.TempDir(), "x.tar"), arch: c.arch}
		if err := o.run(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
	}
}
