package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// maxPageBody bounds what may be sent to the page's handler.
const maxPageBody = 1 << 20

func (s *Server) playerRoutes(players http.Handler) http.Handler {
	mux := http.NewServeMux()
	players = s.metrics.count("players", within(playerTime, players))
	mux.Handle("/server/", players)
	mux.Handle("/game/", players)
	page := s.cfg.Page
	if page == nil {
		page = http.HandlerFunc(noPage)
	}
	mux.Handle("/", http.MaxBytesHandler(page, maxPageBody))
	s.health(mux)
	return secure(mux)
}

func (s *Server) keeperRoutes(maps http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /keeper/v1/keys", s.keys.serve)
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.Handle("/", s.metrics.count("maps", within(mapTime, maps)))
	s.health(mux)
	return secure(mux)
}

// How long an answer may take when the database hangs: players wait for theirs, and
// map servers give up after half a minute.
const (
	playerTime = 5 * time.Second
	mapTime    = 20 * time.Second
)

// within ends what a request waits for after a while.
func within(d time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// health serves the two questions of whoever runs the process: does it live, and
// should it be asked. A gateway whose database is away should: it says so to players,
// and no other one could do better.
func (s *Server) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.ready(); err != nil {
			answer(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
		defer cancel()
		if err := s.store.Ping(ctx); err != nil {
			answer(w, http.StatusOK, "ok, but the database is away: nobody can sign in")
			return
		}
		answer(w, http.StatusOK, "ok")
	})
}

func (s *Server) ready() error {
	if s.stopping.Load() {
		return errors.New("the gateway is being stopped")
	}
	if s.cfg.Ready != nil {
		return s.cfg.Ready()
	}
	return nil
}

// secure adds the headers that every answer should have. What a page may load is
// for the page to say.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "SAMEORIGIN")
		header.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func noPage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		answer(w, http.StatusOK, "This is the gateway of a game on Overworld. Players' clients sign in at /server/signin/auth.")
		return
	}
	answer(w, http.StatusNotFound, "there is nothing at "+r.URL.Path+": players' clients sign in at /server/signin/auth")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
