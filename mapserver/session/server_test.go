package session

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/token"
)

func TestPlay(t *testing.T) {
	r := newRig(t, Config{})
	c, s := r.enter(24)
	if got, want := s.Player(), (game.Player{ID: 24, Login: "player24"}); got != want {
		t.Errorf("player %v, want %v", got, want)
	}
	c.send("hello")
	if got := r.await("receive"); got.data != "hello" || got.session != s {
		t.Errorf("got %+v", got)
	}
	if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte("binary")); err != nil {
		t.Fatal(err)
	}
	if got := r.await("receive"); got.data != "binary" {
		t.Errorf("got %+v", got)
	}
	r.do(func() {
		s.Send(text("one"))
		s.Send(&game.Message{Data: []byte("two"), Binary: true})
	})
	c.wantRead("one")
	kind, data, err := c.conn.ReadMessage()
	if kind != websocket.BinaryMessage || string(data) != "two" || err != nil {
		t.Errorf("got %d %q %v", kind, data, err)
	}
	r.check(c.conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1001, "bye")))
	c.wantClose(1001)
	r.await("leave")
}

func TestBasicAuthorization(t *testing.T) {
	r := newRig(t, Config{})
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("7:"+r.token(7)))}}
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+r.addr+"/any/path", header)
	r.check(err)
	defer func() { _ = conn.Close() }()
	if got := r.await("join").session.Player().ID; got != 7 {
		t.Errorf("player %d", got)
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t, Config{})
	foreign, err := token.NewSigner(mustKey(t), 0)
	r.check(err)
	sign := func(s *token.Signer, c token.Claims, at time.Time) string {
		text, err := s.Sign(c, at)
		r.check(err)
		return text
	}
	mine := token.Claims{Player: 24, Map: "meadow"}
	used := r.token(24)
	first := r.dialURL(r.url(24, used))
	r.await("join")
	cases := []struct {
		name, url string
		code      int
		want      *token.Refusal
	}{
		{"missing", "ws://" + r.addr + "/", 4400, token.ErrMissing},
		{"malformed", "ws://" + r.addr + "/?HTTP_AUTHORIZATION=x", 4400, token.ErrMalformed},
		{"rubbish", r.url(24, "rubbish"), 4400, token.ErrMalformed},
		{"signature", r.url(24, sign(foreign, mine, r.time())), 4401, token.ErrSignature},
		{"otherplayer", r.url(25, r.token(24)), 4402, token.ErrOtherPlayer},
		{"othermap", r.url(24, sign(r.signer, token.Claims{Player: 24, Map: "hill"}, r.time())), 4403, token.ErrOtherMap},
		{"expired", r.url(24, sign(r.signer, mine, r.time().Add(-time.Minute))), 4408, token.ErrExpired},
		{"used", r.url(24, used), 4409, token.ErrUsed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := r.server.Stats().Refused[c.want.Reason]
			client := r.dialURL(c.url)
			if got := client.wantEnd(c.code); got != c.want.Text {
				t.Errorf("got %q", got)
			}
			if got := r.server.Stats().Refused[c.want.Reason]; got != before+1 {
				t.Errorf("counted %d, want %d", got, before+1)
			}
		})
	}
	first.send("still here")
	r.await("receive")
}

func mustKey(t *testing.T) []byte {
	t.Helper()
	key, err := token.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestNotAWebSocket(t *testing.T) {
	r := newRig(t, Config{})
	response, err := http.Get("http://" + r.addr + "/")
	r.check(err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	r.check(err)
	if response.StatusCode != http.StatusUpgradeRequired || !strings.Contains(string(body), "WebSocket") {
		t.Errorf("%d: %s", response.StatusCode, body)
	}
}

func TestMapFull(t *testing.T) {
	r := newRig(t, Config{MaxPlayers: 1})
	_, s := r.enter(1)
	spare := r.token(2)
	second := r.dialURL(r.url(2, spare))
	if got := second.wantEnd(1013); got != "map is full" {
		t.Errorf("got %q", got)
	}
	r.do(func() { s.Close(1000, "bye") })
	r.await("leave")
	// The token was not spent, so the player may try again with it.
	r.dialURL(r.url(2, spare))
	r.await("join")
}

func TestTakeover(t *testing.T) {
	r := newRig(t, Config{MaxPlayers: 1})
	first, old := r.enter(1)
	second := r.dialURL(r.url(1, r.token(1)))
	if e := r.await("leave"); e.session != old {
		t.Error("another session left")
	}
	s := r.await("join").session
	if s == old || s.ID() == old.ID() {
		t.Error("the session is the same")
	}
	first.wantEnd(4001)
	r.do(func() { s.Send(text("yours")); old.Send(text("lost")) })
	second.wantRead("yours")
	if got := r.server.Stats(); got.Sessions != 1 || got.Ended["takeover"] != 1 {
		t.Errorf("%+v", got)
	}
}

func TestGameRefuses(t *testing.T) {
	r := newRig(t, Config{})
	r.game.join = func(game.Session) error { return errors.New("you are banned") }
	c := r.dialURL(r.url(1, r.token(1)))
	if got := c.wantEnd(4410); got != "you are banned" {
		t.Errorf("got %q", got)
	}
}

func TestGameCloses(t *testing.T) {
	r := newRig(t, Config{})
	c, s := r.enter(1)
	reason := strings.Repeat("ж", 100)
	r.do(func() {
		s.Send(text("last words"))
		s.Close(4321, reason)
		s.Send(text("too late"))
		s.Close(1000, "again")
	})
	c.wantRead("last words")
	if got := c.wantClose(4321); got != strings.Repeat("ж", 61) {
		t.Errorf("got %q", got)
	}
	r.await("leave")
}

func TestMessageTooLarge(t *testing.T) {
	r := newRig(t, Config{})
	c, _ := r.enter(1)
	c.send(strings.Repeat("a", 4096))
	if got := r.await("receive"); len(got.data) != 4096 {
		t.Errorf("got %d bytes", len(got.data))
	}
	c.send(strings.Repeat("a", 4097))
	c.wantEnd(1009)
	r.await("leave")
}

func TestCompressedBomb(t *testing.T) {
	r := newRig(t, Config{Compress: true})
	dialer := &websocket.Dialer{EnableCompression: true}
	c := r.dialWith(dialer, r.url(1, r.token(1)))
	s := r.await("join").session
	r.do(func() { s.Send(text(strings.Repeat("packet ", 100))) })
	c.wantRead(strings.Repeat("packet ", 100))
	if got := r.server.Stats().BytesOut; got > 100 {
		t.Errorf("%d bytes: not compressed", got)
	}
	c.send(strings.Repeat("a", 1<<20))
	c.wantEnd(1009)
}

func TestRate(t *testing.T) {
	r := newRig(t, Config{Rate: 10, Burst: 3, Strikes: 2})
	c, _ := r.enter(1)
	for i := range 4 {
		c.send(fmt.Sprint(i))
	}
	if got := c.readError(); !strings.Contains(got, "at most 10 a second") {
		t.Errorf("got %q", got)
	}
	for range 3 {
		r.await("receive")
	}
	r.pass(100 * time.Millisecond)
	c.send("allowed again")
	r.await("receive")
	c.send("second strike")
	c.send("third strike")
	c.wantEnd(1008)
	r.await("leave")
}

func TestPingFlood(t *testing.T) {
	r := newRig(t, Config{Rate: 10, Burst: 3, Strikes: 2})
	c, _ := r.enter(1)
	for range 6 {
		r.check(c.conn.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(patience)))
	}
	c.readError()
	c.wantEnd(1008)
}

func TestByteFlood(t *testing.T) {
	r := newRig(t, Config{Rate: 1, Burst: 2, MaxMessage: 10})
	c, _ := r.enter(1)
	// A message that never ends: empty fragments are no messages.
	w := c.conn.NetConn()
	go func() {
		fragment := []byte{0x01, 0x80, 0, 0, 0, 0}
		for {
			if _, err := w.Write(fragment); err != nil {
				return
			}
			fragment[0] = 0
		}
	}()
	c.wantEnd(1008)
}

func TestBrokenFrames(t *testing.T) {
	cases := []struct {
		name, bytes string
		code        int
		word        string
	}{
		{"not masked", "\x81\x01a", 1002, "protocol"},
		{"unknown kind", "\x83\x80\x00\x00\x00\x00", 1002, "protocol"},
		{"corrupt compression", "\xc1\x84\x00\x00\x00\x00\xff\xff\xff\xff", 1007, "corrupt"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Config{Compress: true})
			client := r.dialWith(&websocket.Dialer{EnableCompression: true}, r.url(1, r.token(1)))
			r.await("join")
			_, err := client.conn.NetConn().Write([]byte(c.bytes))
			r.check(err)
			if c.code == 1007 {
				client.readError()
			}
			client.wantClose(c.code)
			r.await("leave")
			if got := r.server.Stats().Ended; got[c.word] != 1 || len(got) != 1 {
				t.Errorf("ended: %v", got)
			}
		})
	}
}

// TestManyRefused has so many refused clients that nobody waits for them.
func TestManyRefused(t *testing.T) {
	r := newRig(t, Config{CloseWait: patience, MaxParting: 20})
	for range 30 {
		r.dialURL("ws://" + r.addr + "/")
	}
	// Up to half of the room they linger, the others are cut.
	last := r.dialURL("ws://" + r.addr + "/")
	last.wantEnd(4400)
	if got := r.server.parting(); got > 11 {
		t.Errorf("%d connections linger", got)
	}
}

func TestBusy(t *testing.T) {
	r := newRig(t, Config{})
	c, _ := r.enter(1)
	r.full.Store(true)
	c.send("lost")
	if got := c.readError(); !strings.Contains(got, "busy") {
		t.Errorf("got %q", got)
	}
	r.full.Store(false)
	c.send("heard")
	if got := r.await("receive"); got.data != "heard" {
		t.Errorf("got %q", got.data)
	}
}

// TestTurnsAreNotLost has an inbox that refuses everything: turns are run by Flush.
func TestTurnsAreNotLost(t *testing.T) {
	r := newRig(t, Config{})
	r.full.Store(true)
	flush := func() event {
		for len(r.game.events) == 0 {
			r.do(func() {})
		}
		return <-r.game.events
	}
	r.dialURL(r.url(1, r.token(1)))
	first := flush()
	r.dialURL(r.url(1, r.token(1)))
	second, third := flush(), flush()
	if first.kind != "join" || second != (event{"leave", first.session, ""}) || third.kind != "join" || third.session == first.session {
		t.Errorf("got %v, %v, %v", first, second, third)
	}
}

func TestIdle(t *testing.T) {
	r := newRig(t, Config{})
	c, _ := r.enter(1)
	pings := make(chan string, 10)
	c.conn.SetPingHandler(func(data string) error {
		pings <- data
		return nil
	})
	r.pass(19 * time.Second)
	r.pass(2 * time.Second)
	r.pass(30 * time.Second)
	r.pass(9 * time.Second)
	c.wantEnd(4002)
	if got := len(pings); got != 2 {
		t.Errorf("%d pings, want 2", got)
	}
}

func TestPongKeepsAlive(t *testing.T) {
	r := newRig(t, Config{})
	c, s := r.enter(1)
	messages := make(chan string)
	go func() {
		for {
			_, data, err := c.conn.ReadMessage()
			if err != nil {
				close(messages)
				return
			}
			messages <- string(data)
		}
	}()
	r.pass(21 * time.Second)
	r.do(func() { s.Send(text("after the ping")) })
	<-messages
	// The pong was sent before this message, so it has been read before it.
	c.send("x")
	r.await("receive")
	heard := s.(*Session).heard.Load()
	if heard != r.now.Load() {
		t.Errorf("heard at %d, now is %d", heard, r.now.Load())
	}
}

func TestPingIsAnswered(t *testing.T) {
	r := newRig(t, Config{})
	c, s := r.enter(1)
	pongs := make(chan string, 1)
	c.conn.SetPongHandler(func(data string) error {
		pongs <- data
		r.do(func() { s.Send(text("go on")) })
		return nil
	})
	r.check(c.conn.WriteControl(websocket.PingMessage, []byte("echo"), time.Now().Add(patience)))
	c.wantRead("go on")
	if got := <-pongs; got != "echo" {
		t.Errorf("got %q", got)
	}
}

func TestDrain(t *testing.T) {
	r := newRig(t, Config{})
	c, s := r.enter(1)
	s.Send(text("before"))
	done := make(chan error, 1)
	go func() { done <- r.drain() }()
	c.wantRead("before")
	c.wantEnd(1012)
	if err := <-done; err != nil {
		t.Error(err)
	}
	r.await("leave")
	r.dialURL(r.url(2, r.token(2))).wantEnd(1012)
}

func TestErrorFrameIsASCII(t *testing.T) {
	got := string(errorFrame("a\"\\\nж😀").Data)
	if want := `{"error":"a\"\\\u000a\u0436\ud83d\ude00"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSendable(t *testing.T) {
	for code, want := range map[int]int{0: 1000, 1000: 1000, 1005: 1011, 1006: 1011, 1013: 1013, 1015: 1011, 2999: 1011, 3000: 3000, 4999: 4999, 5000: 1011, -1: 1011} {
		if got := sendable(code); got != want {
			t.Errorf("%d: got %d, want %d", code, got, want)
		}
	}
}
