package native

import (
	"fmt"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// second is the frames of a second.
const second = int(time.Second / step)

// town is a map of 500 players, to whom it costs nothing to send.
func town(b *testing.B, world string) *rig {
	r := newRig(b, map[string]string{"world.yaml": world})
	for id := range int64(500) {
		r.join(id+1, fmt.Sprint("player", id+1)).quiet = true
	}
	r.frame(2)
	for _, p := range r.order {
		p.session = mute{game.NopSession{P: p.Player}}
	}
	r.frame(second)
	r.take()
	return r
}

// BenchmarkLibraryWalk is one second of 500 players who take five steps a second
// on a map with 1,000 objects: 2,500 events in Lua, and what clients are told. The
// bundle with loot looks at each step whether there is something to take.
func BenchmarkLibraryWalk(b *testing.B) {
	for _, use := range []string{"move", "loot"} {
		b.Run(use, func(b *testing.B) {
			r := town(b, `
use: [`+use+`]
player: {area: [100, 100, 200, 200], speed: 5}
spawns:
  - {type: objects, prefab: tree, count: 1000, area: [100, 100, 200, 200]}
`)
			sides := []string{"up", "right", "down", "left"}
			for i := 0; b.Loop(); i++ {
				r.walk(sides[i%4])
				r.take()
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/second")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2500, "ns/step")
		})
	}
}

// walk is a second in which everybody takes five steps.
func (r *rig) walk(side string) {
	command := []byte(`{"action":"move/` + side + `"}`)
	for i := range second {
		for n, p := range r.order {
			if (n+i)%(second/5) == 0 {
				r.Receive(p.session, command)
			}
		}
		r.frame(1)
	}
}

// BenchmarkLibraryAggression is one second of 1,000 goblins and 500 players who
// are far from each other, and of 1,000 goblins that are at players' heels.
func BenchmarkLibraryAggression(b *testing.B) {
	for name, area := range map[string]string{"apart": "700, 700, 200, 200", "chase": "100, 100, 200, 200"} {
		b.Run(name, func(b *testing.B) {
			r := town(b, `
use: [aggression, regeneration]
components: {damage: {default: 0}}
player: {area: [100, 100, 200, 200], speed: 5}
spawns:
  - {type: enemys, prefab: goblin, count: 1000, area: [`+area+`], speed: 4}
`)
			r.frame(3 * second)
			for b.Loop() {
				r.frame(second)
				r.take()
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/second")
		})
	}
}
