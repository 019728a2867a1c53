package gateway

import (
	"errors"
	"sync"
	"time"

	"github.com/overworld-gg/overworld/gateway/auth"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// readGrace is how long after its end a token may still be read for graphics.
const readGrace = 24 * time.Hour

// A resume token names no map but resumeMap, which no map can be called: it opens
// no connection. resumeLife is how long it is good for; each sign-in gives a new
// one.
const (
	resumeMap  = "@resume"
	resumeLife = 7 * 24 * time.Hour
)

// tokens signs and reads tokens with the keys of a ring.
type tokens struct {
	lifetime time.Duration
	verifier *token.Verifier
	now      func() time.Time

	mu      sync.RWMutex
	signers signers
}

// signers sign with the current key.
type signers struct{ connect, resume *token.Signer }

func newTokens(keys *keyring, lifetime time.Duration, now func() time.Time) (*tokens, error) {
	t := &tokens{lifetime: lifetime, verifier: token.NewVerifier(keys.public(), 0), now: now}
	return t, t.use(keys)
}

// use takes over the keys of a ring.
func (t *tokens) use(keys *keyring) error {
	private := keys.current(t.now()).private
	connect, err := token.NewSigner(private, t.lifetime)
	if err != nil {
		return err
	}
	resume, err := token.NewSigner(private, resumeLife)
	if err != nil {
		return err
	}
	t.verifier.SetKeys(keys.public())
	t.mu.Lock()
	defer t.mu.Unlock()
	t.signers = signers{connect, resume}
	return nil
}

func (t *tokens) signing() signers {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.signers
}

// Issue makes a token for one connection.
func (t *tokens) Issue(ticket auth.Ticket) (string, error) {
	return t.signing().connect.Sign(token.Claims{Player: ticket.Player, Login: ticket.Login, Map: ticket.Map}, t.now())
}

// Read checks the signature of a token and that it has not ended long ago.
func (t *tokens) Read(text string) (auth.Ticket, error) {
	c, err := t.verifier.VerifyWithin(text, t.now(), readGrace)
	switch {
	case errors.Is(err, token.ErrExpired):
		return auth.Ticket{}, errors.New("the token is too old: sign in again")
	case err != nil || c.Map == resumeMap:
		return auth.Ticket{}, errors.New("the token is not one of this game: sign in again")
	}
	return auth.Ticket{Player: c.Player, Login: c.Login, Map: c.Map}, nil
}

// IssueResume makes a token for signing in again.
func (t *tokens) IssueResume(ticket auth.Ticket) (string, error) {
	return t.signing().resume.Sign(token.Claims{Player: ticket.Player, Login: ticket.Login, Map: resumeMap}, t.now())
}

// ReadResume checks a token for signing in again.
func (t *tokens) ReadResume(text string) (auth.Ticket, error) {
	c, err := t.verifier.Verify(text, t.now())
	switch {
	case errors.Is(err, token.ErrExpired):
		return auth.Ticket{}, errors.New("you have been away for too long: sign in with your password")
	case err != nil || c.Map != resumeMap:
		return auth.Ticket{}, errors.New("the resume token is not one of this game: sign in with your password")
	}
	return auth.Ticket{Player: c.Player, Login: c.Login}, nil
}
