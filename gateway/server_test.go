package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/gateway/auth"
	"github.com/overworld-gg/overworld/gateway/directory"
	client "github.com/overworld-gg/overworld/mapserver/keeper"
)

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

// config is of a gateway with the maps meadow and forest.
func config(dir string) (Config, *directory.Static, *clock) {
	maps := directory.NewStatic("meadow")
	maps.Set("meadow", directory.Place{Port: 7001, Map: []byte("meadow"), Sides: map[string]string{"left": "forest"}})
	maps.Set("forest", directory.Place{Port: 7002, Map: []byte("forest")})
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	return Config{Data: dir, Directory: maps, PasswordCost: auth.Cost{MemoryKiB: 8, Passes: 1}, Now: c.now}, maps, c
}

func newServer(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func signIn(t *testing.T, s *Server, what string) auth.SignedIn {
	t.Helper()
	form := url.Values{"login": {"anna"}, "password": {"secret1"}}
	req := httptest.NewRequest(http.MethodPost, "/server/signin/"+what, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.PlayerHandler().ServeHTTP(w, req)
	var reply auth.SignedIn
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || reply.Error != "" {
		t.Fatalf("%s: %d %s", what, w.Code, w.Body)
	}
	return reply
}

func mapClient(t *testing.T, s *Server, keeperURL, mapID string) *client.Client {
	t.Helper()
	key, err := s.MapKey(t.Context(), mapID)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{URL: keeperURL, Map: mapID, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func openMap(t *testing.T, c *client.Client) {
	t.Helper()
	if _, err := c.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A player registers, is loaded by one map, handed over to another, and is there
// when the gateway has been started anew.
func TestPlayerSurvivesTheGateway(t *testing.T) {
	dir := t.TempDir()
	cfg, _, _ := config(dir)
	s := newServer(t, cfg)
	keeper := httptest.NewServer(s.KeeperHandler())
	meadow, forest := mapClient(t, s, keeper.URL, "meadow"), mapClient(t, s, keeper.URL, "forest")
	player := signIn(t, s, "register").ID
	openMap(t, meadow)
	openMap(t, forest)
	if r, err := meadow.Load(t.Context(), player); err != nil || r.Login+"@"+r.Map != "anna@meadow" {
		t.Errorf("loaded %+v, %v", r, err)
	}
	data := json.RawMessage(`{"x":3}`)
	batch := client.Batch{World: json.RawMessage(`{"n":1}`), Players: []client.Record{{ID: player, Data: data}}}
	if err := meadow.Save(t.Context(), batch); err != nil {
		t.Error(err)
	}
	address, err := meadow.Transfer(t.Context(), player, "forest", data)
	if err != nil || address.Port != 7002 || address.ID != player {
		t.Errorf("transferred to %+v, %v", address, err)
	}
	want := auth.Ticket{Player: player, Login: "anna", Map: "forest"}
	if ticket, err := s.tokens.Read(address.Token); ticket != want || err != nil {
		t.Errorf("the new token says %+v, %v", ticket, err)
	}
	keeper.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	again := newServer(t, cfg)
	if reply := signIn(t, again, "auth"); reply.ID != player || reply.Port != 7002 {
		t.Errorf("signed in again with %+v", reply)
	}
	if got := loadOn(t, again, "forest", player); string(got.Data) != string(data) {
		t.Errorf("loaded %+v", got)
	}
	// Keys outlive the process: tokens of before and map servers of before go on.
	if _, err := again.tokens.Read(address.Token); err != nil {
		t.Errorf("the token of before: %v", err)
	}
}

// loadOn opens a map anew and loads a player there.
func loadOn(t *testing.T, s *Server, mapID string, player int64) client.Record {
	t.Helper()
	keeper := httptest.NewServer(s.KeeperHandler())
	defer keeper.Close()
	c := mapClient(t, s, keeper.URL, mapID)
	openMap(t, c)
	r, err := c.Load(t.Context(), player)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSecondServerOfAMapFencesTheFirst(t *testing.T) {
	cfg, _, _ := config(t.TempDir())
	s := newServer(t, cfg)
	keeper := httptest.NewServer(s.KeeperHandler())
	defer keeper.Close()
	first, second := mapClient(t, s, keeper.URL, "meadow"), mapClient(t, s, keeper.URL, "meadow")
	openMap(t, first)
	openMap(t, second)
	if err := first.Save(t.Context(), client.Batch{World: json.RawMessage(`1`)}); !errors.Is(err, client.ErrFenced) || client.Retryable(err) {
		t.Errorf("the first saved with %v, want ErrFenced", err)
	}
	if err := second.Save(t.Context(), client.Batch{World: json.RawMessage(`2`)}); err != nil {
		t.Errorf("the second saved with %v", err)
	}
}

func TestTokensEnd(t *testing.T) {
	cfg, _, c := config(t.TempDir())
	s := newServer(t, cfg)
	token := signIn(t, s, "register").Token
	c.advance(24 * time.Hour)
	if _, err := s.tokens.Read(token); err != nil {
		t.Errorf("within a day: %v", err)
	}
	c.advance(time.Minute)
	if _, err := s.tokens.Read(token); err == nil || err.Error() != "the token is too old: sign in again" {
		t.Errorf("after a day: %v", err)
	}
	for _, text := range []string{"", "a.b.c", token + "x", token[:len(token)-4] + "AAAA"} {
		if _, err := s.tokens.Read(text); err == nil || err.Error() != "the token is not one of this game: sign in again" {
			t.Errorf("token %q: %v", text, err)
		}
	}
}

// A resume token is good for a week, for signing in and nothing else, and other
// tokens are not good for that.
func TestResumeTokens(t *testing.T) {
	cfg, _, c := config(t.TempDir())
	s := newServer(t, cfg)
	in := signIn(t, s, "register")
	if ticket, err := s.tokens.ReadResume(in.Resume); err != nil || ticket.Player != in.ID {
		t.Errorf("read as %+v, %v", ticket, err)
	}
	if _, err := s.tokens.Read(in.Resume); err == nil {
		t.Error("it is taken for a token of a map")
	}
	for _, text := range []string{"", in.Token} {
		if _, err := s.tokens.ReadResume(text); err == nil || err.Error() != "the resume token is not one of this game: sign in with your password" {
			t.Errorf("%q: %v", text, err)
		}
	}
	c.advance(7*24*time.Hour + time.Minute)
	if _, err := s.tokens.ReadResume(in.Resume); err == nil || err.Error() != "you have been away for too long: sign in with your password" {
		t.Errorf("after a week: %v", err)
	}
}

func get(h http.Handler, path string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestHealth(t *testing.T) {
	cfg, _, _ := config(t.TempDir())
	starting := errors.New("map meadow is starting")
	cfg.Ready = func() error { return starting }
	s := newServer(t, cfg)
	for _, h := range []http.Handler{s.PlayerHandler(), s.KeeperHandler()} {
		if code, body := get(h, "/healthz"); code != 200 || body != "ok\n" {
			t.Errorf("healthz: %d %s", code, body)
		}
		if code, body := get(h, "/readyz"); code != 503 || body != "not ready: map meadow is starting\n" {
			t.Errorf("readyz: %d %s", code, body)
		}
	}
	starting = nil
	if code, body := get(s.PlayerHandler(), "/readyz"); code != 200 || body != "ok\n" {
		t.Errorf("readyz: %d %s", code, body)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// It goes on telling players that the database is away.
	if code, body := get(s.PlayerHandler(), "/readyz"); code != 200 || body != "ok, but the database is away: nobody can sign in\n" {
		t.Errorf("readyz without a database: %d %s", code, body)
	}
}

func TestMetrics(t *testing.T) {
	cfg, _, _ := config(t.TempDir())
	s := newServer(t, cfg)
	get(s.PlayerHandler(), "/server/signin/auth")
	_, before := get(s.KeeperHandler(), "/metrics")
	for _, want := range []string{"overworld_gateway_database_up 1", `overworld_gateway_request_seconds_count{code="405",who="players"} 1`} {
		if !strings.Contains(before, want) {
			t.Errorf("the metrics lack %s:\n%s", want, before)
		}
	}
	if code, _ := get(s.PlayerHandler(), "/metrics"); code != http.StatusNotFound {
		t.Errorf("players get the metrics: %d", code)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, after := get(s.KeeperHandler(), "/metrics"); !strings.Contains(after, "overworld_gateway_database_up 0") {
		t.Errorf("without a database:\n%s", after)
	}
}

func TestPage(t *testing.T) {
	cfg, _, _ := config(t.TempDir())
	s := newServer(t, cfg)
	if code, body := get(s.PlayerHandler(), "/"); code != 200 || !strings.Contains(body, "/server/signin/auth") {
		t.Errorf("/: %d %s", code, body)
	}
	if code, body := get(s.PlayerHandler(), "/x"); code != 404 || body != "there is nothing at /x: players' clients sign in at /server/signin/auth\n" {
		t.Errorf("/x: %d %s", code, body)
	}
	if code, _ := get(s.PlayerHandler(), "/keeper/v1/keys"); code != 404 {
		t.Errorf("players reach the keeper: %d", code)
	}
	cfg.Data = t.TempDir()
	cfg.Page = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "page "+r.URL.Path) })
	w := httptest.NewRecorder()
	newServer(t, cfg).PlayerHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/any", nil))
	if w.Body.String() != "page /any" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the page: %s %v", w.Body, w.Header())
	}
}

func TestRun(t *testing.T) {
	cfg, _, _ := config(t.TempDir())
	cfg.TLSCert, cfg.TLSKey = certificate(t)
	cfg.Listener, cfg.KeeperListener = localListener(t), localListener(t)
	s := newServer(t, cfg)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	for _, url := range []string{"https://" + cfg.Listener.Addr().String(), "http://" + cfg.KeeperListener.Addr().String()} {
		resp, err := trusting(t, cfg.TLSCert).Get(url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, resp.Status)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if _, err := net.Dial("tcp", cfg.Listener.Addr().String()); err == nil {
		t.Error("it still listens")
	}
}

func TestRunOnAddressesInUse(t *testing.T) {
	busy := localListener(t)
	defer func() { _ = busy.Close() }()
	for want, change := range map[string]func(*Config){
		"listening for players: ": func(c *Config) { c.Listen, c.KeeperListen = busy.Addr().String(), "-" },
		"listening for maps: ":    func(c *Config) { c.Listen, c.KeeperListen = "127.0.0.1:0", busy.Addr().String() },
	} {
		cfg, _, _ := config(t.TempDir())
		change(&cfg)
		if err := newServer(t, cfg).Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestFaultyConfigs(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"the gateway needs a folder for its data, or a database, and a directory of maps": func(c *Config) { c.Data = "" },
		"https needs both a certificate and its key":                                      func(c *Config) { c.TLSCert = "cert.pem" },
		"reading certificate a.pem with key b.pem":                                        func(c *Config) { c.TLSCert, c.TLSKey = "a.pem", "b.pem" },
		"opening database": func(c *Config) { c.Data = filepath.Join(dir, "file") },
	} {
		cfg, _, _ := config(t.TempDir())
		change(&cfg)
		if _, err := New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A gateway that is told to stop says that it is not ready, and answers for a
// moment still.
func TestSettle(t *testing.T) {
	cfg, _, _ := config(t.TempDir())
	cfg.Listen, cfg.KeeperListen, cfg.Settle = "127.0.0.1:0", "-", time.Second/2
	s := newServer(t, cfg)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for code := http.StatusOK; code != http.StatusServiceUnavailable; code, _ = get(s.PlayerHandler(), "/readyz") {
		<-ticker.C
	}
	signIn(t, s, "register")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
