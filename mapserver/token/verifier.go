package token

import (
	"crypto/ed25519"
	"errors"
	"maps"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Verifier checks tokens with public keys. It is safe for concurrent use.
type Verifier struct {
	leeway time.Duration
	keys   atomic.Pointer[map[string]ed25519.PublicKey]
}

// NewVerifier returns a Verifier with keys by their KeyID. leeway is allowed
// beyond a token's end; DefaultLeeway if it is zero.
func NewVerifier(keys map[string]ed25519.PublicKey, leeway time.Duration) *Verifier {
	if leeway == 0 {
		leeway = DefaultLeeway
	}
	v := &Verifier{leeway: leeway}
	v.SetKeys(keys)
	return v
}

// SetKeys replaces the keys, when the gateway has rotated its own.
func (v *Verifier) SetKeys(keys map[string]ed25519.PublicKey) {
	keys = maps.Clone(keys)
	v.keys.Store(&keys)
}

// Verify checks text at the time now. It does not spend the token. The error is
// ErrMalformed, ErrSignature or ErrExpired.
func (v *Verifier) Verify(text string, now time.Time) (Claims, error) {
	return v.VerifyWithin(text, now, 0)
}

// VerifyWithin is Verify for a token that may have ended up to grace ago: the
// token of an open socket also fetches graphics over HTTP.
func (v *Verifier) VerifyWithin(text string, now time.Time, grace time.Duration) (Claims, error) {
	if len(text) > MaxLength {
		return Claims{}, ErrMalformed
	}
	var p payload
	_, err := jwt.ParseWithClaims(text, &p, v.key,
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithLeeway(v.leeway+grace),
		jwt.WithExpirationRequired())
	if err != nil {
		return Claims{}, refusal(err)
	}
	return p.claims()
}

func (v *Verifier) key(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	if key, ok := (*v.keys.Load())[kid]; ok && len(key) == ed25519.PublicKeySize {
		return key, nil
	}
	return nil, ErrSignature
}

func refusal(err error) *Refusal {
	switch {
	case errors.Is(err, ErrSignature), errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return ErrSignature
	case errors.Is(err, jwt.ErrTokenExpired), errors.Is(err, jwt.ErrTokenNotValidYet):
		return ErrExpired
	default:
		return ErrMalformed
	}
}

func (p *payload) claims() (Claims, error) {
	player, err := strconv.ParseInt(p.Subject, 10, 64)
	if err != nil || player < 1 || len(p.Audience) != 1 || p.Audience[0] == "" || p.ID == "" {
		return Claims{}, ErrMalformed
	}
	return Claims{Player: player, Login: p.Login, Map: p.Audience[0], ID: p.ID, Expires: p.ExpiresAt.Time}, nil
}
