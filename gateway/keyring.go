package gateway

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/overworld-gg/overworld/gateway/store"
	"github.com/overworld-gg/overworld/mapserver/token"
)

const (
	// keyAge is when a signing key is replaced.
	keyAge = 90 * 24 * time.Hour
	// keyLead is for how long a new key is published before it signs: other gateways
	// and map servers read the keys once a minute.
	keyLead = 3 * time.Minute
	// keyRest is how long a replaced key is kept: resume tokens that it signed are
	// good for a week.
	keyRest = 8 * 24 * time.Hour
	// keysEvery is how often a gateway reads the keys again: another one may have
	// replaced them.
	keysEvery = time.Minute
)

// keyStore keeps the keys for all gateways.
type keyStore interface {
	SigningKeys(ctx context.Context) ([]store.SigningKey, error)
	AddSigningKey(ctx context.Context, k store.SigningKey) error
	DropSigningKeys(ctx context.Context, before int64) error
}

// signingKey is one key of the ring.
type signingKey struct {
	generation int64
	created    time.Time
	private    ed25519.PrivateKey
}

func (k signingKey) public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

// keyring holds the keys that tokens are signed with, the newest last: all of them
// verify. Safe for concurrent use.
type keyring struct {
	store keyStore
	now   func() time.Time

	mu   sync.RWMutex
	keys []signingKey
}

// openKeyring reads the keys; see refresh.
func openKeyring(ctx context.Context, keys keyStore, now func() time.Time) (*keyring, error) {
	r := &keyring{store: keys, now: now}
	return r, r.refresh(ctx)
}

// refresh reads the keys again, makes one if there is none or the last is old, and
// drops those that are not needed any more.
func (r *keyring) refresh(ctx context.Context) error {
	keys, err := r.read(ctx)
	if err != nil {
		return err
	}
	last := signingKey{}
	if len(keys) > 0 {
		last = keys[len(keys)-1]
	}
	if len(keys) == 0 || r.now().Sub(last.created) > keyAge {
		if err := r.add(ctx, last.generation+1); err != nil {
			return err
		}
		if keys, err = r.read(ctx); err != nil {
			return err
		}
		last = keys[len(keys)-1]
	}
	if len(keys) > 1 && r.now().Sub(last.created) > keyRest {
		if err := r.store.DropSigningKeys(ctx, last.generation); err != nil {
			return err
		}
		keys = keys[len(keys)-1:]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = keys
	return nil
}

func (r *keyring) read(ctx context.Context) ([]signingKey, error) {
	kept, err := r.store.SigningKeys(ctx)
	if err != nil {
		return nil, err
	}
	keys := make([]signingKey, len(kept))
	for i, k := range kept {
		private, err := token.DecodePrivate([]byte(k.PEM))
		if err != nil {
			return nil, fmt.Errorf("reading signing key %d of the database: %w", k.Generation, err)
		}
		keys[i] = signingKey{generation: k.Generation, created: k.Created, private: private}
	}
	return keys, nil
}

func (r *keyring) add(ctx context.Context, generation int64) error {
	private, err := token.GenerateKey()
	if err != nil {
		return fmt.Errorf("generating signing key: %w", err)
	}
	text, err := token.EncodePrivate(private)
	if err != nil {
		return fmt.Errorf("generating signing key: %w", err)
	}
	return r.store.AddSigningKey(ctx, store.SigningKey{Generation: generation, Created: r.now(), PEM: string(text)})
}

// current is the key that signs: the newest that everybody knows by now.
func (r *keyring) current(now time.Time) signingKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for i := len(r.keys) - 1; i > 0; i-- {
		if now.Sub(r.keys[i].created) >= keyLead {
			return r.keys[i]
		}
	}
	return r.keys[0]
}

// public returns all public keys by kid.
func (r *keyring) public() map[string]ed25519.PublicKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var keys []ed25519.PublicKey
	for _, k := range r.keys {
		keys = append(keys, k.public())
	}
	return token.Keys(keys...)
}

// PublicKeys returns the keys with which map servers verify tokens, by kid.
func (s *Server) PublicKeys() map[string]ed25519.PublicKey { return s.keys.public() }

// keepKeys reads the keys again every now and then, until ctx is done.
func (s *Server) keepKeys(ctx context.Context) {
	ticker := time.NewTicker(keysEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := s.keys.refresh(ctx)
		if err == nil {
			err = s.tokens.use(s.keys)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("the signing keys stay as they were", slog.Any("error", err))
		}
	}
}

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
