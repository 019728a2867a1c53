package load

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// dialers is how many connections are being made at once.
const dialers = 16

// crowd is a running Plan.
type crowd struct {
	plan     Plan
	conns    []*conn
	watchers []*watcher
	stamps   *stamps
	reading  sync.WaitGroup
	// parting tells that connections end because the crowd leaves.
	parting atomic.Bool

	mu     sync.Mutex
	lost   int
	faults map[string]int
}

// Run connects all players, lets them move and measures. An error tells that it
// could not be measured; lost connections are part of the Measurement.
func Run(ctx context.Context, p Plan) (Measurement, error) {
	if err := p.check(); err != nil {
		return Measurement{}, err
	}
	c := &crowd{plan: p, conns: make([]*conn, p.Players), stamps: newStamps(p.Players, time.Now().Add(-time.Second)), faults: make(map[string]int)}
	defer c.leave()
	for range p.Watchers {
		c.watchers = append(c.watchers, newWatcher(c.stamps))
	}
	if err := c.connect(ctx); err != nil {
		return Measurement{}, err
	}
	return c.measure(ctx)
}

// leave ends all connections and waits for their readers.
func (c *crowd) leave() {
	c.parting.Store(true)
	for _, conn := range c.conns {
		if conn != nil {
			_ = conn.net.Close()
		}
	}
	c.reading.Wait()
}

// connect opens all connections. Each is read from the moment it is open.
func (c *crowd) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var dialing sync.WaitGroup
	for range dialers {
		dialing.Go(func() {
			for i := int(next.Add(1)) - 1; i < c.plan.Players && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := c.open(ctx, i); err != nil {
					cancel(fmt.Errorf("connecting player %d of %d: %w", i+1, c.plan.Players, err))
				}
			}
		})
	}
	dialing.Wait()
	return context.Cause(ctx)
}

func (c *crowd) open(ctx context.Context, i int) error {
	conn, rest, err := c.plan.dial(ctx, i)
	if err != nil {
		return err
	}
	c.conns[i] = conn
	c.stamps.know(conn.id, i)
	watch := c.watcherOf(i)
	c.reading.Go(func() {
		if err := conn.drain(rest, watch); !c.parting.Load() {
			c.lose(err)
		}
	})
	return nil
}

// watcherOf spreads the watchers over the connections: servers often serve
// players in the order of their coming.
func (c *crowd) watcherOf(i int) *watcher {
	n := len(c.watchers)
	k := i * n / c.plan.Players
	if i == (k*c.plan.Players+n-1)/n {
		return c.watchers[k]
	}
	return nil
}

func (c *crowd) lose(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost++
	c.faults[withoutAddress(err)]++
}

// measure lets the players move and looks at the second part of it.
func (c *crowd) measure(ctx context.Context) (Measurement, error) {
	moving, stop := context.WithCancel(ctx)
	walk := &walk{crowd: c}
	var walking sync.WaitGroup
	walking.Go(func() { walk.run(moving) })
	defer walking.Wait()
	defer stop()
	if err := wait(ctx, c.plan.Warmup); err != nil {
		return Measurement{}, err
	}
	for _, w := range c.watchers {
		w.restart()
	}
	before, err := c.look(walk)
	if err != nil {
		return Measurement{}, err
	}
	if err := wait(ctx, c.plan.Measure); err != nil {
		return Measurement{}, err
	}
	after, err := c.look(walk)
	if err != nil {
		return Measurement{}, err
	}
	return c.report(before, after), nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
