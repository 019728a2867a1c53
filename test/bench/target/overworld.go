package target

import (
	"context"
	"crypto/ed25519"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/overworld-gg/overworld/mapserver/token"
)

// ErrNoMapserver tells that there is no map server to measure.
var ErrNoMapserver = errors.New("there is no cmd/mapserver in this folder")

const (
	mapID = "bench"
	// tokenLife is long enough for thousands of players to connect.
	tokenLife = 10 * time.Minute
)

//go:embed bundle
var bundleFiles embed.FS

// OverworldConfig is what an Overworld is made of.
type OverworldConfig struct {
	// Dir is a folder for the program and its files.
	Dir string
	// Binary is the map server; empty: built from ./cmd/mapserver.
	Binary string
	// Core is the core to pin it to.
	Core int
}

// Overworld is our own map server.
type Overworld struct {
	OverworldConfig
	signer *token.Signer
}

// NewOverworld builds the map server, if that is asked for, and makes the key
// that the players' tokens are signed with.
func NewOverworld(ctx context.Context, c OverworldConfig) (*Overworld, error) {
	if c.Binary == "" {
		if _, err := os.Stat("cmd/mapserver"); err != nil {
			return nil, ErrNoMapserver
		}
		c.Binary = filepath.Join(c.Dir, "mapserver")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", c.Binary, "./cmd/mapserver")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("building the map server: %w", err)
		}
	}
	o := &Overworld{OverworldConfig: c}
	return o, o.prepare()
}

func (o *Overworld) bundleDir() string { return filepath.Join(o.Dir, "bundle") }
func (o *Overworld) keyFile() string   { return filepath.Join(o.Dir, "keys.pem") }

// prepare writes the bundle and the public key.
func (o *Overworld) prepare() error {
	files, err := fs.Sub(bundleFiles, "bundle")
	if err != nil {
		return err
	}
	if err := os.CopyFS(o.bundleDir(), files); err != nil {
		return fmt.Errorf("writing the bundle: %w", err)
	}
	key, err := token.GenerateKey()
	if err != nil {
		return err
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return errors.New("the generated key has no public half")
	}
	text, err := token.EncodePublic(token.Keys(public))
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.keyFile(), text, 0o600); err != nil {
		return fmt.Errorf("writing the public key: %w", err)
	}
	o.signer, err = token.NewSigner(key, tokenLife)
	return err
}

// Name is "overworld".
func (o *Overworld) Name() string { return "overworld" }

// Start starts a map.
func (o *Overworld) Start(ctx context.Context, l Load) (*Server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	args, err := o.launch(address, l)
	if err != nil {
		return nil, err
	}
	s, err := run(ctx, exec.Command(o.Binary, args...), o.Core, address)
	if err != nil {
		return nil, err
	}
	s.Compression = true
	s.Credentials = o.credentials
	return s, nil
}

// credentials signs a token for player i itself: signing thousands in with
// passwords would take longer than all the rest.
func (o *Overworld) credentials(i int) (int64, string, error) {
	id := int64(i + 1)
	text, err := o.signer.Sign(token.Claims{Player: id, Login: "bench-" + strconv.Itoa(i+1), Map: mapID}, time.Now())
	return id, text, err
}
