package gamelift

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/script/js"
)

var beginning = time.Unix(1_700_000_000, 0).UTC()

// rig is a game session with clients that write down what they get.
type rig struct {
	*testing.T
	*Game
	clock   time.Time
	frames  uint64
	clients map[int32]*client
	out     bytes.Buffer
	over    []int
}

// client is a connection.
type client struct {
	r  *rig
	id int32
}

func (c *client) ID() uint64          { return uint64(c.id) }
func (c *client) Player() game.Player { return game.Player{ID: int64(c.id)} }

func (c *client) Send(m *game.Message) {
	if c.r.clients[c.id] != c {
		return // it has gone
	}
	if !m.Binary {
		c.r.Error("a text frame was sent")
	}
	p, n, err := decode(m.Data)
	if err != nil || n != len(m.Data) {
		c.r.Fatalf("a packet that cannot be read was sent: %x, %v", m.Data, err)
	}
	_, _ = fmt.Fprintf(&c.r.out, "%d < %s\n", c.id, show(&p))
}

func (c *client) Close(code int, reason string) {
	_, _ = fmt.Fprintf(&c.r.out, "%d closed %d %s\n", c.id, code, reason)
	if c.r.clients[c.id] == c {
		delete(c.r.clients, c.id)
		c.r.Leave(c)
	}
}

// show is a packet in a line.
func show(p *packet) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "op %d from %d", p.opCode, p.sender)
	if p.targetPlayer != 0 {
		_, _ = fmt.Fprintf(&b, " to %d", p.targetPlayer)
	}
	if p.targetGroup != 0 {
		_, _ = fmt.Fprintf(&b, " group %d", p.targetGroup)
	}
	if p.payload != nil {
		_, _ = fmt.Fprintf(&b, " %q", p.payload)
	}
	if p.result != nil {
		_, _ = fmt.Fprintf(&b, " login %+v", *p.result)
	}
	if p.membership != nil {
		_, _ = fmt.Fprintf(&b, " members %+v", *p.membership)
	}
	return b.String()
}

// newRig starts a session of a script.
func newRig(t *testing.T, source string, change ...func(*Config)) *rig {
	t.Helper()
	r := &rig{T: t, clock: beginning, clients: map[int32]*client{}}
	c := Config{
		ID: "arena", Bundle: game.NewBundle(map[string][]byte{"index.js": []byte(source)}), Entry: "index.js", Platform: js.Platform{},
		Limits: script.Limits{Call: time.Second}, Over: func(code int) { r.over = append(r.over, code) },
		Log: slog.New(slog.NewTextHandler(&r.out, &slog.HandlerOptions{ReplaceAttr: plain})), Now: func() time.Time { return r.clock },
	}
	for _, f := range change {
		f(&c)
	}
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	r.Game = g
	t.Cleanup(g.Close)
	return r
}

func plain(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, "trace", "skipped", "count":
		return slog.Attr{}
	}
	return a
}

func (r *rig) connect(id int32) *client {
	c := &client{r, id}
	r.clients[id] = c
	if err := r.Join(c); err != nil {
		_, _ = fmt.Fprintf(&r.out, "%d refused: %v\n", id, err)
	}
	return c
}

func (r *rig) says(id int32, p packet) {
	r.Helper()
	if c := r.clients[id]; c != nil {
		r.Receive(c, encode(&p))
		return
	}
	r.Fatalf("there is no client %d", id)
}

// enter connects and logs in.
func (r *rig) enter(id int32) {
	r.Helper()
	r.connect(id)
	r.says(id, packet{targetPlayer: serverID, reliable: true, payload: []byte("hello"), login: &login{playerSessionID: fmt.Sprintf("psess-%d", id), clientVersion: 2}})
}

// pass lets time go by, in frames.
func (r *rig) pass(d time.Duration) {
	const step = 50 * time.Millisecond
	for end := r.clock.Add(d); r.clock.Before(end); {
		r.frames++
		r.clock = r.clock.Add(step)
		r.Frame(game.Frame{Number: r.frames, Now: r.clock, Step: step})
	}
}

// wants compares what came out since the last time.
func (r *rig) wants(lines ...string) {
	r.Helper()
	got := strings.TrimSpace(r.out.String())
	r.out.Reset()
	if want := strings.Join(lines, "\n"); got != want {
		r.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// newRigError is why a session of a script does not start.
func newRigError(t *testing.T, source string) error {
	t.Helper()
	return Check(Config{
		ID: "arena", Bundle: game.NewBundle(map[string][]byte{"index.js": []byte(source)}), Entry: "index.js", Platform: js.Platform{},
	})
}
