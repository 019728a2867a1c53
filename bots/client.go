package bots

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// ErrNotConnected is what Send and Next give before Dial.
var ErrNotConnected = errors.New("the client is not connected: Dial first")

// CloseError tells how a connection ended.
type CloseError struct {
	// Code is the WebSocket close code; 1006 when the server said none.
	Code int
	// Reason is the server's sentence, or the network's error.
	Reason string
}

// Error returns the code and the reason.
func (e *CloseError) Error() string {
	return fmt.Sprintf("the connection was closed: %d %s", e.Code, e.Reason)
}

// Client is one player. Next and what belongs to it (World) are for one
// goroutine, Send and Command for any.
type Client struct {
	network *network
	conn    *websocket.Conn
	self    Credentials
	world   *World
	frame   bytes.Buffer

	mu     sync.Mutex
	lastID int64
	buffer bytes.Buffer
}

// NewClient returns a client of the gateway that o names.
func NewClient(o Options) (*Client, error) {
	n, err := newNetwork(o)
	if err != nil {
		return nil, err
	}
	return newClient(n), nil
}

func newClient(n *network) *Client { return &Client{network: n, world: NewWorld()} }

// Register makes an account. A no of the gateway is a *SignInError.
func (c *Client) Register(ctx context.Context, login, password string) (Credentials, error) {
	return c.network.signIn(ctx, registerPath, login, password)
}

// Login signs in to an account. A no of the gateway is a *SignInError.
func (c *Client) Login(ctx context.Context, login, password string) (Credentials, error) {
	return c.network.signIn(ctx, authPath, login, password)
}

// Dial connects to the map that the credentials are for. If the map refuses, the
// error is a *SignInError with the status and text of its answer.
func (c *Client) Dial(ctx context.Context, to Credentials) error {
	text := strconv.FormatInt(to.ID, 10) + ":" + to.Token
	address := c.network.socketURL(to.Host, base64.StdEncoding.EncodeToString([]byte(text)))
	conn, response, err := c.network.dialer.DialContext(ctx, address, nil)
	if errors.Is(err, websocket.ErrBadHandshake) && response != nil {
		return c.network.refusedSocket(response)
	}
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", to.Host, err)
	}
	c.conn, c.self, c.world = conn, to, NewWorld()
	return nil
}

func (n *network) refusedSocket(response *http.Response) error {
	// The dialer keeps the beginning of the body.
	body, _ := io.ReadAll(response.Body)
	text := sentence(body, http.StatusText(response.StatusCode))
	var packet struct{ Error string }
	if json.Unmarshal(body, &packet) == nil && packet.Error != "" {
		text = packet.Error
	}
	return &SignInError{Status: response.StatusCode, Text: text, RetryAfter: n.retryAfter(response.Header)}
}

// Self returns the credentials that the client connected with.
func (c *Client) Self() Credentials { return c.self }

// Player returns the client's own entity, nil as long as the map did not send it.
func (c *Client) Player() *Entity {
	return c.world.Entity("players_" + strconv.FormatInt(c.self.ID, 10))
}

// World returns the mirror of the map as far as Next has read.
func (c *Client) World() *World { return c.world }

// Send sends v as JSON in a text frame.
func (c *Client) Send(v any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buffer.Reset()
	if err := json.NewEncoder(&c.buffer).Encode(v); err != nil {
		return fmt.Errorf("encoding packet: %w", err)
	}
	return c.write(websocket.TextMessage, bytes.TrimRight(c.buffer.Bytes(), "\n"))
}

// SendRaw sends data as it is, in a binary or a text frame.
func (c *Client) SendRaw(data []byte, binary bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	kind := websocket.TextMessage
	if binary {
		kind = websocket.BinaryMessage
	}
	return c.write(kind, data)
}

func (c *Client) write(kind int, data []byte) error {
	if c.conn == nil {
		return ErrNotConnected
	}
	// Deadlines are on the clock of the network stack, whatever Now says.
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := c.conn.WriteMessage(kind, data); err != nil {
		return fmt.Errorf("sending packet: %w", err)
	}
	return nil
}

// Command sends action ("move/up") with params and a fresh command_id, which it
// returns: unix milliseconds, but larger than the one before.
func (c *Client) Command(action string, params map[string]any) (int64, error) {
	id := c.nextID()
	return id, c.command(id, action, params)
}

func (c *Client) nextID() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastID = max(c.lastID+1, c.network.now().UnixMilli())
	return c.lastID
}

func (c *Client) command(id int64, action string, params map[string]any) error {
	packet := make(map[string]any, len(params)+2)
	maps.Copy(packet, params)
	packet["action"], packet["command_id"] = action, id
	return c.Send(packet)
}

// Next waits for the next packet and applies it to the mirror. When ctx ends
// first, the connection is of no further use. The end of the connection is a
// *CloseError.
func (c *Client) Next(ctx context.Context) (*Packet, error) {
	data, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	p, err := Decode(data)
	if err != nil {
		return nil, err
	}
	c.world.Apply(p)
	return p, nil
}

// Wait reads packets until one satisfies is, and returns that one.
func (c *Client) Wait(ctx context.Context, is func(*Packet, *World) bool) (*Packet, error) {
	for {
		p, err := c.Next(ctx)
		if err != nil || is(p, c.world) {
			return p, err
		}
	}
}

// read returns one frame; it is valid until the next read.
func (c *Client) read(ctx context.Context) ([]byte, error) {
	if c.conn == nil {
		return nil, ErrNotConnected
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	data, err := c.readFrame()
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return data, err
}

func (c *Client) readFrame() ([]byte, error) {
	_, r, err := c.conn.NextReader()
	if err == nil {
		c.frame.Reset()
		_, err = c.frame.ReadFrom(r)
	}
	if err != nil {
		return nil, closeError(err)
	}
	return c.frame.Bytes(), nil
}

func closeError(err error) *CloseError {
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		return &CloseError{Code: closed.Code, Reason: closed.Text}
	}
	return &CloseError{Code: websocket.CloseAbnormalClosure, Reason: err.Error()}
}

// Close says good-bye and ends the connection.
func (c *Client) Close() {
	if c.conn == nil {
		return
	}
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = c.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
	_ = c.conn.Close()
}

// Drop ends the connection without a word, as a lost network does.
func (c *Client) Drop() {
	if c.conn != nil {
		_ = c.conn.NetConn().Close()
	}
}
