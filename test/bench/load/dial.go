package load

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const handshakeTimeout = 20 * time.Second

// dial opens the socket of player i. rest is what came after the handshake.
func (p *Plan) dial(ctx context.Context, i int) (c *conn, rest []byte, err error) {
	id, token, err := p.Credentials(i)
	if err != nil {
		return nil, nil, err
	}
	nc, err := p.Dial(ctx, "tcp", p.Address)
	if err != nil {
		return nil, nil, err
	}
	rest, err = p.handshake(nc, strconv.FormatInt(id, 10)+":"+token)
	if err != nil {
		_ = nc.Close()
		return nil, nil, err
	}
	return &conn{net: nc, id: id}, rest, nil
}

func (p *Plan) handshake(nc net.Conn, credentials string) (rest []byte, err error) {
	_ = nc.SetDeadline(time.Now().Add(handshakeTimeout))
	var b strings.Builder
	b.WriteString("GET /?HTTP_AUTHORIZATION=" + base64.StdEncoding.EncodeToString([]byte(credentials)) + " HTTP/1.1\r\n")
	b.WriteString("Host: " + p.Address + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
	b.WriteString("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n")
	if p.Compression {
		b.WriteString("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n")
	}
	if _, err := io.WriteString(nc, b.String()+"\r\n"); err != nil {
		return nil, err
	}
	r := bufio.NewReader(nc)
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		return nil, err
	}
	if err := p.accepted(response); err != nil {
		return nil, err
	}
	rest, err = r.Peek(r.Buffered())
	_ = nc.SetDeadline(time.Time{})
	return rest, err
}

func (p *Plan) accepted(response *http.Response) error {
	if response.StatusCode != http.StatusSwitchingProtocols {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 500))
		return fmt.Errorf("the server answered %s: %s", response.Status, strings.TrimSpace(string(text)))
	}
	agreed := response.Header.Get("Sec-WebSocket-Extensions")
	if agreed != "" && !strings.Contains(agreed, "server_no_context_takeover") {
		return fmt.Errorf("the server wants to use %q, and only messages that are compressed one by one are understood", agreed)
	}
	return nil
}
