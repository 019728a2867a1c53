package bots

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// pipes is a network in memory, so that a test with a fake clock can use it.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fakeServer is a gateway and a map that speak just enough of the protocol.
type fakeServer struct {
	t     *testing.T
	pipes *pipes
	http  *http.Server

	// dictionary sends entities by key instead of as lists.
	dictionary bool
	// refuse, if it is not nil, may answer a sign-in; n counts them from 1.
	refuse func(w http.ResponseWriter, path string, n int) bool
	// command, if it is not nil, may answer a command; it returns true if it did.
	command func(p *fakePlayer, action string, packet map[string]any) bool

	hook     sync.Mutex
	mu       sync.Mutex
	asked    int
	accounts map[string]int64
	tokens   map[string]int64
	actions  map[string]int
	dials    int
}

type fakePlayer struct {
	server *fakeServer
	id     int64
	conn   *websocket.Conn
	gone   chan struct{}
	mu     sync.Mutex
	acked  int
}

func startFake(t *testing.T) *fakeServer {
	s := &fakeServer{
		t: t, pipes: newPipes(), accounts: map[string]int64{}, tokens: map[string]int64{}, actions: map[string]int{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+registerPath, s.signIn)
	mux.HandleFunc("POST "+authPath, s.signIn)
	mux.HandleFunc("GET /{$}", s.socket)
	s.http = &http.Server{Handler: mux}
	go func() { _ = s.http.Serve(s.pipes) }()
	return s
}

func (s *fakeServer) close() { _ = s.http.Close() }

func (s *fakeServer) config(players int) Config {
	return Config{
		URL: "http://game.example:80", Players: players, Duration: 10 * time.Second, RampUp: 100,
		Prefix: "t-", Password: "secret word", ActionsPerSecond: 5, DialContext: s.pipes.dial,
	}
}

func (s *fakeServer) signIn(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.refuse != nil && s.refuse(w, r.URL.Path, s.asked) {
		return
	}
	login := r.FormValue("login")
	id, known := s.accounts[login]
	register := r.URL.Path == registerPath
	switch {
	case register && known:
		refuseSignIn(w, http.StatusConflict, "login is taken")
		return
	case !register && !known:
		refuseSignIn(w, http.StatusUnauthorized, "the login or the password is wrong")
		return
	case register:
		id = int64(len(s.accounts) + 1)
		s.accounts[login] = id
	}
	_, _ = fmt.Fprintf(w, `{"id":%d,"token":%q,"port":7001,"host":"game.example:7001","map":"","error":""}`, id, s.token(id))
}

func (s *fakeServer) token(id int64) string {
	token := fmt.Sprintf("token+/%d", len(s.tokens))
	s.tokens[token] = id
	return token
}

func refuseSignIn(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"id":0,"token":"","error":%q}`, text)
}

// socket lets a player in with a token, once.
func (s *fakeServer) socket(w http.ResponseWriter, r *http.Request) {
	raw := strings.TrimPrefix(r.URL.RawQuery, "HTTP_AUTHORIZATION=")
	text, err := base64.StdEncoding.DecodeString(raw)
	user, token, _ := strings.Cut(string(text), ":")
	s.mu.Lock()
	id, known := s.tokens[token]
	delete(s.tokens, token)
	s.dials++
	s.mu.Unlock()
	if err != nil || !known || user != strconv.FormatInt(id, 10) {
		refuseSignIn(w, http.StatusUnauthorized, "The token has been used.")
		return
	}
	up := websocket.Upgrader{EnableCompression: true}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	p := &fakePlayer{server: s, id: id, conn: conn, gone: make(chan struct{})}
	p.send(s.load())
	var ticking sync.WaitGroup
	ticking.Go(p.tick)
	p.read()
	close(p.gone)
	ticking.Wait()
}

const fakeGroups = `"timeouts":{
	"move":{"timeout":0.2,"actions":{"up":true,"down":true,"left":true,"right":true,"to":true,"warp":false}},
	"fight":{"timeout":1,"actions":{"hit":true}},
	"chat":{"timeout":0.5,"actions":{"say":true}},
	"save":{"timeout":1,"actions":[]}}`

// load is the full world: always the same five players and one enemy.
func (s *fakeServer) load() string {
	var players []string
	for id := 1; id <= 5; id++ {
		player := fmt.Sprintf(`{"id":%d,"key":"players_%d","prefab":"Hero","x":5,"y":5,"components":{"hp":100}}`, id, id)
		if s.dictionary {
			player = fmt.Sprintf(`"players_%d":%s`, id, player)
		}
		players = append(players, player)
	}
	list, enemy := strings.Join(players, ","), `{"id":7,"key":"enemys_7","prefab":"goblin","x":6,"y":5}`
	if s.dictionary {
		return fmt.Sprintf(`{"action":"load/index","players":{%s},"enemys":{"enemys_7":%s},%s}`, list, enemy, fakeGroups)
	}
	return fmt.Sprintf(`{"action":"load/index","players":[%s],"enemys":[%s],%s}`, list, enemy, fakeGroups)
}

func (p *fakePlayer) send(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.conn.WriteMessage(websocket.TextMessage, []byte(text))
}

func (p *fakePlayer) close(code int, reason string) {
	_ = p.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
	_ = p.conn.Close()
}

// tick sends ten changes a second until the connection ends.
func (p *fakePlayer) tick() {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-p.gone:
			return
		case <-ticker.C:
			p.send(fmt.Sprintf(`{"players":[{"id":%d,"x":%d}]}`, p.id, 5+n%2))
		}
	}
}

func (p *fakePlayer) read() {
	defer func() { _ = p.conn.Close() }()
	for {
		_, data, err := p.conn.ReadMessage()
		if err != nil {
			return
		}
		var packet map[string]any
		if err := json.Unmarshal(data, &packet); err != nil {
			p.server.t.Errorf("a bot sent %q: %v", data, err)
			return
		}
		p.receive(packet)
	}
}

func (p *fakePlayer) receive(packet map[string]any) {
	action, _ := packet["action"].(string)
	p.server.mu.Lock()
	p.server.actions[action]++
	p.server.mu.Unlock()
	if p.server.hooked(p, action, packet) {
		return
	}
	group, _, _ := strings.Cut(action, "/")
	if action == LoadAction {
		p.send(p.server.load())
		return
	}
	<-time.After(20 * time.Millisecond) // on the fake clock: the way there and back
	p.acked++
	p.send(fmt.Sprintf(`{"commands":{%q:{"command_id":%.0f,"wait_time":0.005}}}`, group, packet["command_id"]))
}

// hooked lets the test's hook answer, for one player at a time.
func (s *fakeServer) hooked(p *fakePlayer, action string, packet map[string]any) bool {
	s.hook.Lock()
	defer s.hook.Unlock()
	return s.command != nil && s.command(p, action, packet)
}
