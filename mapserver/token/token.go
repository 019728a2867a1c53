// Package token makes and checks the one-time tokens with which players enter a
// map: JSON Web Tokens signed with Ed25519, bound to a player and a map, short
// of life and good for one connection.
//
// The gateway signs (Signer); a map server holds public keys only. There a Gate
// reads the credentials of a request, verifies the token and spends its id.
// What has been spent is remembered until the token would have expired anyway;
// a map server that is started again within these seconds has forgotten it.
package token

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// DefaultLife is how long a token is good for entering a map.
	DefaultLife = 30 * time.Second
	// DefaultLeeway is how far the clocks of two machines may be apart.
	DefaultLeeway = 2 * time.Second
	// MaxLength is the length of the longest token that is looked at, in bytes.
	MaxLength = 4096
)

// Claims are what a token says.
type Claims struct {
	// Player is the player's number, from 1.
	Player int64
	// Login is the player's name.
	Login string
	// Map is the id of the map that the token opens.
	Map string
	// ID is unique among all tokens. Sign makes one when it is empty.
	ID string
	// Expires is when the token ends. Sign sets it when it is zero.
	Expires time.Time
}

// payload is the form of Claims inside a token.
type payload struct {
	jwt.RegisteredClaims
	Login string `json:"login"`
}

// Signer signs tokens with one private key. It is safe for concurrent use.
type Signer struct {
	key  ed25519.PrivateKey
	kid  string
	life time.Duration
}

// NewSigner returns a Signer whose tokens name their key by KeyID and live for
// life, or DefaultLife if it is zero.
func NewSigner(key ed25519.PrivateKey, life time.Duration) (*Signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("the signing key has %d bytes, an Ed25519 private key has %d", len(key), ed25519.PrivateKeySize)
	}
	public := ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
	if life == 0 {
		life = DefaultLife
	}
	return &Signer{key: key, kid: KeyID(public), life: life}, nil
}

// Sign makes a token of c that is good from now on.
func (s *Signer) Sign(c Claims, now time.Time) (string, error) {
	if c.ID == "" {
		c.ID = rand.Text()
	}
	if c.Expires.IsZero() {
		c.Expires = now.Add(s.life)
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, payload{Login: c.Login, RegisteredClaims: jwt.RegisteredClaims{
		Subject:   strconv.FormatInt(c.Player, 10),
		Audience:  jwt.ClaimStrings{c.Map},
		ID:        c.ID,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(c.Expires),
	}})
	t.Header["kid"] = s.kid
	text, err := t.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("signing token: %w", err)
	}
	return text, nil
}
