package gamelift

import (
	"os"
	"strings"
	"testing"
	"time"
)

// A script with nothing but init is a relay.
const relayOnly = `exports.ssExports = { init() {} };`

func TestRelay(t *testing.T) {
	r := newRig(t, relayOnly)
	for id := range int32(3) {
		r.enter(id + 1)
	}
	r.wants(
		"1 < op -1 from -1 to 1 login {success:true reconnectToken: peerID:1 fastPort:33400 connectToken:}",
		"2 < op -1 from -1 to 2 login {success:true reconnectToken: peerID:2 fastPort:33400 connectToken:}",
		"3 < op -1 from -1 to 3 login {success:true reconnectToken: peerID:3 fastPort:33400 connectToken:}",
	)
	r.says(1, packet{opCode: 7, sender: 99, targetPlayer: 2, payload: []byte("hi")}) // its sender is stale
	r.says(1, packet{opCode: 7, targetPlayer: 44})                                   // nobody
	r.says(1, packet{opCode: 7, targetPlayer: serverID})                             // no script listens
	r.wants(`2 < op 7 from 1 to 2 "hi"`)
	r.says(2, packet{opCode: opJoinGroup, targetPlayer: serverID, group: 5})
	r.says(3, packet{opCode: opJoinGroup, targetPlayer: serverID, group: 5})
	r.says(1, packet{opCode: 8, targetGroup: 5, payload: []byte("team")})
	r.says(3, packet{opCode: opLeaveGroup, targetPlayer: serverID, group: 5})
	r.says(1, packet{opCode: 9, targetGroup: 5})
	out := strings.Split(strings.TrimSpace(r.out.String()), "\n")
	if len(out) != 3 || out[2] != "2 < op 9 from 1 group 5" || !strings.Contains(out[0]+out[1], `3 < op 8 from 1 group 5 "team"`) {
		t.Errorf("the group got %q", out)
	}
	r.out.Reset()
	r.says(1, packet{opCode: opRequestGroupMembership, group: 5})
	r.says(1, packet{opCode: opRequestGroupMembership, group: allPlayers})
	r.wants("1 < op -13 from -1 to 1 members {group:5 players:[2]}", "1 < op -13 from -1 to 1 members {group:-1 players:[1 2 3]}")
}

// The callbacks, in their order, and what they see.
func TestCallbacks(t *testing.T) {
	r := newRig(t, `
		let session;
		const said = [];
		const log = (...words) => session.getLogger().info(words.join(' '));
		exports.ssExports = {
			configuration: { maxPlayers: 2 },
			init(s) { session = s; log('init', s.getServerId(), s.getAllPlayersGroupId(), s.getGameSessionId()); },
			onProcessStarted(args) { log('started', args.length); return true; },
			onStartGameSession(g) { log('session', g.GameSessionId, g.MaximumPlayerSessionCount); },
			onPlayerConnect(m) { log('connect', m.peerId, m.player.playerSessionId, Buffer.from(m.payload).toString()); return m.peerId !== 9; },
			onPlayerAccepted(p) {
				log('accepted', p.peerId, p.playerSessionId, session.getPlayers().size);
				session.sendReliableMessage(session.newTextGameMessage(113, session.getServerId(), 'welcome'), p.peerId);
			},
			onPlayerDisconnect(id) { log('gone', id, session.getPlayers().has(id)); },
			onMessage(m) {
				session.getPlayers().forEach((player, id) => log('player', player.peerId, id));
				session.sendReliableGroupMessage(session.newBinaryGameMessage(112, -1, m.payload), -1);
				session.sendMessage('nonsense', undefined);
				session.sendMessage(session.newTextGameMessage(1, -1, 'nobody'), 77);
			},
			onSendToPlayer(m) { return !m.getPayloadAsText().includes('Reject'); },
			onSendToGroup(m) { return m.opCode === 8; },
			onPlayerJoinGroup(group, id) { return group !== 6; },
		};`)
	info := func(text string) string { return `level=INFO msg="` + text + `"` }
	lines := func(want ...string) {
		t.Helper()
		got := r.out.String()
		r.out.Reset()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%q is missing in\n%s", w, got)
			}
			_, got, _ = strings.Cut(got, w)
		}
	}
	lines(info("init -1 -1 arena"), info("started 0"), info("session arena 2"))
	r.enter(1)
	lines(info("connect 1 psess-1 hello"), "1 < op -1 from -1 to 1 login", info("accepted 1 psess-1 1"), `1 < op 113 from -1 to 1 "welcome"`)
	r.enter(9)
	lines(info("connect 9 psess-9 hello"), "9 < op -1 from -1 login {success:false", "9 closed 1008 the game does not let you in")
	r.enter(2)
	r.enter(3)
	lines("3 closed 1008 the game session is full: it has 2 players")
	r.says(1, packet{opCode: 111, targetPlayer: serverID, payload: []byte{1, 0xff}})
	lines(info("player 1 1"), info("player 2 2"), `op 112 from -1 group -1 "\x01\xff"`, `op 112 from -1 group -1 "\x01\xff"`, "level=ERROR")
	r.says(1, packet{opCode: 7, targetPlayer: 2, payload: []byte("Reject me")})
	r.says(1, packet{opCode: 7, targetGroup: allPlayers})
	r.says(2, packet{opCode: opJoinGroup, group: 6})
	r.says(1, packet{opCode: opRequestGroupMembership, group: 6})
	r.says(1, packet{opCode: 8, targetGroup: allPlayers, payload: []byte("all")})
	r.wants("1 < op -13 from -1 to 1 members {group:6 players:[]}", `2 < op 8 from 1 group -1 "all"`)
	r.clients[2].Close(1000, "bye")
	lines("2 closed 1000 bye", info("gone 2 true"))
	if n := r.players; n != 1 {
		t.Errorf("there are %d players", n)
	}
}

// A script that throws in each callback: nobody else notices.
func TestThrowingScript(t *testing.T) {
	r := newRig(t, `
		const boom = (name) => () => { throw new Error('boom in ' + name); };
		exports.ssExports = {
			init() {}, onStartGameSession: boom('start'), onPlayerAccepted: boom('accepted'), onPlayerDisconnect: boom('gone'),
			onMessage: boom('message'), onSendToPlayer: boom('player'), onSendToGroup: boom('group'), onPlayerJoinGroup: boom('join'),
			onProcessTerminate: boom('terminate'),
		};
		setTimeout(boom('timer'), 100);
		Promise.reject(new Error('boom in promise'));`)
	r.enter(1)
	r.enter(2)
	for _, p := range []packet{
		{opCode: 1, targetPlayer: serverID}, {opCode: 1, targetPlayer: 2}, {opCode: 1, targetGroup: allPlayers}, {opCode: opJoinGroup, group: 3},
	} {
		r.says(1, p)
	}
	r.pass(200 * time.Millisecond)
	r.clients[2].Close(1000, "bye")
	out := r.out.String()
	for _, name := range []string{"start", "accepted", "gone", "message", "player", "group", "join", "timer", "promise"} {
		if !strings.Contains(out, "boom in "+name) {
			t.Errorf("the fault in %s is not told", name)
		}
	}
	if !strings.Contains(out, "at=index.js:2") || strings.Contains(out, "2 < op 1 ") {
		t.Errorf("the place is not told, or a message went through:\n%s", out)
	}
	if total, _ := r.Faults().Total(); total != 10 { // both players were accepted
		t.Errorf("%d faults are counted", total)
	}
}

// Loops are cut, and the relay goes on.
func TestLoopingScript(t *testing.T) {
	r := newRig(t, `exports.ssExports = { init() {}, onMessage() { for (;;); } };`, func(c *Config) { c.Limits.Call = 20 * time.Millisecond })
	r.enter(1)
	r.enter(2)
	r.out.Reset()
	r.says(1, packet{opCode: 1, targetPlayer: serverID})
	r.says(1, packet{opCode: 1, targetPlayer: 2})
	if out := r.out.String(); !strings.Contains(out, "maximum execution time") || !strings.Contains(out, "2 < op 1 from 1 to 2") {
		t.Errorf("it says\n%s", out)
	}
}

// process.exit ends the game session, and the next one begins afresh.
func TestExit(t *testing.T) {
	r := newRig(t, `
		let n = 0;
		exports.ssExports = {
			init(s) { this.s = s; },
			onMessage(m) { if (++n === 2) { process.exit(3); n = 100; } },
			onPlayerAccepted() { console.log('n is', n); },
		};`)
	r.enter(1)
	r.enter(2)
	r.says(1, packet{opCode: 1, targetPlayer: serverID})
	r.says(1, packet{opCode: 1, targetPlayer: serverID})
	r.says(1, packet{opCode: 1, targetPlayer: 2}) // nothing of the old session goes on
	if len(r.over) != 1 || r.over[0] != 3 {
		t.Errorf("the session is over with %v", r.over)
	}
	r.out.Reset()
	r.pass(100 * time.Millisecond)
	out := r.out.String()
	if !strings.Contains(out, "1 closed 1000 the game session has ended") || !strings.Contains(out, "2 closed 1000") || len(r.peers) != 0 {
		t.Errorf("the players are told\n%s", out)
	}
	r.out.Reset()
	r.enter(3)
	if out := r.out.String(); !strings.Contains(out, "n is 0") {
		t.Errorf("the next session says\n%s", out)
	}
}

// Who does not log in, or speaks another language, is closed; others are not touched.
func TestBadClients(t *testing.T) {
	r := newRig(t, relayOnly)
	r.enter(1)
	r.out.Reset()
	r.connect(2)
	r.says(2, packet{opCode: 5, targetPlayer: 1})
	r.connect(3)
	r.Receive(r.clients[3], []byte{0x05, 0x08})
	r.connect(4)
	r.says(4, packet{login: &login{}})
	r.connect(5)
	r.pass(11 * time.Second)
	r.wants(
		"2 closed 1008 log in first",
		"3 closed 1002 it is not a packet of the GameLift Realtime protocol: its length is wrong",
		"4 < op -1 from -1 login {success:false reconnectToken: peerID:0 fastPort:0 connectToken:}",
		`level=WARN msg="player refused" player=4 error="the login has no player session id"`,
		"4 closed 1008 the login has no player session id",
		"5 closed 1008 log in within 10s",
	)
	if len(r.clients) != 1 {
		t.Errorf("%d clients are left", len(r.clients))
	}
}

// What a script must have is told with its place.
func TestBadScripts(t *testing.T) {
	for source, want := range map[string]string{
		"exports.x = 1":         "index.js must export ssExports with a function init",
		"let x = ;":             "index.js:1",
		"throw new Error('no')": "index.js:1",
		"exports.ssExports = { init() {}, onProcessStarted() {} }": "onProcessStarted did not return true",
	} {
		r := newRigError(t, source)
		if r == nil || !strings.Contains(r.Error(), want) {
			t.Errorf("%s: %v", source, r)
		}
	}
}

// The example of this repository.
func TestExample(t *testing.T) {
	source, err := os.ReadFile("../../../examples/gamelift/index.js")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, string(source))
	r.enter(1)
	r.enter(2)
	r.out.Reset()
	r.says(1, packet{opCode: 1, targetGroup: allPlayers, payload: []byte("12345678")})
	r.says(1, packet{opCode: 1, targetGroup: allPlayers, payload: []byte("too long a position")})
	r.wants(`2 < op 1 from 1 group -1 "12345678"`)
	r.clients[2].Close(1000, "bye")
	r.wants("2 closed 1000 bye", `1 < op 4 from -1 group -1 "{\"peer\":2,\"name\":\"hello\"}"`)
	r.says(1, packet{opCode: 2, targetPlayer: serverID, payload: []byte("hi")})
	r.wants(`1 < op 2 from -1 group -1 "{\"name\":\"hello\",\"text\":\"hi\"}"`)
}
