package native

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/world"
)

const meadowDir = "../../examples/meadow"

// meadow is the files of the example game.
func meadow(t testing.TB) map[string]string {
	t.Helper()
	b, err := game.ReadBundle(os.DirFS(meadowDir))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for name, data := range b.Files {
		files[name] = string(data)
	}
	return files
}

// faultless fails if code has failed since the last call; it returns the log.
func (r *rig) faultless() string {
	r.t.Helper()
	out := r.take()
	if strings.Contains(out, "level=ERROR") || strings.Contains(out, "level=WARN") || strings.Contains(out, `{"error"`) {
		r.t.Errorf("something went wrong:\n%s", out)
	}
	return out
}

// TestMeadow lets players of the example game do everything that they may, for a
// minute, and finds every place of the map.
func TestMeadow(t *testing.T) {
	r := newRig(t, meadow(t))
	for id := range int64(4) {
		r.join(id+1, fmt.Sprint("player", id+1)).quiet = true
	}
	r.frame(2)
	params := map[string]string{
		"move/to": `,"x":54,"y":12`, "fight/attack": `,"target":"enemys_1"`, "chat/say": `,"text":"hello"`, "greet/wave": `,"target":"players_2"`,
	}
	for i := range 1200 {
		for _, g := range r.world.Groups() {
			for _, a := range g.Actions {
				if name := g.Name + "/" + a.Name; a.Public && g.Of[world.Players] && i%(7+len(name)) == 0 {
					r.say(int64(i%4)+1, `{"action":"`+name+`"`+params[name]+`}`)
				}
			}
		}
		r.frame(1)
	}
	r.faultless()
	checkPlaces(t, r)
}

// checkPlaces wants a way from where players begin to everybody on the map.
func checkPlaces(t *testing.T, r *rig) {
	t.Helper()
	at := r.world.Schema().Player.At[0]
	for e := range r.world.All {
		x, y, _ := e.Position()
		if _, ok := r.world.Terrain().Path([2]int{int(at.X), int(at.Y)}, [2]int{int(x), int(y)}, 0); !ok {
			t.Errorf("no way leads to %s (%s) at %v, %v", e.Key(), e.Prefab(), x, y)
		}
	}
}

// TestMeadowChest empties a chest, by the portal that leads past it, and waits
// until it is full again.
func TestMeadowChest(t *testing.T) {
	r := newRig(t, meadow(t))
	s := r.join(1, "Ann")
	r.frame(2)
	r.take()
	r.say(1, `{"action":"move/to","x":20,"y":17}`)
	r.frame(100)
	out := r.faultless()
	for _, want := range []string{`{"loot":{"key":"objects_3","gold":10}}`, `"action":"open"`} {
		if !strings.Contains(out, want) {
			t.Errorf("the packets have no %s:\n%s", want, out)
		}
	}
	s.quiet = true
	r.frame(2400)
	i, _ := r.world.Component("worth")
	if worth := r.world.Entity("objects_3").Component(i).Num(); worth < 5 {
		t.Errorf("the chest has %v after two minutes", worth)
	}
	r.faultless()
}

// TestMeadowSave rests, first anywhere, then by the bell.
func TestMeadowSave(t *testing.T) {
	r := newRig(t, meadow(t))
	r.join(1, "Ann")
	r.frame(2)
	r.take()
	r.say(1, `{"action":"move/to","x":16,"y":27}`)
	r.frame(40)
	r.say(1, `{"action":"rest"}`)
	r.frame(2)
	if out := r.faultless(); !strings.Contains(out, `{"saved":false`) {
		t.Errorf("resting far from the bell: %s", out)
	}
	r.say(1, `{"action":"move/to","x":12,"y":26}`)
	r.frame(120)
	r.say(1, `{"action":"rest"}`)
	before := r.keeper.saves
	r.frame(4)
	if out := r.faultless(); !strings.Contains(out, `{"saved":true}`) || r.keeper.saves == before {
		t.Errorf("resting by the bell: %d saves, %s", r.keeper.saves-before, out)
	}
}

// lesson is a piece of code of the example's README, whose first line tells where
// it belongs.
var lesson = regexp.MustCompile("(?ms)^```(?:lua|yaml)\n(?:--|#) ([\\w./]+)(, [^\n]*)?\n(.*?)```")

// TestMeadowReadme does what the example's README tells game developers to do.
func TestMeadowReadme(t *testing.T) {
	page, err := os.ReadFile(meadowDir + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files := meadow(t)
	r := newRig(t, files, func(c *Config) { c.Limits = script.Limits{} })
	r.join(1, "Ann")
	r.frame(2)
	lessons := lesson.FindAllStringSubmatch(string(page), -1)
	if len(lessons) != 6 {
		t.Fatalf("the README has %d lessons", len(lessons))
	}
	base := files["world.yaml"]
	for _, l := range lessons {
		switch comment, code := l[1]+l[2], l[3]; l[1] {
		case "world.yaml":
			files[l[1]] = strings.Replace(base, "\nevents:\n", "\nevents:\n"+code, 1)
		case "init.lua":
			files[l[1]] += code
		default:
			files[l[1]] = "-- " + comment + "\n" + code
		}
		if err := r.reload(files, nil); err != nil {
			t.Fatal(err)
		}
		if out := r.take(); strings.Contains(out, "refused") {
			t.Fatalf("%s: %s", l[1], out)
		}
		r.frame(2)
		r.take()
		r.dig(t, string(page), l[1]+l[2], strings.Contains(files["world.yaml"], "depth"))
	}
}

// dig plays what the README has added so far.
func (r *rig) dig(t *testing.T, page, lesson string, deep bool) {
	t.Helper()
	text := `{"action":"dig"}`
	if deep {
		r.say(1, `{"action":"dig","depth":9}`)
		_, answer, _ := strings.Cut(r.take(), " < ")
		if !strings.Contains(page, "\n"+answer+"\n") {
			t.Errorf("the README does not show the answer %s", answer)
		}
		text = `{"action":"dig","depth":3}`
	}
	r.say(1, text)
	r.frame(40)
	out := r.take()
	switch _, known := r.world.Group("dig"); {
	case !known:
		if !strings.Contains(out, `there is no group of events \"dig\"`) {
			t.Errorf("%s: %s", lesson, out)
		}
	case strings.Contains(lesson, "slip"):
		fault := regexp.MustCompile(`slot="event dig/index".* count=1`).FindString(out)
		if fault == "" || !strings.Contains(page, fault) {
			t.Errorf("the README does not show the fault: %s", out)
		}
	case strings.Contains(out, "level=ERROR") || !strings.Contains(out, `"dig":{"time":`):
		t.Errorf("%s: %s", lesson, out)
	}
}
