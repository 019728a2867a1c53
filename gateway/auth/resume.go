package auth

import (
	"errors"
	"net/http"

	"github.com/overworld-gg/overworld/gateway/store"
)

// resume signs a player in by a token instead of the password, so that a client
// that lost its connection need not keep the password.
func (h *Handler) resume(r *http.Request, f form) (any, error) {
	if f["resume"] == "" {
		return nil, refuse(http.StatusBadRequest, "resume is missing: send the form field resume that signing in gave")
	}
	ticket, err := h.tokens.ReadResume(f["resume"])
	if err != nil {
		return nil, refuse(http.StatusUnauthorized, "%s", err)
	}
	if err := h.limitLogins(h.clientAddress(r), ticket.Login); err != nil {
		return nil, err
	}
	account, err := h.accounts.AccountByLogin(r.Context(), ticket.Login)
	if errors.Is(err, store.ErrNotFound) || err == nil && account.ID != ticket.Player {
		return nil, refuse(http.StatusUnauthorized, "the account is not there any more")
	}
	if err != nil {
		return nil, err
	}
	account, place, err := h.placeOf(r.Context(), account)
	if err != nil {
		return nil, err
	}
	return h.letIn(r, account, place)
}
