package gateway

import (
	"crypto/rand"
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/overworld-gg/overworld/gateway/auth"
)

// readGrace is how long after its end a token may still be read for graphics.
const readGrace = 24 * time.Hour

// tokens signs and reads tokens with the keys of a ring.
type tokens struct {
	keys     *keyring
	lifetime time.Duration
	now      func() time.Time
}

type claims struct {
	jwt.RegisteredClaims
	Login string `json:"login"`
}

func newTokens(keys *keyring, lifetime time.Duration, now func() time.Time) (*tokens, error) {
	return &tokens{keys: keys, lifetime: lifetime, now: now}, nil
}

// Issue makes a token for one connection.
func (t *tokens) Issue(ticket auth.Ticket) (string, error) {
	now := t.now()
	key := t.keys.current()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{Login: ticket.Login, RegisteredClaims: jwt.RegisteredClaims{
		Subject:   strconv.FormatInt(ticket.Player, 10),
		Audience:  jwt.ClaimStrings{ticket.Map},
		ID:        rand.Text(),
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(t.lifetime)),
	}})
	token.Header["kid"] = key.kid
	return token.SignedString(key.private)
}

// Read checks the signature of a token and that it has not ended long ago.
func (t *tokens) Read(text string) (auth.Ticket, error) {
	var c claims
	keys := t.keys.public()
	_, err := jwt.ParseWithClaims(text, &c, func(token *jwt.Token) (any, error) {
		kid, _ := token.Header["kid"].(string)
		if key, ok := keys[kid]; ok {
			return key, nil
		}
		return nil, errors.New("unknown key")
	}, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithLeeway(readGrace), jwt.WithTimeFunc(t.now), jwt.WithExpirationRequired())
	if errors.Is(err, jwt.ErrTokenExpired) {
		return auth.Ticket{}, errors.New("the token is too old: sign in again")
	}
	player, idErr := strconv.ParseInt(c.Subject, 10, 64)
	if err != nil || idErr != nil || len(c.Audience) != 1 {
		return auth.Ticket{}, errors.New("the token is not one of this game: sign in again")
	}
	return auth.Ticket{Player: player, Login: c.Login, Map: c.Audience[0]}, nil
}
