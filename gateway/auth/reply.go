package auth

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

// SignedIn is the answer to signing in and registering. All fields are always
// there: clients of different generations look at different ones.
type SignedIn struct {
	ID    int64  `json:"id"`
	Token string `json:"token"`
	// Port and Host say the same: Host is "address:port".
	Port int    `json:"port"`
	Host string `json:"host"`
	// Map is the Tiled map in base64, empty if there is none.
	Map string `json:"map"`
	// Resume is what signs in again without the password, for some days.
	Resume string `json:"resume"`
	// Error is empty when all is well.
	Error string `json:"error"`
}

// GotMap is the answer to get_map.
type GotMap struct {
	Map   string `json:"map"`
	Error string `json:"error"`
}

func failedSignIn(text string) any { return SignedIn{Error: text} }
func failedGetMap(text string) any { return GotMap{Error: text} }

// refusal is an error whose text is for the client.
type refusal struct {
	status int
	text   string
	// retry is when to ask again, 0 for not at all.
	retry time.Duration
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, text: fmt.Sprintf(format, args...)}
}

// refuseUntil is a refusal that ends with when to try again.
func refuseUntil(status int, retry time.Duration, format string, args ...any) *refusal {
	r := refuse(status, format, args...)
	r.retry = retry
	r.text += ", try again in " + seconds(retry) + " s"
	return r
}

// fail answers with err: in its own words if it is for the client, otherwise in
// general ones, and then it is logged.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, failed func(string) any, err error) {
	var refused *refusal
	if store.Full(err) {
		h.log.ErrorContext(r.Context(), "answering player", "path", r.URL.Path, "error", err)
		refused = refuseUntil(http.StatusServiceUnavailable, fullRetry, "the game's database has no room left")
	} else if store.Away(err) {
		h.log.WarnContext(r.Context(), "answering player", "path", r.URL.Path, "error", err)
		refused = refuseUntil(http.StatusServiceUnavailable, defaultRetry, "the game's database is away")
	} else if !errors.As(err, &refused) {
		h.log.ErrorContext(r.Context(), "answering player", "path", r.URL.Path, "error", err)
		refused = refuse(http.StatusInternalServerError,
			"the server has a fault of its own, which its log describes: try again later")
	}
	if refused.retry > 0 {
		w.Header().Set("Retry-After", seconds(refused.retry))
	}
	writeJSON(w, refused.status, failed(refused.text))
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		// The bodies are structs of texts and numbers.
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n'))
}

// seconds rounds up, so that who waits that long has waited long enough.
func seconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
