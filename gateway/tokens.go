package gateway

import (
	"errors"
	"time"

	"github.com/overworld-gg/overworld/gateway/auth"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// readGrace is how long after its end a token may still be read for graphics.
const readGrace = 24 * time.Hour

// tokens signs and reads tokens with the keys of a ring.
type tokens struct {
	signer   *token.Signer
	verifier *token.Verifier
	now      func() time.Time
}

func newTokens(keys *keyring, lifetime time.Duration, now func() time.Time) (*tokens, error) {
	signer, err := token.NewSigner(keys.current().private, lifetime)
	if err != nil {
		return nil, err
	}
	return &tokens{signer: signer, verifier: token.NewVerifier(keys.public(), 0), now: now}, nil
}

// Issue makes a token for one connection.
func (t *tokens) Issue(ticket auth.Ticket) (string, error) {
	return t.signer.Sign(token.Claims{Player: ticket.Player, Login: ticket.Login, Map: ticket.Map}, t.now())
}

// Read checks the signature of a token and that it has not ended long ago.
func (t *tokens) Read(text string) (auth.Ticket, error) {
	c, err := t.verifier.VerifyWithin(text, t.now(), readGrace)
	switch {
	case errors.Is(err, token.ErrExpired):
		return auth.Ticket{}, errors.New("the token is too old: sign in again")
	case err != nil:
		return auth.Ticket{}, errors.New("the token is not one of this game: sign in again")
	}
	return auth.Ticket{Player: c.Player, Login: c.Login, Map: c.Map}, nil
}
