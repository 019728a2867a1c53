package session

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/http"
)

// Listener wraps the TCP listener of a server with TLS, below TLS:
//
//	tls.NewListener(session.Listener(tcp), config)
//
// so that encrypted connections are written without blocking, too. Without TLS
// it is not needed, and does no harm.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept waits for a connection.
func (l listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newWire(conn), nil
}

// hijacker is a response whose connection, when it is taken over, is a wire or
// lies above one.
type hijacker struct {
	http.ResponseWriter
	wire *wire
	// top is what frames are written to: the wire itself, or TLS above it.
	top net.Conn
}

// Hijack takes the connection over.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	switch c := conn.(type) {
	case *wire:
		h.wire, h.top = c, c
	case *tls.Conn:
		below, ok := c.NetConn().(*wire)
		if !ok {
			below = newWire(conn)
			conn = below
		}
		h.wire, h.top = below, conn
	default:
		h.wire = newWire(conn)
		h.top = h.wire
	}
	return h.top, rw, nil
}
