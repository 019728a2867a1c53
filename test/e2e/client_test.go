package e2e

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// ticket is what signing in gives.
type ticket struct {
	ID    int64  `json:"id"`
	Token string `json:"token"`
	Port  int    `json:"port"`
	Host  string `json:"host"`
	Error string `json:"error"`
}

// post posts a form, as the page of the seed documents does.
func post(t *testing.T, address string, fields ...string) (int, ticket) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	answer, err := http.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out ticket
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatalf("the answer is %s: %v", data, err)
	}
	return answer.StatusCode, out
}

// packet is what a map sends.
type packet map[string]any

// client is a plain WebSocket with a JSON parser.
type client struct {
	t    *testing.T
	conn *websocket.Conn
	id   int64
}

// dial connects as a browser does: new WebSocket("ws://"+server+":"+port+
// "/?HTTP_AUTHORIZATION="+btoa(id+":"+token)).
func dial(t *testing.T, k ticket) *client {
	t.Helper()
	credentials := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d:%s", k.ID, k.Token))
	conn, _, err := websocket.DefaultDialer.Dial(fmt.Sprintf("ws://127.0.0.1:%d/?HTTP_AUTHORIZATION=%s", k.Port, credentials), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, conn: conn, id: k.ID}
	t.Cleanup(func() { _ = conn.Close() })
	return c
}

// next reads one packet.
func (c *client) next() (packet, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	kind, data, err := c.conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, fmt.Errorf("a frame of kind %d", kind)
	}
	if strings.IndexFunc(string(data), func(r rune) bool { return r > 126 }) >= 0 {
		return nil, fmt.Errorf("the frame is not ASCII: %s", data)
	}
	var p packet
	return p, json.Unmarshal(data, &p)
}

// wait reads packets until one is the right one.
func (c *client) wait(what string, is func(packet) bool) packet {
	c.t.Helper()
	for {
		p, err := c.next()
		if err != nil {
			c.t.Fatalf("waiting for %s: %v", what, err)
		}
		if is(p) {
			return p
		}
	}
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// entity is what a packet says of one entity, nil if nothing.
func (p packet) entity(kind string, id int64) packet {
	list, _ := p[kind].([]any)
	for _, it := range list {
		if e, ok := it.(map[string]any); ok && e["id"] == float64(id) {
			return e
		}
	}
	return nil
}

// goodbye reads until the connection ends and tells how: the last error packet
// and the close code.
func (c *client) goodbye() (text string, code int) {
	c.t.Helper()
	for {
		p, err := c.next()
		if err == nil {
			if said, ok := p["error"].(string); ok {
				text = said
			}
			continue
		}
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return text, closed.Code
		}
		c.t.Fatalf("the connection ended without a close frame: %v", err)
	}
}
