package session

import (
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// strikesFor is how long a message over the rate is held against a client.
	strikesFor = 10 * time.Second
	// lingerBytes is how much is read from a client after its end: closing a
	// socket with unread data would take the last frames away from it.
	lingerBytes = 1 << 20
)

// errFlood is what reading gives when a client sends more bytes than the
// messages that it may send can have.
var errFlood = errors.New("too many bytes")

// errStop stops reading when the session has been ended already.
var errStop = errors.New("the session is over")

// input is one message of a client on its way to the game. Inputs are pooled:
// the game sees the data during Receive only.
type input struct {
	session *Session
	data    []byte
}

var inputs = sync.Pool{New: func() any { return new(input) }}

// Run hands the message to the game.
func (in *input) Run(now time.Time) {
	s := in.session
	s.server.runTurns(now)
	if s.joined && !s.over() {
		s.server.config.Game.Receive(s, in.data)
	}
	in.free()
}

func (in *input) free() {
	in.session = nil
	inputs.Put(in)
}

// read reads from the client until the connection is gone.
func (s *Session) read() {
	defer s.cut()
	s.conn.SetPingHandler(s.onPing)
	s.conn.SetPongHandler(func(string) error { return s.onControl() })
	s.conn.SetCloseHandler(func(int, string) error { return nil })
	for {
		err := s.readMessage()
		if err == nil {
			continue
		}
		s.end(s.readEnding(err))
		s.flush(new(scratch))
		var closed *websocket.CloseError
		if !errors.As(err, &closed) {
			s.linger()
		}
		return
	}
}

// readEnding is how a session ends whose connection cannot be read any more.
func (s *Session) readEnding(err error) ending {
	var closed *websocket.CloseError
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, errFlood):
		return s.server.config.endFlood()
	case errors.As(err, &corrupt):
		return endCorrupt
	case errors.As(err, &closed):
		e := endGone
		if sendable(closed.Code) == closed.Code {
			e.code = closed.Code
		}
		return e
	case strings.HasPrefix(err.Error(), "websocket: "):
		// gorilla has sent a close frame that names the fault.
		return endProtocol
	default:
		return endGone
	}
}

// linger says that nothing more will come, and reads on until the client has
// parted too, or time is up.
func (s *Session) linger() {
	s.wire.limit(nil, nil)
	half, ok := s.wire.Conn.(interface{ CloseWrite() error })
	if ok && s.top == s.wire && !s.wire.busy.Load() {
		_ = half.CloseWrite()
	}
	_, _ = io.CopyN(io.Discard, s.top, lingerBytes)
}

// readMessage reads one message and hands it on.
func (s *Session) readMessage() error {
	_, r, err := s.conn.NextReader()
	if err != nil {
		return err
	}
	in := inputs.Get().(*input)
	in.session = s
	in.data, err = readAtMost(r, in.data[:0], s.server.config.MaxMessage)
	if err != nil {
		in.free()
		return err
	}
	s.server.counters.framesIn.Add(1)
	s.server.counters.bytesIn.Add(uint64(len(in.data)))
	return s.receive(in)
}

func (s *Session) receive(in *input) error {
	c := &s.server.config
	if s.over() {
		in.free()
		return nil
	}
	if len(in.data) > c.MaxMessage {
		in.free()
		s.end(c.endSize())
		return errStop
	}
	if !s.allow(c.Now()) {
		in.free()
		return nil
	}
	if !c.Post(in) {
		in.free()
		s.server.counters.busy.Add(1)
		s.sendError("The map is busy: the message was not handled, try again in a moment.")
	}
	return nil
}

// readAtMost appends what r has to p, and stops after one byte more than limit.
func readAtMost(r io.Reader, p []byte, limit int) ([]byte, error) {
	if cap(p) == 0 {
		p = make([]byte, 0, 512)
	}
	for len(p) <= limit {
		if len(p) == cap(p) {
			p = append(p, 0)[:len(p)]
		}
		n, err := r.Read(p[len(p):min(cap(p), limit+1)])
		p = p[:len(p)+n]
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return p, fmt.Errorf("reading message: %w", err)
		}
	}
	return p, nil
}

// allow counts a frame of the client against its rate and says whether it may
// be handled.
func (s *Session) allow(now time.Time) bool {
	s.heard.Store(now.UnixNano())
	if s.bucket.AllowN(now, 1) {
		return true
	}
	c := &s.server.config
	s.server.counters.limited.Add(1)
	if now.Sub(s.struck) > strikesFor {
		s.strikes = 0
	}
	s.struck = now
	s.strikes++
	switch {
	case s.strikes > c.Strikes:
		s.end(c.endRate())
	case s.strikes == 1:
		s.sendError("Too many messages, this one was not handled: " + c.rateText())
	}
	return false
}

// onControl counts a control frame.
func (s *Session) onControl() error {
	s.allow(s.server.config.Now())
	return nil
}

// onPing answers a ping.
func (s *Session) onPing(data string) error {
	if !s.allow(s.server.config.Now()) {
		return nil
	}
	pong := s.server.framer.control(websocket.PongMessage, []byte(data))
	pong.State = true // Who cannot keep up needs no answer to a ping.
	s.sendNow(pong)
	return nil
}

var _ Task = (*input)(nil)
