//go:build unix

package session

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sys/unix"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// sinkEnv makes the test binary a process of clients that read and forget.
const sinkEnv = "SESSION_BENCH_SINK"

func TestMain(m *testing.M) {
	if what := os.Getenv(sinkEnv); what != "" {
		if err := runSink(what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runSink opens connections as "url count" says, and reads until its input ends.
func runSink(what string) error {
	url, count, _ := strings.Cut(what, " ")
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	dialer := &websocket.Dialer{EnableCompression: true, ReadBufferSize: 512, WriteBufferSize: 512}
	for range n {
		conn, _, err := dialer.Dial(url, nil)
		if err != nil {
			return err
		}
		go func() { _, _ = io.CopyBuffer(io.Discard, struct{ io.Reader }{conn.NetConn()}, make([]byte, 8<<10)) }()
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// clients starts the process of clients.
func clients(b *testing.B, url string, n int) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sinkEnv+"="+fmt.Sprint(url, " ", n), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
}

// cpu is the time that this process has used.
func cpu() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fan is a way to bring one message to all connections.
type fan interface {
	http.Handler
	// ready is how many connections there are.
	ready() int
	// send sends data to all.
	send(data []byte)
	// sent is how many frames have been handed to sockets.
	sent() uint64
	close()
}

// benchFan sends frames in time with a map of 60 frames a second, and reports
// the CPU time per frame. It stays below what one core can do, so that sockets
// never fill.
func benchFan(b *testing.B, f fan, conns int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	web := &http.Server{Handler: f, ReadHeaderTimeout: patience}
	go func() { _ = web.Serve(l) }()
	defer func() { _ = web.Close() }()
	defer f.close()
	clients(b, "ws://"+l.Addr().String()+"/", conns)
	tick := time.NewTicker(time.Second / 60)
	defer tick.Stop()
	for f.ready() < conns {
		<-tick.C
	}
	data := packet()
	want := f.sent()
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu()
	var walk time.Duration
	for b.Loop() {
		<-tick.C
		start := time.Now()
		f.send(data)
		for want += uint64(conns); f.sent() < want; {
			runtime.Gosched()
		}
		walk += time.Since(start)
	}
	b.StopTimer()
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/frame")
	b.ReportMetric(float64(walk)/float64(b.N), "walk-ns/frame")
	b.ReportMetric(0, "ns/op")
}

// packet is a delta of about 1 KB.
func packet() []byte {
	var out strings.Builder
	out.WriteString(`{"players":[`)
	random := rand.New(rand.NewPCG(1, 2))
	for out.Len() < 1000 {
		fmt.Fprintf(&out, `{"id":%d,"x":%d,"y":%d},`, random.IntN(1000), random.IntN(100), random.IntN(100))
	}
	return append([]byte(strings.TrimSuffix(out.String(), ",")), "]}"...)
}

// ours is a Server.
type ours struct {
	*Server
	tasks    chan Task
	mu       sync.Mutex
	sessions []game.Session
}

// everyDoor lets everybody in as somebody else.
type everyDoor struct{ ids atomic.Int64 }

func (d *everyDoor) Verify(*http.Request, time.Time) (token.Claims, error) {
	return token.Claims{Player: d.ids.Add(1)}, nil
}
func (*everyDoor) Spend(token.Claims, time.Time) error { return nil }

type listGame struct {
	game.Nop
	o *ours
}

func (g listGame) Join(s game.Session) error {
	g.o.mu.Lock()
	defer g.o.mu.Unlock()
	g.o.sessions = append(g.o.sessions, s)
	return nil
}

func newOurs(b *testing.B, compress bool, writers int) *ours {
	o := &ours{tasks: make(chan Task, 5000)}
	server, err := New(Config{Game: listGame{o: o}, Door: new(everyDoor), MaxPlayers: 2000, Compress: compress, Writers: writers,
		Post: func(t Task) bool { o.tasks <- t; return true }})
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		for t := range o.tasks {
			t.Run(time.Now())
		}
	}()
	o.Server = server
	return o
}

func (o *ours) ready() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.sessions)
}

func (o *ours) send(data []byte) {
	m := &game.Message{Data: data, State: true}
	for _, s := range o.sessions {
		s.Send(m)
	}
	o.Flush()
}

func (o *ours) sent() uint64 { return o.counters.framesOut.Load() }
func (o *ours) close() {
	o.Close()
	close(o.tasks)
}

// floor is a plain server with gorilla's PreparedMessage.
type floor struct {
	mu    sync.Mutex
	conns []*websocket.Conn
	// queues are there when each connection has a goroutine.
	queues []chan *websocket.PreparedMessage
	count  atomic.Uint64
	many   bool
}

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns = append(f.conns, conn)
	go func() {
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	if f.many {
		queue := make(chan *websocket.PreparedMessage, 256)
		f.queues = append(f.queues, queue)
		go func() {
			for m := range queue {
				_ = conn.WritePreparedMessage(m)
				f.count.Add(1)
			}
		}()
	}
}

func (f *floor) ready() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns)
}

func (f *floor) send(data []byte) {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
	if err != nil {
		return
	}
	for _, queue := range f.queues {
		queue <- m
	}
	if f.many {
		return
	}
	for _, conn := range f.conns {
		_ = conn.WritePreparedMessage(m)
		f.count.Add(1)
	}
}

func (f *floor) sent() uint64 { return f.count.Load() }

func (f *floor) close() {
	for _, conn := range f.conns {
		_ = conn.Close()
	}
	for _, queue := range f.queues {
		close(queue)
	}
}

// BenchmarkFanOut sends one message of 1 KB to 500 connections per frame.
func BenchmarkFanOut(b *testing.B) {
	const conns = 500
	b.Run("gorilla-loop", func(b *testing.B) { benchFan(b, &floor{}, conns) })
	b.Run("gorilla-goroutine-per-conn", func(b *testing.B) { benchFan(b, &floor{many: true}, conns) })
	b.Run("ours", func(b *testing.B) { benchFan(b, newOurs(b, false, 1), conns) })
	b.Run("ours-goroutine-per-conn", func(b *testing.B) { benchFan(b, newOurs(b, false, conns), conns) })
	b.Run("ours-compressed", func(b *testing.B) { benchFan(b, newOurs(b, true, 1), conns) })
}
