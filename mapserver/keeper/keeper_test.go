package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fake is a keeper that answers what it was told to, and keeps the last request.
type fake struct {
	*httptest.Server
	status  int
	header  map[string]string
	reply   string
	request string
	path    string
	key     string
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{status: http.StatusOK}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading request: %v", err)
		}
		f.request, f.path, f.key = string(body), r.URL.Path, r.Header.Get("Authorization")
		for name, value := range f.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(f.status)
		_, _ = io.WriteString(w, f.reply)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) client(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{URL: f.URL + "/", Map: "meadow 1", Key: "secret"}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fake) asked(t *testing.T, path, body string) {
	t.Helper()
	if f.path != "/keeper/v1/maps/meadow 1/"+path || f.request != body || f.key != "Bearer secret" {
		t.Errorf("the keeper was asked at %s with %s (%s)\nwant %s with %s", f.path, f.request, f.key, path, body)
	}
}

func TestRequests(t *testing.T) {
	f := newFake(t)
	var skipped []Skipped
	c := f.client(t, func(cfg *Config) { cfg.Skipped = func(s Skipped) { skipped = append(skipped, s) } })

	f.reply = `{"epoch":7,"world":null,"more":1}`
	opened, err := c.Open(t.Context())
	if diff := cmp.Diff(Opened{Epoch: 7}, opened); diff != "" || err != nil || c.Epoch() != 7 {
		t.Errorf("opened: %v, epoch %d (-want +got):\n%s", err, c.Epoch(), diff)
	}
	f.asked(t, "open", `{}`)

	f.reply = `{"id":3,"login":"anna","created":"2026-01-02T03:04:05Z","map":"meadow 1","data":{"x":1}}`
	record, err := c.Load(t.Context(), 3)
	want := Record{ID: 3, Login: "anna", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Map: "meadow 1", Data: json.RawMessage(`{"x":1}`)}
	if diff := cmp.Diff(want, record); diff != "" || err != nil {
		t.Errorf("loaded: %v (-want +got):\n%s", err, diff)
	}
	f.asked(t, "players/3/load", `{"epoch":7}`)

	f.reply = `{"saved":1,"skipped":[{"id":4,"reason":"away"}]}`
	err = c.Save(t.Context(), Batch{World: json.RawMessage(`[1]`), Players: []Record{want, {ID: 4, Data: json.RawMessage(`2`)}}})
	if diff := cmp.Diff([]Skipped{{ID: 4, Reason: "away"}}, skipped); diff != "" || err != nil {
		t.Errorf("saved: %v (-want +got):\n%s", err, diff)
	}
	f.asked(t, "save", `{"epoch":7,"world":[1],"players":[{"id":3,"data":{"x":1}},{"id":4,"data":2}]}`)
	if err := c.Save(t.Context(), Batch{}); err != nil {
		t.Error(err)
	}
	f.asked(t, "save", `{"epoch":7,"players":[]}`)

	f.reply = `{"host":"192.0.2.7","port":7002,"token":"abc","id":3}`
	address, err := c.Transfer(t.Context(), 3, "forest", json.RawMessage(`{"x":2}`))
	if diff := cmp.Diff(Address{Host: "192.0.2.7", Port: 7002, Token: "abc", ID: 3}, address); diff != "" || err != nil {
		t.Errorf("transferred: %v (-want +got):\n%s", err, diff)
	}
	f.asked(t, "transfer", `{"epoch":7,"player":3,"to":"forest","data":{"x":2}}`)
}

// A player who is to go to any other map of the fleet.
func TestTransferElsewhere(t *testing.T) {
	f := newFake(t)
	c := f.client(t, nil)
	f.reply = `{"host":"192.0.2.7","port":7002,"token":"abc","id":3,"map":"arena-1"}`
	if a, err := c.Transfer(t.Context(), 3, "", nil); err != nil || a.Map != "arena-1" {
		t.Errorf("transferred: %+v, %v", a, err)
	}
	f.asked(t, "transfer", `{"epoch":0,"player":3,"elsewhere":true,"data":null}`)
}

func TestTickets(t *testing.T) {
	f := newFake(t)
	c := f.client(t, nil)
	f.reply = `{"tickets":[{"host":"192.0.2.7","port":30001,"token":"a","id":1,"map":"m"},{"port":30002,"token":"b","id":2,"map":"n"}]}`
	got, err := c.Tickets(t.Context(), []Record{{ID: 1, Login: "anna"}, {ID: 2, Login: "bert"}})
	if err != nil {
		t.Fatal(err)
	}
	f.asked(t, "tickets", `{"epoch":0,"players":[{"id":1,"login":"anna"},{"id":2,"login":"bert"}]}`)
	want := []Address{{Host: "192.0.2.7", Port: 30001, Token: "a", ID: 1, Map: "m"}, {Port: 30002, Token: "b", ID: 2, Map: "n"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := c.Tickets(t.Context(), []Record{{ID: 1}}); !errors.Is(err, ErrRefused) {
		t.Errorf("too many tokens: %v", err)
	}
}

func TestKeys(t *testing.T) {
	f := newFake(t)
	f.reply = `{"keys":[]}`
	got, err := f.client(t, nil).Keys(t.Context())
	if err != nil || string(got) != f.reply || f.path != "/keeper/v1/keys" {
		t.Errorf("the keys are %s of %s, %v", got, f.path, err)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name      string
		status    int
		reply     string
		retry     string
		want      error
		text      string
		retryable bool
	}{
		{"fenced", 409, `{"code":"fenced","error":"Too late."}`, "", ErrFenced, "saving map: Too late.", false},
		{"moved", 409, `{"code":"moved","error":"Not here."}`, "", ErrMoved, "saving map: Not here.", false},
		{"unauthorized", 401, `{"code":"unauthorized","error":"No."}`, "", ErrUnauthorized, "saving map: No.", false},
		{"not found", 404, `{"code":"not_found","error":"None."}`, "", ErrNotFound, "saving map: None.", false},
		{"full", 503, `{"code":"full","error":"Full."}`, "7", ErrFull, "saving map: Full.", true},
		{"not ready", 503, `{"code":"not_ready","error":"Soon."}`, "7", ErrNotReady, "saving map: Soon.", true},
		{"unavailable", 503, `{"code":"unavailable","error":"Fault."}`, "7", ErrUnavailable, "saving map: Fault.", true},
		{"bad request", 400, `{"code":"bad_request","error":"Epoch."}`, "", ErrRefused, "saving map: Epoch.", false},
		{"too large", 413, `{"code":"too_large","error":"Large."}`, "", ErrRefused, "saving map: Large.", false},
		{"a proxy", 502, `<html>`, "x", ErrUnavailable, "saving map: the keeper does not answer as it should: HTTP status 502 Bad Gateway", true},
		{"other code", 409, `{"code":"news"}`, "-1", ErrUnavailable, "saving map: the keeper does not answer as it should: HTTP status 409 Conflict", true},
	}
	for _, test := range tests {
		f := newFake(t)
		f.status, f.reply, f.header = test.status, test.reply, map[string]string{"Retry-After": test.retry}
		err := f.client(t, nil).Save(t.Context(), Batch{})
		if !errors.Is(err, test.want) || err.Error() != test.text || Retryable(err) != test.retryable {
			t.Errorf("%s: %v (retryable %v)", test.name, err, Retryable(err))
		}
		var e *Error
		if !errors.As(err, &e) || (test.retry == "7") != (e.RetryAfter == 7*time.Second) {
			t.Errorf("%s: %+v", test.name, e)
		}
	}
}

func TestUnavailable(t *testing.T) {
	f := newFake(t)
	c := f.client(t, nil)
	f.reply = `{"epoch":`
	if _, err := c.Open(t.Context()); !errors.Is(err, ErrUnavailable) || c.Epoch() != 0 {
		t.Errorf("with half an answer: %v, epoch %d", err, c.Epoch())
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Load(gone, 1); !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("when cancelled: %v", err)
	}
	f.Close()
	if _, err := c.Transfer(t.Context(), 1, "forest", nil); !errors.Is(err, ErrUnavailable) || !Retryable(err) {
		t.Errorf("when away: %v", err)
	}
}

func TestDataThatIsNotJSON(t *testing.T) {
	f := newFake(t)
	err := f.client(t, nil).Save(t.Context(), Batch{World: json.RawMessage(`{`)})
	if err == nil || Retryable(err) || !strings.HasPrefix(err.Error(), "saving map: writing request: ") || f.path != "" {
		t.Errorf("saved with %v", err)
	}
}

func TestConfig(t *testing.T) {
	for want, cfg := range map[string]Config{
		`the keeper's URL must start with http:// or https:// and name a host, it is "gateway:8081"`: {URL: "gateway:8081", Map: "m", Key: "k"},
		`the keeper's URL must start with http:// or https:// and name a host, it is ""`:             {Map: "m", Key: "k"},
		`the keeper's client needs the id of the map`:                                                {URL: "http://gateway", Key: "k"},
		`the keeper's client needs the key of map "m"`:                                               {URL: "http://gateway", Map: "m"},
	} {
		if _, err := New(cfg); err == nil || err.Error() != want {
			t.Errorf("%+v: %v\nwant %s", cfg, err, want)
		}
	}
}
