package token

import (
	"net/http"
	"time"
)

// Gate lets players into one map. It is safe for concurrent use.
type Gate struct {
	// Map is the id of the map.
	Map      string
	Verifier *Verifier
	Spender  *Spender
}

// Verify reads the credentials of r and checks them, without spending the
// token. The error is one of the refusals.
func (g *Gate) Verify(r *http.Request, now time.Time) (Claims, error) {
	credentials, err := ReadCredentials(r)
	if err != nil {
		return Claims{}, err
	}
	claims, err := g.Verifier.Verify(credentials.Token, now)
	switch {
	case err != nil:
		return Claims{}, err
	case claims.Player != credentials.Player:
		return Claims{}, ErrOtherPlayer
	case claims.Map != g.Map:
		return Claims{}, ErrOtherMap
	}
	return claims, nil
}

// Spend uses up the token of c.
func (g *Gate) Spend(c Claims, now time.Time) error { return g.Spender.Spend(c, now) }
