// Package keeper is a map server's client of the gateway's keeper: it opens the
// map's state, loads and saves players, and hands them over to other maps. It
// does each thing once; whether and when to try again is the caller's decision,
// which Retryable helps with.
package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// DefaultTimeout is how long one request may take when Config.HTTP is not given.
const DefaultTimeout = 30 * time.Second

// dialTimeout is how long a connection may take. It is short because a gateway that
// is being replaced leaves a moment in which connections lead nowhere: the next try
// finds the new one.
const dialTimeout = 2 * time.Second

// Config says which map the client is for and where its keeper is.
type Config struct {
	// URL is the keeper's address, for example "http://gateway:8081".
	URL string
	// Map is the id of the map.
	Map string
	// Key is the map's own key; the keeper knows only its hash.
	Key string
	// Pod is the identity of the pod that the process runs in, "" for none: the keeper
	// gives the map to the one that the cluster says.
	Pod string
	// HTTP sends the requests. Nil: a client with DefaultTimeout.
	HTTP *http.Client
	// Skipped, when not nil, is told of players that a save left alone, in the
	// goroutine that called Save.
	Skipped func(Skipped)
}

// Opened is the state of a map as the last save left it.
type Opened struct {
	// Epoch rises by one with every Open; the client sends it along by itself.
	Epoch int64
	// World is the snapshot, empty for a map that was never saved.
	World json.RawMessage
}

// Record is a player as the keeper stores it.
type Record struct {
	// ID is the player's number, unique in the whole game.
	ID int64
	// Login is the player's name. Save does not change it.
	Login string
	// Created is when the account was made. Save does not change it.
	Created time.Time
	// Map is the map that the player is on. Save does not change it.
	Map string
	// Data is the player's entity; empty for one who enters for the first time.
	Data json.RawMessage
}

// Batch is what one save writes, all of it or nothing.
type Batch struct {
	// World is the map's snapshot. Nil: unchanged since the last save.
	World json.RawMessage
	// Players are written by ID and Data.
	Players []Record
}

// Skipped is a player that a save left as it was.
type Skipped struct {
	ID     int64
	Reason string
}

// Address is where a player that changes maps goes, and the token to enter with.
type Address struct {
	Host  string
	Port  int
	Token string
	ID    int64
	Map   string
}

// Client speaks to the keeper for one map. Safe for concurrent use.
type Client struct {
	base    string
	keys    string // the URL of the public keys
	key     string
	pod     string
	http    *http.Client
	skipped func(Skipped)
	epoch   atomic.Int64
}

// New returns the client of cfg. It does not connect.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("the keeper's URL must start with http:// or https:// and name a host, it is " + strconv.Quote(cfg.URL))
	}
	if cfg.Map == "" {
		return nil, errors.New("the keeper's client needs the id of the map")
	}
	if cfg.Key == "" {
		return nil, errors.New("the keeper's client needs the key of map " + strconv.Quote(cfg.Map))
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Timeout: DefaultTimeout, Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute,
		}}
	}
	root := strings.TrimSuffix(cfg.URL, "/") + "/keeper/v1/"
	return &Client{base: root + "maps/" + url.PathEscape(cfg.Map), keys: root + "keys", key: cfg.Key, pod: cfg.Pod, http: cfg.HTTP, skipped: cfg.Skipped}, nil
}

// Epoch is the epoch of the last Open, 0 before.
func (c *Client) Epoch() int64 { return c.epoch.Load() }

// Open takes the map over: from now on, saves of whoever had it before are
// refused with ErrFenced.
func (c *Client) Open(ctx context.Context) (Opened, error) {
	var reply struct {
		Epoch int64           `json:"epoch"`
		World json.RawMessage `json:"world"`
	}
	if err := c.post(ctx, "opening map", "/open", struct{}{}, &reply); err != nil {
		return Opened{}, err
	}
	c.epoch.Store(reply.Epoch)
	return Opened{Epoch: reply.Epoch, World: unlessNull(reply.World)}, nil
}

// Load reads a player. ErrMoved means that the player is on another map now.
func (c *Client) Load(ctx context.Context, player int64) (Record, error) {
	var reply struct {
		ID      int64           `json:"id"`
		Login   string          `json:"login"`
		Created time.Time       `json:"created"`
		Map     string          `json:"map"`
		Data    json.RawMessage `json:"data"`
	}
	path := "/players/" + strconv.FormatInt(player, 10) + "/load"
	body := struct {
		Epoch int64 `json:"epoch"`
	}{c.Epoch()}
	if err := c.post(ctx, "loading player", path, body, &reply); err != nil {
		return Record{}, err
	}
	return Record{ID: reply.ID, Login: reply.Login, Created: reply.Created, Map: reply.Map, Data: unlessNull(reply.Data)}, nil
}

// Save writes b. Players that are on another map by now are left alone and told
// to Config.Skipped; that is not an error.
func (c *Client) Save(ctx context.Context, b Batch) error {
	type player struct {
		ID   int64           `json:"id"`
		Data json.RawMessage `json:"data"`
	}
	body := struct {
		Epoch   int64           `json:"epoch"`
		World   json.RawMessage `json:"world,omitempty"`
		Players []player        `json:"players"`
	}{Epoch: c.Epoch(), World: b.World, Players: make([]player, len(b.Players))}
	for i, p := range b.Players {
		body.Players[i] = player{ID: p.ID, Data: p.Data}
	}
	var reply struct {
		Skipped []Skipped `json:"skipped"`
	}
	if err := c.post(ctx, "saving map", "/save", body, &reply); err != nil {
		return err
	}
	if c.skipped != nil {
		for _, s := range reply.Skipped {
			c.skipped(s)
		}
	}
	return nil
}

// Transfer moves a player with its data to another map; "" is any other one of the
// map's fleet. After an error the
// player is still on this one, unless the error is retryable: then it is not
// known, and asking again gives the same answer as the first time would have.
func (c *Client) Transfer(ctx context.Context, player int64, to string, data json.RawMessage) (Address, error) {
	body := struct {
		Epoch     int64           `json:"epoch"`
		Player    int64           `json:"player"`
		To        string          `json:"to,omitempty"`
		Elsewhere bool            `json:"elsewhere,omitempty"`
		Data      json.RawMessage `json:"data"`
	}{c.Epoch(), player, to, to == "", data}
	var reply Address
	if err := c.post(ctx, "transferring player", "/transfer", body, &reply); err != nil {
		return Address{}, err
	}
	return reply, nil
}

// Tickets returns for each player the address and the token to go on with when this
// map stops: on this map when it runs again, or on another one of its fleet, to where
// the player is moved as it was saved. They are in the order of players, of which it
// looks at ID and Login only. The error is ErrNotReady when there is nowhere to go.
func (c *Client) Tickets(ctx context.Context, players []Record) ([]Address, error) {
	type player struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
	}
	body := struct {
		Epoch   int64    `json:"epoch"`
		Players []player `json:"players"`
	}{c.Epoch(), make([]player, len(players))}
	for i, p := range players {
		body.Players[i] = player{p.ID, p.Login}
	}
	var reply struct {
		Tickets []Address `json:"tickets"`
	}
	if err := c.post(ctx, "asking for tickets", "/tickets", body, &reply); err != nil {
		return nil, err
	}
	if len(reply.Tickets) != len(players) {
		return nil, fmt.Errorf("asking for tickets: %w: %d tickets for %d players", ErrRefused, len(reply.Tickets), len(players))
	}
	return reply.Tickets, nil
}

func unlessNull(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// Keys returns the public keys that players' tokens are signed with, as a JSON Web
// Key Set.
func (c *Client) Keys(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.keys, nil)
	if err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	return c.do(req, "reading keys")
}
