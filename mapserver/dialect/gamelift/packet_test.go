package gamelift

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The golden frames are written from the reference, field by field: a tag is the
// field's number times eight plus its kind (0 number, 2 bytes).
var golden = map[string]struct {
	p packet
	// frame is in hexadecimal, with spaces where they help.
	frame string
}{
	"login of a C# client": {
		packet{targetPlayer: serverID, reliable: true, payload: []byte("hi"), login: &login{playerSessionID: "psess-1", clientVersion: 2}},
		"1f  18 ffffffffffffffffff01  30 01  7a 02 6869  f201 0b 0a 07 70736573732d31 10 02",
	},
	"login of a TypeScript client": {
		packet{targetPlayer: serverID, targetGroup: allPlayers, login: &login{playerSessionID: "p", clientVersion: 2}},
		"1e  18 ffffffffffffffffff01  20 ffffffffffffffffff01  f201 05 0a 01 70 10 02",
	},
	"login result": {
		packet{opCode: opLoginResult, targetPlayer: 3, sender: serverID, reliable: true, result: &loginResult{success: true, peerID: 3, fastPort: 33400}},
		"1c  08 01  18 03  28 ffffffffffffffffff01  30 01  fa01 08 08 01 18 03 20 f88402",
	},
	"a message to a player": {
		packet{opCode: 111, targetPlayer: 2, sender: 1, payload: []byte{0, 1, 0xff}},
		"0c  08 de01  18 02  28 01  7a 03 0001ff",
	},
	"joining a group":     {packet{opCode: opJoinGroup, targetPlayer: serverID, group: 5}, "12  08 13  18 ffffffffffffffffff01  c202 02 08 05"},
	"leaving a group":     {packet{opCode: opLeaveGroup, group: 5}, "07  08 15  ca02 02 08 05"},
	"asking for a group":  {packet{opCode: opRequestGroupMembership, group: 5}, "07  08 17  d202 02 08 05"},
	"who is in the group": {packet{opCode: opGroupMembershipUpdate, membership: &membership{group: 5, players: []int32{1, 300}}}, "0c  08 19  da02 07 08 05 12 03 01 ac02"},
	"an identity":         {packet{opCode: opVerifyIdentity, verify: &verifyIdentity{peerID: 3, connectToken: "t"}}, "0a  08 1b  aa02 05 08 03 12 01 74"},
	"an identity is right": {
		packet{opCode: opVerifyIdentityResult, verified: &verifyIdentityResult{success: true, peerID: 3}}, "09  08 1d  b202 04 08 01 10 03",
	},
	"a datagram": {packet{opCode: opUDPConnect, sequence: 7, sender: 3}, "06  08 09  10 07  28 03"},
}

func TestGoldenFrames(t *testing.T) {
	for name, g := range golden {
		want, err := hex.DecodeString(strings.ReplaceAll(g.frame, " ", ""))
		if err != nil {
			t.Fatal(name, err)
		}
		if got := encode(&g.p); string(got) != string(want) {
			t.Errorf("%s is written as\n%x, want\n%x", name, got, want)
		}
		got, n, err := decode(want)
		if err != nil || n != len(want) {
			t.Errorf("%s: reading took %d of %d bytes: %v", name, n, len(want), err)
		}
		if diff := cmp.Diff(g.p, got, cmp.AllowUnexported(packet{}, login{}, loginResult{}, verifyIdentity{}, verifyIdentityResult{}, membership{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What is no packet, and what is one with fields of later versions.
func TestDecodeOddities(t *testing.T) {
	for frame, fine := range map[string]bool{
		"":                              false,
		"05":                            false, // shorter than it says
		"0208":                          false,
		"02 08 80":                      false, // a number that does not end
		"00":                            true,
		"09 08de01 39 00000000":         false, // a fixed number without its end
		"0c 08de01 39 0102030405060708": true,
		"07 c202 05 08 05 08":           false,
		"0a da02 07 08 05 10 01 10 02 ": false,
		"09 da02 06 08 05 10 01 10 02":  true, // not packed
	} {
		data, err := hex.DecodeString(strings.ReplaceAll(frame, " ", ""))
		if err != nil {
			t.Fatal(frame, err)
		}
		if _, _, err := decode(data); (err == nil) != fine {
			t.Errorf("%s: %v", frame, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, g := range golden {
		f.Add(encode(&g.p))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, n, err := decode(data)
		if err != nil {
			return
		}
		if n < 1 || n > len(data) {
			t.Fatalf("%d of %d bytes are taken", n, len(data))
		}
		again, _, err := decode(encode(&p))
		if err != nil {
			t.Fatalf("%+v is written as what cannot be read: %v", p, err)
		}
		if again.opCode != p.opCode || string(again.payload) != string(p.payload) || again.sender != p.sender || again.targetPlayer != p.targetPlayer {
			t.Fatalf("%+v comes back as %+v", p, again)
		}
	})
}
