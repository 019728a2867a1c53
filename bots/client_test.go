package bots

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// inBubble runs test with a client of a fake server.
func inBubble(t *testing.T, test func(t *testing.T, s *fakeServer, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := startFake(t)
		defer s.close()
		c, err := NewClient(Options{URL: "http://game.example", DialContext: s.pipes.dial})
		if err != nil {
			t.Fatal(err)
		}
		defer c.network.close()
		defer c.Close()
		test(t, s, c)
	})
}

func TestClientPlaysByHand(t *testing.T) {
	inBubble(t, func(t *testing.T, s *fakeServer, c *Client) {
		if _, err := c.Register(t.Context(), "anna", "secret word"); err != nil {
			t.Fatal(err)
		}
		to, err := c.Login(t.Context(), "anna", "secret word")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Credentials{ID: 1, Token: "token+/1", Host: "game.example:7001"}, to); diff != "" {
			t.Fatal(diff)
		}
		if err := c.Dial(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		p, err := c.Next(t.Context())
		if err != nil || p.Action != LoadAction || c.World().Len() != 6 || c.Player().Component("hp") != 100.0 {
			t.Fatalf("first packet %+v, error %v", p, err)
		}
		id, err := c.Command("move/up", map[string]any{"n": 1})
		if err != nil {
			t.Fatal(err)
		}
		p, err = c.Wait(t.Context(), func(p *Packet, _ *World) bool { return p.Commands != nil })
		if err != nil || p.Commands["move"] != (Ack{CommandID: id, WaitTime: 0.005}) {
			t.Fatalf("answer %+v, error %v", p, err)
		}
		if next, _ := c.Command("move/up", nil); next <= id {
			t.Errorf("command_id %d after %d", next, id)
		}
		if _, err = c.Wait(t.Context(), func(_ *Packet, w *World) bool { return w.Entity("players_1").X == 6 }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestClientLearnsOfTheEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, s *fakeServer, c *Client) {
		s.command = func(p *fakePlayer, _ string, _ map[string]any) bool {
			p.close(websocket.ClosePolicyViolation, "no such action")
			return true
		}
		to, err := c.Register(t.Context(), "anna", "secret word")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Dial(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.SendRaw([]byte(`{"action":"a/b"}`), true); err != nil {
			t.Fatal(err)
		}
		_, err = c.Wait(t.Context(), func(*Packet, *World) bool { return false })
		var closed *CloseError
		if !errors.As(err, &closed) || *closed != (CloseError{Code: 1008, Reason: "no such action"}) {
			t.Errorf("error %v", err)
		}
		var refused *SignInError
		if err := c.Dial(t.Context(), to); !errors.As(err, &refused) || refused.Error() != "401: The token has been used." {
			t.Errorf("a used token: %v", err)
		}
	})
}

func TestClientBeforeDial(t *testing.T) {
	c, err := NewClient(Options{URL: "http://game.example"})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	c.Drop()
	if err := c.Send("x"); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Send: %v", err)
	}
	if _, err := c.Next(t.Context()); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Next: %v", err)
	}
}

func TestSignInAnswers(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"a text id and no host", 200, `{"id":"12","token":"t","port":"7001"}`, ""},
		{"an error with status 200", 200, `{"error":"wrong password"}`, "200: wrong password"},
		{"an empty body", 200, ``, "200: the gateway gave no answer that can be read"},
		{"a page", 502, `<h1>Bad Gateway</h1>`, "502: <h1>Bad Gateway</h1>"},
		{"no token", 200, `{"id":12}`, "signing in: the gateway's answer has no id or no token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *fakeServer, c *Client) {
				s.refuse = func(w http.ResponseWriter, _ string, _ int) bool {
					w.WriteHeader(tt.status)
					_, _ = w.Write([]byte(tt.body))
					return true
				}
				to, err := c.Login(t.Context(), "anna", "secret word")
				if tt.want == "" {
					if err != nil || to.ID != 12 || to.Host != "game.example:7001" {
						t.Errorf("%+v, error %v", to, err)
					}
					return
				}
				if err == nil || err.Error() != tt.want {
					t.Errorf("error %v, want %s", err, tt.want)
				}
			})
		})
	}
}
