package native

import (
	"math"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// closing is the end of a map of a fleet: its players are told when it is, and are
// moved to other maps of the fleet then. The zero closing is a map that stays.
type closing struct {
	by time.Time
	// warned is how much was left when players were last told.
	warned time.Duration
	// open says that the last player who was sent found another map; asking that the
	// answer for one is awaited.
	open, asking bool
	// next is when somebody is sent again after no other map had room.
	next time.Time
}

// warnings are when players are told again.
var warnings = []time.Duration{time.Minute, 30 * time.Second, 10 * time.Second}

const (
	// movesPerFrame is how many players are sent away in a frame: the keeper has other
	// maps, too.
	movesPerFrame = 8
	// movePause is the pause when no other map has room.
	movePause = 5 * time.Second
)

// CloseBy says until when players may stay on this map; zero: as long as they like.
// For the loop's goroutine only.
func (g *Game) CloseBy(by time.Time) {
	if g.closing.by.Equal(by) {
		return
	}
	g.closing = closing{by: by}
	if by.IsZero() {
		g.warn(-1)
	}
}

// close tells players, and moves them when it is time.
func (g *Game) close() {
	c := &g.closing
	if c.by.IsZero() {
		return
	}
	now := g.config.Now()
	left := c.by.Sub(now)
	if left > 0 {
		if c.due(left) {
			c.warned = left
			g.warn(left)
		}
		return
	}
	if c.asking || now.Before(c.next) {
		return
	}
	room := movesPerFrame
	if !c.open { // one is sent ahead
		room = 1
		c.next = now.Add(movePause)
	}
	for _, p := range g.order {
		if room == 0 {
			return
		}
		if p.entity != nil && p.session != nil && !p.waiting && g.leave(p, "") {
			room--
			c.asking = !c.open
		}
	}
}

// due tells whether players are to be told that so much is left.
func (c *closing) due(left time.Duration) bool {
	if c.warned == 0 {
		return true
	}
	for _, w := range warnings {
		if left <= w && c.warned > w {
			return true
		}
	}
	return false
}

// answered is told whether a player who was sent away found another map.
func (c *closing) answered(found bool) {
	c.open, c.asking = found, false
	if found {
		c.next = time.Time{}
	}
}

// warn tells all players how much is left, none any more if it is negative.
func (g *Game) warn(left time.Duration) {
	m := &game.Message{Data: drainPacket(left)}
	for _, p := range g.order {
		if p.live() {
			p.session.Send(m)
		}
	}
}

// drainPacket says for how many seconds the map is there, null for as long as ever.
func drainPacket(left time.Duration) []byte {
	seconds := value.Null
	if left >= 0 {
		seconds = value.FromNumber(math.Ceil(left.Seconds()))
	}
	d := &value.Dict{}
	d.Set("drain", seconds)
	b, _ := value.AppendJSON(nil, value.FromDict(d))
	return b
}
