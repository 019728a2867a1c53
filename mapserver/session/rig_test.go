package session

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// rig is a Server behind a real listener, with a loop and a clock of its own.
type rig struct {
	t      testing.TB
	server *Server
	game   *fakeGame
	signer *token.Signer
	addr   string
	tasks  chan Task
	// full makes the inbox refuse tasks.
	full atomic.Bool
	now  atomic.Int64
}

// event is a call of the game.
type event struct {
	kind    string
	session game.Session
	data    string
}

// fakeGame tells of every call.
type fakeGame struct {
	game.Nop
	events chan event
	// join, when set, decides about Join.
	join func(game.Session) error
}

func (g *fakeGame) Join(s game.Session) error {
	if g.join != nil {
		if err := g.join(s); err != nil {
			return err
		}
	}
	g.events <- event{"join", s, ""}
	return nil
}
func (g *fakeGame) Leave(s game.Session)  { g.events <- event{"leave", s, ""} }
func (g *fakeGame) Resync(s game.Session) { g.events <- event{"resync", s, ""} }
func (g *fakeGame) Receive(s game.Session, data []byte) {
	g.events <- event{"receive", s, string(data)}
}

func newRig(t testing.TB, config Config) *rig {
	t.Helper()
	r := &rig{t: t, tasks: make(chan Task, 1000), game: &fakeGame{events: make(chan event, 10_000)}}
	r.now.Store(epoch.UnixNano())
	key, err := token.GenerateKey()
	r.check(err)
	r.signer, err = token.NewSigner(key, 0)
	r.check(err)
	if config.Game == nil {
		config.Game = r.game
	}
	config.Post = r.post
	config.Now = r.time
	keys := token.Keys(key.Public().(ed25519.PublicKey))
	config.Door = &token.Gate{Map: "meadow", Verifier: token.NewVerifier(keys, 0), Spender: token.NewSpender(0, 0)}
	r.server, err = New(config)
	r.check(err)
	return r.serve()
}

func (r *rig) serve() *rig {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	r.check(err)
	r.addr = listener.Addr().String()
	return r.serveOn(listener)
}

func (r *rig) serveOn(listener net.Listener) *rig {
	server := &http.Server{Handler: r.server, ReadHeaderTimeout: patience}
	var parts sync.WaitGroup
	parts.Go(func() { _ = server.Serve(listener) })
	stop := make(chan struct{})
	parts.Go(func() { r.loop(stop) })
	r.t.Cleanup(func() {
		r.server.Close()
		_ = server.Close()
		close(stop)
		parts.Wait()
	})
	return r
}

func (r *rig) loop(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case task := <-r.tasks:
			task.Run(r.time())
			r.server.Flush()
		}
	}
}

func (r *rig) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) time() time.Time { return time.Unix(0, r.now.Load()) }

func (r *rig) post(task Task) bool {
	if r.full.Load() {
		return false
	}
	select {
	case r.tasks <- task:
		return true
	default:
		return false
	}
}

type doTask func()

func (f doTask) Run(time.Time) { f() }

// do runs f on the loop, then a Flush, and waits for both.
func (r *rig) do(f func()) {
	r.t.Helper()
	done := make(chan struct{})
	r.tasks <- doTask(f)
	r.tasks <- doTask(func() { close(done) })
	select {
	case <-done:
	case <-time.After(patience):
		r.t.Fatal("the loop hangs")
	}
}

// pass lets time pass, and a frame end.
func (r *rig) pass(d time.Duration) {
	r.now.Add(int64(d))
	r.do(func() {})
}

// await waits for the next call of the game and checks its kind.
func (r *rig) await(kind string) event {
	r.t.Helper()
	select {
	case e := <-r.game.events:
		if e.kind != kind {
			r.t.Fatalf("the game was called with %s (%q), want %s", e.kind, e.data, kind)
		}
		return e
	case <-time.After(patience):
		r.t.Fatalf("the game was not called with %s", kind)
	}
	return event{}
}

func (r *rig) token(player int64) string {
	text, err := r.signer.Sign(token.Claims{Player: player, Login: fmt.Sprint("player", player), Map: "meadow"}, r.time())
	r.check(err)
	return text
}

// url is where a player with a token connects, as browsers do it.
func (r *rig) url(player int64, text string) string {
	pair := fmt.Sprintf("%d:%s", player, text)
	return "ws://" + r.addr + "/?HTTP_AUTHORIZATION=" + base64.StdEncoding.EncodeToString([]byte(pair))
}

// client is a client that knows nothing of this package.
type client struct {
	t    testing.TB
	conn *websocket.Conn
}

func (r *rig) dialURL(url string) *client {
	r.t.Helper()
	return r.dialWith(websocket.DefaultDialer, url)
}

func (r *rig) dialWith(dialer *websocket.Dialer, url string) *client {
	r.t.Helper()
	conn, response, err := dialer.Dial(url, nil)
	if err != nil {
		r.t.Fatalf("dialing: %v (%v)", err, response)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	r.check(conn.SetReadDeadline(time.Now().Add(patience)))
	return &client{r.t, conn}
}

// enter connects a player and waits until the game has it.
func (r *rig) enter(player int64) (*client, game.Session) {
	r.t.Helper()
	c := r.dialURL(r.url(player, r.token(player)))
	return c, r.await("join").session
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) read() string {
	c.t.Helper()
	_, data, err := c.conn.ReadMessage()
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

func (c *client) wantRead(want string) {
	c.t.Helper()
	if got := c.read(); got != want {
		c.t.Fatalf("got %q, want %q", got, want)
	}
}

// readError reads an error frame and returns its text.
func (c *client) readError() string {
	c.t.Helper()
	var frame struct{ Error string }
	text := c.read()
	if err := json.Unmarshal([]byte(text), &frame); err != nil || frame.Error == "" {
		c.t.Fatalf("%q is not an error frame", text)
	}
	return frame.Error
}

// wantClose reads the close frame and returns its reason.
func (c *client) wantClose(code int) string {
	c.t.Helper()
	_, data, err := c.conn.ReadMessage()
	if err == nil {
		c.t.Fatalf("got %q, want close %d", data, code)
	}
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != code {
		c.t.Fatalf("got %v, want close %d", err, code)
	}
	return closed.Text
}

// wantEnd reads an error frame and the close frame, which say the same.
func (c *client) wantEnd(code int) string {
	c.t.Helper()
	text := c.readError()
	if reason := c.wantClose(code); reason != shorten(text) {
		c.t.Errorf("error frame %q, close reason %q", text, reason)
	}
	return text
}

func (r *rig) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return r.server.Drain(ctx, "")
}

func text(s string) *game.Message { return &game.Message{Data: []byte(s)} }
