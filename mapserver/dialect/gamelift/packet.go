package gamelift

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Operation codes of the protocol itself; scripts and clients use positive ones.
const (
	opLogin                  = 0
	opLoginResult            = -1
	opUDPConnect             = -5
	opUDPServerAck           = -6
	opUDPClientAck           = -7
	opPlayerReady            = -8
	opJoinGroup              = -10
	opLeaveGroup             = -11
	opRequestGroupMembership = -12
	opGroupMembershipUpdate  = -13
	opVerifyIdentity         = -14
	opVerifyIdentityResult   = -15
)

// Well-known ids.
const (
	serverID   = -1 // the server as a peer
	allPlayers = -1 // the group of all players
)

// packet is one message in either direction. Fields that a packet does not have are
// zero.
type packet struct {
	opCode       int32
	sequence     int32
	targetPlayer int32
	targetGroup  int32
	sender       int32
	reliable     bool
	payload      []byte

	login    *login
	result   *loginResult
	verify   *verifyIdentity
	verified *verifyIdentityResult
	// group is that of a request to join, to leave or to list.
	group      int32
	membership *membership
}

type login struct {
	playerSessionID string
	clientVersion   int32
}

type loginResult struct {
	success        bool
	reconnectToken string
	peerID         int32
	fastPort       int32
	connectToken   string
}

type verifyIdentity struct {
	peerID       int32
	connectToken string
}

type verifyIdentityResult struct {
	success bool
	peerID  int32
}

type membership struct {
	group   int32
	players []int32
}

// The numbers of the fields of a packet.
const (
	fieldOpCode             = 1
	fieldSequence           = 2
	fieldTargetPlayer       = 3
	fieldTargetGroup        = 4
	fieldSender             = 5
	fieldReliable           = 6
	fieldPayload            = 15
	fieldLogin              = 30
	fieldLoginResult        = 31
	fieldVerifyIdentity     = 37
	fieldVerifyIdentityDone = 38
	fieldJoinGroup          = 40
	fieldLeaveGroup         = 41
	fieldRequestMembership  = 42
	fieldMembership         = 43
)

var errPacket = errors.New("it is not a packet of the GameLift Realtime protocol")

// decode reads the first packet of data, which is preceded by its length, and returns
// how much of data it took. The payload is a part of data. Fields that are not known
// are left out.
func decode(data []byte) (p packet, n int, err error) {
	body, n := protowire.ConsumeBytes(data)
	if n < 0 {
		return p, 0, fmt.Errorf("%w: its length is wrong", errPacket)
	}
	err = fields(body, func(number protowire.Number, v field) error { return p.set(number, v) })
	return p, n, err
}

// field is the value of a field: a number or bytes.
type field struct {
	kind   protowire.Type
	number uint64
	bytes  []byte
}

// fields calls set with each field of a message. Values of other kinds than numbers
// and bytes are left out.
func fields(data []byte, set func(protowire.Number, field) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return errPacket
		}
		data = data[n:]
		v := field{kind: kind}
		switch kind {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(data)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(data)
		default:
			n = protowire.ConsumeFieldValue(number, kind, data)
		}
		if n < 0 {
			return errPacket
		}
		data = data[n:]
		if err := set(number, v); err != nil {
			return err
		}
	}
	return nil
}

// set takes over a field of a packet.
func (p *packet) set(number protowire.Number, v field) error {
	switch number {
	case fieldOpCode:
		p.opCode = int32(protowire.DecodeZigZag(v.number & 0xffffffff))
	case fieldSequence:
		p.sequence = v.int32()
	case fieldTargetPlayer:
		p.targetPlayer = v.int32()
	case fieldTargetGroup:
		p.targetGroup = v.int32()
	case fieldSender:
		p.sender = v.int32()
	case fieldReliable:
		p.reliable = v.number != 0
	case fieldPayload:
		p.payload = v.bytes
	case fieldLogin:
		p.login = &login{}
		return fields(v.bytes, p.login.set)
	case fieldLoginResult:
		p.result = &loginResult{}
		return fields(v.bytes, p.result.set)
	case fieldJoinGroup, fieldLeaveGroup, fieldRequestMembership:
		return fields(v.bytes, func(number protowire.Number, v field) error {
			if number == 1 {
				p.group = v.int32()
			}
			return nil
		})
	default:
		return p.setRare(number, v)
	}
	return nil
}

func (p *packet) setRare(number protowire.Number, v field) error {
	switch number {
	case fieldVerifyIdentity:
		p.verify = &verifyIdentity{}
		return fields(v.bytes, p.verify.set)
	case fieldVerifyIdentityDone:
		p.verified = &verifyIdentityResult{}
		return fields(v.bytes, p.verified.set)
	case fieldMembership:
		p.membership = &membership{}
		return fields(v.bytes, p.membership.set)
	}
	return nil
}

func (v field) int32() int32 { return int32(uint32(v.number)) }

func (l *login) set(number protowire.Number, v field) error {
	switch number {
	case 1:
		l.playerSessionID = string(v.bytes)
	case 2:
		l.clientVersion = v.int32()
	}
	return nil
}

func (r *loginResult) set(number protowire.Number, v field) error {
	switch number {
	case 1:
		r.success = v.number != 0
	case 2:
		r.reconnectToken = string(v.bytes)
	case 3:
		r.peerID = v.int32()
	case 4:
		r.fastPort = v.int32()
	case 6:
		r.connectToken = string(v.bytes)
	}
	return nil
}

func (i *verifyIdentity) set(number protowire.Number, v field) error {
	switch number {
	case 1:
		i.peerID = v.int32()
	case 2:
		i.connectToken = string(v.bytes)
	}
	return nil
}

func (r *verifyIdentityResult) set(number protowire.Number, v field) error {
	switch number {
	case 1:
		r.success = v.number != 0
	case 2:
		r.peerID = v.int32()
	}
	return nil
}

func (m *membership) set(number protowire.Number, v field) error {
	switch {
	case number == 1:
		m.group = v.int32()
	case number == 2 && v.kind == protowire.VarintType:
		m.players = append(m.players, v.int32())
	case number == 2:
		for packed := v.bytes; len(packed) > 0; {
			id, n := protowire.ConsumeVarint(packed)
			if n < 0 {
				return errPacket
			}
			m.players, packed = append(m.players, int32(uint32(id))), packed[n:]
		}
	}
	return nil
}
