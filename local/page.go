package local

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/overworld-gg/overworld/web"
)

//go:embed page
var pageFiles embed.FS

// policy is what the pages may load and where they may connect: to this address,
// and to the maps over WebSocket.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'"

// page serves the browser game, and at /text/ the plain client, which shows the
// world as text. Where the game has not been built the plain client is in its
// place, and says so.
func page() http.Handler { return pageOf(web.Demo()) }

func pageOf(demo fs.FS, built bool) http.Handler {
	plain, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	mux := http.NewServeMux()
	mux.Handle("/text/", http.StripPrefix("/text/", site(plain)))
	if built {
		mux.Handle("/", site(demo))
	} else {
		mux.Handle("/{$}", http.RedirectHandler("/text/?unbuilt", http.StatusFound))
	}
	return mux
}

// site serves files, packed ones where there are any and the client takes them.
func site(files fs.FS) http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-cache")
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		if strings.HasPrefix(name, "assets/") { // named by their content
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		if name == "" {
			name = "index.html"
		}
		packed := name + ".gz"
		if _, err := fs.Stat(files, packed); err == nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			h.Set("Vary", "Accept-Encoding")
			h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
			http.ServeFileFS(w, r, files, packed)
			return
		}
		server.ServeHTTP(w, r)
	})
}
