//go:build cluster

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/overworld-gg/overworld/bots"
	"github.com/overworld-gg/overworld/mapserver/report"
)

// players is how many bots the budgets are measured with.
const players = 50

// crowd are bots that play until they are told to leave.
type crowd struct {
	r      *rig
	cancel context.CancelFunc
	done   chan error

	mu   sync.Mutex
	last bots.Result
	left bool
}

// crowd lets bots in and waits until all of them play.
func (r *rig) crowd(gateway string) *crowd {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := &crowd{r: r, cancel: cancel, done: make(chan error, 1)}
	go func() {
		result, err := bots.Run(ctx, bots.Config{URL: gateway, Players: players, RampUp: 25, ActionsPerSecond: 2, Progress: func(s bots.Snapshot) { c.note(s.Result) }})
		c.note(result)
		c.done <- err
	}()
	r.Cleanup(c.leave)
	c.all("the players to come")
	return c
}

func (c *crowd) note(r bots.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = r
}

// now is how the crowd was a second ago at most.
func (c *crowd) now() bots.Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// all waits until all play.
func (c *crowd) all(what string) {
	c.r.Helper()
	c.r.until(what, func() string {
		if now := c.now(); now.Connected != players {
			return fmt.Sprintf("%d of %d play: %+v", now.Connected, players, now)
		}
		return ""
	})
}

// undisturbed complains if anybody has lost the connection since before, or plays no
// more.
func (c *crowd) undisturbed(what string, before bots.Result) {
	c.r.Helper()
	c.r.until("the players to go on after "+what, func() string {
		if c.now().Acks <= before.Acks {
			return "no command is answered"
		}
		return ""
	})
	if now := c.now(); now.Connected != players || now.Reconnects != before.Reconnects || len(now.Closes) != len(before.Closes) {
		c.r.Errorf("%s: players have noticed: before %+v\nnow %+v", what, before, now)
	}
}

// leave sends all home.
func (c *crowd) leave() {
	if c.left {
		return
	}
	c.left = true
	c.cancel()
	if err := <-c.done; err != nil {
		c.r.Error(err)
	}
}

// door is where players sign in, again and again: with several accounts, because one
// may not so often.
type door struct {
	r       *rig
	gateway string
	names   []string
	turn    int
}

func (r *rig) door() *door {
	r.Helper()
	d := &door{r: r, gateway: r.gatewayURL()}
	for i := range 12 {
		name := fmt.Sprintf("door%d-%d", time.Now().UnixNano()%1e6, i)
		if answer := r.post(d.gateway+"/server/signin/register", map[string]string{"login": name, "password": "secret123"}); answer["token"] == nil {
			r.Fatalf("registering says %v", answer)
		}
		d.names = append(d.names, name)
	}
	return d
}

// login tries to sign in, and returns what is wrong with the answer, and how long it
// took.
func (d *door) login() (complaint string, took time.Duration) {
	d.turn++
	begin := time.Now()
	c := http.Client{Timeout: 5 * time.Second}
	resp, err := c.PostForm(d.gateway+"/server/signin/auth", url.Values{"login": {d.names[d.turn%len(d.names)]}, "password": {"secret123"}})
	took = time.Since(begin)
	if err != nil {
		return err.Error(), took
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct{ Token, Error string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err.Error(), took
	}
	if answer.Token == "" && answer.Error == "" {
		return resp.Status, took
	}
	return answer.Error, took
}

// opens complains if a login does not work.
func (d *door) opens(when string) {
	d.r.Helper()
	if text, _ := d.login(); text != "" {
		d.r.Errorf("a login when %s: %s", when, text)
	}
}

// statusOf asks a map server how it is, through the API server.
func (r *rig) statusOf(pod string) report.Status {
	r.Helper()
	var s report.Status
	text := r.kubectl("get", "--raw", "/api/v1/namespaces/"+namespace+"/pods/"+pod+":9000/proxy/status")
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		r.Fatal(err)
	}
	return s
}

// fields are the words that a kubectl get with jsonpath prints.
func (r *rig) fields(args ...string) []string {
	r.Helper()
	return strings.Fields(r.kubectl(args...))
}
