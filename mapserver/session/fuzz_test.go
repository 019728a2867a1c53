package session

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// nopDoor lets everybody in, as player 1.
type nopDoor struct{}

func (nopDoor) Verify(*http.Request, time.Time) (token.Claims, error) {
	return token.Claims{Player: 1, Login: "a", Map: "m"}, nil
}
func (nopDoor) Spend(token.Claims, time.Time) error { return nil }

// echoGame answers every message.
type echoGame struct{ game.Nop }

func (echoGame) Receive(s game.Session, data []byte) {
	s.Send(&game.Message{Data: append([]byte(nil), data...)})
}

// onceListener gives one connection.
type onceListener struct {
	conn chan net.Conn
	addr net.Addr
}

func (l *onceListener) Accept() (net.Conn, error) {
	conn, ok := <-l.conn
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}
func (l *onceListener) Close() error   { return nil }
func (l *onceListener) Addr() net.Addr { return l.addr }

// FuzzConnection feeds bytes to a connection after its upgrade. It goes over a
// pipe, so it also covers connections that are no sockets.
func FuzzConnection(f *testing.F) {
	f.Add([]byte("\x81\x85\x00\x00\x00\x00hello\x88\x80\x00\x00\x00\x00"), false)
	f.Add([]byte("\x89\x80\x00\x00\x00\x00\x01\x80\x00\x00\x00\x00\x80\x80\x00\x00\x00\x00"), false)
	f.Add([]byte("\xc1\x85\x00\x00\x00\x00\xca\x48\xcd\xc9\xc9"), true)
	f.Add([]byte("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"), true)
	f.Fuzz(func(t *testing.T, data []byte, compress bool) {
		tasks := make(chan Task, 10_000)
		server, err := New(Config{Game: echoGame{}, Post: func(task Task) bool { tasks <- task; return true },
			Door: nopDoor{}, Compress: true, CloseWait: time.Millisecond, Writers: 1})
		if err != nil {
			t.Fatal(err)
		}
		client, conn := net.Pipe()
		l := &onceListener{conn: make(chan net.Conn, 1), addr: conn.LocalAddr()}
		l.conn <- conn
		web := &http.Server{Handler: server, ReadHeaderTimeout: patience}
		served := make(chan struct{})
		go func() {
			_ = web.Serve(l)
			close(served)
		}()
		dialer := websocket.Dialer{EnableCompression: compress, NetDial: func(string, string) (net.Conn, error) { return client, nil }}
		ws, _, err := dialer.Dial("ws://map/", nil)
		if err != nil {
			t.Fatal(err)
		}
		heard := make(chan struct{})
		go func() {
			defer close(heard)
			for {
				if _, _, err := ws.ReadMessage(); err != nil {
					_ = client.Close()
					return
				}
			}
		}()
		_, _ = client.Write(data)
		_ = client.Close()
		<-server.whenEmpty()
		for len(tasks) > 0 {
			(<-tasks).Run(time.Now())
			server.Flush()
		}
		server.Close()
		close(l.conn)
		<-served
		<-heard
	})
}
