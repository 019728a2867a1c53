// Package keeper serves the maps: each opens its state with its own key, loads
// and saves players, and hands them over to other maps. It listens apart from the
// players' paths, on an address that only map servers can reach.
package keeper

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/overworld-gg/overworld/gateway/directory"
	"github.com/overworld-gg/overworld/gateway/store"
)

// State is where maps and players are kept. Errors are those of package store.
type State interface {
	MapKey(ctx context.Context, mapID string) ([]byte, error)
	OpenMap(ctx context.Context, mapID string) (store.Map, error)
	LoadPlayer(ctx context.Context, mapID string, epoch, id int64) (store.Account, error)
	Save(ctx context.Context, b store.Save) ([]store.Skipped, error)
	TransferPlayer(ctx context.Context, t store.Transfer) error
	Account(ctx context.Context, id int64) (store.Account, error)
}

// Directory knows the maps.
type Directory interface {
	// Lookup fails with directory.ErrUnknownMap.
	Lookup(mapID string) (directory.Place, error)
	// Elsewhere returns another map of a map's fleet with room for one more player. It
	// fails with directory.ErrUnknownMap.
	Elsewhere(mapID string) (string, directory.Place, error)
	// Expect counts a player who is about to come to a map.
	Expect(mapID string)
}

// Issue makes a token that lets a player into a map once.
type Issue func(player int64, login, mapID string) (string, error)

// Config is what a Handler is made of.
type Config struct {
	State     State
	Directory Directory
	Issue     Issue
	Logger    *slog.Logger
}

// Handler serves everything under /keeper/v1/.
type Handler struct {
	state     State
	directory Directory
	issue     Issue
	log       *slog.Logger
	mux       *http.ServeMux
	// maxWorld and maxBody are fields for the tests: theirs are smaller.
	maxWorld int
	maxBody  int64
}

// New returns the handler of cfg.
func New(cfg Config) *Handler {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	h := &Handler{
		state: cfg.State, directory: cfg.Directory, issue: cfg.Issue, log: cfg.Logger,
		mux: http.NewServeMux(), maxWorld: MaxWorldBytes, maxBody: MaxBodyBytes,
	}
	h.handle("open", (*Handler).open)
	h.handle("players/{player}/load", (*Handler).load)
	h.handle("save", (*Handler).save)
	h.handle("transfer", (*Handler).transfer)
	h.handle("tickets", (*Handler).tickets)
	h.mux.HandleFunc("/", unknownPath)
	return h
}

// ServeHTTP answers map servers.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// HashKey returns what the store keeps of a map's key. Keys are long and random,
// so a plain hash is enough.
func HashKey(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// endpoint answers one request of the map mapID.
type endpoint func(h *Handler, r *http.Request, mapID string) (any, error)

func (h *Handler) handle(path string, answer endpoint) {
	h.mux.HandleFunc("/keeper/v1/maps/{map}/"+path, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			h.fail(w, r, refuse(http.StatusMethodNotAllowed, codeBadRequest, "this address takes POST requests only, not %s", r.Method))
			return
		}
		mapID := r.PathValue("map")
		if err := h.authorize(r, mapID); err != nil {
			h.fail(w, r, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, h.maxBody)
		reply, err := answer(h, r, mapID)
		if err != nil {
			h.fail(w, r, err)
			return
		}
		writeJSON(w, http.StatusOK, reply)
	})
}

// authorize checks the key of the map. Whether the map or the key is wrong is not
// told.
func (h *Handler) authorize(r *http.Request, mapID string) error {
	wrong := refuse(http.StatusUnauthorized, codeUnauthorized,
		"the key is not that of map %q: send it as Authorization: Bearer KEY", mapID)
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || key == "" {
		return wrong
	}
	want, err := h.state.MapKey(r.Context(), mapID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil || subtle.ConstantTimeCompare(HashKey(key), want) != 1 {
		return wrong
	}
	return nil
}
