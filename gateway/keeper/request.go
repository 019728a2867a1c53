package keeper

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// What one request may carry.
const (
	// MaxWorldBytes bounds a map's snapshot.
	MaxWorldBytes = 64 << 20
	// MaxPlayerBytes bounds one player's entity.
	MaxPlayerBytes = 1 << 20
	// MaxPlayers bounds the players of one save.
	MaxPlayers = 10_000

	// MaxBodyBytes bounds a request with all that is in it.
	MaxBodyBytes = MaxWorldBytes + 16<<20
)

// saveRequest is the body of a save.
type saveRequest struct {
	Epoch   *int64          `json:"epoch"`
	World   json.RawMessage `json:"world"`
	Players []playerState   `json:"players"`
}

type playerState struct {
	ID   int64           `json:"id"`
	Data json.RawMessage `json:"data"`
}

// transferRequest is the body of a transfer: to a map, or to another one of the
// fleet.
type transferRequest struct {
	Epoch     *int64          `json:"epoch"`
	Player    int64           `json:"player"`
	To        string          `json:"to"`
	Elsewhere bool            `json:"elsewhere"`
	Data      json.RawMessage `json:"data"`
}

// ticketsRequest asks for tokens to where this map's players go on.
type ticketsRequest struct {
	Epoch   *int64 `json:"epoch"`
	Players []struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
	} `json:"players"`
}

func (t *ticketsRequest) check() error {
	if len(t.Players) > MaxPlayers {
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge, "players has %d entries, at most %d are allowed", len(t.Players), MaxPlayers)
	}
	for _, p := range t.Players {
		if err := checkPlayer(p.ID, nil); err != nil {
			return err
		}
	}
	return checkEpoch(t.Epoch)
}

// decode reads a body of JSON; fields that it does not know are ignored, so that
// newer map servers can speak to older gateways.
func decode(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge, "the request is larger than %d MiB", tooLarge.Limit>>20)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, codeBadRequest, "the request broke off before its end")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return refuse(http.StatusBadRequest, codeBadRequest, "the body is not the JSON object that is expected: %s", err)
	}
	return nil
}

func (s *saveRequest) check(maxWorld int) error {
	if err := checkEpoch(s.Epoch); err != nil {
		return err
	}
	if s.World = unlessNull(s.World); len(s.World) > maxWorld {
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge, "world is larger than %d MiB", maxWorld>>20)
	}
	if len(s.Players) > MaxPlayers {
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge, "players has %d entries, at most %d are allowed", len(s.Players), MaxPlayers)
	}
	for i := range s.Players {
		p := &s.Players[i]
		if p.Data = unlessNull(p.Data); p.Data == nil {
			return refuse(http.StatusBadRequest, codeBadRequest, "players[%d].data is missing", i)
		}
		if err := checkPlayer(p.ID, p.Data); err != nil {
			return err
		}
	}
	return nil
}

func (t *transferRequest) check(mapID string) error {
	if err := checkEpoch(t.Epoch); err != nil {
		return err
	}
	switch {
	case t.Elsewhere:
	case t.To == "":
		return refuse(http.StatusBadRequest, codeBadRequest, "to is missing: it is the id of the map to go to")
	case t.To == mapID:
		return refuse(http.StatusBadRequest, codeBadRequest, "player %d is to go to map %q, from where it comes", t.Player, mapID)
	}
	t.Data = unlessNull(t.Data)
	return checkPlayer(t.Player, t.Data)
}

func checkEpoch(epoch *int64) error {
	if epoch == nil {
		return refuse(http.StatusBadRequest, codeBadRequest, "epoch is missing: it is the number that opening the map gave")
	}
	return nil
}

func checkPlayer(id int64, data json.RawMessage) error {
	if id <= 0 {
		return refuse(http.StatusBadRequest, codeBadRequest, "a player's id must be above 0, it is %d", id)
	}
	if len(data) > MaxPlayerBytes {
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge,
			"the data of player %d are %d bytes, at most %d are allowed", id, len(data), MaxPlayerBytes)
	}
	return nil
}

// unlessNull takes null for absence.
func unlessNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	return raw
}
