package bots

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	signInTimeout    = 30 * time.Second
	handshakeTimeout = 15 * time.Second
	writeTimeout     = 10 * time.Second
	// idleConnections keeps sign-ins of a crowd on few connections.
	idleConnections = 32
	socketBuffer    = 4096
)

// Options say how a Client reaches its gateway. URL is required.
type Options struct {
	// URL is the gateway, as in "http://127.0.0.1:8080".
	URL string
	// Compression offers permessage-deflate.
	Compression bool
	// InsecureTLS accepts any certificate.
	InsecureTLS bool
	// Now is the clock; default time.Now.
	Now func() time.Time
	// DialContext makes network connections; default those of net.Dialer.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// network is what the clients of one gateway share.
type network struct {
	gateway   *url.URL
	http      *http.Client
	dialer    *websocket.Dialer
	transport *http.Transport
	now       func() time.Time
	// received counts the bytes that the sockets to the maps brought, as they
	// came over the wire.
	received atomic.Int64
}

func newNetwork(o Options) (*network, error) {
	if err := checkURL(o.URL); err != nil {
		return nil, err
	}
	gateway, err := url.Parse(o.URL)
	if err != nil {
		return nil, err
	}
	n := &network{gateway: gateway, now: o.Now}
	if n.now == nil {
		n.now = time.Now
	}
	dial := o.DialContext
	if dial == nil {
		dial = (&net.Dialer{Timeout: handshakeTimeout}).DialContext
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.InsecureTLS}
	n.transport = &http.Transport{
		DialContext:         dial,
		TLSClientConfig:     secure,
		MaxIdleConnsPerHost: idleConnections,
		MaxConnsPerHost:     idleConnections,
		IdleConnTimeout:     time.Minute,
	}
	n.http = &http.Client{Transport: n.transport, Timeout: signInTimeout}
	n.dialer = &websocket.Dialer{
		NetDialContext:    n.counted(dial),
		TLSClientConfig:   secure.Clone(),
		HandshakeTimeout:  handshakeTimeout,
		ReadBufferSize:    socketBuffer,
		WriteBufferSize:   512,
		EnableCompression: o.Compression,
	}
	return n, nil
}

func (n *network) close() { n.transport.CloseIdleConnections() }

// socketURL is the address of a map's socket. The credentials stand in it as
// they are, unescaped: so do those of the clients in browsers.
func (n *network) socketURL(host, credentials string) string {
	scheme := "ws"
	if n.gateway.Scheme == "https" {
		scheme = "wss"
	}
	return scheme + "://" + host + "/?HTTP_AUTHORIZATION=" + credentials
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

func (n *network) counted(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: c, received: &n.received}, nil
	}
}

type countedConn struct {
	net.Conn
	received *atomic.Int64
}

// Read counts what it reads.
func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	return n, err
}
