package auth

import (
	"encoding/base64"
	"net/http"
	"testing"
)

func TestGetMap(t *testing.T) {
	r := newRig(t, nil)
	token := r.register("anna").Token
	for _, path := range withSlash(getMapPaths...) {
		for side, want := range map[string]string{"center": `{"tiled":"meadow"}`, "left": `{"tiled":"forest"}`} {
			a := r.post(path, "token", token, "side", side)
			body := `{"map":"` + base64.StdEncoding.EncodeToString([]byte(want)) + `","error":""}` + "\n"
			if a.status != http.StatusOK || a.body != body {
				t.Errorf("%s, side %s: %d %s", path, side, a.status, a.body)
			}
		}
	}
	tests := []struct {
		name, token, side string
		status            int
		want              string
	}{
		{"no token", "", "left", 400, "token is missing: send the form fields token and side"},
		{"no side", token, "", 400, "side is missing: it is one of center, left, right, top"},
		{"wrong token", "rubbish", "left", 401, "the token is not one of this game: sign in again"},
		{"unknown side", token, "down", 404, `map "meadow" has no side "down": it has center, left, right, top`},
		{"no graphics", token, "right", 404, `map "desert" has no Tiled map`},
		{"map that is away", token, "top", 503, `map "void" is not there now, try again in 5 s`},
		{"own map is away", "anna@void#1", "center", 503, `map "void" is not there now, try again in 5 s`},
		{"side of a map that is away", "anna@void#1", "left", 404, `map "void" has no side "left": it has center`},
	}
	for _, test := range tests {
		a := r.post(getMapPaths[0], "token", test.token, "side", test.side)
		r.want(test.name, a, test.status, test.want)
	}
}
