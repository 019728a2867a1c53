package token

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// queryKey is the name of the query parameter that carries credentials: what a
// browser cannot say in a header it says there.
const queryKey = "HTTP_AUTHORIZATION"

// Credentials are what a client shows to enter.
type Credentials struct {
	// Player is who the client says it is.
	Player int64
	// Token is the token as text, not yet verified.
	Token string
}

// ReadCredentials reads the credentials of r: from the query, else from the
// Authorization header (HTTP Basic). The error is ErrMissing or ErrMalformed.
func ReadCredentials(r *http.Request) (Credentials, error) {
	c, err := ParseQuery(r.URL.RawQuery)
	if !errors.Is(err, ErrMissing) {
		return c, err
	}
	header := r.Header.Get("Authorization")
	if header == "" {
		return Credentials{}, ErrMissing
	}
	scheme, value, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return Credentials{}, ErrMalformed
	}
	return parseValue(value)
}

// ParseQuery reads credentials from a raw query. The value is base64 of
// id:token and comes as clients write it: escaped or not, padded or not, in the
// standard alphabet or the one for URLs. A plus sign stands for itself, which
// is why url.ParseQuery is of no use here.
func ParseQuery(raw string) (Credentials, error) {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if value, ok := strings.CutPrefix(pair, queryKey+"="); ok {
			value, err := url.PathUnescape(value)
			if err != nil {
				return Credentials{}, ErrMalformed
			}
			return parseValue(strings.TrimPrefix(value, "Basic "))
		}
	}
	return Credentials{}, ErrMissing
}

// alphabet maps the alphabet for URLs to the standard one, and the space that a
// zealous decoder made of a plus sign back to it.
var alphabet = strings.NewReplacer("-", "+", "_", "/", " ", "+")

func parseValue(value string) (Credentials, error) {
	value = strings.TrimRight(strings.TrimSpace(value), "=")
	if value == "" || len(value) > 2*MaxLength {
		return Credentials{}, ErrMalformed
	}
	text, err := base64.RawStdEncoding.DecodeString(alphabet.Replace(value))
	if err != nil {
		return Credentials{}, ErrMalformed
	}
	id, token, _ := strings.Cut(string(text), ":")
	player, err := strconv.ParseInt(id, 10, 64)
	if err != nil || player < 1 || token == "" || len(token) > MaxLength {
		return Credentials{}, ErrMalformed
	}
	return Credentials{Player: player, Token: token}, nil
}
