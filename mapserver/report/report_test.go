package report

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func example() Snapshot {
	return Snapshot{
		Started: now.Add(-time.Hour),
		Frames: Frames{Rate: 60, Count: 1000, Last: now, FPS1: 60, FPS10: 59.9, P50: 2 * time.Millisecond,
			P99: 5 * time.Millisecond, Max: 9 * time.Millisecond, Busy: 0.25, Scripts: 0.5, Overruns: 3, Reachable: 400},
		Bundle: Bundle{Wanted: "b2", Applied: "b1", Err: "main.lua:12: unexpected symbol", Swap: 2 * time.Millisecond},
		Save:   Save{Last: now.Add(-4 * time.Second)},
		Faults: Faults{Total: 7, Top: []Fault{{Fingerprint: "f", Slot: "events/move/up", Class: "error", At: "events/move/up.lua:3",
			Message: "attempt to\nindex nil", Count: 7, First: now, Last: now}},
			Quarantined: []Quarantined{{Slot: "events/move/up", Failures: 5, Until: now.Add(time.Minute)}}},
		Slots: []Slot{{Name: "cheap", Calls: 1, Total: time.Millisecond, Max: time.Millisecond},
			{Name: "dear", Calls: 4, Failed: 1, Total: 8 * time.Millisecond, Max: 5 * time.Millisecond},
			{Name: "never\xff\n"}},
		Sessions: Sessions{Players: 12, Peak: 20, Max: 500, Accepted: 40, Refused: map[string]uint64{"expired": 2},
			Ended: map[string]uint64{"slow": 1}, FramesIn: 5, FramesOut: 6, BytesIn: 7, BytesOut: 8, Queued: 9},
	}
}

func get(t *testing.T, s Snapshot, path string) (int, string) {
	t.Helper()
	h := Handler(Config{Map: "meadow", Snapshot: func() Snapshot { return s }, Now: func() time.Time { return now }})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestStatus(t *testing.T) {
	code, body := get(t, example(), "/status")
	var got Status
	if err := json.Unmarshal([]byte(body), &got); err != nil || code != http.StatusOK {
		t.Fatalf("%d: %v", code, err)
	}
	age := 4.0
	s := example()
	want := Status{
		Map: "meadow", Ready: true, UptimeSeconds: 3600, Players: 12, PeakPlayers: 20, MaxPlayers: 500,
		Frames: FrameStatus{Rate: 60, Count: 1000, FPS1: 60, FPS10: 59.9, P50Ms: 2, P99Ms: 5, MaxMs: 9, Busy: 0.25, Scripts: 0.5, Overruns: 3, ReachableFPS: 400},
		Bundle: BundleStatus{"b2", "b1", "main.lua:12: unexpected symbol", 2},
		Save:   SaveStatus{AgeSeconds: &age},
		Faults: FaultStatus{7, s.Faults.Top, s.Faults.Quarantined},
		Slots: []SlotStatus{{"dear", 4, 1, 2, 5, 8}, {"cheap", 1, 0, 1, 1, 1},
			{Name: "never\ufffd\n"}},
		Sessions: SessionStatus{Accepted: 40, Refused: s.Sessions.Refused, Ended: s.Sessions.Ended,
			FramesIn: 5, FramesOut: 6, BytesIn: 7, BytesOut: 8, Queued: 9},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyStatus(t *testing.T) {
	_, body := get(t, Snapshot{}, "/status")
	if strings.Contains(body, "null") || strings.Contains(body, "ageSeconds") {
		t.Error(body)
	}
}

func TestMetrics(t *testing.T) {
	code, body := get(t, example(), "/metrics")
	if code != http.StatusOK {
		t.Fatalf("%d: %s", code, body)
	}
	for _, want := range []string{
		`overworld_players{gamemap="meadow"} 12`,
		`overworld_fps{gamemap="meadow",window="10s"} 59.9`,
		`overworld_frame_seconds{gamemap="meadow",quantile="0.99"} 0.005`,
		`overworld_sessions_refused_total{gamemap="meadow",reason="expired"} 2`,
		`overworld_script_seconds_total{gamemap="meadow",slot="dear"} 0.008`,
		`overworld_script_calls_total{gamemap="meadow",slot="never? "} 0`,
		`overworld_bundle_info{applied="b1",gamemap="meadow",wanted="b2"} 1`,
		`overworld_save_age_seconds{gamemap="meadow"} 4`,
		`go_goroutines`,
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestPerformance(t *testing.T) {
	_, body := get(t, example(), "/performance")
	want := `map meadow: 12 of 500 players, 60.0 FPS of 60 (59.9 over 10 s), could reach 400
frame: 2.00 ms half of the time, 5.00 ms in 99 of 100, 9.00 ms at most; busy 25 %, scripts 50 % of that, 3 overruns
revision b1
revision b2 is not applied: main.lua:12: unexpected symbol

  ms per call  ms at most  ms in all  calls  faults  code
        2.000       5.000          8      4       1  dear
        1.000       1.000          1      1       0  cheap
        0.000       0.000          0      0       0  never? 

7 faults
     7  2026-01-02 03:04:05  events/move/up.lua:3: attempt to index nil
events/move/up rests until 2026-01-02 03:05:05 after 5 failures in a row
`
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
}

func TestHealth(t *testing.T) {
	change := func(f func(*Snapshot)) Snapshot {
		s := example()
		f(&s)
		return s
	}
	cases := []struct {
		name          string
		s             Snapshot
		health, ready int
		text          string
	}{
		{"well", example(), 200, 200, "ok"},
		{"starting", change(func(s *Snapshot) { s.Frames.Last = time.Time{} }), 200, 503, "has not made a frame"},
		{"loading", change(func(s *Snapshot) { s.NotReady = "the state is being loaded" }), 200, 503, "being loaded"},
		{"draining", change(func(s *Snapshot) { s.Draining = true }), 200, 503, "draining"},
		{"slow", change(func(s *Snapshot) { s.Frames.Last = now.Add(-9 * time.Second) }), 200, 200, "ok"},
		{"hanging", change(func(s *Snapshot) { s.Frames.Last = now.Add(-11 * time.Second) }), 503, 503, "11s ago"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if code, body := get(t, c.s, "/healthz"); code != c.health {
				t.Errorf("health %d: %s", code, body)
			}
			if code, body := get(t, c.s, "/readyz"); code != c.ready || !strings.Contains(body, c.text) {
				t.Errorf("ready %d: %s", code, body)
			}
		})
	}
}

func TestTwoHandlers(t *testing.T) {
	var parts sync.WaitGroup
	for range 2 {
		parts.Go(func() {
			if code, _ := get(t, example(), "/metrics"); code != http.StatusOK {
				t.Errorf("code %d", code)
			}
		})
	}
	parts.Wait()
	if code, _ := get(t, example(), "/nothing"); code != http.StatusNotFound {
		t.Errorf("code %d", code)
	}
}

func TestTerrain(t *testing.T) {
	for want, terrain := range map[string]func() []byte{"": nil, `{"layers":[]}`: func() []byte { return []byte(`{"layers":[]}`) }} {
		r := httptest.NewRecorder()
		Handler(Config{Map: "meadow", Snapshot: func() Snapshot { return Snapshot{} }, Terrain: terrain}).ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/terrain", nil))
		if r.Code != http.StatusOK || r.Body.String() != want {
			t.Errorf("the terrain is %d %s, want %s", r.Code, r.Body, want)
		}
	}
}
