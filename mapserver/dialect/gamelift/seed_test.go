package gamelift

import (
	_ "embed"
	"strings"
	"testing"
	"time"
)

// seed is the example of Amazon's documentation, as it stands there.
//
//go:embed testdata/seed.js
var seed string

func TestSeed(t *testing.T) {
	r := newRig(t, seed)
	if out := r.out.String(); !strings.Contains(out, "Starting process with args") || !strings.Contains(out, "Tick... 0 activePlayers: 0") {
		t.Errorf("it starts with\n%s", out)
	}
	r.out.Reset()
	r.enter(1)
	r.enter(2)
	if out := r.out.String(); !strings.Contains(out, `2 < op 113 from 2 to 2 "Peer 2 accepted"`) {
		t.Errorf("the players get\n%s", out)
	}
	r.says(1, packet{opCode: opJoinGroup, targetPlayer: serverID, group: 1})
	r.out.Reset()
	r.says(2, packet{opCode: 111, targetPlayer: serverID, payload: []byte{0xfe, 'x'}})
	r.says(2, packet{opCode: 5, targetPlayer: 1, payload: []byte("please Reject")})
	r.says(2, packet{opCode: 5, targetPlayer: 1, payload: []byte("fine")})
	r.wants(`1 < op 112 from -1 group 1 "\xfex"`, `1 < op 5 from 2 to 1 "fine"`)
	r.pass(121 * time.Second)
	if out := r.out.String(); !strings.Contains(out, "Tick... 120 activePlayers: 2") || len(r.over) > 0 {
		t.Errorf("with players it ends: %v\n%s", r.over, out)
	}
	r.out.Reset()
	// It tells the one who has gone, by mistake.
	r.clients[1].Close(1000, "bye")
	r.clients[2].Close(1000, "bye")
	r.wants("1 closed 1000 bye", "2 closed 1000 bye")
	r.pass(3 * time.Second)
	out := r.out.String()
	if len(r.over) != 1 || r.over[0] != 0 || !strings.Contains(out, "Completed process ending with: success") {
		t.Errorf("without players: %v\n%s", r.over, out)
	}
	if _, next, _ := strings.Cut(out, "has ended the game session"); !strings.Contains(next, "Tick... 1 activePlayers: 0") {
		t.Errorf("the next session does not tick:\n%s", out)
	}
}
