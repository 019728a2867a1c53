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
	get := func(path string) answer { return r.send(httptest.NewRequest(http.MethodGet, path, nil)) }
	kind = "image/svg+xml"
	if a := get("/server/api/log_perfomance/meadow"); a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("another type is passed on as %s", a.header.Get("Content-Type"))
	}
	const away = "the server of map %q does not answer now, it may be starting: try again in 5 s\n"
	body = strings.Repeat("x", maxPerformance+1)
	if a := get("/server/api/log_perfomance/meadow"); a.status != 502 || a.body != fmt.Sprintf(away, "meadow") {
		t.Errorf("a huge page: %d %.100s", a.status, a.body)
	}
	body, status = "no", http.StatusInternalServerError
	if a := get("/server/api/log_perfomance/meadow"); a.status != 502 || a.body != fmt.Sprintf(away, "meadow") {
		t.Errorf("a fault of the map server: %d %s", a.status, a.body)
	}
	maps.Close()
	for _, mapID := range []string{"meadow", "forest"} {
		if a := get("/server/api/log_perfomance/" + mapID); a.status != 502 || a.body != fmt.Sprintf(away, mapID) ||
			a.header.Get("Retry-After") != "5" {
			t.Errorf("%s: %d %s", mapID, a.status, a.body)
		}
	}
	if a := get("/server/api/log_perfomance/nowhere"); a.status != 404 || a.body != "there is no map \"nowhere\"\n" {
		t.Errorf("unknown map: %d %s", a.status, a.body)
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
