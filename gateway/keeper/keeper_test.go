package keeper

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/gateway/directory"
)

func TestLifeOfAMap(t *testing.T) {
	r := newRig(t)
	r.ok("meadow", "open", "", `{"epoch":1,"world":null}`)
	r.ok("meadow", "players/1/load", `{"epoch":1}`, `{"id":1,"login":"anna","created":"2023-11-14T22:13:20Z","map":"meadow","data":null}`)
	r.ok("meadow", "save", `{"epoch":1,"world":{"trees":[1,2]},"players":[{"id":1,"data":{"x":1}}],"later":"field"}`, `{"saved":1,"skipped":[]}`)
	r.ok("meadow", "save", `{"epoch":1,"world":null,"players":[]}`, `{"saved":0,"skipped":[]}`)
	r.ok("meadow", "open", "{}", `{"epoch":2,"world":{"trees":[1,2]}}`)
	r.ok("meadow", "players/1/load", `{"epoch":2}`, `{"id":1,"login":"anna","created":"2023-11-14T22:13:20Z","map":"meadow","data":{"x":1}}`)
}

func TestOlderEpochIsFenced(t *testing.T) {
	r := newRig(t)
	_, _ = r.as("meadow", "open", ""), r.as("meadow", "open", "")
	const text = `map "meadow" has been opened by another server since: this one must not write it any more`
	for what, body := range map[string]string{
		"save":           `{"epoch":1,"world":{},"players":[{"id":1,"data":{}}]}`,
		"players/1/load": `{"epoch":1}`,
		"transfer":       `{"epoch":1,"player":1,"to":"forest","data":{}}`,
	} {
		r.refused(what, r.as("meadow", what, body), http.StatusConflict, "fenced", text)
	}
	r.ok("meadow", "open", "", `{"epoch":3,"world":null}`)
}

func TestTransfer(t *testing.T) {
	r := newRig(t)
	_, _ = r.as("meadow", "open", ""), r.as("forest", "open", "")
	move := `{"epoch":1,"player":1,"to":"forest","data":{"hp":5}}`
	want := `{"host":"192.0.2.7","port":7002,"token":"anna@forest#1","id":1,"map":"forest"}`
	r.ok("meadow", "transfer", move, want)
	// A save of the old map comes too late for this player.
	r.ok("meadow", "save", `{"epoch":1,"players":[{"id":1,"data":{"hp":0}},{"id":77,"data":{}}]}`,
		`{"saved":0,"skipped":[{"id":1,"reason":"player 1 is on map \"forest\""},{"id":77,"reason":"there is no player 77"}]}`)
	// The answer was lost: asking again is allowed, until forest has the player.
	r.ok("meadow", "transfer", move, want)
	r.ok("forest", "players/1/load", `{"epoch":1}`, `{"id":1,"login":"anna","created":"2023-11-14T22:13:20Z","map":"forest","data":{"hp":5}}`)
	const text = `player 1 is on map "forest", not on "meadow"`
	r.refused("late", r.as("meadow", "transfer", move), http.StatusConflict, "moved", text)
	r.refused("load", r.as("meadow", "players/1/load", `{"epoch":1}`), http.StatusConflict, "moved", text)
}

func TestTransferThatCannotBe(t *testing.T) {
	r := newRig(t)
	_ = r.as("meadow", "open", "")
	r.maps.Set("full", directory.Place{Players: 5, MaxPlayers: 5, RetryAfter: 9 * time.Second})
	r.maps.Set("starting", directory.Place{State: directory.Starting})
	r.maps.Set("unsigned", directory.Place{})
	tests := []struct {
		name, body string
		status     int
		code, want string
		retry      string
	}{
		{"unknown map", `{"epoch":1,"player":1,"to":"nowhere"}`, 404, "not_found", `there is no map "nowhere" to go to`, ""},
		{"full", `{"epoch":1,"player":1,"to":"full"}`, 503, "full", `map "full" is full`, "9"},
		{"starting", `{"epoch":1,"player":1,"to":"starting"}`, 503, "not_ready", `map "starting" is not running now`, "5"},
		{"no token", `{"epoch":1,"player":1,"to":"unsigned"}`, 503, "unavailable",
			"the keeper has a fault of its own, which the gateway's log describes: try again later", "5"},
		{"same map", `{"epoch":1,"player":1,"to":"meadow"}`, 400, "bad_request", `player 1 is to go to map "meadow", from where it comes`, ""},
		{"no map", `{"epoch":1,"player":1}`, 400, "bad_request", "to is missing: it is the id of the map to go to", ""},
		{"no player", `{"epoch":1,"to":"forest"}`, 400, "bad_request", "a player's id must be above 0, it is 0", ""},
		{"unknown player", `{"epoch":1,"player":9,"to":"forest"}`, 404, "not_found", "there is no player 9", ""},
	}
	for _, test := range tests {
		a := r.as("meadow", "transfer", test.body)
		r.refused(test.name, a, test.status, test.code, test.want)
		if got := a.header.Get("Retry-After"); got != test.retry {
			t.Errorf("%s: Retry-After is %q, want %q", test.name, got, test.retry)
		}
	}
	a, err := r.store.Account(t.Context(), r.anna)
	if err != nil || a.Map != "meadow" {
		t.Errorf("the player did not stay: %+v, %v", a, err)
	}
}

func TestTickets(t *testing.T) {
	r := newRig(t)
	r.ok("meadow", "open", "{}", `{"epoch":1,"world":null}`)
	players := `{"epoch":1,"players":[{"id":1,"login":"anna"}]}`
	here := `{"tickets":[{"host":"192.0.2.7","port":7001,"token":"anna@meadow#1","id":1,"map":"meadow"}]}`
	r.ok("meadow", "tickets", players, here)
	r.refused("nobody", r.as("meadow", "tickets", `{"epoch":1,"players":[{"id":0}]}`), http.StatusBadRequest, "bad_request", "a player's id must be above 0, it is 0")
	r.maps.Update("meadow", func(p *directory.Place) { p.Draining, p.Fleet = true, "lands" })
	r.ok("meadow", "tickets", players, here) // there is no other map
	r.maps.Update("meadow", func(p *directory.Place) { p.State = directory.Stopped })
	r.refused("stopped", r.as("meadow", "tickets", players), http.StatusServiceUnavailable, "not_ready", `map "meadow" is not about to run again`)
	r.maps.Update("forest", func(p *directory.Place) { p.Fleet = "lands" })
	r.ok("meadow", "tickets", players, `{"tickets":[{"host":"192.0.2.7","port":7002,"token":"anna@forest#1","id":1,"map":"forest"}]}`)
	if a, err := r.store.Account(t.Context(), r.anna); err != nil || a.Map != "forest" {
		t.Errorf("the player is on %q, %v", a.Map, err)
	}
}

func TestTransferElsewhere(t *testing.T) {
	r := newRig(t)
	r.ok("meadow", "open", "{}", `{"epoch":1,"world":null}`)
	move := `{"epoch":1,"player":1,"elsewhere":true,"data":{"hp":5}}`
	r.refused("no fleet", r.as("meadow", "transfer", move), http.StatusNotFound, "not_found", `no other map of the fleet of "meadow" lets players in now`)
	for _, id := range []string{"meadow", "forest"} {
		r.maps.Update(id, func(p *directory.Place) { p.Fleet = "lands" })
	}
	there := `{"host":"192.0.2.7","port":7002,"token":"anna@forest#1","id":1,"map":"forest"}`
	r.ok("meadow", "transfer", move, there)
	r.maps.Set("cave", directory.Place{Fleet: "lands", Players: 9})
	r.ok("meadow", "transfer", move, there) // the first answer was lost
}

// Only the pod that the cluster says gets the map.
func TestOtherPodsWait(t *testing.T) {
	r := newRig(t)
	open := func(pod string) answer {
		req := httptest.NewRequest(http.MethodPost, "/keeper/v1/maps/meadow/open", strings.NewReader("{}"))
		req.Header.Set("Authorization", "Bearer meadow")
		req.Header.Set(podHeader, pod)
		w := httptest.NewRecorder()
		r.handler.ServeHTTP(w, req)
		a := answer{status: w.Code, header: w.Header()}
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Error(err)
		}
		return a
	}
	r.refused("when there is none", open("p1"), http.StatusServiceUnavailable, "not_ready",
		`map "meadow" is run by the pod with the uid "", and this is pod p1: it waits until it is its turn`)
	r.maps.Update("meadow", func(p *directory.Place) { p.Pod = "p2" })
	r.refused("another pod", open("p1"), http.StatusServiceUnavailable, "not_ready",
		`map "meadow" is run by the pod with the uid "p2", and this is pod p1: it waits until it is its turn`)
	for _, pod := range []string{"p2", ""} {
		if a := open(pod); a.status != http.StatusOK {
			t.Errorf("pod %q: %+v", pod, a)
		}
	}
}

func TestKeys(t *testing.T) {
	r := newRig(t)
	for name, a := range map[string]answer{
		"no key":             r.send(http.MethodPost, "/keeper/v1/maps/meadow/open", "", ""),
		"wrong key":          r.send(http.MethodPost, "/keeper/v1/maps/meadow/open", "rubbish", ""),
		"key of another map": r.send(http.MethodPost, "/keeper/v1/maps/meadow/open", "forest", ""),
	} {
		r.refused(name, a, http.StatusUnauthorized, "unauthorized", `the key is not that of map "meadow": send it as Authorization: Bearer KEY`)
	}
	a := r.send(http.MethodPost, "/keeper/v1/maps/nowhere/open", "nowhere", "")
	r.refused("unknown map", a, http.StatusUnauthorized, "unauthorized", `the key is not that of map "nowhere": send it as Authorization: Bearer KEY`)
}

func TestFaultyRequests(t *testing.T) {
	r := newRig(t)
	r.handler.maxWorld, r.handler.maxBody = 1<<20, 2<<20
	_ = r.as("meadow", "open", "")
	const noEpoch = "epoch is missing: it is the number that opening the map gave"
	large := `"` + strings.Repeat("x", MaxPlayerBytes) + `"`
	tests := []struct {
		what, body string
		status     int
		code, want string
	}{
		{"save", ``, 400, "bad_request", "the body is not the JSON object that is expected: unexpected end of JSON input"},
		{"save", `{"epoch":"1"}`, 400, "bad_request", "the body is not the JSON object that is expected: " +
			"json: cannot unmarshal string into Go struct field saveRequest.epoch of type int64"},
		{"save", `{}`, 400, "bad_request", noEpoch},
		{"transfer", `{}`, 400, "bad_request", noEpoch},
		{"players/1/load", `{}`, 400, "bad_request", noEpoch},
		{"players/1/load", `x`, 400, "bad_request", "the body is not the JSON object that is expected: invalid character 'x' looking for beginning of value"},
		{"players/x/load", `{"epoch":1}`, 400, "bad_request", `a player's id must be a number above 0, it is "x"`},
		{"players/0/load", `{"epoch":1}`, 400, "bad_request", `a player's id must be a number above 0, it is "0"`},
		{"players/9/load", `{"epoch":1}`, 404, "not_found", "there is no player 9"},
		{"save", `{"epoch":1,"players":[{"id":-1,"data":{}}]}`, 400, "bad_request", "a player's id must be above 0, it is -1"},
		{"save", `{"epoch":1,"players":[{"id":1}]}`, 400, "bad_request", "players[0].data is missing"},
		{"save", `{"epoch":1,"players":[{"id":1,"data":` + large + `}]}`, 413, "too_large",
			fmt.Sprintf("the data of player 1 are %d bytes, at most %d are allowed", MaxPlayerBytes+2, MaxPlayerBytes)},
		{"save", `{"epoch":1,"players":[` + strings.Repeat(`{},`, MaxPlayers) + `{}]}`, 413, "too_large",
			"players has 10001 entries, at most 10000 are allowed"},
		{"save", `{"epoch":1,"world":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "too_large", "world is larger than 1 MiB"},
		{"save", strings.Repeat(" ", 2<<20+1), 413, "too_large", "the request is larger than 2 MiB"},
	}
	for _, test := range tests {
		r.refused(test.what+" "+test.body[:min(40, len(test.body))], r.as("meadow", test.what, test.body), test.status, test.code, test.want)
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	r := newRig(t)
	a := r.send(http.MethodGet, "/keeper/v1/maps/meadow/open", "meadow", "")
	r.refused("method", a, http.StatusMethodNotAllowed, "bad_request", "this address takes POST requests only, not GET")
	a = r.as("meadow", "delete", "")
	r.refused("path", a, http.StatusNotFound, "bad_request", "there is nothing at /keeper/v1/maps/meadow/delete: "+
		"maps ask at /keeper/v1/maps/{map}/ for open, players/{player}/load, save, transfer")
}

func TestFaultOfTheDatabaseStaysInside(t *testing.T) {
	r := newRig(t)
	_ = r.as("meadow", "open", "")
	r.store.fault = errors.New("disk on fire")
	a := r.as("meadow", "save", `{"epoch":1}`)
	r.refused("save", a, http.StatusServiceUnavailable, "unavailable",
		"the keeper has a fault of its own, which the gateway's log describes: try again later")
	if a.header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
}
