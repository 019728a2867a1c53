package bots

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"
)

// atTheDoor is how many bots sign in at once: passwords cost a gateway time on
// purpose, and a queue there only makes it refuse.
const atTheDoor = 8

// patience is how long the bots may take to get in after the last was started.
const patience = time.Minute

// crowd is what the bots of a Run share.
type crowd struct {
	cfg        Config
	network    *network
	tally      *tally
	scenes     scenes
	repertoire *repertoire
	door       door
	bots       sync.WaitGroup
	// entering has the bots that have neither been in nor given up.
	entering sync.WaitGroup
}

// door lets a few in at a time.
type door chan struct{}

func (d door) enter(ctx context.Context) (leave func(), ok bool) {
	select {
	case d <- struct{}{}:
		return func() { <-d }, true
	case <-ctx.Done():
		return nil, false
	}
}

// Run lets cfg.Players bots play, until they have played for cfg.Duration or ctx
// ends; both are a success. The error says what is wrong with cfg, or that not
// one bot got in and why. The Result is valid in any case.
func Run(ctx context.Context, cfg Config) (Result, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Result{}, err
	}
	n, err := newNetwork(Options{
		URL: cfg.URL, Compression: cfg.Compression, InsecureTLS: cfg.InsecureTLS, Now: cfg.Now, DialContext: cfg.DialContext,
	})
	if err != nil {
		return Result{}, err
	}
	defer n.close()
	c := &crowd{cfg: cfg, network: n, tally: newTally(cfg.Now()), repertoire: newRepertoire(), door: make(door, atTheDoor)}
	result := c.run(ctx)
	if result.Peak == 0 && result.Gone+len(result.LoginFailures) > 0 {
		return result, fmt.Errorf("none of %d bots got in: %s", cfg.Players, mostFrequent(result.LoginFailures))
	}
	return result, nil
}

func mostFrequent(counts map[string]int) string {
	texts := slices.Sorted(maps.Keys(counts))
	if len(texts) == 0 {
		return "no reason is known"
	}
	return slices.MaxFunc(texts, func(a, b string) int { return cmp.Compare(counts[a], counts[b]) })
}

// run starts the bots, watches them and sends them home.
func (c *crowd) run(ctx context.Context) Result {
	// The bots do not see ctx: the result is taken before they leave.
	playing, sendHome := context.WithCancel(context.WithoutCancel(ctx))
	defer sendHome()
	var watching sync.WaitGroup
	watching.Go(func() { c.watch(playing) })
	c.start(ctx, playing)
	allIn, allGone := waited(&c.entering), waited(&c.bots)
	select {
	case <-ctx.Done():
	case <-allIn:
	case <-time.After(patience):
	}
	select {
	case <-ctx.Done():
	case <-c.over():
	case <-allGone:
	}
	result := c.result()
	result.Interrupted = ctx.Err() != nil
	sendHome()
	<-allGone
	<-allIn
	watching.Wait()
	return result
}

// waited is closed once w is done.
func waited(w *sync.WaitGroup) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Wait()
	}()
	return done
}

// over tells when the bots have played for as long as they should.
func (c *crowd) over() <-chan time.Time {
	if c.cfg.Duration == 0 {
		return nil
	}
	return time.After(c.cfg.Duration)
}

// start starts the bots one after the other, until ctx ends. They play until
// playing does.
func (c *crowd) start(ctx, playing context.Context) {
	ticker := time.NewTicker(max(1, time.Duration(float64(time.Second)/c.cfg.RampUp)))
	defer ticker.Stop()
	for i := 1; i <= c.cfg.Players; i++ {
		b := c.newBot(i)
		c.tally.started.Add(1)
		c.entering.Add(1)
		c.bots.Go(func() {
			defer b.settled()
			b.run(playing)
		})
		if i == c.cfg.Players {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (c *crowd) newBot(i int) *bot {
	return &bot{
		crowd:   c,
		login:   c.cfg.Prefix + strconv.Itoa(i),
		rng:     rand.New(rand.NewPCG(c.cfg.Seed, uint64(i))),
		client:  newClient(c.network),
		settled: sync.OnceFunc(c.entering.Done),
	}
}

// watch reports progress once a second.
func (c *crowd) watch(ctx context.Context) {
	if c.cfg.Progress == nil {
		return
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var before Result
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s := Snapshot{Result: c.result()}
			s.since(before)
			before = s.Result
			c.cfg.Progress(s)
		}
	}
}

func (c *crowd) result() Result {
	r := c.tally.result(c.cfg.Now(), c.network.received.Load())
	r.Wanted, r.Started = c.cfg.Players, int(c.tally.started.Load())
	return r
}
