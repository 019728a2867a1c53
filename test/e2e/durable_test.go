package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/bots"
)

// A killed process loses nothing that was saved: players who stood still for
// longer than the time between saves are where they were, and those who were
// playing all come back.
func TestKilledMapFindsItsPlayers(t *testing.T) {
	data := t.TempDir()
	g := run(t, data, meadow)
	const still = 12
	places := make([]packet, still)
	for i := range places {
		_, k := post(t, g.url+"/server/signin/register", "login", fmt.Sprint("still", i), "password", "secret one")
		c := dial(t, k)
		c.wait("the world", func(p packet) bool { return p["action"] == "load/index" })
		c.send(`{"action":"greet/wave","command_id":1}`)
		for range i % 4 {
			c.send(`{"action":"move/left","command_id":2}`)
		}
		c.wait("the wave", func(p packet) bool { return p["commands"] != nil })
		// The last word on the player is a fresh world, a while after.
		defer func() { _ = c.conn.Close() }()
		places[i] = packet{"client": c, "id": k.ID}
	}
	crowd := playOn(t, g)
	pauseFor(t, 7*time.Second) // more than the time between saves
	for i, p := range places {
		c := p["client"].(*client)
		c.send(`{"action":"load/index"}`)
		world := c.wait("the world", func(p packet) bool { return p["action"] == "load/index" })
		places[i] = world.entity("players", c.id)
	}
	pauseFor(t, 6*time.Second)
	g.kill()
	crowd.Wait()

	g = run(t, data, meadow)
	for i, before := range places {
		_, k := post(t, g.url+"/server/signin/auth", "login", fmt.Sprint("still", i), "password", "secret one")
		world := dial(t, k).wait("the world", func(p packet) bool { return p["action"] == "load/index" })
		after := world.entity("players", k.ID)
		for _, field := range []string{"x", "y", "z", "side", "prefab"} {
			if before[field] != after[field] {
				t.Errorf("player %d: %s was %v and is %v", k.ID, field, before[field], after[field])
			}
		}
		if waves := after["components"].(map[string]any)["waves"]; waves != 1.0 {
			t.Errorf("player %d has waved %v times", k.ID, waves)
		}
	}
	for i := range playing {
		status, k := post(t, g.url+"/server/signin/auth", "login", fmt.Sprint("crowd", i+1), "password", "secret crowd")
		if status != 200 {
			t.Fatalf("player crowd%d cannot sign in again: %+v", i+1, k)
		}
		world := dial(t, k).wait("the world", func(p packet) bool { return p["action"] == "load/index" })
		e := world.entity("players", k.ID)
		if moved := e["components"].(map[string]any)["maxHp"]; moved == nil {
			t.Errorf("player crowd%d came back as a new one: %v", i+1, e)
		}
	}
}

// playing is how many bots play while the game is killed.
const playing = 30

// playOn lets bots play until the game is gone.
func playOn(t *testing.T, g *game) *sync.WaitGroup {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	var crowd sync.WaitGroup
	crowd.Go(func() {
		defer cancel()
		go func() {
			<-g.done
			cancel()
		}()
		result, err := bots.Run(ctx, bots.Config{URL: g.url, Players: playing, Prefix: "crowd", Password: "secret crowd"})
		if err != nil || result.Peak != playing {
			t.Errorf("the crowd: %d of %d played, %v", result.Peak, playing, err)
		}
	})
	return &crowd
}

// pauseFor lets the game run for a while: what is tested is what it does by then.
func pauseFor(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
