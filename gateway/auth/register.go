package auth

import (
	"errors"
	"net/http"

	"github.com/overworld-gg/overworld/gateway/store"
)

func (h *Handler) register(r *http.Request, f form) (any, error) {
	login, password, err := credentials(f)
	if err != nil {
		return nil, err
	}
	if wait, ok := h.registers.allow(h.clientAddress(r)); !ok {
		return nil, refuseUntil(http.StatusTooManyRequests, wait, "too many new players from your address")
	}
	start, place, err := h.directory.Enter(h.directory.Start())
	if err := h.whyClosed(place, err); err != nil {
		return nil, err
	}
	account, err := h.createAccount(r, login, password, start)
	if err != nil {
		return nil, err
	}
	h.log.InfoContext(r.Context(), "player registered", "player", account.ID, "gamemap", start)
	return h.letIn(r, account, place)
}

func (h *Handler) createAccount(r *http.Request, login, password, start string) (store.Account, error) {
	taken := refuse(http.StatusConflict, "login %q is taken: choose another one, or sign in if it is yours", login)
	_, err := h.accounts.AccountByLogin(r.Context(), login)
	if err == nil {
		return store.Account{}, taken
	}
	if !errors.Is(err, store.ErrNotFound) {
		return store.Account{}, err
	}
	hash, err := h.passwords.hash(r.Context(), password)
	if err != nil {
		return store.Account{}, whenBusy(err)
	}
	account, err := h.accounts.CreateAccount(r.Context(), login, hash, start)
	if errors.Is(err, store.ErrLoginTaken) {
		return store.Account{}, taken
	}
	return account, err
}
