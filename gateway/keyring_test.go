package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/gateway/keeper"
	"github.com/overworld-gg/overworld/mapserver/token"
)

func TestSigningKeysRotate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "signing")
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	open := func() *keyring {
		t.Helper()
		ring, err := openKeyring(dir, c.now)
		if err != nil {
			t.Fatal(err)
		}
		return ring
	}
	first := open().current().kid
	if again := open(); again.current().kid != first || len(again.keys) != 1 {
		t.Errorf("opened again, the ring has %d keys", len(again.keys))
	}
	c.advance(keyAge + time.Second)
	second := open()
	if second.current().kid == first || len(second.public()) != 2 {
		t.Error("an old key was not replaced, or dropped at once")
	}
	c.advance(keyRest + time.Second)
	if third := open(); len(third.keys) != 1 || third.current().kid != second.current().kid {
		t.Error("the replaced key was not dropped in the end")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v; want 1", len(files), err)
	}
	if info, err := files[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info.Mode(), err)
	}
}

func TestFaultySigningKeys(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	good := t.TempDir()
	k, err := generateKey(good, time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(good, k.file()))
	if err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string]struct{ name, text string }{
		"there is no PEM block":        {"1-a.pem", "x"},
		"reading signing key: asn1":    {"1-a.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}))},
		"not an Ed25519 key":           {"1-a.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))},
		"the name must start with the": {"mine.pem", string(text)},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, file.name), []byte(file.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openKeyring(dir, time.Now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A map server lets players in with the keys that the keeper serves.
func TestPublicKeysAreServed(t *testing.T) {
	cfg, _, c := config(t.TempDir())
	s := newServer(t, cfg)
	code, body := get(s.KeeperHandler(), "/keeper/v1/keys")
	keys, err := token.DecodeSet([]byte(body))
	if diff := cmp.Diff(s.PublicKeys(), keys); diff != "" || err != nil || code != 200 {
		t.Fatalf("%d, %v (-want +got):\n%s", code, err, diff)
	}
	reply := signIn(t, s, "register")
	claims, err := token.NewVerifier(keys, 0).Verify(reply.Token, c.now())
	want := token.Claims{Player: reply.ID, Login: "anna", Map: "meadow", ID: claims.ID, Expires: c.now().Add(30 * time.Second)}
	if diff := cmp.Diff(want, claims); diff != "" || err != nil {
		t.Errorf("the token says: %v (-want +got):\n%s", err, diff)
	}
}

func TestMapKeys(t *testing.T) {
	dir := t.TempDir()
	cfg, _, _ := config(dir)
	s := newServer(t, cfg)
	meadow, err := s.MapKey(t.Context(), "meadow")
	if err != nil || len(meadow) < 32 {
		t.Fatalf("key %q, %v", meadow, err)
	}
	if again, err := s.MapKey(t.Context(), "meadow"); again != meadow || err != nil {
		t.Errorf("asked again: %q, %v", again, err)
	}
	if forest, err := s.MapKey(t.Context(), "forest"); forest == meadow || err != nil {
		t.Errorf("two maps share a key, or: %v", err)
	}
	if hash, err := s.store.MapKey(t.Context(), "meadow"); string(hash) != string(keeper.HashKey(meadow)) || err != nil {
		t.Errorf("the store has another key: %v", err)
	}
	path := filepath.Join(dir, "mapkeys", "meadow.key")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info, err)
	}
}

func TestFaultyMapKeys(t *testing.T) {
	dir := t.TempDir()
	cfg, _, _ := config(dir)
	s := newServer(t, cfg)
	for _, id := range []string{"", "../x", "a/b", ".hidden", "a.", strings.Repeat("a", 254)} {
		if _, err := s.MapKey(t.Context(), id); err == nil || !strings.Contains(err.Error(), "must be of letters, digits") {
			t.Errorf("map id %q: %v", id, err)
		}
	}
	if err := writePrivate(filepath.Join(dir, "mapkeys", "meadow.key"), []byte("short")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.MapKey(t.Context(), "meadow"); err == nil || !strings.Contains(err.Error(), "is shorter than 32 characters") {
		t.Errorf("short key: %v", err)
	}
}
