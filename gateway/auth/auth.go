// Package auth is the players' entry over HTTP: they register, sign in and get a
// one-time token with the address of their map; the map's graphics and its
// performance page are here, too.
package auth

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/overworld-gg/overworld/gateway/directory"
	"github.com/overworld-gg/overworld/gateway/store"
)

// Accounts is where players are kept.
type Accounts interface {
	// CreateAccount fails with store.ErrLoginTaken.
	CreateAccount(ctx context.Context, login, password, mapID string) (store.Account, error)
	// AccountByLogin fails with store.ErrNotFound.
	AccountByLogin(ctx context.Context, login string) (store.Account, error)
	Relocate(ctx context.Context, id int64, from, to string) (store.Account, error)
}

// Directory knows the maps.
type Directory interface {
	// Lookup fails with directory.ErrUnknownMap.
	Lookup(mapID string) (directory.Place, error)
	// Start is the map, or the fleet, for new players.
	Start() string
	// Enter returns the map on which a player comes in who belongs to the map or the
	// fleet called name. It fails with directory.ErrUnknownMap.
	Enter(name string) (mapID string, p directory.Place, err error)
	// Expect counts a player who is about to come to a map.
	Expect(mapID string)
}

// Ticket is what a token says.
type Ticket struct {
	Player int64
	Login  string
	Map    string
}

// Tokens makes tokens and reads them.
type Tokens interface {
	// Issue makes a token that lets a player into a map once.
	Issue(Ticket) (string, error)
	// Read checks a token without spending it; it may have expired up to a day
	// ago. A returned error is about the token and is told to the client.
	Read(token string) (Ticket, error)
	// IssueResume makes a token that signs the player in again without the
	// password; it is good for days, and for nothing else.
	IssueResume(Ticket) (string, error)
	// ReadResume checks such a token. A returned error is told to the client.
	ReadResume(token string) (Ticket, error)
}

// Limits bound what one address may ask for; windows are a minute long and
// start with the first request in them. Zero values are the defaults.
type Limits struct {
	// Logins bounds attempts per address and account. Default 10.
	Logins int
	// LoginsPerAddress bounds attempts per address on all accounts. Default
	// 2000, so that many players or bots may share an address.
	LoginsPerAddress int
	// Registrations bounds new accounts per address. Default 2000.
	Registrations int
}

// Config is what a Handler is made of.
type Config struct {
	Accounts  Accounts
	Directory Directory
	Tokens    Tokens
	Limits    Limits
	// Cost is how much work a password hash is.
	Cost Cost
	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// HTTP fetches performance pages from map servers. Nil: a client with a
	// timeout of 3 s.
	HTTP   *http.Client
	Logger *slog.Logger
	// Now is the clock of the limits.
	Now func() time.Time
}

// Handler serves the sign-in paths.
type Handler struct {
	accounts  Accounts
	directory Directory
	tokens    Tokens
	passwords *passwords
	logins    *limiter
	addresses *limiter
	registers *limiter
	proxies   []netip.Prefix
	http      *http.Client
	log       *slog.Logger
	now       func() time.Time
	mux       *http.ServeMux
}

// New returns the handler of cfg.
func New(cfg Config) (*Handler, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Timeout: 3 * time.Second}
	}
	passwords, err := newPasswords(cfg.Cost)
	if err != nil {
		return nil, err
	}
	h := &Handler{
		accounts:  cfg.Accounts,
		directory: cfg.Directory,
		tokens:    cfg.Tokens,
		passwords: passwords,
		logins:    newLimiter(orDefault(cfg.Limits.Logins, 10), cfg.Now),
		addresses: newLimiter(orDefault(cfg.Limits.LoginsPerAddress, 2000), cfg.Now),
		registers: newLimiter(orDefault(cfg.Limits.Registrations, 2000), cfg.Now),
		proxies:   cfg.TrustedProxies,
		now:       cfg.Now,
		http:      cfg.HTTP,
		log:       cfg.Logger,
		mux:       http.NewServeMux(),
	}
	h.routes()
	return h, nil
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// ServeHTTP answers everything under /server/ and /game/.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }
