package gamelift

import "google.golang.org/protobuf/encoding/protowire"

// head is the most that a packet has beside its payload and what is in it.
const head = 64

// encode writes a packet preceded by its length. The payload is copied once.
func encode(p *packet) []byte {
	body := make([]byte, 0, head+len(p.payload))
	// Room for the length, which is known at the end.
	body = append(body, 0, 0, 0, 0, 0)
	body = p.append(body)
	size := len(body) - 5
	start := 5 - protowire.SizeVarint(uint64(size))
	protowire.AppendVarint(body[start:start], uint64(size))
	return body[start:]
}

// append adds the fields of a packet, in the order of their numbers.
func (p *packet) append(b []byte) []byte {
	if p.opCode != 0 {
		b = protowire.AppendTag(b, fieldOpCode, protowire.VarintType)
		b = protowire.AppendVarint(b, protowire.EncodeZigZag(int64(p.opCode)))
	}
	b = appendInt(b, fieldSequence, p.sequence)
	b = appendInt(b, fieldTargetPlayer, p.targetPlayer)
	b = appendInt(b, fieldTargetGroup, p.targetGroup)
	b = appendInt(b, fieldSender, p.sender)
	b = appendBool(b, fieldReliable, p.reliable)
	if len(p.payload) > 0 {
		b = protowire.AppendTag(b, fieldPayload, protowire.BytesType)
		b = protowire.AppendBytes(b, p.payload)
	}
	if p.login != nil {
		m := appendText(nil, 1, p.login.playerSessionID)
		b = appendMessage(b, fieldLogin, appendInt(m, 2, p.login.clientVersion))
	}
	if r := p.result; r != nil {
		m := appendBool(nil, 1, r.success)
		m = appendText(m, 2, r.reconnectToken)
		m = appendInt(m, 3, r.peerID)
		m = appendInt(m, 4, r.fastPort)
		b = appendMessage(b, fieldLoginResult, appendText(m, 6, r.connectToken))
	}
	if p.verify != nil {
		m := appendInt(nil, 1, p.verify.peerID)
		b = appendMessage(b, fieldVerifyIdentity, appendText(m, 2, p.verify.connectToken))
	}
	if p.verified != nil {
		m := appendBool(nil, 1, p.verified.success)
		b = appendMessage(b, fieldVerifyIdentityDone, appendInt(m, 2, p.verified.peerID))
	}
	return p.appendGroups(b)
}

func (p *packet) appendGroups(b []byte) []byte {
	switch p.opCode {
	case opJoinGroup:
		b = appendMessage(b, fieldJoinGroup, appendInt(nil, 1, p.group))
	case opLeaveGroup:
		b = appendMessage(b, fieldLeaveGroup, appendInt(nil, 1, p.group))
	case opRequestGroupMembership:
		b = appendMessage(b, fieldRequestMembership, appendInt(nil, 1, p.group))
	}
	if p.membership == nil {
		return b
	}
	m := appendInt(nil, 1, p.membership.group)
	if len(p.membership.players) > 0 {
		var packed []byte
		for _, id := range p.membership.players {
			packed = protowire.AppendVarint(packed, uint64(id))
		}
		m = protowire.AppendTag(m, 2, protowire.BytesType)
		m = protowire.AppendBytes(m, packed)
	}
	return appendMessage(b, fieldMembership, m)
}

func appendInt(b []byte, number protowire.Number, v int32) []byte {
	if v == 0 {
		return b
	}
	b = protowire.AppendTag(b, number, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(v)) // negative numbers take ten bytes, as in every int32
}

func appendBool(b []byte, number protowire.Number, v bool) []byte {
	if !v {
		return b
	}
	b = protowire.AppendTag(b, number, protowire.VarintType)
	return protowire.AppendVarint(b, 1)
}

func appendText(b []byte, number protowire.Number, v string) []byte {
	if v == "" {
		return b
	}
	b = protowire.AppendTag(b, number, protowire.BytesType)
	return protowire.AppendString(b, v)
}

func appendMessage(b []byte, number protowire.Number, message []byte) []byte {
	b = protowire.AppendTag(b, number, protowire.BytesType)
	return protowire.AppendBytes(b, message)
}
