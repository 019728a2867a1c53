package session

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/mapserver/game"
)

func state(s string) *game.Message { return &game.Message{Data: []byte(s), State: true} }

// narrow is a dialer of connections that hold little.
func narrow() *websocket.Dialer {
	return &websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		if err != nil {
			return nil, err
		}
		return conn, conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	}}
}

// enterNarrow lets a player in whose connection holds little on both sides.
func (r *rig) enterNarrow(player int64) (*client, *Session) {
	r.t.Helper()
	c := r.dialWith(narrow(), r.url(player, r.token(player)))
	s := r.await("join").session.(*Session)
	r.check(s.wire.Conn.(*net.TCPConn).SetWriteBuffer(4 << 10))
	return c, s
}

// fill sends until s is behind.
func (r *rig) fill(s *Session, message func(i int) *game.Message) int {
	r.t.Helper()
	for i := range 10_000 {
		r.do(func() { s.Send(message(i)) })
		if r.server.Stats().Behind > 0 {
			return i
		}
	}
	r.t.Fatal("the session does not fall behind")
	return 0
}

func TestSlowClientIsResynced(t *testing.T) {
	r := newRig(t, Config{MaxQueue: 10})
	slow, s := r.enterNarrow(1)
	fast, healthy := r.enter(2)
	big := strings.Repeat("x", 8<<10)
	sent := r.fill(s, func(i int) *game.Message {
		m := state(fmt.Sprint(i, " ", big))
		healthy.Send(m)
		return m
	})
	r.do(func() { s.Send(text("private")); s.Send(state("dropped")) })
	for i := range sent + 1 {
		if got := fast.read(); !strings.HasPrefix(got, fmt.Sprint(i, " ")) {
			t.Fatalf("the healthy client got %.10q as message %d", got, i)
		}
	}
	got := make(chan string, 20_000)
	go func() {
		defer close(got)
		for {
			_, data, err := slow.conn.ReadMessage()
			if err != nil {
				return
			}
			got <- string(data)
		}
	}()
	if e := r.await("resync"); e.session != s {
		t.Error("another session is resynced")
	}
	r.do(func() { s.Send(state("everything")) })
	var last []string
	for m := range got {
		last = append(last, m)
		if m == "everything" {
			break
		}
	}
	if n := len(last); n < 3 || last[n-2] != "private" {
		t.Errorf("before the full state came %.20q", last[max(0, n-2)])
	}
	for i, m := range last[:len(last)-2] {
		if !strings.HasPrefix(m, fmt.Sprint(i, " ")) {
			t.Fatalf("message %d is %.10q", i, m)
		}
	}
	stats := r.server.Stats()
	if stats.Resyncs != 1 || stats.Behind != 1 || stats.Dropped < 10 {
		t.Errorf("%+v", stats)
	}
}

func TestSlowClientIsClosed(t *testing.T) {
	r := newRig(t, Config{MaxQueue: 10, CloseWait: time.Millisecond})
	_, s := r.enterNarrow(1)
	big := strings.Repeat("x", 64<<10)
	r.fill(s, func(int) *game.Message { return state(big) })
	r.pass(4 * time.Second)
	if s.over() {
		t.Fatal("closed too early")
	}
	r.pass(2 * time.Second)
	if e := r.await("leave"); e.session != s {
		t.Error("another session left")
	}
	if got := r.server.Stats().Ended["slow"]; got != 1 {
		t.Errorf("%d slow ends counted", got)
	}
	if err := r.drain(); err != nil {
		t.Error(err)
	}
}

func TestPrivateMessagesWithoutRoom(t *testing.T) {
	r := newRig(t, Config{MaxQueue: 10, CloseWait: time.Millisecond})
	_, s := r.enterNarrow(1)
	big := strings.Repeat("x", 64<<10)
	r.fill(s, func(int) *game.Message { return text(big) })
	r.do(func() {
		for range 40 {
			s.Send(text(big))
		}
	})
	r.await("leave")
}

// TestDrainDeadPeer has a client that never reads, and a Drain that ends.
func TestDrainDeadPeer(t *testing.T) {
	r := newRig(t, Config{CloseWait: time.Millisecond})
	_, s := r.enterNarrow(1)
	r.do(func() { s.Send(text(strings.Repeat("x", 8<<20))) })
	if err := r.drain(); err != nil {
		t.Error(err)
	}
	r.await("leave")
}

// TestCloseEndsGoroutines has all kinds of connections at the time of Close.
func TestCloseEndsGoroutines(t *testing.T) {
	r := newRig(t, Config{})
	_, s := r.enterNarrow(1)
	r.enter(2)
	r.dialURL("ws://" + r.addr + "/")
	r.do(func() { s.Send(text(strings.Repeat("x", 8<<20))) })
	done := make(chan struct{})
	go func() {
		r.server.Close()
		r.server.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("Close hangs")
	}
	if r.server.start(func() {}) {
		t.Error("a goroutine was started after Close")
	}
	select {
	case <-r.server.whenEmpty():
	case <-time.After(patience):
		t.Error("connections are left")
	}
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLS(t *testing.T) {
	for name, wrap := range map[string]func(net.Listener) net.Listener{
		"with Listener":    Listener,
		"without Listener": func(l net.Listener) net.Listener { return l },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			l, err := net.Listen("tcp", "127.0.0.1:0")
			r.check(err)
			config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
			r.addr = l.Addr().String()
			r.serveOn(tls.NewListener(wrap(l), config))
			dialer := &websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			c := r.dialWith(dialer, "wss"+strings.TrimPrefix(r.url(1, r.token(1)), "ws"))
			s := r.await("join").session
			big := strings.Repeat("x", 3<<20)
			r.do(func() {
				s.Send(text("one"))
				s.Send(text("two"))
				s.Send(text(big))
				s.Send(text("end"))
			})
			for _, want := range []string{"one", "two", big, "end"} {
				if got := c.read(); got != want {
					t.Fatalf("got %.10q, want %.10q", got, want)
				}
			}
			c.send("x")
			r.await("receive")
			r.do(func() { s.Close(1000, "bye") })
			c.wantClose(1000)
			r.await("leave")
		})
	}
}

func TestHandshakeErrors(t *testing.T) {
	r := newRig(t, Config{})
	conn, err := net.Dial("tcp", r.addr)
	r.check(err)
	defer func() { _ = conn.Close() }()
	_, err = conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"))
	r.check(err)
	r.check(conn.SetReadDeadline(time.Now().Add(patience)))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "400") {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("no error without a game")
	}
	c := Config{Game: game.Nop{}, Post: func(Task) bool { return true }, Door: nopDoor{}, CompressLevel: 10}
	if _, err := New(c); err == nil || errors.Unwrap(err) == nil {
		t.Errorf("level 10: %v", err)
	}
}
