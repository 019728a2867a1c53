package auth

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/overworld-gg/overworld/gateway/directory"
)

var (
	signInPaths   = []string{"/server/sign/auth", "/server/signin/auth", "/game/sign/auth", "/game/signin/auth"}
	registerPaths = []string{"/server/signin/register", "/game/signin/register"}
	getMapPaths   = []string{"/server/signin/get_map", "/game/signin/get_map"}
)

func withSlash(paths ...string) []string {
	var both []string
	for _, p := range paths {
		both = append(both, p, p+"/")
	}
	return both
}

func TestEveryPathLetsIn(t *testing.T) {
	r := newRig(t, nil)
	want := SignedIn{
		ID: 1, Token: "anna@meadow#1", Port: 7001, Host: "192.0.2.7:7001",
		Map:    base64.StdEncoding.EncodeToString([]byte(`{"tiled":"meadow"}`)),
		Resume: "again:anna@#1",
	}
	if diff := cmp.Diff(want, r.register("anna").SignedIn); diff != "" {
		t.Errorf("registered (-want +got):\n%s", diff)
	}
	for i, path := range withSlash(registerPaths...) {
		login := "anna" + string(rune('a'+i))
		if a := r.post(path, "login", login, "password", "secret1"); a.status != http.StatusOK || a.ID != int64(i+2) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for _, path := range withSlash(signInPaths...) {
		a := r.post(path, "login", "ANNA", "password", "secret1")
		if diff := cmp.Diff(want, a.SignedIn); diff != "" || a.status != http.StatusOK {
			t.Errorf("%s: %d (-want +got):\n%s", path, a.status, diff)
		}
		if a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s has headers %v", path, a.header)
		}
	}
}

func TestFieldsOfTheAnswer(t *testing.T) {
	r := newRig(t, nil)
	r.maps.Update("meadow", func(p *directory.Place) { p.Map, p.Host = nil, "" })
	req := formRequest("/server/signin/register", "login", "anna", "password", "secret1")
	req.Host = "play.example:8080"
	want := `{"id":1,"token":"anna@meadow#1","port":7001,"host":"play.example:7001","map":"","resume":"again:anna@#1","error":""}` + "\n"
	if a := r.send(req); a.body != want {
		t.Errorf("the answer is %s, want %s", a.body, want)
	}
	refused := `{"id":0,"token":"","port":0,"host":"","map":"","resume":"","error":"the login or the password is wrong"}` + "\n"
	if a := r.post("/server/signin/auth", "login", "anna", "password", "wrong-one"); a.body != refused {
		t.Errorf("the answer is %s, want %s", a.body, refused)
	}
}

func TestHostOfTheRequest(t *testing.T) {
	for given, want := range map[string]string{
		"play.example": "play.example", "play.example:8080": "play.example", "[::1]:8080": "::1", "[::1]": "::1",
	} {
		if got := requestHost(&http.Request{Host: given}); got != want {
			t.Errorf("host of %q is %q, want %q", given, got, want)
		}
	}
}

func TestCredentialsAreChecked(t *testing.T) {
	r := newRig(t, nil)
	tests := []struct{ name, login, password, want string }{
		{"no login", "", "secret1", "login is missing: send the form fields login and password"},
		{"short login", "ab", "secret1", "login must have 3 to 32 characters, it has 2"},
		{"long login", strings.Repeat("ы", 33), "secret1", "login must have 3 to 32 characters, it has 33"},
		{"space", "an na", "secret1", "login may have letters, digits and . _ - only, it has ' '"},
		{"markup", "<b>anna", "secret1", "login may have letters, digits and . _ - only, it has '<'"},
		{"combining mark", "anna\u0301", "secret1", "login may have letters, digits and . _ - only, it has '\u0301'"},
		{"no password", "anna", "", "password is missing: send the form fields login and password"},
		{"short password", "anna", "12345", "password must have 6 to 200 characters, it has 5"},
		{"long password", "anna", strings.Repeat("я", 201), "password must have 6 to 200 characters, it has 201"},
		{"not UTF-8", "ann\xff", "secret1", "login is not valid UTF-8 text"},
	}
	for _, test := range tests {
		for _, path := range []string{signInPaths[0], registerPaths[0]} {
			a := r.post(path, "login", test.login, "password", test.password)
			r.want(test.name, a, http.StatusBadRequest, test.want)
		}
	}
	for _, login := range []string{"Иван-1.x_y", "abc", strings.Repeat("ы", 32)} {
		r.register(login)
	}
}

func TestWrongLoginOrPassword(t *testing.T) {
	r := newRig(t, nil)
	r.register("anna")
	const text = "the login or the password is wrong"
	r.want("wrong password", r.post(signInPaths[0], "login", "anna", "password", "secret2"), http.StatusUnauthorized, text)
	r.want("unknown login", r.post(signInPaths[0], "login", "boris", "password", "secret1"), http.StatusUnauthorized, text)
}

func TestTakenLogin(t *testing.T) {
	r := newRig(t, nil)
	r.register("anna")
	a := r.post(registerPaths[0], "login", "Anna", "password", "secret1")
	r.want("taken", a, http.StatusConflict, `login "Anna" is taken: choose another one, or sign in if it is yours`)
}

func TestMapsThatCannotBeEntered(t *testing.T) {
	tests := []struct {
		name  string
		place directory.Place
		text  string
		retry string
	}{
		{"full", directory.Place{Players: 500, MaxPlayers: 500}, "map is full (500 players), try again in 5 s", "5"},
		{"starting", directory.Place{State: directory.Starting, RetryAfter: 1500 * time.Millisecond}, "map is starting, try again in 2 s", "2"},
		{"stopped", directory.Place{State: directory.Stopped, RetryAfter: time.Minute}, "map is stopped, try again in 60 s", "60"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, nil)
			r.register("anna")
			r.maps.Set("meadow", test.place)
			for path, login := range map[string]string{signInPaths[0]: "anna", registerPaths[0]: "boris"} {
				a := r.post(path, "login", login, "password", "secret1")
				r.want(path, a, http.StatusServiceUnavailable, test.text)
				if got := a.header.Get("Retry-After"); got != test.retry {
					t.Errorf("%s: Retry-After is %q, want %q", path, got, test.retry)
				}
			}
			// Nobody was registered in vain.
			r.maps.Set("meadow", directory.Place{Port: 7001})
			r.register("boris")
		})
	}
}

func TestNoMapAtAll(t *testing.T) {
	r := newRig(t, nil)
	r.register("anna")
	r.maps.Remove("meadow")
	for _, start := range []string{"meadow", "", "nowhere"} {
		r.maps.SetStart(start)
		a := r.post(signInPaths[0], "login", "anna", "password", "secret1")
		r.want("start "+start, a, http.StatusServiceUnavailable, "no map is there to play on yet, try again in 5 s")
	}
}

func TestPlayerOfALostMapGoesToTheStart(t *testing.T) {
	r := newRig(t, nil)
	r.register("anna")
	r.maps.Remove("meadow")
	r.maps.SetStart("forest")
	a := r.post(signInPaths[0], "login", "anna", "password", "secret1")
	if a.status != http.StatusOK || a.Token != "anna@forest#1" || a.Port != 7002 {
		t.Errorf("signed in with %d %s", a.status, a.body)
	}
}

// Who belongs to a fleet comes in on any of its maps that lets players in.
func TestPlayersOfAFleet(t *testing.T) {
	r := newRig(t, nil)
	for id, players := range map[string]int{"arena-0": 1, "arena-1": 2} {
		r.maps.Set(id, directory.Place{Host: id, Port: 7000, Fleet: "arena", Players: players, MaxPlayers: 9})
	}
	r.maps.SetStart("arena")
	if a := r.register("anna"); a.Host != "arena-1:7000" {
		t.Errorf("a new player goes to %s", a.Host)
	}
	again := func(want string) {
		t.Helper()
		if a := r.post("/server/signin/auth", "login", "anna", "password", "secret1"); a.Host != want {
			t.Errorf("the player comes back to %s, want %s: %s", a.Host, want, a.body)
		}
	}
	r.maps.Update("arena-0", func(p *directory.Place) { p.Players = 5 })
	again("arena-1:7000")
	r.maps.Update("arena-1", func(p *directory.Place) { p.State = directory.Starting })
	again("arena-0:7000")
	r.maps.Remove("arena-0")
	retry := r.clock.now().Add(42 * time.Second)
	r.maps.Update("arena-1", func(p *directory.Place) { p.RetryAt = retry })
	r.want("all are starting", r.post("/server/signin/auth", "login", "anna", "password", "secret1"),
		http.StatusServiceUnavailable, "map is starting, try again in 42 s")
}

// A disk without room has words of its own: somebody must do something.
func TestFullDatabase(t *testing.T) {
	r := newRig(t, nil)
	r.accounts.fault = &pgconn.PgError{Code: "53100", Message: "could not extend file"}
	a := r.post("/server/signin/register", "login", "anna", "password", "secret1")
	r.want("registering on a full disk", a, http.StatusServiceUnavailable, "the game's database has no room left, try again in 30 s")
	if got := a.header.Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After is %q", got)
	}
}

func TestFaultOfTheDatabaseStaysInside(t *testing.T) {
	r := newRig(t, nil)
	r.accounts.fault = errors.New("disk on fire")
	for _, path := range []string{signInPaths[0], registerPaths[0]} {
		a := r.post(path, "login", "anna", "password", "secret1")
		r.want(path, a, http.StatusInternalServerError, "the server has a fault of its own, which its log describes: try again later")
	}
}

func TestMethods(t *testing.T) {
	r := newRig(t, nil)
	for _, path := range withSlash(append(append(signInPaths, registerPaths...), getMapPaths...)...) {
		a := r.send(httptest.NewRequest(http.MethodGet, path+"?login=anna&password=secret1", nil))
		r.want(path, a, http.StatusMethodNotAllowed, "this address takes POST requests with form fields only, not GET")
		if a.header.Get("Allow") != "POST, OPTIONS" {
			t.Errorf("%s allows %q", path, a.header.Get("Allow"))
		}
		a = r.send(httptest.NewRequest(http.MethodOptions, path, nil))
		if a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Methods") != "POST, OPTIONS" ||
			!strings.Contains(a.header.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%s: OPTIONS gives %d %v", path, a.status, a.header)
		}
	}
	a := r.post("/server/signin/nothing")
	r.want("unknown path", a, http.StatusNotFound, "there is nothing at /server/signin/nothing: players sign in at /server/signin/auth, "+
		"register at /server/signin/register and get maps at /server/signin/get_map")
}

func TestQueryIsNotLookedAt(t *testing.T) {
	r := newRig(t, nil)
	r.register("anna")
	a := r.post("/server/signin/auth?login=anna&password=secret1")
	r.want("query", a, http.StatusBadRequest, "login is missing: send the form fields login and password")
}
