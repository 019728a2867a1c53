package load

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/test/bench/floor"
)

// pipes is a network in memory, for a test with a fake clock.
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
		b := &buffered{Conn: client, out: make(chan []byte, 1000), closed: make(chan struct{})}
		go b.write()
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// buffered does not wait until the other side reads, as sockets do not.
type buffered struct {
	net.Conn
	out    chan []byte
	once   sync.Once
	closed chan struct{}
}

func (b *buffered) Write(p []byte) (int, error) {
	b.out <- slices.Clone(p)
	return len(p), nil
}

func (b *buffered) write() {
	for {
		select {
		case p := <-b.out:
			_, _ = b.Conn.Write(p)
		case <-b.closed:
			return
		}
	}
}

func (b *buffered) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Conn.Close()
}

func testPlan(p *pipes) Plan {
	return Plan{
		Address: "floor:1", Players: 30, Rate: 20, Moves: 5, Watchers: 3, Warmup: time.Second, Measure: 8 * time.Second,
		Dial: p.dial, Credentials: func(i int) (int64, string, error) { return int64(i + 101), "t", nil },
	}
}

func TestRunOnTheFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error)
		go func() { served <- floor.Serve(ctx, p, 20) }()
		plan := testPlan(p)
		plan.ServerCPU = func() (time.Duration, error) { return time.Since(time.Unix(0, 0)) / 4, nil }
		m, err := Run(t.Context(), plan)
		stop()
		if served := <-served; err != nil || served != nil {
			t.Fatal(err, served)
		}
		if m.Lost != 0 || len(m.Faults) != 0 {
			t.Errorf("lost %d: %v", m.Lost, m.Faults)
		}
		for name, share := range map[string]float64{"held": m.Held, "slowest": m.Slowest, "seen": m.Seen, "cpu": m.CPU * 4} {
			if math.Abs(share-1) > 0.02 {
				t.Errorf("%s is %v, want 1", name, share)
			}
		}
		// A move waits for the next frame, 50 ms at most, and for nothing else.
		if m.P99 > 51 || m.P50 < 15 || m.P50 > 35 || m.Samples < 3000 {
			t.Errorf("p50 %v ms, p99 %v ms of %d", m.P50, m.P99, m.Samples)
		}
		// 150 changes a second, 7.5 in a frame.
		if want := 150*57 + 20*15.; math.Abs(m.Bytes-want) > want/10 {
			t.Errorf("%v bytes/s, want about %v", m.Bytes, want)
		}
	})
}

// answer serves every socket with handle and runs the plan that change made.
func answer(t *testing.T, change func(*Plan), handle func(*websocket.Conn)) (m Measurement, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		up := websocket.Upgrader{EnableCompression: true}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if handle == nil {
				http.Error(w, "map is full", http.StatusServiceUnavailable)
				return
			}
			conn, err := up.Upgrade(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			handle(conn)
		})}
		served := make(chan error)
		go func() { served <- server.Serve(p) }()
		plan := testPlan(p)
		plan.Players = 3
		change(&plan)
		m, err = Run(t.Context(), plan)
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return m, err
}

// echo hands moves of player 101 to their sender as changes in the dictionary
// form, with a ping and an answer to the command between them.
func echo(conn *websocket.Conn) {
	pongs := 0
	conn.SetPongHandler(func(string) error { pongs++; return nil })
	for n := 0; ; n++ {
		_, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		_, x, _ := strings.Cut(string(data), `"x":`)
		x, _, _ = strings.Cut(x, ",")
		_ = conn.WriteControl(websocket.PingMessage, []byte("still there?"), time.Now().Add(time.Second))
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"commands":{}}`))
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"players":{"players_101":{"id":101,"x":`+x+`}}}`))
	}
}

func TestRunWithCompressionAndDictionaries(t *testing.T) {
	m, err := answer(t, func(p *Plan) { p.Compression, p.Watchers, p.Rate = true, 1, 5 }, echo)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(m.Held-1) > 0.05 || math.Abs(m.Messages-10) > 0.5 || m.Samples < 35 || m.Max > 1 || len(m.Faults) != 0 {
		t.Errorf("%+v", m)
	}
}

func TestRunCountsLosses(t *testing.T) {
	m, err := answer(t, func(*Plan) {}, func(conn *websocket.Conn) {
		_, _, _ = conn.ReadMessage()
		bye := websocket.FormatCloseMessage(websocket.CloseTryAgainLater, "too slow")
		_ = conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.Lost != 3 || m.Faults["the server closed: 1013 too slow"] != 3 {
		t.Errorf("lost %d: %v", m.Lost, m.Faults)
	}
}

func TestRunTellsWhyItCannotConnect(t *testing.T) {
	_, err := answer(t, func(*Plan) {}, nil)
	const want = "of 3: the server answered 503 Service Unavailable: map is full"
	if err == nil || !strings.HasPrefix(err.Error(), "connecting player ") || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %v", err)
	}
	if _, err := Run(t.Context(), Plan{}); err == nil {
		t.Error("an empty plan was accepted")
	}
}
