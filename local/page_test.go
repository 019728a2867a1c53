package local

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(h http.Handler, path, encoding string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Packed files are sent as they are to clients that take them.
func TestPackedFiles(t *testing.T) {
	h := pageOf(fstest.MapFS{
		"index.html": {Data: []byte("<p>game")}, "index.html.gz": {Data: []byte("packed")},
		"assets/a.js": {Data: []byte("code")}, "assets/b.png": {Data: []byte("picture")},
	}, true)
	r := get(h, "/", "gzip, br")
	if body(t, r) != "packed" || r.Header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		t.Errorf("the page comes with %v", r.Header)
	}
	if r := get(h, "/", ""); body(t, r) != "<p>game" || r.Header.Get("Content-Encoding") != "" {
		t.Errorf("unpacked, the page comes with %v", r.Header)
	}
	if r := get(h, "/assets/a.js", "gzip"); body(t, r) != "code" || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("a file comes with %v", r.Header)
	}
	for _, path := range []string{"/nothing", "/../local.go", "/assets/../../x"} {
		if r := get(h, path, "gzip"); r.StatusCode == http.StatusOK {
			t.Errorf("%s is there", path)
		}
	}
	if r := get(h, "/text/", ""); r.StatusCode != http.StatusOK || !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the plain page comes with %d %v", r.StatusCode, r.Header)
	}
}

// Without the browser game its place tells how to get it.
func TestUnbuilt(t *testing.T) {
	h := pageOf(nil, false)
	r := get(h, "/", "")
	if r.StatusCode != http.StatusFound || r.Header.Get("Location") != "/text/?unbuilt" {
		t.Errorf("got %d %v", r.StatusCode, r.Header)
	}
	if text := body(t, get(h, "/text/?unbuilt", "")); !strings.Contains(text, "make web") {
		t.Error("the plain page does not say how to build the game")
	}
	if r := get(h, "/text/world.js", ""); r.StatusCode != http.StatusOK {
		t.Errorf("its script: %d", r.StatusCode)
	}
	if r := get(h, "/other", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("another path: %d", r.StatusCode)
	}
}
