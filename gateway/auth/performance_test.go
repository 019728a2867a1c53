package auth

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/overworld-gg/overworld/gateway/directory"
)

func TestPerformance(t *testing.T) {
	kind, body, status := "text/html", "<b>60 FPS</b>", http.StatusOK
	maps := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/performance" {
			t.Errorf("the map server was asked for %s", r.URL.Path)
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}))
	defer maps.Close()
	r := newRig(t, nil)
	r.maps.Set("meadow", directory.Place{StatusURL: maps.URL + "/"})
	for _, path := range withSlash("/server/api/log_perfomance/meadow", "/game/api/log_perfomance/meadow") {
		w := httptest.NewRecorder()
		r.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if got := readAll(t, w.Body); w.Code != 200 || got != body || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), got)
		}
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
			t.Error("the page of the map server may run scripts on the gateway's host")
		}
	}
	kind = "image/svg+xml"
	if a := performanceOf(r, "meadow"); a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("another type is passed on as %s", a.header.Get("Content-Type"))
	}
	body = strings.Repeat("x", maxPerformance+1)
	wantAway(r, "a huge page", "meadow")
	body, status = "no", http.StatusInternalServerError
	wantAway(r, "a fault of the map server", "meadow")
	maps.Close()
	wantAway(r, "no map server", "meadow")
	wantAway(r, "no status address", "forest")
	if a := performanceOf(r, "nowhere"); a.status != 404 || a.body != "there is no map \"nowhere\"\n" {
		t.Errorf("unknown map: %d %s", a.status, a.body)
	}
}

func performanceOf(r *rig, mapID string) answer {
	r.Helper()
	return r.send(httptest.NewRequest(http.MethodGet, "/server/api/log_perfomance/"+mapID, nil))
}

func wantAway(r *rig, name, mapID string) {
	r.Helper()
	want := fmt.Sprintf("the server of map %q does not answer now, it may be starting: try again in 5 s\n", mapID)
	if a := performanceOf(r, mapID); a.status != 502 || a.body != want || a.header.Get("Retry-After") != "5" {
		r.Errorf("%s: %d %.100s", name, a.status, a.body)
	}
}

func TestPerformanceMethods(t *testing.T) {
	r := newRig(t, nil)
	a := r.post("/server/api/log_perfomance/meadow")
	if a.status != 405 || a.body != "this address takes GET requests only, not POST\n" || a.header.Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("POST: %d %s", a.status, a.body)
	}
	a = r.send(httptest.NewRequest(http.MethodOptions, "/server/api/log_perfomance/meadow", nil))
	if a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("OPTIONS: %d %v", a.status, a.header)
	}
}
