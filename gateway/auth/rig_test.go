package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/gateway/directory"
	"github.com/overworld-gg/overworld/gateway/store"
)

// cheap makes hashes that take no time.
var cheap = Cost{MemoryKiB: 8, Passes: 1}

// rig is a Handler over a real database, with a clock of its own.
type rig struct {
	*testing.T
	handler  *Handler
	maps     *directory.Static
	accounts *faulty
	clock    *clock
}

func newRig(t *testing.T, change func(*Config)) *rig {
	t.Helper()
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	db, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"), c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r := &rig{T: t, maps: directory.NewStatic("meadow"), accounts: &faulty{Accounts: db}, clock: c}
	r.maps.Set("meadow", directory.Place{
		Host: "192.0.2.7", Port: 7001, Map: []byte(`{"tiled":"meadow"}`),
		Sides: map[string]string{"left": "forest", "right": "desert", "top": "void"},
	})
	r.maps.Set("forest", directory.Place{Port: 7002, Map: []byte(`{"tiled":"forest"}`)})
	r.maps.Set("desert", directory.Place{Port: 7003})
	cfg := Config{Accounts: r.accounts, Directory: r.maps, Tokens: plainTokens{}, Cost: cheap, Now: c.now}
	if change != nil {
		change(&cfg)
	}
	if r.handler, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return r
}

// answer is what came back, in both shapes of JSON at once.
type answer struct {
	status int
	header http.Header
	body   string
	SignedIn
}

func (r *rig) send(req *http.Request) answer {
	r.Helper()
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.SignedIn); err != nil {
			r.Errorf("the answer %q is not JSON: %v", w.Body, err)
		}
	}
	return a
}

func (r *rig) post(path string, fields ...string) answer {
	r.Helper()
	return r.send(formRequest(path, fields...))
}

func formRequest(path string, fields ...string) *http.Request {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func (r *rig) register(login string) answer {
	r.Helper()
	a := r.post("/server/signin/register", "login", login, "password", "secret1")
	if a.status != http.StatusOK {
		r.Fatalf("registering %s: %d %s", login, a.status, a.body)
	}
	return a
}

func (r *rig) want(name string, a answer, status int, text string) {
	r.Helper()
	if a.status != status || a.Error != text {
		r.Errorf("%s: %d %q\nwant %d %q", name, a.status, a.Error, status, text)
	}
	if a.Token != "" || a.ID != 0 {
		r.Errorf("%s: the refusal lets in: %s", name, a.body)
	}
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// plainTokens are readable: "anna@meadow#1".
type plainTokens struct{}

func (plainTokens) Issue(t Ticket) (string, error) {
	return fmt.Sprintf("%s@%s#%d", t.Login, t.Map, t.Player), nil
}

func (plainTokens) Read(token string) (Ticket, error) {
	login, rest, ok := strings.Cut(token, "@")
	mapID, id, ok2 := strings.Cut(rest, "#")
	if !ok || !ok2 {
		return Ticket{}, errors.New("the token is not one of this game: sign in again")
	}
	var t Ticket
	_, err := fmt.Sscan(id, &t.Player)
	t.Login, t.Map = login, mapID
	return t, err
}

func (plainTokens) IssueResume(t Ticket) (string, error) {
	return fmt.Sprintf("again:%s@#%d", t.Login, t.Player), nil
}

func (p plainTokens) ReadResume(token string) (Ticket, error) {
	rest, ok := strings.CutPrefix(token, "again:")
	if !ok {
		return Ticket{}, errors.New("you have been away for too long: sign in with your password")
	}
	return p.Read(rest)
}

// faulty is a database that can be broken.
type faulty struct {
	Accounts
	fault error
}

func (f *faulty) AccountByLogin(ctx context.Context, login string) (store.Account, error) {
	if f.fault != nil {
		return store.Account{}, f.fault
	}
	return f.Accounts.AccountByLogin(ctx, login)
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
