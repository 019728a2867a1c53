package gateway

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/overworld-gg/overworld/mapserver/token"
)

const (
	// keyAge is when a signing key is replaced, the next time the gateway starts.
	keyAge = 90 * 24 * time.Hour
	// keyRest is how long a replaced key is kept: tokens that it signed are read
	// for a day after they have expired.
	keyRest = 48 * time.Hour
)

// signingKey is one key of the ring.
type signingKey struct {
	// kid names the key in tokens; it is made of its public half.
	kid     string
	created time.Time
	private ed25519.PrivateKey
}

// keyring holds the keys that tokens are signed with, the newest last: that one
// signs, all of them verify.
type keyring struct{ keys []signingKey }

// openKeyring reads the keys in dir, generates one if there is none or the last
// is old, and drops those that are not needed any more.
func openKeyring(dir string, now func() time.Time) (*keyring, error) {
	ring, err := readKeyring(dir)
	if err != nil {
		return nil, fmt.Errorf("reading signing keys: %w", err)
	}
	if len(ring.keys) == 0 || now().Sub(ring.current().created) > keyAge {
		fresh, err := generateKey(dir, now())
		if err != nil {
			return nil, fmt.Errorf("generating signing key: %w", err)
		}
		ring.keys = append(ring.keys, fresh)
	}
	if now().Sub(ring.current().created) <= keyRest {
		return ring, nil
	}
	for _, k := range ring.keys[:len(ring.keys)-1] {
		if err := os.Remove(filepath.Join(dir, k.file())); err != nil {
			return nil, fmt.Errorf("dropping old signing key: %w", err)
		}
	}
	ring.keys = ring.keys[len(ring.keys)-1:]
	return ring, nil
}

func readKeyring(dir string) (*keyring, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	if err != nil {
		return nil, err
	}
	ring := &keyring{}
	for _, path := range paths {
		k, err := readKey(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		ring.keys = append(ring.keys, k)
	}
	slices.SortFunc(ring.keys, func(a, b signingKey) int {
		if c := a.created.Compare(b.created); c != 0 {
			return c
		}
		return strings.Compare(a.kid, b.kid)
	})
	return ring, nil
}

func readKey(path string) (signingKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return signingKey{}, err
	}
	private, err := token.DecodePrivate(text)
	if err != nil {
		return signingKey{}, err
	}
	stamp, _, _ := strings.Cut(filepath.Base(path), "-")
	created, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return signingKey{}, errors.New("the name must start with the unix time at which the key was made and a hyphen")
	}
	return newSigningKey(private, time.Unix(created, 0)), nil
}

func generateKey(dir string, now time.Time) (signingKey, error) {
	private, err := token.GenerateKey()
	if err != nil {
		return signingKey{}, err
	}
	text, err := token.EncodePrivate(private)
	if err != nil {
		return signingKey{}, err
	}
	k := newSigningKey(private, now.Truncate(time.Second))
	return k, writePrivate(filepath.Join(dir, k.file()), text)
}

func newSigningKey(private ed25519.PrivateKey, created time.Time) signingKey {
	k := signingKey{created: created, private: private}
	k.kid = token.KeyID(k.public())
	return k
}

func (k signingKey) file() string { return fmt.Sprintf("%d-%s.pem", k.created.Unix(), k.kid) }

func (k signingKey) public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

// current is the key that signs.
func (r *keyring) current() signingKey { return r.keys[len(r.keys)-1] }

// public returns all public keys by kid.
func (r *keyring) public() map[string]ed25519.PublicKey {
	var keys []ed25519.PublicKey
	for _, k := range r.keys {
		keys = append(keys, k.public())
	}
	return token.Keys(keys...)
}

// PublicKeys returns the keys with which map servers verify tokens, by kid.
func (s *Server) PublicKeys() map[string]ed25519.PublicKey { return s.keys.public() }

// serve answers with the public keys as a JSON Web Key Set.
func (r *keyring) serve(w http.ResponseWriter, _ *http.Request) {
	set, err := token.EncodeSet(r.public())
	if err != nil {
		answer(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "max-age=60")
	_, _ = w.Write(set)
}
