package e2e

import (
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// realtime is a client of the GameLift Realtime protocol whose frames are written by
// hand, from the reference.
type realtime struct {
	*testing.T
	conn *websocket.Conn
}

func (c *realtime) sends(frame string) {
	c.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(frame, " ", ""))
	if err == nil {
		err = c.conn.WriteMessage(websocket.BinaryMessage, data)
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c *realtime) gets(frame string) {
	c.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	kind, data, err := c.conn.ReadMessage()
	if err != nil || kind != websocket.BinaryMessage {
		c.Fatal(kind, err)
	}
	if got, want := hex.EncodeToString(data), strings.ReplaceAll(frame, " ", ""); got != want {
		c.Errorf("got  %s\nwant %s", got, want)
	}
}

// The example of Amazon's documentation, byte for byte, with clients as Amazon's SDK
// and others make them: on any path, over a plain WebSocket.
func TestRealtimeServer(t *testing.T) {
	script, err := os.ReadFile("../../mapserver/dialect/gamelift/testdata/seed.js")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.js"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := program(t, "overworld", "bundle", "check", dir); code != 0 || !strings.Contains(out, "the bundle is fine") {
		t.Errorf("checking the bundle: %d\n%s", code, out)
	}
	g := run(t, t.TempDir(), dir)
	var address string
	g.await("to say where clients connect", func() bool {
		address = regexp.MustCompile(`ws://127\.0\.0\.1:\d+`).FindString(g.log.String())
		return address != ""
	})
	connect := func(path string) *realtime {
		t.Helper()
		conn, _, err := websocket.DefaultDialer.Dial(address+"/"+path, http.Header{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return &realtime{t, conn}
	}
	const toServer, fromServer = "18 ffffffffffffffffff01", "28 ffffffffffffffffff01"
	anna := connect("websocket")
	anna.sends("17 " + toServer + " 30 01  f201 07 0a 03 703131 10 02") // login, session p11
	anna.gets("1c 08 01 18 01 " + fromServer + " 30 01 fa01 08 08 01 18 01 20 f88402")
	anna.gets("1a 08 e201 18 01 28 01 30 01 7a 0f " + hex.EncodeToString([]byte("Peer 1 accepted")))
	bert := connect("")
	bert.sends("15 " + toServer + " f201 07 0a 03 703132 10 02")
	bert.gets("1c 08 01 18 02 " + fromServer + " 30 01 fa01 08 08 01 18 02 20 f88402")
	bert.gets("1a 08 e201 18 02 28 02 30 01 7a 0f " + hex.EncodeToString([]byte("Peer 2 accepted")))

	anna.sends("12 08 13 " + toServer + " c202 02 08 01") // join group 1
	anna.sends("07 08 17 d202 02 08 01")                  // and who is in it
	anna.gets("19 08 19 18 01 " + fromServer + " 30 01 da02 05 08 01 12 01 01")
	bert.sends("12 08 de01 " + toServer + " 7a 02 6869") // operation 111 with "hi"
	anna.gets("14 08 e001 20 01 " + fromServer + " 7a 02 6869")
	bert.sends("0d 08 0a 18 01 28 63 7a 05 68656c6c6f") // to the other player, as somebody else
	anna.gets("0d 08 0a 18 01 28 02 7a 05 68656c6c6f")
	if err := g.stop(); err != nil {
		t.Errorf("it ends with %v\n%s", err, g.log)
	}
}
