package keeper

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/overworld-gg/overworld/gateway/directory"
	"github.com/overworld-gg/overworld/gateway/store"
)

type openReply struct {
	Epoch int64 `json:"epoch"`
	// World is null for a map that was never saved.
	World json.RawMessage `json:"world"`
}

type loadReply struct {
	ID      int64     `json:"id"`
	Login   string    `json:"login"`
	Created time.Time `json:"created"`
	Map     string    `json:"map"`
	// Data is null for a player that was never saved.
	Data json.RawMessage `json:"data"`
}

type saveReply struct {
	Saved   int       `json:"saved"`
	Skipped []skipped `json:"skipped"`
}

type skipped struct {
	ID     int64  `json:"id"`
	Reason string `json:"reason"`
}

// passage is where a player goes on, and the token to enter with.
type passage struct {
	// Host is empty where the client's own name for this machine serves.
	Host  string `json:"host"`
	Port  int    `json:"port"`
	Token string `json:"token"`
	ID    int64  `json:"id"`
	Map   string `json:"map"`
}

type ticketsReply struct {
	// Tickets are in the order of the players.
	Tickets []passage `json:"tickets"`
}

// podHeader is in the requests of map servers that run in a pod.
const podHeader = "X-Overworld-Pod"

// open gives a map to the server that asks. In a cluster that is the pod which the
// operator has made last: one that somebody else starts, or that comes back on a
// node that was lost, waits.
func (h *Handler) open(r *http.Request, mapID string) (any, error) {
	place, err := h.directory.Lookup(mapID)
	if pod := r.Header.Get(podHeader); pod != "" && pod != place.Pod && !errors.Is(err, directory.ErrNotSynced) {
		return nil, refuse(http.StatusServiceUnavailable, codeNotReady,
			"map %q is run by the pod with the uid %q, and this is pod %s: it waits until it is its turn", mapID, place.Pod, pod).after(time.Second)
	}
	m, err := h.state.OpenMap(r.Context(), mapID)
	if err != nil {
		return nil, err
	}
	h.log.InfoContext(r.Context(), "map opened", "gamemap", mapID, "epoch", m.Epoch, "bytes", len(m.World))
	return openReply{Epoch: m.Epoch, World: m.World}, nil
}

func (h *Handler) load(r *http.Request, mapID string) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("player"), 10, 64)
	if err != nil || id <= 0 {
		return nil, refuse(http.StatusBadRequest, codeBadRequest, "a player's id must be a number above 0, it is %q", r.PathValue("player"))
	}
	var body struct {
		Epoch *int64 `json:"epoch"`
	}
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	if err := checkEpoch(body.Epoch); err != nil {
		return nil, err
	}
	a, err := h.state.LoadPlayer(r.Context(), mapID, *body.Epoch, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, codeNotFound, "there is no player %d", id)
	}
	if err != nil {
		return nil, err
	}
	return loadReply{ID: a.ID, Login: a.Login, Created: a.Created, Map: a.Map, Data: a.Data}, nil
}

func (h *Handler) save(r *http.Request, mapID string) (any, error) {
	var body saveRequest
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	if err := body.check(h.maxWorld); err != nil {
		return nil, err
	}
	b := store.Save{Map: mapID, Epoch: *body.Epoch, World: body.World, Players: make([]store.Player, len(body.Players))}
	for i, p := range body.Players {
		b.Players[i] = store.Player{ID: p.ID, Data: p.Data}
	}
	left, err := h.state.Save(r.Context(), b)
	if err != nil {
		return nil, err
	}
	reply := saveReply{Saved: len(b.Players) - len(left), Skipped: make([]skipped, len(left))}
	for i, s := range left {
		reply.Skipped[i] = skipped{ID: s.ID, Reason: s.Reason}
	}
	return reply, nil
}

// transfer moves a player only when everything else is certain: the other map is
// there and has room, and the token is made.
func (h *Handler) transfer(r *http.Request, mapID string) (any, error) {
	var body transferRequest
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	if err := body.check(mapID); err != nil {
		return nil, err
	}
	account, err := h.state.Account(r.Context(), body.Player)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, codeNotFound, "there is no player %d", body.Player)
	}
	if err != nil {
		return nil, err
	}
	to, place, err := h.target(mapID, account.Map, &body)
	if err != nil {
		return nil, err
	}
	token, err := h.issue(account.ID, account.Login, to)
	if err != nil {
		return nil, fmt.Errorf("issuing token: %w", err)
	}
	err = h.state.TransferPlayer(r.Context(), store.Transfer{
		Map: mapID, Epoch: *body.Epoch, Player: body.Player, To: to, Data: body.Data,
	})
	if err != nil {
		return nil, err
	}
	h.directory.Expect(to)
	h.log.InfoContext(r.Context(), "player transferred", "player", body.Player, "gamemap", mapID, "to", to)
	return passage{Host: place.Host, Port: place.Port, Token: token, ID: account.ID, Map: to}, nil
}

// target is where a transfer goes. A player who has been moved elsewhere already
// goes to the same map again: the first answer may have been lost.
func (h *Handler) target(mapID, now string, body *transferRequest) (string, directory.Place, error) {
	if !body.Elsewhere {
		place, err := h.destination(body.To)
		return body.To, place, err
	}
	if now != mapID {
		place, err := h.directory.Lookup(now)
		return now, place, err
	}
	to, place, err := h.directory.Elsewhere(mapID)
	if errors.Is(err, directory.ErrUnknownMap) {
		err = refuse(http.StatusNotFound, codeNotFound, "no other map of the fleet of %q lets players in now", mapID)
	}
	return to, place, err
}

// tickets lets the players of a map that stops go on: on the same map, when it runs
// again, or on another one of its fleet, where they are moved.
func (h *Handler) tickets(r *http.Request, mapID string) (any, error) {
	var body ticketsRequest
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	if err := body.check(); err != nil {
		return nil, err
	}
	here, err := h.directory.Lookup(mapID)
	gone := err != nil || here.State == directory.Stopped
	reply := ticketsReply{Tickets: make([]passage, len(body.Players))}
	for i, p := range body.Players {
		to, place := mapID, here
		if gone || here.Draining {
			to, place = h.sendElsewhere(r, mapID, *body.Epoch, p.ID)
		}
		if to == "" && gone {
			return nil, refuse(http.StatusServiceUnavailable, codeNotReady, "map %q is not about to run again", mapID)
		} else if to == "" {
			to, place = mapID, here
		}
		token, err := h.issue(p.ID, p.Login, to)
		if err != nil {
			return nil, fmt.Errorf("issuing token: %w", err)
		}
		reply.Tickets[i] = passage{Host: place.Host, Port: place.Port, Token: token, ID: p.ID, Map: to}
	}
	return reply, nil
}

// sendElsewhere moves a player, as it was saved, to another map of the fleet; "" if
// that cannot be.
func (h *Handler) sendElsewhere(r *http.Request, mapID string, epoch, player int64) (string, directory.Place) {
	to, place, err := h.directory.Elsewhere(mapID)
	if err != nil {
		return "", place
	}
	if err := h.state.TransferPlayer(r.Context(), store.Transfer{Map: mapID, Epoch: epoch, Player: player, To: to}); err != nil {
		h.log.WarnContext(r.Context(), "moving a player to another map of the fleet", "player", player, "gamemap", mapID, "to", to, "error", err)
		return "", place
	}
	h.directory.Expect(to)
	return to, place
}

// destination returns the place of a map that can take one more player.
func (h *Handler) destination(mapID string) (directory.Place, error) {
	p, err := h.directory.Lookup(mapID)
	switch {
	case errors.Is(err, directory.ErrUnknownMap):
		return p, refuse(http.StatusNotFound, codeNotFound, "there is no map %q to go to", mapID)
	case err != nil:
		return p, err
	case !p.Ready():
		return p, refuse(http.StatusServiceUnavailable, codeNotReady, "map %q is not running now", mapID).after(p.RetryAfter)
	case p.Full():
		return p, refuse(http.StatusServiceUnavailable, codeFull, "map %q is full", mapID).after(p.RetryAfter)
	}
	return p, nil
}
