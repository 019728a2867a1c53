package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const meadow = "../../examples/meadow"

// The seed documents' own sequence, with a client that knows nothing of our code.
func TestSeedSequence(t *testing.T) {
	g := run(t, t.TempDir(), meadow)
	if status, k := post(t, g.url+"/server/sign/auth/", "login", "Ann", "password", "secret one"); status != http.StatusUnauthorized || k.Error == "" {
		t.Errorf("an unknown player gets %d %+v", status, k)
	}
	if status, k := post(t, g.url+"/server/signin/register", "login", "Ann", "password", "secret one"); status != http.StatusOK || k.Error != "" {
		t.Fatalf("registering: %d %+v", status, k)
	}
	_, k := post(t, g.url+"/server/sign/auth/", "login", "Ann", "password", "secret one")
	if k.ID == 0 || k.Token == "" || k.Port == 0 || k.Host != fmt.Sprintf("127.0.0.1:%d", k.Port) {
		t.Fatalf("signing in gives %+v", k)
	}
	c := dial(t, k)
	world, err := c.next()
	if err != nil || world["action"] != "load/index" {
		t.Fatalf("the first packet is %v, %v", world["action"], err)
	}
	me := world.entity("players", k.ID)
	checkWorld(t, world, me)
	walk(t, c, me)
	refusals(t, c)
	secondUse(t, k)
	takeover(t, g, c)
	if err := g.stop(); err != nil {
		t.Errorf("the game ended with %v\n%s", err, g.log)
	}
}

// checkWorld looks for all that the full world has to have.
func checkWorld(t *testing.T, world, me packet) {
	t.Helper()
	for _, field := range []string{"id", "key", "type", "map_id", "prefab", "x", "y", "z", "sort", "side", "action", "speed", "created", "login", "components", "events"} {
		if _, ok := me[field]; !ok {
			t.Errorf("the player has no field %s: %v", field, me)
		}
	}
	for _, kind := range []string{"enemys", "animals", "objects"} {
		if list, _ := world[kind].([]any); len(list) == 0 {
			t.Errorf("the world has no %s", kind)
		}
	}
	if timeouts, _ := world["timeouts"].(map[string]any); timeouts["move"] == nil {
		t.Errorf("the world has no timeouts: %v", timeouts)
	}
}

// walk makes steps until one succeeds: only what has changed is told.
func walk(t *testing.T, c *client, me packet) {
	t.Helper()
	c.send(`{"action":"move/left","command_id":1670069589900}`)
	delta := c.wait("the step", func(p packet) bool { return p.entity("players", c.id)["x"] != nil })
	if delta["action"] != nil {
		t.Errorf("a change has the action %v", delta["action"])
	}
	changed := delta.entity("players", c.id)
	if changed["x"] != me["x"].(float64)-1 {
		t.Errorf("x is %v after a step to the left from %v", changed["x"], me["x"])
	}
	for _, field := range []string{"y", "prefab", "type", "key", "login", "map_id", "created", "speed", "components"} {
		if _, ok := changed[field]; ok {
			t.Errorf("the change tells %s, which has not changed: %v", field, changed)
		}
	}
	ack := c.wait("the acknowledgement", func(p packet) bool { return p["commands"] != nil })
	move, _ := ack["commands"].(map[string]any)["move"].(map[string]any)
	if move["command_id"] != 1670069589900.0 || move["wait_time"] == nil {
		t.Errorf("acknowledged: %v", ack)
	}
	if e := ack.entity("players", c.id); e == nil || e["events"] == nil {
		t.Errorf("the player is not told the time of the group: %v", ack)
	}
}

// refusals are the answers to what a client must not do; it may go on playing.
func refusals(t *testing.T, c *client) {
	t.Helper()
	for text, want := range map[string]string{
		`{"action":"death/index"}`:                    "death/index is not a public event",
		`{"action":"save/index"}`:                     "save/index is not a public event",
		`{"action":"fly/high"}`:                       `there is no group of events "fly"`,
		`{"action":"move/sideways"}`:                  "there is no event move/sideways",
		`{"action":"move/to","x":"far","y":1}`:        "parameter x must be a number, not a string",
		`{"action":"move/to","x":1}`:                  "parameter y is missing",
		`{"action":"move/up","speed":9}`:              `there is no parameter "speed"`,
		`{"action":7}`:                                `"action" must be a text`,
		`{"x":7}`:                                     `"action" is missing`,
		`[1,2]`:                                       "the frame must be a JSON object",
		`{"action":"move/up"`:                         "the frame cannot be read as JSON",
		`{"action":"move/up","command_id":"morning"}`: `"command_id" must be a number`,
	} {
		c.send(text)
		p := c.wait("a refusal", func(p packet) bool { return p["error"] != nil })
		if said, _ := p["error"].(string); !strings.Contains(said, want) {
			t.Errorf("%s is refused with %q, want %q in it", text, said, want)
		}
	}
	c.send(`{"action":"load/index"}`)
	c.wait("the world again", func(p packet) bool { return p["action"] == "load/index" })
}

func secondUse(t *testing.T, k ticket) {
	t.Helper()
	if text, code := dial(t, k).goodbye(); code != 4409 || text == "" {
		t.Errorf("a used token is refused with %d %q", code, text)
	}
	k.Token = "nonsense"
	if text, code := dial(t, k).goodbye(); code < 4400 || text == "" {
		t.Errorf("a wrong token is refused with %d %q", code, text)
	}
}

func takeover(t *testing.T, g *game, old *client) {
	t.Helper()
	_, k := post(t, g.url+"/server/signin/auth", "login", "Ann", "password", "secret one")
	again := dial(t, k)
	again.wait("the world", func(p packet) bool { return p["action"] == "load/index" })
	if text, code := old.goodbye(); code != 4001 || text == "" {
		t.Errorf("the old connection ends with %d %q", code, text)
	}
}

// Files that change are swapped into the running map; a mistake is told and
// changes nothing.
func TestHotSwap(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("world.yaml", "events: {move: {timeout: 0, of: [players], actions: {up: {public: true}}}}\nplayer: {at: [[5, 500]]}\n")
	write("events/move/up.lua", "object.y = object.y - 1")
	g := run(t, t.TempDir(), dir)
	_, k := post(t, g.url+"/server/signin/register", "login", "Ann", "password", "secret one")
	c := dial(t, k)
	c.wait("the world", func(p packet) bool { return p["action"] == "load/index" })
	y := func() any {
		c.send(`{"action":"move/up"}`)
		p := c.wait("a step", func(p packet) bool {
			return p["action"] == nil && p.entity("players", k.ID)["y"] != nil
		})
		return p.entity("players", k.ID)["y"]
	}
	if got := y(); got != 499.0 {
		t.Fatalf("y is %v after a step", got)
	}
	write("events/move/up.lua", "object.y = object.y -")
	g.await("to refuse the mistake", func() bool { return strings.Contains(g.log.String(), "events/move/up.lua:1") })
	if got := y(); got != 498.0 {
		t.Errorf("y is %v while the change is refused", got)
	}
	write("events/move/up.lua", "object.y = object.y - 100")
	g.await("to swap", func() bool { return strings.Contains(g.log.String(), "scripts swapped") })
	c.wait("the world again", func(p packet) bool { return p["action"] == "load/index" })
	if got := y(); got != 398.0 {
		t.Errorf("y is %v after the swap", got)
	}
}
