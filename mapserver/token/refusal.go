package token

// Refusal is a reason for which somebody is not let in. Each kind is one of the
// values below, to be compared with errors.Is.
type Refusal struct {
	// Reason is a word for metrics.
	Reason string
	// Text is a sentence for the player.
	Text string
}

// Error returns the text.
func (r *Refusal) Error() string { return r.Text }

// The refusals of this package.
var (
	ErrMissing = &Refusal{"missing", "Sign in first: the connection must carry ?HTTP_AUTHORIZATION= with the base64 of id:token, " +
		"or HTTP Basic authorization with the id as user and the token as password."}
	ErrMalformed   = &Refusal{"malformed", "The credentials cannot be read: they must be the base64 of id:token, with the id and the token that the sign-in gave."}
	ErrSignature   = &Refusal{"signature", "The token was not signed by this game, or with a key that is no longer in use: sign in again."}
	ErrExpired     = &Refusal{"expired", "The token has expired: a token must be used within 30 seconds of signing in. Sign in again."}
	ErrUsed        = &Refusal{"used", "The token has been used: a token is good for one connection. Sign in again for another one."}
	ErrOtherMap    = &Refusal{"othermap", "The token is for another map: connect to the host and port that the sign-in gave."}
	ErrOtherPlayer = &Refusal{"otherplayer", "The id does not match the token: use the id that came with the token."}
	ErrCrowded     = &Refusal{"crowded", "Too many players are signing in at this moment: try again in a few seconds."}
)

// Refusals returns all of them, for metrics that start at zero.
func Refusals() []*Refusal {
	return []*Refusal{ErrMissing, ErrMalformed, ErrSignature, ErrExpired, ErrUsed, ErrOtherMap, ErrOtherPlayer, ErrCrowded}
}
