package gamelift

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// Seats say who may log in.
type Seats interface {
	// Take uses up the seat of a player session; the error is told to nobody but the
	// log.
	Take(playerSessionID string, peer int32, now time.Time) error
	// Leave gives it back.
	Leave(playerSessionID string, now time.Time)
}

// AnySeat lets everybody in who has a player session id, as a server without a fleet
// does.
type AnySeat struct{}

// Take refuses who has none.
func (AnySeat) Take(id string, _ int32, _ time.Time) error {
	if id == "" {
		return errors.New("the login has no player session id")
	}
	return nil
}

// Leave does nothing.
func (AnySeat) Leave(string, time.Time) {}

// Config says how a Game works. Bundle, Entry and Platform must be set.
type Config struct {
	// ID is the id of the map, SessionID that of its game session (ID).
	ID, SessionID string
	Bundle        *game.Bundle
	// Entry is the path of the script in the bundle.
	Entry    string
	Platform script.Platform
	Limits   script.Limits
	// MaxPlayers bounds the players; the script's configuration may bound them
	// further.
	MaxPlayers int
	// FastPort is the UDP port that clients are told.
	FastPort int32
	// LoginWithin is how long a connection may take to log in (10 s).
	LoginWithin time.Duration
	Seats       Seats
	// Over is told when the script has ended its game session. A new one follows.
	Over func(code int)
	Log  *slog.Logger
	// Now is the wall clock (time.Now).
	Now func() time.Time
}

// noFastPort is told to clients where there is no UDP: they try it, get no answer, and
// stay on the WebSocket.
const noFastPort = 33400

func (c *Config) setDefaults() {
	c.SessionID = cmp.Or(c.SessionID, c.ID)
	c.FastPort = cmp.Or(c.FastPort, noFastPort)
	c.LoginWithin = cmp.Or(c.LoginWithin, 10*time.Second)
	c.MaxPlayers = cmp.Or(c.MaxPlayers, 500)
	if c.Seats == nil {
		c.Seats = AnySeat{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Over == nil {
		c.Over = func(int) {}
	}
}

// peer is a connected client, a player once it has logged in.
type peer struct {
	id      int32
	session game.Session
	// until is when it must have logged in.
	until         time.Time
	player        bool
	playerSession string
}

// Game is the relay of one game session.
type Game struct {
	config  Config
	program program
	faults  script.Faults
	peers   map[int32]*peer
	// waiting are peers who have not logged in, in the order in which they came.
	waiting []*peer
	players int
	limit   int
	groups  map[int32]map[int32]*peer
	// over says that the script has ended its session; the next one starts at again.
	over  bool
	again time.Time
	// draining says that the map is being stopped.
	draining bool
	spent    time.Duration // by the programs before this one
}

var (
	_ game.Game     = (*Game)(nil)
	_ game.Reloader = (*Game)(nil)
)

// New loads the script and starts a game session.
func New(c Config) (*Game, error) {
	c.setDefaults()
	g := &Game{config: c, peers: map[int32]*peer{}, groups: map[int32]map[int32]*peer{}}
	return g, g.launch()
}

// launch starts the script in a fresh process, with a game session.
func (g *Game) launch() error {
	c := &g.config
	process, err := c.Platform.NewProcess(script.ProcessConfig{
		Files: c.Bundle.Files, Shim: shim, Functions: g.functions(), Limits: c.Limits, Now: c.Now, Log: c.Log,
		Exit:  g.exit,
		Fault: func(e *script.Error) { g.program.fault("timer", e) },
	})
	if err != nil {
		return fmt.Errorf("starting the script: %w", err)
	}
	g.over = false
	g.program = program{process: process, faults: &g.faults, log: c.Log, now: c.Now, revision: c.Bundle.Revision}
	if err := g.program.start(c.Entry, nil); err != nil {
		process.Close()
		return err
	}
	g.limit = c.MaxPlayers
	if n := g.program.maxPlayers(); n > 0 {
		g.limit = min(n, g.limit)
	}
	g.program.tell("startGameSession", g.describe())
	return nil
}

const (
	// relaunchPause is the pause after a script that does not start.
	relaunchPause = 5 * time.Second
	closeNormal   = 1000
)

// relaunch starts the next game session after one that has ended: as a server of a
// fleet does, with nothing left of the one before.
func (g *Game) relaunch(now time.Time) {
	if g.program.process != nil {
		for _, p := range g.peers {
			p.session.Close(closeNormal, "the game session has ended")
		}
		g.spent += g.program.spent
		g.program.process.Close()
		g.program.process = nil
	}
	if now.Before(g.again) || len(g.peers) > 0 {
		return
	}
	if err := g.launch(); err != nil {
		g.over, g.program.process = true, nil
		g.again = now.Add(relaunchPause)
		g.program.fault("start", err)
	}
}

// describe is the game session as scripts see it.
func (g *Game) describe() value.Value {
	d := &value.Dict{}
	d.Set("GameSessionId", value.FromString(g.config.SessionID))
	d.Set("Name", value.FromString(g.config.ID))
	d.Set("MaximumPlayerSessionCount", value.FromNumber(float64(g.limit)))
	return value.FromDict(d)
}

// exit is told that the script ends its process.
func (g *Game) exit(code int) {
	if g.over {
		return
	}
	g.over = true
	g.config.Log.Info("the script has ended the game session", slog.Int("code", code))
	g.config.Over(code)
}

// Check loads a script and runs its init, and says what is wrong with it.
func Check(c Config) error {
	g, err := New(c)
	if err == nil {
		g.Close()
	}
	return err
}

// Prepare loads another script beside the running one. swap ends the game session and
// starts one with the new script.
func (g *Game) Prepare(b *game.Bundle) (swap func(), err error) {
	next := g.config
	next.Bundle = b
	if err := Check(next); err != nil {
		return nil, err
	}
	return func() { g.config.Bundle, g.over, g.again = b, true, time.Time{} }, nil
}

// Join takes a connection in; it has yet to log in.
func (g *Game) Join(s game.Session) error {
	if g.over || g.draining {
		return errors.New("the game session has ended: connect again in a moment")
	}
	p := &peer{id: int32(s.Player().ID), session: s, until: g.config.Now().Add(g.config.LoginWithin)}
	g.peers[p.id] = p
	g.waiting = append(g.waiting, p)
	return nil
}

// Leave tells the script of a player that has gone, and forgets the connection.
func (g *Game) Leave(s game.Session) {
	p := g.peers[int32(s.Player().ID)]
	if p == nil || p.session.ID() != s.ID() {
		return
	}
	g.waiting = slices.DeleteFunc(g.waiting, func(w *peer) bool { return w == p })
	if p.player && !g.over {
		g.program.tell("disconnect", number(p.id))
	}
	delete(g.peers, p.id)
	for group, members := range g.groups {
		delete(members, p.id)
		if len(members) == 0 {
			delete(g.groups, group)
		}
	}
	if p.player {
		g.players--
		g.config.Seats.Leave(p.playerSession, g.config.Now())
	}
}

// closeProtocol is the close code of clients that do not keep to the protocol,
// closeLogin of those that do not log in.
const (
	closeProtocol = 1002
	closeLogin    = 1008
)

// Receive handles the packets of a frame.
func (g *Game) Receive(s game.Session, data []byte) {
	p := g.peers[int32(s.Player().ID)]
	if p == nil || g.over {
		return
	}
	for len(data) > 0 {
		k, n, err := decode(data)
		if err != nil {
			s.Close(closeProtocol, err.Error())
			return
		}
		data = data[n:]
		g.receive(p, &k)
	}
}

func (g *Game) receive(p *peer, k *packet) {
	switch {
	case k.opCode == opLogin && k.login != nil:
		g.login(p, k)
	case !p.player:
		p.session.Close(closeLogin, "log in first")
	case k.opCode == opJoinGroup:
		g.join(p, k.group)
	case k.opCode == opLeaveGroup:
		g.leaveGroup(p, k.group)
	case k.opCode == opRequestGroupMembership:
		g.send(p, &packet{opCode: opGroupMembershipUpdate, sender: serverID, targetPlayer: p.id, reliable: true, membership: g.membership(k.group)})
	case k.opCode <= 0:
		// Others of the protocol's own are of UDP, or not for a server.
	default:
		g.relay(p, k)
	}
}

// login lets a player in, if there is a seat and the script agrees.
func (g *Game) login(p *peer, k *packet) {
	if p.player {
		return
	}
	err := g.admit(p, k)
	p.playerSession = k.login.playerSessionID
	ok := err == nil && g.program.ask("connect", number(p.id), value.FromString(p.playerSession), blob(k.payload))
	answer := &packet{opCode: opLoginResult, sender: serverID, reliable: true, result: &loginResult{success: ok}}
	if ok {
		answer.targetPlayer, answer.result.peerID, answer.result.fastPort = p.id, p.id, g.config.FastPort
	}
	g.send(p, answer)
	g.waiting = slices.DeleteFunc(g.waiting, func(w *peer) bool { return w == p })
	switch {
	case ok:
		p.player = true
		g.players++
		g.program.tell("accepted", number(p.id), value.FromString(p.playerSession))
	case err != nil:
		g.config.Log.Warn("player refused", slog.Int("player", int(p.id)), slog.Any("error", err))
		p.session.Close(closeLogin, err.Error())
	default:
		g.config.Seats.Leave(p.playerSession, g.config.Now())
		p.session.Close(closeLogin, "the game does not let you in")
	}
}

func (g *Game) admit(p *peer, k *packet) error {
	if g.players >= g.limit {
		return fmt.Errorf("the game session is full: it has %d players", g.limit)
	}
	return g.config.Seats.Take(k.login.playerSessionID, p.id, g.config.Now())
}

// relay carries a player's message to the script, to another player or to a group.
func (g *Game) relay(p *peer, k *packet) {
	k.sender = p.id // clients may not know theirs
	switch {
	case k.targetPlayer == serverID:
		if g.program.listens.server {
			g.ask(k)
		}
	case k.targetPlayer > 0:
		if to := g.peers[k.targetPlayer]; to != nil && to.player && (!g.program.listens.player || g.ask(k)) {
			g.send(to, k)
		}
	case k.targetGroup != 0:
		if !g.program.listens.group || g.ask(k) {
			g.sendGroup(k, p.id)
		}
	}
}

// ask shows a message to the script.
func (g *Game) ask(k *packet) bool {
	return g.program.ask("message", number(k.opCode), number(k.sender), blob(k.payload), number(k.targetPlayer), number(k.targetGroup), value.FromBool(k.reliable))
}

// blob is a payload for the script, which may keep it.
func blob(payload []byte) value.Value { return value.FromRef(script.Bytes(slices.Clone(payload))) }

func (g *Game) join(p *peer, group int32) {
	if group <= 0 || !g.program.ask("joinGroup", number(group), number(p.id)) {
		return
	}
	if g.groups[group] == nil {
		g.groups[group] = map[int32]*peer{}
	}
	g.groups[group][p.id] = p
}

func (g *Game) leaveGroup(p *peer, group int32) {
	members := g.groups[group]
	if members[p.id] == nil || !g.program.ask("leaveGroup", number(group), number(p.id)) {
		return
	}
	if delete(members, p.id); len(members) == 0 {
		delete(g.groups, group)
	}
}

// members are the players of a group.
func (g *Game) members(group int32) map[int32]*peer {
	if group != allPlayers {
		return g.groups[group]
	}
	return g.peers
}

func (g *Game) membership(group int32) *membership {
	m := &membership{group: group}
	for _, id := range slices.Sorted(maps.Keys(g.members(group))) {
		if g.peers[id].player {
			m.players = append(m.players, id)
		}
	}
	return m
}

// send sends a packet to one client.
func (g *Game) send(p *peer, k *packet) {
	p.session.Send(&game.Message{Data: encode(k), Binary: true})
}

// sendGroup sends a packet to a group, but not back to who sent it. It is encoded once.
func (g *Game) sendGroup(k *packet, but int32) {
	m := &game.Message{Data: encode(k), Binary: true}
	for id, to := range g.members(k.targetGroup) {
		if to.player && id != but {
			to.session.Send(m)
		}
	}
}

// Resync does nothing: there is no state to send again, and all messages wait.
func (g *Game) Resync(game.Session) {}

// Frame runs the script's timers and looks after those who do not log in.
func (g *Game) Frame(f game.Frame) {
	now := g.config.Now()
	if g.draining {
		return
	}
	if g.over {
		g.relaunch(now)
		return
	}
	g.program.step(f.Now)
	for len(g.waiting) > 0 && now.After(g.waiting[0].until) {
		late := g.waiting[0]
		g.waiting = g.waiting[1:]
		late.session.Close(closeLogin, fmt.Sprintf("log in within %s", g.config.LoginWithin))
	}
}

// Drain tells the script that its process is being ended.
func (g *Game) Drain(_ time.Time, done func()) {
	if !g.over {
		g.program.tell("terminate")
	}
	g.draining = true
	done()
}

// Close ends the script's process.
func (g *Game) Close() {
	if g.program.process != nil {
		g.program.process.Close()
	}
}

// ScriptTime is the time that the script has taken so far. For the loop's goroutine
// only.
func (g *Game) ScriptTime() time.Duration { return g.spent + g.program.spent }

// Faults are the faults of the script. Safe from any goroutine.
func (g *Game) Faults() *script.Faults { return &g.faults }
