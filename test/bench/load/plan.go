// Package load lets a crowd of players walk on a server and measures what
// arrives. It knows nothing of the server: a player moves to an x that nobody
// else knows the meaning of, and when another player's connection is told of
// that x, the move has arrived. Most connections only count their frames; a few
// watchers decode theirs.
package load

import (
	"context"
	"errors"
	"net"
	"time"
)

// Plan says what Run does.
type Plan struct {
	// Address is the server's.
	Address string
	// Players is how many there are.
	Players int
	// Rate is how many frames per second the server is to send.
	Rate float64
	// Moves is how many moves each player makes per second.
	Moves float64
	// Watchers is how many connections are decoded.
	Watchers int
	// Compression offers permessage-deflate without context take-over.
	Compression bool
	// Credentials are those of player i, 0 to Players-1.
	Credentials func(i int) (id int64, token string, err error)
	// Warmup is how long the players move before Measure begins.
	Warmup, Measure time.Duration
	// ServerCPU, ServerCore and OwnCPU return the processor time used so far by
	// the server, by all on the server's core and by this process; nil is allowed.
	ServerCPU, ServerCore, OwnCPU func() (time.Duration, error)
	// Dial makes connections; nil: those of net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (p *Plan) check() error {
	if p.Players < 2 || p.Rate <= 0 || p.Moves <= 0 || p.Measure <= 0 || p.Credentials == nil {
		return errors.New("a plan needs at least 2 players, a rate, moves, a time to measure and credentials")
	}
	p.Watchers = max(1, min(p.Watchers, p.Players))
	if p.Dial == nil {
		p.Dial = (&net.Dialer{Timeout: handshakeTimeout}).DialContext
	}
	none := func() (time.Duration, error) { return 0, nil }
	for _, f := range []*func() (time.Duration, error){&p.ServerCPU, &p.ServerCore, &p.OwnCPU} {
		if *f == nil {
			*f = none
		}
	}
	return nil
}

// Measurement is what Run found.
type Measurement struct {
	Players int     `json:"players"`
	Rate    float64 `json:"rate"`
	// CPU is the share of its core that the server used, Core the share that was
	// used at all, the network's work included, Generator the share of its own
	// core that this program used.
	CPU       float64 `json:"cpu"`
	Core      float64 `json:"core"`
	Generator float64 `json:"generator"`
	// P50, P99 and Max are from a player's command to another's socket, in
	// milliseconds; Samples is how many there were.
	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
	Samples int     `json:"samples"`
	// Held is the share of Rate that arrived at the watchers, Slowest that of the
	// slowest connection of all.
	Held    float64 `json:"held"`
	Slowest float64 `json:"slowest"`
	// Bytes and Messages are per player and second, bytes as on the wire.
	Bytes    float64 `json:"bytes"`
	Messages float64 `json:"messages"`
	// Seen is the share of the moves that the watchers were told of.
	Seen float64 `json:"seen"`
	// Late is how late the generator sent its latest move, in milliseconds.
	Late float64 `json:"late"`
	// Lost counts connections that ended, Faults their reasons.
	Lost   int            `json:"lost"`
	Faults map[string]int `json:"faults,omitempty"`
}
