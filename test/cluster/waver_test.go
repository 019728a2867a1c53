//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/overworld-gg/overworld/bots"
)

// waver is a player who counts.
type waver struct {
	r    *rig
	c    *bots.Client
	name string
	last time.Time
}

func (r *rig) waver(gateway string) *waver {
	r.Helper()
	c, err := bots.NewClient(bots.Options{URL: gateway})
	if err != nil {
		r.Fatal(err)
	}
	w := &waver{r: r, c: c, name: fmt.Sprintf("waver%d", time.Now().UnixNano()%1e6)}
	to, err := c.Register(context.Background(), w.name, "secret123")
	if err != nil {
		r.Fatal(err)
	}
	w.enter(to)
	r.Cleanup(c.Close)
	return w
}

// connect signs in again.
func (w *waver) connect() {
	w.r.Helper()
	w.c.Close()
	var to bots.Credentials
	w.r.until("the waver's login", func() (text string) {
		var err error
		if to, err = w.c.Login(context.Background(), w.name, "secret123"); err != nil {
			return err.Error()
		}
		return ""
	})
	w.enter(to)
}

func (w *waver) enter(to bots.Credentials) {
	w.r.Helper()
	if err := w.c.Dial(context.Background(), to); err != nil {
		w.r.Fatal(err)
	}
	w.wait(func() bool { return w.c.Player() != nil })
}

func (w *waver) wait(enough func() bool) {
	w.r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := w.c.Wait(ctx, func(*bots.Packet, *bots.World) bool { return enough() }); err != nil {
		w.r.Fatal(err)
	}
}

func (w *waver) waves() int {
	n, _ := w.c.Player().Component("waves").(float64)
	return int(n)
}

func (w *waver) wave() {
	w.r.Helper()
	before := w.waves()
	if _, err := w.c.Command("greet/wave", nil); err != nil {
		w.r.Fatal(err)
	}
	w.wait(func() bool { return w.waves() > before })
	w.last = time.Now()
}
