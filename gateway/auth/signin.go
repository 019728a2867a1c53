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

// defaultRetry is when to ask again if nobody knows better.
const defaultRetry = 5 * time.Second

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

// placeOf finds the player's map. A player whose map is not part of the game any
// more goes to where new players begin.
func (h *Handler) placeOf(ctx context.Context, a store.Account) (store.Account, directory.Place, error) {
	_, err := h.directory.Lookup(a.Map)
	start := h.directory.Start()
	if errors.Is(err, directory.ErrUnknownMap) && start != a.Map && start != "" {
		if a, err = h.accounts.Relocate(ctx, a.ID, a.Map, start); err != nil {
			return a, directory.Place{}, err
		}
	}
	place, err := h.openPlace(a.Map)
	return a, place, err
}

// openPlace returns where mapID is, if players can go there now.
func (h *Handler) openPlace(mapID string) (directory.Place, error) {
	p, err := h.directory.Lookup(mapID)
	if errors.Is(err, directory.ErrUnknownMap) {
		return p, refuseUntil(http.StatusServiceUnavailable, defaultRetry, "no map is there to play on yet")
	}
	if errors.Is(err, directory.ErrNotSynced) {
		return p, refuseUntil(http.StatusServiceUnavailable, defaultRetry, "%s", err)
	}
	if err != nil {
		return p, err
	}
	retry := p.RetryAfter
	if retry <= 0 {
		retry = defaultRetry
	}
	switch {
	case p.State == directory.Stopped:
		return p, refuseUntil(http.StatusServiceUnavailable, retry, "map is stopped")
	case !p.Ready():
		return p, refuseUntil(http.StatusServiceUnavailable, retry, "map is starting")
	case p.Full():
		return p, refuseUntil(http.StatusServiceUnavailable, retry, "map is full (%d players)", p.Players)
	}
	return p, nil
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
