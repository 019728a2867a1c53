package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long requests under way may take when the gateway stops.
const grace = 10 * time.Second

// Run serves players and maps until ctx is done, then finishes the requests that
// are under way and closes the database.
func (s *Server) Run(ctx context.Context) error {
	servers, err := s.listen()
	if err != nil {
		return errors.Join(err, s.Close())
	}
	// One goroutine for each server, each ended by its Shutdown or its failure.
	ended := make(chan error, len(servers))
	for _, srv := range servers {
		s.log.Info("listening", "for", srv.name, "address", srv.listener.Addr().String(), "tls", srv.http.TLSConfig != nil)
		go func() { ended <- srv.serve() }()
	}
	ctx, cancel := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() { s.keepKeys(ctx) })
	var failure error
	running := len(servers)
	select {
	case <-ctx.Done():
		s.settle()
	case failure = <-ended:
		running--
	}
	cancel()
	keeping.Wait()
	failure = errors.Join(failure, shutdown(servers))
	for ; running > 0; running-- {
		failure = errors.Join(failure, <-ended)
	}
	return errors.Join(failure, s.Close())
}

// settle goes on answering for a moment.
func (s *Server) settle() {
	s.stopping.Store(true)
	<-time.After(s.cfg.Settle)
}

// endpoint is an address that is served.
type endpoint struct {
	name     string
	listener net.Listener
	http     *http.Server
}

func (e endpoint) serve() error {
	var err error
	if e.http.TLSConfig != nil {
		err = e.http.ServeTLS(e.listener, "", "")
	} else {
		err = e.http.Serve(e.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving %s: %w", e.name, err)
}

func (s *Server) listen() ([]endpoint, error) {
	players := endpoint{name: "players", listener: s.cfg.Listener, http: s.httpServer(s.player, 30*time.Second)}
	players.http.TLSConfig = s.tls
	// Snapshots of worlds are large.
	maps := endpoint{name: "maps", listener: s.cfg.KeeperListener, http: s.httpServer(s.keeper, 2*time.Minute)}
	var err error
	if players.listener == nil {
		if players.listener, err = net.Listen("tcp", s.cfg.Listen); err != nil {
			return nil, fmt.Errorf("listening for players: %w", err)
		}
	}
	if maps.listener == nil && s.cfg.KeeperListen == "-" {
		return []endpoint{players}, nil
	}
	if maps.listener == nil {
		if maps.listener, err = net.Listen("tcp", s.cfg.KeeperListen); err != nil {
			_ = players.listener.Close()
			return nil, fmt.Errorf("listening for maps: %w", err)
		}
	}
	return []endpoint{players, maps}, nil
}

func (s *Server) httpServer(h http.Handler, timeout time.Duration) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       timeout,
		WriteTimeout:      2 * timeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// shutdown ends the servers in order, players first.
func shutdown(servers []endpoint) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var failure error
	for _, srv := range servers {
		if err := srv.http.Shutdown(ctx); err != nil {
			failure = errors.Join(failure, fmt.Errorf("stopping to serve %s: %w", srv.name, err), srv.http.Close())
		}
	}
	return failure
}
