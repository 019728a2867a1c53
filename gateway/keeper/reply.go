package keeper

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/overworld-gg/overworld/gateway/store"
)

// The codes of refusals; mapserver/keeper has an error for each.
const (
	codeBadRequest   = "bad_request"
	codeTooLarge     = "too_large"
	codeUnauthorized = "unauthorized"
	codeNotFound     = "not_found"
	codeFenced       = "fenced"
	codeMoved        = "moved"
	codeFull         = "full"
	codeNotReady     = "not_ready"
	codeUnavailable  = "unavailable"
)

// refusal is an error that the map server is told.
type refusal struct {
	status int
	code   string
	text   string
	retry  time.Duration
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, code: code, text: fmt.Sprintf(format, args...)}
}

func (r *refusal) after(retry time.Duration) *refusal {
	if retry <= 0 {
		retry = 5 * time.Second
	}
	r.retry = retry
	return r
}

// refusalOf turns the store's errors into answers. What it does not know is a
// fault of the database: nil.
func refusalOf(err error, mapID string) *refusal {
	var refused *refusal
	var moved *store.MovedError
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, store.ErrFenced):
		return refuse(http.StatusConflict, codeFenced,
			"map %q has been opened by another server since: this one must not write it any more", mapID)
	case errors.As(err, &moved):
		return refuse(http.StatusConflict, codeMoved, "player %d is on map %q, not on %q", moved.Player, moved.Map, mapID)
	case store.Full(err):
		return refuse(http.StatusServiceUnavailable, codeUnavailable,
			"the database has no room left: make some on its disk; until then nothing is saved, and all is when there is").after(0)
	case store.Away(err):
		return refuse(http.StatusServiceUnavailable, codeUnavailable, "the database is away: saving goes on when it is back").after(0)
	case errors.Is(err, store.ErrNotFound):
		return refuse(http.StatusNotFound, codeNotFound, "the keeper does not have it: %s", err)
	}
	return nil
}

func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	mapID := r.PathValue("map")
	refused := refusalOf(err, mapID)
	if refused != nil && refused.code == codeUnavailable {
		h.log.WarnContext(r.Context(), "answering map server", "gamemap", mapID, "path", r.URL.Path, "error", err)
	}
	if refused == nil {
		h.log.ErrorContext(r.Context(), "answering map server", "gamemap", mapID, "path", r.URL.Path, "error", err)
		refused = refuse(http.StatusServiceUnavailable, codeUnavailable,
			"the keeper has a fault of its own, which the gateway's log describes: try again later").after(0)
	}
	if refused.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(refused.retry.Seconds()))))
	}
	writeJSON(w, refused.status, map[string]string{"code": refused.code, "error": refused.text})
}

func unknownPath(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusNotFound, map[string]string{
		"code":  codeBadRequest,
		"error": "there is nothing at " + r.URL.Path + ": maps ask at /keeper/v1/maps/{map}/ for open, players/{player}/load, save, transfer",
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		// A stored document that is not JSON: saving checks them.
		status, data = http.StatusInternalServerError, []byte(`{"code":"unavailable","error":"the stored state is not valid JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
