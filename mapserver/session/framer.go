package session

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// framer makes the bytes of WebSocket frames. gorilla's connections do it: it
// owns two that lead nowhere, one with compression. So a message costs a frame
// once, and a connection costs nothing but the system call.
type framer struct {
	compressMin int

	mu       sync.Mutex
	plain    sink
	deflated sink
}

// sink is a gorilla connection that writes to a buffer.
type sink struct {
	conn *websocket.Conn
	out  *buffer
}

// frames are the forms of one message; each is made when it is first needed.
type frames struct {
	forms [2]struct {
		once sync.Once
		wire []byte
	}
}

const (
	formPlain = iota
	formDeflated
)

func newFramer(c *Config) (*framer, error) {
	plain, err := newSink(false)
	if err != nil {
		return nil, err
	}
	deflated, err := newSink(true)
	if err != nil {
		return nil, err
	}
	if err := deflated.conn.SetCompressionLevel(c.CompressLevel); err != nil {
		return nil, fmt.Errorf("setting compression level %d: it must be from 1 to 9: %w", c.CompressLevel, err)
	}
	return &framer{compressMin: c.CompressMin, plain: plain, deflated: deflated}, nil
}

// wire returns the frame of m, compressed if form says so and if it pays. It is
// empty only if m cannot be framed at all.
func (f *framer) wire(m *game.Message, form int) []byte {
	prepared, _ := m.Prepared(prepare)
	fs, ok := prepared.(*frames)
	if !ok {
		return nil
	}
	if form == formDeflated && len(m.Data) < f.compressMin {
		form = formPlain
	}
	slot := &fs.forms[form]
	slot.once.Do(func() { slot.wire = f.encode(m, form) })
	return slot.wire
}

func prepare(*game.Message) (any, error) { return new(frames), nil }

func (f *framer) encode(m *game.Message, form int) []byte {
	kind := websocket.TextMessage
	if m.Binary {
		kind = websocket.BinaryMessage
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	to := f.plain
	if form == formDeflated {
		to = f.deflated
	}
	return to.take(to.conn.WriteMessage(kind, m.Data))
}

// control makes a message of a control frame.
func (f *framer) control(kind int, data []byte) *game.Message {
	fs := new(frames)
	wire := f.encodeControl(kind, data)
	for i := range fs.forms {
		fs.forms[i].once.Do(func() { fs.forms[i].wire = wire })
	}
	m := &game.Message{Data: data}
	_, _ = m.Prepared(func(*game.Message) (any, error) { return fs, nil })
	return m
}

func (f *framer) encodeControl(kind int, data []byte) []byte {
	if kind == websocket.CloseMessage {
		// A gorilla connection is of no use after a close frame: take a fresh one.
		last, err := newSink(false)
		if err != nil {
			return nil
		}
		return last.take(last.conn.WriteControl(kind, data, time.Time{}))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.plain.take(f.plain.conn.WriteControl(kind, data, time.Time{}))
}

// take returns a copy of what was written, and empties the buffer.
func (s sink) take(err error) []byte {
	defer s.out.empty()
	if err != nil {
		return nil
	}
	return slices.Clone(s.out.Bytes())
}

// newSink goes through gorilla's handshake, as there is no other way to a
// server's connection.
func newSink(compress bool) (sink, error) {
	up := websocket.Upgrader{EnableCompression: compress, WriteBufferSize: 32 << 10}
	header := http.Header{
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key":     {"AAAAAAAAAAAAAAAAAAAAAA=="},
	}
	if compress {
		header.Set("Sec-Websocket-Extensions", "permessage-deflate")
	}
	w := &sinkResponse{out: new(buffer)}
	conn, err := up.Upgrade(w, &http.Request{Method: http.MethodGet, Header: header, URL: &url.URL{}}, nil)
	if err != nil {
		return sink{}, fmt.Errorf("making a frame encoder: %w", err)
	}
	w.out.Reset()
	return sink{conn: conn, out: w.out}, nil
}

// sinkResponse is a response whose connection is a buffer.
type sinkResponse struct {
	http.ResponseWriter
	out *buffer
}

// Header returns a header that nobody reads.
func (sinkResponse) Header() http.Header { return http.Header{} }

// Hijack hands out the buffer.
func (w *sinkResponse) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	rw := bufio.NewReadWriter(bufio.NewReaderSize(w.out, 512), bufio.NewWriterSize(w.out, 512))
	return w.out, rw, nil
}

// buffer is a connection that keeps what is written.
type buffer struct {
	net.Conn
	bytes.Buffer
}

// keepSink is how large a buffer is kept for the next message.
const keepSink = 256 << 10

func (b *buffer) empty() {
	if b.Cap() > keepSink {
		b.Buffer = bytes.Buffer{}
	}
	b.Reset()
}

func (b *buffer) Read(p []byte) (int, error)     { return b.Buffer.Read(p) }
func (b *buffer) Write(p []byte) (int, error)    { return b.Buffer.Write(p) }
func (*buffer) Close() error                     { return nil }
func (*buffer) SetDeadline(time.Time) error      { return nil }
func (*buffer) SetReadDeadline(time.Time) error  { return nil }
func (*buffer) SetWriteDeadline(time.Time) error { return nil }
