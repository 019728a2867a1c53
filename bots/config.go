package bots

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

const (
	defaultRampUp  = 50
	defaultActions = 2
	// MaxPlayers is how many bots one Run accepts.
	MaxPlayers = 20_000
	// maxActions is what the limits of a server let pass, and some more.
	maxActions = 100
	maxPrefix  = 24
)

// Config says what Run does. URL and Players are required.
type Config struct {
	// URL is the gateway, as in "http://127.0.0.1:8080".
	URL string
	// Players is how many bots play, 1 to MaxPlayers.
	Players int
	// Duration is how long they play once all are in, or have given up, or a minute
	// has passed since the last was started; zero: until the context ends.
	Duration time.Duration
	// RampUp is how many bots are started per second; default 50.
	RampUp float64
	// Prefix begins the names of the accounts: Prefix1, Prefix2, ... Default: one
	// made up for this run.
	Prefix string
	// Password is that of all accounts. Default: one made up for this run, which
	// is of no use with accounts of an earlier one.
	Password string
	// Behaviour is what the bots do; default Mix.
	Behaviour Behaviour
	// ActionsPerSecond is how often each bot wants to do something; default 2.
	// The pauses that the map asks for come on top.
	ActionsPerSecond float64
	// Commands holds parameters by action ("fight/attack") for games whose
	// actions the bots do not know; if there are any, these are all that the bots
	// do, as far as public. The texts "$target" (key of the nearest enemy), "$x",
	// "$y" (a place near the bot) and "$text" among the parameters are replaced.
	Commands map[string]map[string]any
	// Compression offers permessage-deflate. It costs the bots more CPU than all
	// the rest.
	Compression bool
	// InsecureTLS accepts any certificate.
	InsecureTLS bool
	// Seed makes the choices of two runs equal; default 1.
	Seed uint64
	// Progress, if it is not nil, is called about once a second.
	Progress func(Snapshot)
	// Now is the clock; default time.Now.
	Now func() time.Time
	// DialContext makes network connections; default those of net.Dialer.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// withDefaults checks c and fills in what it leaves out.
func (c Config) withDefaults() (Config, error) {
	if err := checkURL(c.URL); err != nil {
		return c, err
	}
	if err := c.checkNumbers(); err != nil {
		return c, err
	}
	if c.Behaviour == "" {
		c.Behaviour = Mix
	}
	if _, err := ParseBehaviour(string(c.Behaviour)); err != nil {
		return c, err
	}
	if len(c.Prefix) > maxPrefix {
		return c, fmt.Errorf("the prefix of the bots' names has %d bytes, at most %d are allowed: %q", len(c.Prefix), maxPrefix, c.Prefix)
	}
	for action := range c.Commands {
		if group, name, ok := strings.Cut(action, "/"); !ok || group == "" || name == "" {
			return c, fmt.Errorf("a command must be group/action, as in fight/attack, not %q", action)
		}
	}
	c.fill()
	return c, nil
}

func (c Config) checkNumbers() error {
	switch {
	case c.Players < 1 || c.Players > MaxPlayers:
		return fmt.Errorf("the number of players must be 1 to %d, not %d", MaxPlayers, c.Players)
	case c.Duration < 0:
		return fmt.Errorf("the duration must not be negative, it is %s", c.Duration)
	case !(c.RampUp >= 0) || c.RampUp > MaxPlayers:
		return fmt.Errorf("the ramp-up must be 0 (default) to %d players per second, not %v", MaxPlayers, c.RampUp)
	case !(c.ActionsPerSecond >= 0) || c.ActionsPerSecond > maxActions:
		return fmt.Errorf("the actions per second must be 0 (default) to %d, not %v", maxActions, c.ActionsPerSecond)
	}
	return nil
}

func (c *Config) fill() {
	if c.RampUp == 0 {
		c.RampUp = defaultRampUp
	}
	if c.ActionsPerSecond == 0 {
		c.ActionsPerSecond = defaultActions
	}
	if c.Prefix == "" {
		c.Prefix = "bot-" + strings.ToLower(rand.Text()[:5]) + "-"
	}
	if c.Password == "" {
		c.Password = rand.Text()
	}
	if c.Seed == 0 {
		c.Seed = 1
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("reading the gateway's URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("the gateway's URL must be like http://127.0.0.1:8080 or https://game.example, not %q", text)
	}
	return nil
}
