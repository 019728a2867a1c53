package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/overworld-gg/overworld/gateway/directory"
	"github.com/overworld-gg/overworld/gateway/store"
)

// defaultRetry is when to ask again if nobody knows better, startRetry while a map
// starts, which takes a second or two, fullRetry when somebody must do something first.
const (
	defaultRetry = 5 * time.Second
	startRetry   = 2 * time.Second
	fullRetry    = 30 * time.Second
)

func (h *Handler) signIn(r *http.Request, f form) (any, error) {
	login, password, err := credentials(f)
	if err != nil {
		return nil, err
	}
	if err := h.limitLogins(h.clientAddress(r), login); err != nil {
		return nil, err
	}
	account, err := h.authenticate(r.Context(), login, password)
	if err != nil {
		return nil, err
	}
	account, place, err := h.placeOf(r.Context(), account)
	if err != nil {
		return nil, err
	}
	return h.letIn(r, account, place)
}

func (h *Handler) limitLogins(address, login string) error {
	if wait, ok := h.addresses.allow(address); !ok {
		return refuseUntil(http.StatusTooManyRequests, wait, "too many attempts to sign in from your address")
	}
	if wait, ok := h.logins.allow(address + " " + store.FoldLogin(login)); !ok {
		return refuseUntil(http.StatusTooManyRequests, wait, "too many attempts to sign in as this player")
	}
	return nil
}

// authenticate finds the account. An unknown login and a wrong password take the
// same time and get the same answer.
func (h *Handler) authenticate(ctx context.Context, login, password string) (store.Account, error) {
	account, err := h.accounts.AccountByLogin(ctx, login)
	known := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Account{}, err
	}
	hash := account.Password
	if !known {
		hash = h.passwords.nobody
	}
	right, err := h.passwords.verify(ctx, hash, password)
	if err != nil {
		return store.Account{}, whenBusy(err)
	}
	if !known || !right {
		return store.Account{}, refuse(http.StatusUnauthorized, "the login or the password is wrong")
	}
	return account, nil
}

func whenBusy(err error) error {
	if errors.Is(err, errBusy) {
		return refuseUntil(http.StatusServiceUnavailable, defaultRetry, "too many players sign in at this moment")
	}
	return err
}

// placeOf finds the player's map. A player whose map does not let anybody in goes to
// another one of its fleet; one whose map is not part of the game any more, to where
// new players begin.
func (h *Handler) placeOf(ctx context.Context, a store.Account) (store.Account, directory.Place, error) {
	id, place, err := h.directory.Enter(a.Map)
	if errors.Is(err, directory.ErrUnknownMap) {
		id, place, err = h.directory.Enter(h.directory.Start())
	}
	if err == nil && id != a.Map {
		if a, err = h.accounts.Relocate(ctx, a.ID, a.Map, id); err != nil {
			return a, directory.Place{}, err
		}
		if a.Map != id { // it has moved in this moment
			place, err = h.directory.Lookup(a.Map)
		}
	}
	return a, place, h.whyClosed(place, err)
}

// whyClosed says why players cannot go to a map, nil if they can.
func (h *Handler) whyClosed(p directory.Place, err error) error {
	retry := max(p.RetryAfter, p.RetryAt.Sub(h.now()))
	switch {
	case retry > 0:
	case err == nil && p.State == directory.Starting:
		retry = startRetry
	default:
		retry = defaultRetry
	}
	switch {
	case errors.Is(err, directory.ErrUnknownMap):
		return refuseUntil(http.StatusServiceUnavailable, defaultRetry, "no map is there to play on yet")
	case errors.Is(err, directory.ErrNotSynced):
		return refuseUntil(http.StatusServiceUnavailable, defaultRetry, "%s", err)
	case err != nil:
		return err
	case p.State == directory.Stopped:
		return refuseUntil(http.StatusServiceUnavailable, retry, "map is stopped")
	case !p.Ready():
		return refuseUntil(http.StatusServiceUnavailable, retry, "map is starting")
	case p.Full():
		return refuseUntil(http.StatusServiceUnavailable, retry, "map is full (%d players)", p.Players)
	}
	return nil
}

// letIn makes the answer that a client connects with.
func (h *Handler) letIn(r *http.Request, a store.Account, p directory.Place) (any, error) {
	token, err := h.tokens.Issue(Ticket{Player: a.ID, Login: a.Login, Map: a.Map})
	if err != nil {
		return nil, fmt.Errorf("issuing token: %w", err)
	}
	resume, err := h.tokens.IssueResume(Ticket{Player: a.ID, Login: a.Login})
	if err != nil {
		return nil, fmt.Errorf("issuing token: %w", err)
	}
	h.directory.Expect(a.Map)
	host := p.Host
	if host == "" {
		host = requestHost(r)
	}
	return SignedIn{
		ID:    a.ID,
		Token: token,
		Port:  p.Port,
		Host:  net.JoinHostPort(host, strconv.Itoa(p.Port)),
		Map:   base64.StdEncoding.EncodeToString(p.Map),

		Resume: resume,
	}, nil
}

// requestHost is the host by which the client knows this machine.
func requestHost(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return strings.Trim(r.Host, "[]")
}
