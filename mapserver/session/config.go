package session

import (
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// Task is something to do on the loop's goroutine. A loop's own type for tasks
// has the same method.
type Task interface{ Run(now time.Time) }

// Door decides who comes in. token.Gate is one.
type Door interface {
	// Verify tells whose request it is. An error that is a *token.Refusal is
	// told to the client as it is.
	Verify(r *http.Request, now time.Time) (token.Claims, error)
	// Spend uses up the token, once there is room for the player.
	Spend(c token.Claims, now time.Time) error
}

// Config says how a Server works. Game, Post and Door must be set; for the rest
// the zero value means the default.
type Config struct {
	// Game is what players join. It is called in tasks and in Flush only.
	Game game.Game
	// Post brings a task to the loop's goroutine. It must not block nor run the
	// task itself; false means that there is no room.
	Post func(Task) bool
	// Door decides who comes in.
	Door Door

	// MaxPlayers is how many sessions there may be at once (500).
	MaxPlayers int
	// MaxParting is how many connections there may be beside those of players:
	// refused ones, and ended ones that still part (1024). From half of it on,
	// refused clients are not waited for.
	MaxParting int
	// MaxMessage is the size of the largest message from a client in bytes, after
	// decompression (4 KiB).
	MaxMessage int
	// Rate is how many messages, pings and pongs a client may send per second
	// (60), Burst how many at once (120).
	Rate, Burst int
	// Strikes is how many messages over the rate end a session (20). They are
	// forgotten when a client keeps to the rate for ten seconds.
	Strikes int
	// MaxQueue and MaxQueueBytes bound what waits for a client that does not keep
	// up (256 and 1 MiB). Beyond them messages marked State are dropped; the others
	// may take 4 times the messages and 8 times the bytes, then the session ends.
	MaxQueue, MaxQueueBytes int
	// SlowLimit is how long a client may be behind before it is closed (5 s).
	SlowLimit time.Duration
	// PingAfter is the silence of a client after which it is pinged (20 s),
	// IdleLimit the silence after which it is closed (60 s). Browsers answer
	// pings by themselves: who only watches is not idle.
	PingAfter, IdleLimit time.Duration
	// Handshake bounds writing the answer to an upgrade (5 s). Reading the request
	// is bounded by the http.Server's ReadHeaderTimeout.
	Handshake time.Duration
	// CloseWait bounds how long an ended session may take to send what is queued
	// and to part from its client (3 s).
	CloseWait time.Duration

	// Compress offers permessage-deflate to clients. A message is compressed
	// once for all of them.
	Compress bool
	// CompressMin is the size from which a message is compressed, in bytes (128).
	CompressMin int
	// CompressLevel is from 1, fast, to 9 (1).
	CompressLevel int

	// Writers is the number of writing goroutines (GOMAXPROCS).
	Writers int
	// ErrorFrame makes the frame that tells a client of an error; it may return nil
	// for none. The default is a text frame {"error":"<text>"}.
	ErrorFrame func(text string) *game.Message
	// Log is told who came and went, at level Debug (nobody).
	Log *slog.Logger
	// Now is the clock (time.Now).
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	setInt(&c.MaxPlayers, 500)
	setInt(&c.MaxParting, 1024)
	setInt(&c.MaxMessage, 4<<10)
	setInt(&c.Rate, 60)
	setInt(&c.Burst, 120)
	setInt(&c.Strikes, 20)
	setInt(&c.MaxQueue, 256)
	setInt(&c.MaxQueueBytes, 1<<20)
	setInt(&c.CompressMin, 128)
	setInt(&c.CompressLevel, 1)
	setInt(&c.Writers, runtime.GOMAXPROCS(0))
	setTime(&c.SlowLimit, 5*time.Second)
	setTime(&c.PingAfter, 20*time.Second)
	setTime(&c.IdleLimit, 60*time.Second)
	setTime(&c.Handshake, 5*time.Second)
	setTime(&c.CloseWait, 3*time.Second)
	if c.ErrorFrame == nil {
		c.ErrorFrame = errorFrame
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func setInt(p *int, value int) {
	if *p <= 0 {
		*p = value
	}
}

func setTime(p *time.Duration, value time.Duration) {
	if *p <= 0 {
		*p = value
	}
}
