// Package gateway is the players' entry and the maps' keeper: the only program
// with the database and the signing key.
package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/overworld-gg/overworld/gateway/auth"
	"github.com/overworld-gg/overworld/gateway/keeper"
	"github.com/overworld-gg/overworld/gateway/store"
)

// Directory knows the maps of the game.
type Directory interface {
	auth.Directory
	keeper.Directory
}

// Config is what a Server is made of. Data and Directory are required.
type Config struct {
	// Data is the folder for the database and the maps' keys. It is created if it is
	// missing, readable by its owner only. With a Database it is not needed.
	Data string
	// Database is the URL of a PostgreSQL database; empty is a file in Data.
	Database string
	// Directory knows where the maps are.
	Directory Directory
	// Listen is the players' address, default "127.0.0.1:8080". Listener, if it
	// is not nil, is used instead; Run closes it.
	Listen   string
	Listener net.Listener
	// KeeperListen is the maps' address, default "127.0.0.1:8081"; "-" serves no
	// maps. KeeperListener, if it is not nil, is used instead; Run closes it.
	KeeperListen   string
	KeeperListener net.Listener
	// TLSCert and TLSKey are PEM files; with them, players are served over https.
	TLSCert, TLSKey string
	// Page answers on the players' address what is not the gateway's own. Nil:
	// a sentence that says what this address is.
	Page http.Handler
	// Ready says why players cannot play yet, nil once they can.
	Ready func() error
	// Settle is how long the gateway goes on answering after it was told to stop,
	// while it says that it is not ready: who sends requests to it needs a moment to
	// learn that. 0 is right where nobody stands between.
	Settle time.Duration
	// Limits bound requests per address.
	Limits auth.Limits
	// PasswordCost is how much work a password hash is; zero is what OWASP advises.
	PasswordCost auth.Cost
	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// TokenLifetime is how long a client may take from signing in to connecting;
	// default 30 s.
	TokenLifetime time.Duration
	// Logger is where the gateway tells what it does; nil: nowhere.
	Logger *slog.Logger
	// Now is the clock, nil: time.Now.
	Now func() time.Time
}

// Server is a gateway. Close it when it is not needed any more.
type Server struct {
	cfg     Config
	log     *slog.Logger
	store   *store.Store
	keys    *keyring
	tokens  *tokens
	metrics *metrics
	player  http.Handler
	keeper  http.Handler
	tls     *tls.Config
	// stopping says that Run was told to end.
	stopping atomic.Bool
}

// New opens the database, waiting for it if need be, and the keys. It does not
// listen yet.
func New(ctx context.Context, cfg Config) (*Server, error) {
	cfg = withDefaults(cfg)
	if (cfg.Data == "" && cfg.Database == "") || cfg.Directory == nil {
		return nil, errors.New("the gateway needs a folder for its data, or a database, and a directory of maps")
	}
	s := &Server{cfg: cfg, log: cfg.Logger}
	var err error
	if s.tls, err = loadCertificate(cfg.TLSCert, cfg.TLSKey); err != nil {
		return nil, err
	}
	if s.store, err = openStore(ctx, cfg); err != nil {
		return nil, err
	}
	if s.keys, err = openKeyring(ctx, s.store, cfg.Now); err == nil {
		err = s.buildHandlers()
	}
	if err != nil {
		return nil, errors.Join(err, s.store.Close())
	}
	return s, nil
}

// databasePatience is how long a gateway waits for its database when it starts.
const (
	databasePatience = 30 * time.Second
	databasePause    = time.Second
)

func openStore(ctx context.Context, cfg Config) (*store.Store, error) {
	if cfg.Database == "" {
		return store.OpenSQLite(ctx, filepath.Join(cfg.Data, "overworld.db"), cfg.Now)
	}
	begin := time.Now()
	for {
		db, err := store.OpenPostgres(ctx, cfg.Database, cfg.Now)
		if err == nil || !store.Away(err) || time.Since(begin) > databasePatience {
			return db, err
		}
		cfg.Logger.Warn("waiting for the database", "error", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(databasePause):
		}
	}
}

func withDefaults(cfg Config) Config {
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:8080"
	}
	if cfg.KeeperListen == "" {
		cfg.KeeperListen = "127.0.0.1:8081"
	}
	if cfg.TokenLifetime == 0 {
		cfg.TokenLifetime = 30 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg
}

func loadCertificate(cert, key string) (*tls.Config, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, errors.New("https needs both a certificate and its key: one of the two files is not given")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("reading certificate %s with key %s: %w", cert, key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

func (s *Server) buildHandlers() error {
	var err error
	if s.tokens, err = newTokens(s.keys, s.cfg.TokenLifetime, s.cfg.Now); err != nil {
		return err
	}
	players, err := auth.New(auth.Config{
		Accounts: s.store, Directory: s.cfg.Directory, Tokens: s.tokens, Limits: s.cfg.Limits, Cost: s.cfg.PasswordCost,
		TrustedProxies: s.cfg.TrustedProxies, Logger: s.log, Now: s.cfg.Now,
	})
	if err != nil {
		return err
	}
	maps := keeper.New(keeper.Config{
		State: s.store, Directory: s.cfg.Directory, Logger: s.log,
		Issue: func(player int64, login, mapID string) (string, error) {
			return s.tokens.Issue(auth.Ticket{Player: player, Login: login, Map: mapID})
		},
	})
	s.metrics = newMetrics(s.store)
	s.player = s.playerRoutes(players)
	s.keeper = s.keeperRoutes(maps)
	return nil
}

// PlayerHandler answers players and browsers.
func (s *Server) PlayerHandler() http.Handler { return s.player }

// KeeperHandler answers map servers. It belongs on an address of its own that
// players cannot reach.
func (s *Server) KeeperHandler() http.Handler { return s.keeper }

// Close closes the database. Run does it, too.
func (s *Server) Close() error { return s.store.Close() }
