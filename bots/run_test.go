package bots

import (
	"context"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// play runs cfg in a bubble with a fake clock, against a server that prepare may
// change.
func play(t *testing.T, players int, prepare func(*fakeServer, *Config)) (Result, *fakeServer, error) {
	t.Helper()
	var result Result
	var server *fakeServer
	var err error
	synctest.Test(t, func(t *testing.T) {
		server = startFake(t)
		defer server.close()
		cfg := server.config(players)
		if prepare != nil {
			prepare(server, &cfg)
		}
		result, err = Run(t.Context(), cfg)
	})
	return result, server, err
}

func TestRunPlays(t *testing.T) {
	for _, dictionary := range []bool{false, true} {
		r, s, err := play(t, 5, func(s *fakeServer, _ *Config) { s.dictionary = dictionary })
		if err != nil {
			t.Fatal(err)
		}
		if r.Connected != 5 || r.Peak != 5 || r.Logins != 5 || r.Registered != 5 || r.Reconnects != 0 {
			t.Errorf("players: %+v", r)
		}
		if len(r.Errors)+len(r.Closes)+len(r.LoginFailures) != 0 {
			t.Errorf("faults: %v %v %v", r.Errors, r.Closes, r.LoginFailures)
		}
		if r.Acks == 0 || r.Acks > r.Commands || r.Commands-r.Acks > 10 {
			t.Errorf("%d commands, %d answers", r.Commands, r.Acks)
		}
		if math.Abs(r.RTT.P50-15) > 1 {
			t.Errorf("p50 is %v ms, want 20 less 5 of waiting", r.RTT.P50)
		}
		checkActions(t, s)
		if r.FramesPerSecond < 10 || r.BytesPerSecond < 100 {
			t.Errorf("%v frames/s, %v bytes/s", r.FramesPerSecond, r.BytesPerSecond)
		}
	}
}

// checkActions looks for what bots should do, and for what they must not.
func checkActions(t *testing.T, s *fakeServer) {
	t.Helper()
	for _, action := range []string{"fight/hit", "chat/say", "move/to"} {
		if s.actions[action] == 0 {
			t.Errorf("nobody did %s: %v", action, s.actions)
		}
	}
	for _, action := range []string{"move/warp", "save/index"} {
		if s.actions[action] != 0 {
			t.Errorf("somebody did %s, which is not public", action)
		}
	}
}

func TestRunKeepsThePace(t *testing.T) {
	var times []time.Time
	_, _, err := play(t, 1, func(s *fakeServer, cfg *Config) {
		cfg.Behaviour, cfg.ActionsPerSecond = Walk, 100
		s.command = func(_ *fakePlayer, action string, _ map[string]any) bool {
			if strings.HasPrefix(action, "move/") {
				times = append(times, time.Now())
			}
			return false
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(times) < 30 {
		t.Fatalf("%d moves in 10 s", len(times))
	}
	for i := 1; i < len(times); i++ {
		if gap := times[i].Sub(times[i-1]); gap < quickest-30*time.Millisecond {
			t.Errorf("move %d came %v after the one before", i, gap)
		}
	}
}

func TestRunWithAccountsFromBefore(t *testing.T) {
	r, _, err := play(t, 3, func(s *fakeServer, _ *Config) { s.accounts["t-1"], s.accounts["t-2"] = 1, 2 })
	if err != nil {
		t.Fatal(err)
	}
	if r.Logins != 3 || r.Registered != 1 || r.Connected != 3 {
		t.Errorf("%d logins, %d registered, %d connected", r.Logins, r.Registered, r.Connected)
	}
}

func TestRunHeedsRetryAfter(t *testing.T) {
	var began, again time.Time
	r, _, err := play(t, 1, func(s *fakeServer, _ *Config) {
		s.refuse = func(w http.ResponseWriter, _ string, n int) bool {
			if n > 1 {
				again = time.Now()
				return false
			}
			began = time.Now()
			w.Header().Set("Retry-After", "4")
			refuseSignIn(w, http.StatusServiceUnavailable, "map is full, try again in 4 s")
			return true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if wait := again.Sub(began); wait < 4*time.Second || wait > 6*time.Second {
		t.Errorf("the bot came back after %v", wait)
	}
	want := map[string]int{"503: map is full, try again in N s": 1}
	if diff := cmp.Diff(want, r.LoginFailures); diff != "" {
		t.Error(diff)
	}
	if r.Connected != 1 {
		t.Errorf("%d connected", r.Connected)
	}
}

func TestRunReconnects(t *testing.T) {
	closed := 0
	r, s, err := play(t, 2, func(s *fakeServer, cfg *Config) {
		cfg.Duration = 20 * time.Second
		s.command = func(p *fakePlayer, action string, _ map[string]any) bool {
			if closed < 3 && p.acked > 2 {
				closed++
				p.send(`{"error":"You are too slow."}`)
				p.close(websocket.CloseTryAgainLater, "too slow")
				return true
			}
			return false
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"1013 too slow": 3}, r.Closes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"You are too slow.": 3}, r.Errors); diff != "" {
		t.Error(diff)
	}
	if r.Reconnects != 3 || r.Connected != 2 || r.Logins != 5 || s.dials != 5 {
		t.Errorf("%d reconnects, %d connected, %d logins, %d dials", r.Reconnects, r.Connected, r.Logins, s.dials)
	}
}

func TestRunFollowsHandovers(t *testing.T) {
	sent := 0
	r, _, err := play(t, 1, func(s *fakeServer, cfg *Config) {
		s.command = func(p *fakePlayer, action string, _ map[string]any) bool {
			if sent == 2 || p.acked < 10 {
				return false
			}
			if sent++; sent == 1 {
				s.mu.Lock()
				token := s.token(p.id)
				s.mu.Unlock()
				p.send(`{"host":"game.example:7002","token":"` + token + `"}`)
			} else {
				p.send(`{"reconnect":1}`)
			}
			return true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Handovers != 2 || r.Reconnects != 2 || r.Logins != 2 || len(r.Closes) != 0 || r.Connected != 1 {
		t.Errorf("handovers: %+v", r)
	}
}

func TestRunLeavesOutWhatIsRefused(t *testing.T) {
	r, s, err := play(t, 4, func(s *fakeServer, cfg *Config) {
		cfg.Behaviour = Fight
		s.command = func(p *fakePlayer, action string, _ map[string]any) bool {
			if action != "fight/hit" {
				return false
			}
			p.send(`{"error":"fight/hit: there is no parameter target"}`)
			return true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.actions["fight/hit"]; n < enough || n > enough+4 {
		t.Errorf("fight/hit was tried %d times", n)
	}
	if r.Acks == 0 {
		t.Error("nobody walked instead")
	}
}

func TestRunWithOwnCommands(t *testing.T) {
	var packets []map[string]any
	_, s, err := play(t, 1, func(s *fakeServer, cfg *Config) {
		cfg.Commands = map[string]map[string]any{"fight/hit": {"who": "$target", "how": 3}, "move/warp": nil}
		cfg.Behaviour = Fight
		s.command = func(_ *fakePlayer, action string, packet map[string]any) bool {
			packets = append(packets, packet)
			return false
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.actions) != 1 || s.actions["fight/hit"] == 0 {
		t.Fatalf("actions: %v", s.actions)
	}
	if packets[0]["who"] != "enemys_7" || packets[0]["how"] != 3.0 {
		t.Errorf("sent %v", packets[0])
	}
}

func TestRunEndsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := startFake(t)
		defer server.close()
		ctx, cancel := context.WithCancel(t.Context())
		cfg := server.config(3)
		cfg.Duration = 0
		var snapshots []Snapshot
		cfg.Progress = func(s Snapshot) {
			if snapshots = append(snapshots, s); len(snapshots) == 4 {
				cancel()
			}
		}
		r, err := Run(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Interrupted || r.Connected != 3 {
			t.Errorf("result: %+v", r)
		}
		if s := snapshots[3]; s.Connected != 3 || s.FramesNow < 10 || s.BytesNow <= 0 {
			t.Errorf("snapshot: %+v", s)
		}
	})
}

func TestRunTellsWhyNobodyGotIn(t *testing.T) {
	r, _, err := play(t, 2, func(s *fakeServer, cfg *Config) {
		s.refuse = func(w http.ResponseWriter, _ string, _ int) bool {
			refuseSignIn(w, http.StatusForbidden, "login is not of this world")
			return true
		}
	})
	const want = "none of 2 bots got in: 403: login is not of this world"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if r.Gone != 2 || r.Seconds > 5 {
		t.Errorf("gone %d after %v s", r.Gone, r.Seconds)
	}
}

func TestRunTakesTurnsObserving(t *testing.T) {
	dropped := false
	_, s, err := play(t, 3, func(s *fakeServer, cfg *Config) {
		s.command = func(p *fakePlayer, _ string, _ map[string]any) bool {
			if p.id == 1 && p.acked > 3 && !dropped {
				dropped = true
				_ = p.conn.NetConn().Close()
				return true
			}
			return false
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.actions[LoadAction] == 0 {
		t.Error("when the observer was gone, nobody asked for the world")
	}
}

func TestRunWaitsUntilAllAreIn(t *testing.T) {
	r, _, err := play(t, 2, func(s *fakeServer, cfg *Config) {
		began := time.Now()
		s.refuse = func(w http.ResponseWriter, path string, _ int) bool {
			if time.Since(began) > 30*time.Second {
				return false
			}
			refuseSignIn(w, http.StatusServiceUnavailable, "map is starting")
			return true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Connected != 2 || r.Seconds < 40 || r.PlayerSeconds < 20 {
		t.Errorf("%d connected, %v s, %v player-seconds", r.Connected, r.Seconds, r.PlayerSeconds)
	}
}

func TestRunDoesNotWaitForEver(t *testing.T) {
	r, _, err := play(t, 2, func(s *fakeServer, cfg *Config) {
		s.refuse = func(w http.ResponseWriter, path string, _ int) bool {
			if login := len(s.accounts); login == 0 {
				return false
			}
			refuseSignIn(w, http.StatusServiceUnavailable, "map is full")
			return true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Connected != 1 || r.Seconds < 70 || r.Seconds > 71 || r.LoginFailures["503: map is full"] < 3 {
		t.Errorf("%d connected after %v s, refused %v", r.Connected, r.Seconds, r.LoginFailures)
	}
}
