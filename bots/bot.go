package bots

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

const (
	firstBackOff = 500 * time.Millisecond
	lastBackOff  = 15 * time.Second
	// steady is how long a connection must have lasted for its end to count as
	// the first of a row.
	steady = 5 * time.Second
	// hasty is a connection that the bot is sent away from so soon that it waits
	// before it follows: two servers may send it to and fro.
	hasty = time.Second
)

// bot is one simulated player.
type bot struct {
	crowd   *crowd
	login   string
	rng     *rand.Rand
	client  *Client
	backOff time.Duration
	known   bool
	entered bool
	// settled tells the crowd, once, that the bot is in or will not come.
	settled func()
	// again asks for a new token, and next is one that the server gave: both are
	// set while a connection is read, and used after it.
	again bool
	next  Credentials
	// lasted is how long the last connection did, ended when it did so; zero once the
	// bot is in a world again.
	lasted time.Duration
	ended  time.Time
	// warned says that the map which the bot is on closes.
	warned bool

	// scene, pace and last belong to one connection; the two goroutines of the
	// connection share them.
	scene *scene
	pace  *pace
	last  atomic.Pointer[string]
}

// run plays until ctx ends or the gateway will not have the bot.
func (b *bot) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := b.session(ctx)
		if ctx.Err() != nil {
			return
		}
		var refused *SignInError
		if errors.As(err, &refused) && !refused.Temporary() {
			b.crowd.tally.gone.Add(1)
			return
		}
		if !b.sentAway() && !pause(ctx, b.delay(refused)) {
			return
		}
	}
}

// sentAway tells that the server wants the bot elsewhere, now.
func (b *bot) sentAway() bool { return (b.again || b.next.Token != "") && b.lasted > hasty }

// delay is how long to wait before the next try: longer each time, as long as
// the gateway asks, and not the same for all.
func (b *bot) delay(refused *SignInError) time.Duration {
	b.backOff = min(max(2*b.backOff, firstBackOff), lastBackOff)
	d := b.backOff
	if refused != nil {
		d = max(d, refused.RetryAfter)
	}
	return d + time.Duration(b.rng.Int64N(int64(b.backOff)))
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// session signs in, connects and plays. It returns why the bot could not, or nil
// when it could and the connection ended.
func (b *bot) session(ctx context.Context) error {
	to, err := b.enter(ctx)
	if err == nil {
		err = b.client.Dial(ctx, to)
	}
	if err != nil {
		b.again, b.next = false, Credentials{}
		if ctx.Err() == nil {
			b.crowd.tally.failed(err)
		}
		return err
	}
	b.play(ctx)
	return nil
}

// enter returns credentials: those that the server gave, or new ones.
func (b *bot) enter(ctx context.Context) (Credentials, error) {
	if to := b.next; to.Token != "" {
		b.next = Credentials{}
		return to, nil
	}
	b.again = false
	release, ok := b.crowd.door.enter(ctx)
	if !ok {
		return Credentials{}, ctx.Err()
	}
	defer release()
	if !b.known {
		to, err := b.client.Register(ctx, b.login, b.crowd.cfg.Password)
		var refused *SignInError
		if err == nil {
			b.known = true
			b.crowd.tally.signedIn(true)
			return to, nil
		}
		if !errors.As(err, &refused) || refused.Temporary() {
			return Credentials{}, err
		}
		// The account is likely to be there from an earlier run.
	}
	to, err := b.client.Login(ctx, b.login, b.crowd.cfg.Password)
	if err == nil {
		b.known = true
		b.crowd.tally.signedIn(false)
	}
	return to, err
}

// play is one connection, from its first packet to its end.
func (b *bot) play(ctx context.Context) {
	t := b.crowd.tally
	began := b.crowd.cfg.Now()
	t.connect(began, b.entered)
	b.entered = true
	b.settled()
	b.scene = b.crowd.scenes.at(b.client.self.Host)
	b.pace = newPace()
	b.last.Store(new(string))

	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, b.client.Close)
	var acting sync.WaitGroup
	acting.Go(func() { b.act(ctx) })
	closed := b.listen()

	now := b.crowd.cfg.Now()
	if !stop() || b.again || b.next.Token != "" {
		closed = nil // it was the bot that left
	}
	cancel()
	b.client.Close()
	acting.Wait()
	b.scene.release(b)
	t.disconnect(began, now, closed)
	b.warned = false
	if b.ended.IsZero() {
		b.ended = now
	}
	if b.lasted = now.Sub(began); b.lasted > steady {
		b.backOff = 0
	}
}
