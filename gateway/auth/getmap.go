package auth

import (
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/overworld-gg/overworld/gateway/directory"
)

// center is the side on which a player's own map is.
const center = "center"

// getMap answers with the graphics of the player's map or of a neighbour. The
// token is only read: the client uses it here after it has connected with it.
func (h *Handler) getMap(_ *http.Request, f form) (any, error) {
	if f["token"] == "" {
		return nil, refuse(http.StatusBadRequest, "token is missing: send the form fields token and side")
	}
	ticket, err := h.tokens.Read(f["token"])
	if err != nil {
		return nil, refuse(http.StatusUnauthorized, "%s", err)
	}
	mapID, err := h.neighbour(ticket.Map, strings.TrimSpace(f["side"]))
	if err != nil {
		return nil, err
	}
	place, err := h.directory.Lookup(mapID)
	if errors.Is(err, directory.ErrUnknownMap) {
		return nil, refuseUntil(http.StatusServiceUnavailable, defaultRetry, "map %q is not there now", mapID)
	}
	if err != nil {
		return nil, err
	}
	if len(place.Map) == 0 {
		return nil, refuse(http.StatusNotFound, "map %q has no Tiled map", mapID)
	}
	return GotMap{Map: base64.StdEncoding.EncodeToString(place.Map)}, nil
}

// neighbour returns the map on a side of mapID.
func (h *Handler) neighbour(mapID, side string) (string, error) {
	if side == center {
		return mapID, nil
	}
	place, err := h.directory.Lookup(mapID)
	if err != nil && !errors.Is(err, directory.ErrUnknownMap) {
		return "", err
	}
	if id, ok := place.Sides[side]; ok {
		return id, nil
	}
	sides := append([]string{center}, slices.Sorted(maps.Keys(place.Sides))...)
	if side == "" {
		return "", refuse(http.StatusBadRequest, "side is missing: it is one of %s", strings.Join(sides, ", "))
	}
	return "", refuse(http.StatusNotFound, "map %q has no side %q: it has %s", mapID, side, strings.Join(sides, ", "))
}
