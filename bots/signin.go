package bots

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Where clients sign in.
const (
	registerPath = "/server/signin/register"
	authPath     = "/server/signin/auth"
)

// maxReply bounds the answer to a sign-in; it has the map in it.
const maxReply = 64 << 20

// Credentials are what a player connects to a map with.
type Credentials struct {
	// ID is the player's number.
	ID int64
	// Token is good for one connection.
	Token string
	// Host is where the map is, "address:port".
	Host string
	// Map is the Tiled map in base64, if the gateway sends one.
	Map string
}

// SignInError is a gateway's no.
type SignInError struct {
	// Status is the HTTP status.
	Status int
	// Text is the gateway's sentence.
	Text string
	// RetryAfter is when the gateway wants to be asked again, 0 if it does not
	// say.
	RetryAfter time.Duration
}

// Error returns the status and the gateway's sentence.
func (e *SignInError) Error() string { return strconv.Itoa(e.Status) + ": " + e.Text }

// Temporary tells whether the same request may succeed later.
func (e *SignInError) Temporary() bool {
	return e.Status == http.StatusTooManyRequests || e.Status >= 500 || e.RetryAfter > 0
}

// signedIn is the answer to a sign-in. Numbers come as numbers or as texts.
type signedIn struct {
	ID    looseNumber `json:"id"`
	Token string      `json:"token"`
	Port  looseNumber `json:"port"`
	Host  string      `json:"host"`
	Map   string      `json:"map"`
	Error string      `json:"error"`
}

// looseNumber is a whole number, also in quotes.
type looseNumber int64

// UnmarshalJSON reads 12, 12.0 and "12"; null and "" are 0.
func (n *looseNumber) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "null" || text == "" {
		*n = 0
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != f || f < -1<<53 || f > 1<<53 {
		return fmt.Errorf("expected a whole number, not %.40s", data)
	}
	*n = looseNumber(f)
	return nil
}

// signIn posts a form with login and password to path.
func (n *network) signIn(ctx context.Context, path, login, password string) (Credentials, error) {
	form := url.Values{"login": {login}, "password": {password}}
	target := n.gateway.JoinPath(path).String()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return Credentials{}, fmt.Errorf("signing in: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := n.http.Do(r)
	if err != nil {
		return Credentials{}, fmt.Errorf("signing in: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return Credentials{}, fmt.Errorf("signing in: %w", err)
	}
	return n.readReply(response, body)
}

func (n *network) readReply(response *http.Response, body []byte) (Credentials, error) {
	var reply signedIn
	err := json.Unmarshal(body, &reply)
	refused := &SignInError{Status: response.StatusCode, Text: reply.Error, RetryAfter: n.retryAfter(response.Header)}
	switch {
	case reply.Error != "":
		return Credentials{}, refused
	case err != nil, response.StatusCode != http.StatusOK:
		refused.Text = sentence(body, "the gateway gave no answer that can be read")
		return Credentials{}, refused
	case reply.Token == "" || reply.ID == 0:
		return Credentials{}, errors.New("signing in: the gateway's answer has no id or no token")
	}
	host := reply.Host
	if host == "" {
		host = net.JoinHostPort(n.gateway.Hostname(), strconv.FormatInt(int64(reply.Port), 10))
	}
	return Credentials{ID: int64(reply.ID), Token: reply.Token, Host: host, Map: reply.Map}, nil
}

// retryAfter reads the header in both of its forms.
func (n *network) retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if text == "" {
		return 0
	}
	if seconds, err := strconv.Atoi(text); err == nil {
		return max(0, min(time.Duration(seconds), 3600)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, min(at.Sub(n.now()), time.Hour))
	}
	return 0
}

// sentence is the beginning of body as a text for people, or otherwise.
func sentence(body []byte, otherwise string) string {
	text := strings.TrimSpace(string(body[:min(len(body), 200)]))
	if text == "" {
		return otherwise
	}
	return strings.ToValidUTF8(text, "?")
}
