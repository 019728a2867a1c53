package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// readBuffer takes a whole frame of a full map in one call, mostly.
const readBuffer = 16 << 10

// conn is one player's connection.
type conn struct {
	net net.Conn
	id  int64
	// messages and bytes count what came in, bytes as on the wire.
	messages atomic.Int64
	bytes    atomic.Int64
	// fault is the server's close frame, if it sent one.
	fault error
}

// drain reads until the connection ends, and returns why.
func (c *conn) drain(rest []byte, watch *watcher) error {
	f := frames{control: c.control}
	var arrived time.Time
	if watch != nil {
		f.message = func(data []byte, compressed bool) { watch.message(data, compressed, arrived) }
	}
	c.take(&f, rest)
	buffer := make([]byte, readBuffer)
	for {
		n, err := c.net.Read(buffer)
		if watch != nil {
			arrived = time.Now()
		}
		c.take(&f, buffer[:n])
		if c.fault != nil {
			return c.fault
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return errors.New("the server hung up")
			}
			return err
		}
	}
}

func (c *conn) take(f *frames, p []byte) {
	f.feed(p)
	c.bytes.Add(int64(len(p)))
	c.messages.Store(f.messages)
}

// control answers pings and notes closes.
func (c *conn) control(op byte, data []byte) {
	switch op {
	case opPing:
		_, _ = c.net.Write(appendFrame(nil, opPong, data))
	case opClose:
		code, reason := 1005, ""
		if len(data) >= 2 {
			code, reason = int(binary.BigEndian.Uint16(data)), string(data[2:])
		}
		c.fault = fmt.Errorf("the server closed: %d %s", code, reason)
	}
}
