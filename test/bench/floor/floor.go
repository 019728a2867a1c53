// Package floor is the least that a server can do with the traffic of a map:
// it takes moves from players and sends what changed to all of them, frame by
// frame. No game, no scripts, no limits, one goroutine per connection that
// reads and one that writes. What a map server costs is measured against it.
package floor

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
	"time"

	"github.com/gorilla/websocket"
)

// outbox is how many frames may wait for one connection before it is given up.
const outbox = 256

// Serve serves on l until ctx ends, with rate frames per second.
func Serve(ctx context.Context, l net.Listener, rate float64) error {
	h := &hub{clients: make(map[*client]struct{}), players: make(map[int64]*player)}
	h.upgrader.ReadBufferSize, h.upgrader.WriteBufferSize = 1024, 1024
	server := &http.Server{Handler: h}
	var serving sync.WaitGroup
	serving.Go(func() { h.frames(ctx, rate) })
	stop := context.AfterFunc(ctx, func() {
		_ = server.Close()
		h.closeAll()
	})
	defer stop()
	err := server.Serve(l)
	serving.Wait()
	h.running.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// hub knows all players and connections.
type hub struct {
	upgrader websocket.Upgrader
	running  sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	clients map[*client]struct{}
	players map[int64]*player
	changed []*player
}

// player is what there is of an entity.
type player struct {
	command
	id    int64
	fresh bool
}

// command is a move.
type command struct {
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	Side string  `json:"side"`
	Pose string  `json:"pose"`
}

type client struct {
	conn *websocket.Conn
	out  chan *websocket.PreparedMessage
}

// ServeHTTP lets everybody in under the id that they name.
func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := idOf(r.URL.RawQuery)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	conn, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &client{conn: conn, out: make(chan *websocket.PreparedMessage, outbox)}
	if !h.add(c) {
		_ = conn.Close()
		return
	}
	defer h.running.Done()
	var writing sync.WaitGroup
	writing.Go(c.write)
	h.read(c, id)
	h.remove(c)
	writing.Wait()
}

func idOf(query string) (int64, error) {
	value, _ := strings.CutPrefix(query, "HTTP_AUTHORIZATION=")
	text, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return 0, fmt.Errorf("reading credentials: %w", err)
	}
	id, _, _ := strings.Cut(string(text), ":")
	return strconv.ParseInt(id, 10, 64)
}

func (h *hub) add(c *client) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.running.Add(1)
	h.clients[c] = struct{}{}
	return true
}

// remove ends c's writer, once.
func (h *hub) remove(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.clients[c]; there {
		delete(h.clients, c)
		close(c.out)
	}
	_ = c.conn.Close()
}

func (h *hub) closeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.clients {
		_ = c.conn.Close()
	}
}

// read takes moves until the connection ends.
func (h *hub) read(c *client, id int64) {
	for {
		_, data, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		var m command
		if json.Unmarshal(data, &m) == nil {
			h.move(id, m)
		}
	}
}

func (h *hub) move(id int64, m command) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.players[id]
	if p == nil {
		p = &player{id: id}
		h.players[id] = p
	}
	p.command = m
	if !p.fresh {
		p.fresh = true
		h.changed = append(h.changed, p)
	}
}

func (c *client) write() {
	for m := range c.out {
		if err := c.conn.WritePreparedMessage(m); err != nil {
			_ = c.conn.Close()
			return
		}
	}
}

// frames sends what changed, rate times a second.
func (h *hub) frames(ctx context.Context, rate float64) {
	ticker := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer ticker.Stop()
	var buffer []byte
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			buffer = h.frame(buffer[:0])
		}
	}
}

func (h *hub) frame(buffer []byte) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.changed) == 0 {
		return buffer
	}
	buffer = encode(buffer, h.changed)
	h.changed = h.changed[:0]
	// The message copies the buffer.
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, buffer)
	if err != nil {
		return buffer
	}
	for c := range h.clients {
		select {
		case c.out <- message:
		default:
			_ = c.conn.Close()
		}
	}
	return buffer
}

// encode writes the packet of a frame, as the native protocol has it.
func encode(b []byte, changed []*player) []byte {
	b = append(b, `{"players":[`...)
	for i, p := range changed {
		p.fresh = false
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"id":`...)
		b = strconv.AppendInt(b, p.id, 10)
		b = append(b, `,"x":`...)
		b = strconv.AppendFloat(b, p.X, 'f', -1, 64)
		b = append(b, `,"y":`...)
		b = strconv.AppendFloat(b, p.Y, 'f', -1, 64)
		b = append(b, `,"side":`...)
		b = strconv.AppendQuote(b, p.Side)
		b = append(b, `,"action":`...)
		b = strconv.AppendQuote(b, p.Pose)
		b = append(b, '}')
	}
	return append(b, `]}`...)
}
