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
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/gateway/keeper"
	"github.com/overworld-gg/overworld/gateway/store"
	"github.com/overworld-gg/overworld/mapserver/token"
)

func openTestStore(t *testing.T, now func() time.Time) *store.Store {
	t.Helper()
	db, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestSigningKeysRotate(t *testing.T) {
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	db := openTestStore(t, c.now)
	open := func() *keyring {
		t.Helper()
		ring, err := openKeyring(t.Context(), db, c.now)
		if err != nil {
			t.Fatal(err)
		}
		return ring
	}
	running := open()
	if again := open(); again.current(c.now()).generation != 1 || len(again.keys) != 1 {
		t.Errorf("opened again, the ring has %d keys", len(again.keys))
	}
	c.advance(keyAge + time.Second)
	second := open()
	if second.current(c.now()).generation != 1 || len(second.public()) != 2 {
		t.Error("an old key was not replaced, or the new one signs before anybody knows it")
	}
	c.advance(keyLead)
	if err := running.refresh(t.Context()); err != nil || running.current(c.now()).generation != 2 || second.current(c.now()).generation != 2 {
		t.Errorf("the new key does not sign everywhere: %v", err)
	}
	c.advance(keyRest)
	if third := open(); len(third.keys) != 1 || third.current(c.now()).generation != 2 {
		t.Error("the replaced key was not dropped in the end")
	}
}

// Gateways that start at once agree on a key.
func TestSigningKeysOfSeveralGateways(t *testing.T) {
	db := openTestStore(t, time.Now)
	rings := make([]*keyring, 8)
	var started sync.WaitGroup
	for i := range rings {
		started.Go(func() {
			var err error
			if rings[i], err = openKeyring(t.Context(), db, time.Now); err != nil {
				t.Error(err)
			}
		})
	}
	started.Wait()
	for _, r := range rings {
		if diff := cmp.Diff(rings[0].public(), r.public()); diff != "" {
			t.Error(diff)
		}
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
	for want, text := range map[string]string{
		"there is no PEM block":     "x",
		"reading signing key: asn1": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})),
		"not an Ed25519 key":        string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	} {
		db := openTestStore(t, time.Now)
		if err := db.AddSigningKey(t.Context(), store.SigningKey{Generation: 1, Created: time.Now(), PEM: text}); err != nil {
			t.Fatal(err)
		}
		if _, err := openKeyring(t.Context(), db, time.Now); err == nil || !strings.Contains(err.Error(), want) {
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
