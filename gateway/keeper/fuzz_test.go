package keeper

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func FuzzSaveRequest(f *testing.F) {
	f.Add(`{"epoch":1,"world":{"a":[1,2]},"players":[{"id":1,"data":{"x":1}}]}`)
	f.Add(`{"epoch":1,"world":null,"players":null}`)
	f.Add(`{"epoch":-1,"players":[{"id":1,"data":null}]}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		var s saveRequest
		err := decode(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)), &s)
		if err == nil {
			err = s.check(MaxWorldBytes)
		}
		var refused *refusal
		if err != nil {
			if !errors.As(err, &refused) || refused.text == "" || refused.code == "" {
				t.Errorf("the error %v is not for the map server", err)
			}
			return
		}
		if s.World != nil && !json.Valid(s.World) {
			t.Errorf("the world %q is not JSON", s.World)
		}
		for _, p := range s.Players {
			if p.ID <= 0 || !json.Valid(p.Data) {
				t.Errorf("player %d with %q was accepted", p.ID, p.Data)
			}
		}
	})
}
