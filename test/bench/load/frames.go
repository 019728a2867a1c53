package load

import "encoding/binary"

const (
	opContinuation = 0
	opText         = 1
	opClose        = 8
	opPing         = 9
	opPong         = 10

	finBit        = 0x80
	compressedBit = 0x40
	controlBit    = 0x08
	maskBit       = 0x80
)

// frames cuts a stream of bytes into WebSocket frames. It keeps the payload only
// of what somebody wants to see, so that draining costs next to nothing.
type frames struct {
	// message is called with every whole message if it is not nil; data is valid
	// during the call. Otherwise messages are counted and forgotten.
	message func(data []byte, compressed bool)
	// control is called with pings and closes.
	control func(op byte, data []byte)
	// messages counts whole messages.
	messages int64

	header     [14]byte
	have       int
	left       uint64
	inPayload  bool
	fin        bool
	op         byte
	compressed bool
	data       []byte
	aside      []byte
}

// feed takes the next bytes of the stream.
func (f *frames) feed(p []byte) {
	for len(p) > 0 || f.inPayload && f.left == 0 {
		if !f.inPayload {
			p = f.readHeader(p)
			continue
		}
		n := min(uint64(len(p)), f.left)
		f.keep(p[:n])
		p = p[n:]
		if f.left -= n; f.left == 0 {
			f.end()
		}
	}
}

// readHeader takes bytes until the header is whole.
func (f *frames) readHeader(p []byte) []byte {
	need := 2
	if f.have >= 2 {
		need = headerLength(f.header[1])
	}
	n := copy(f.header[f.have:need], p)
	f.have += n
	p = p[n:]
	if f.have >= 2 && f.have == headerLength(f.header[1]) {
		f.begin()
	}
	return p
}

// headerLength is that of a frame from a server: without a mask.
func headerLength(second byte) int {
	switch second &^ maskBit {
	case 126:
		return 4
	case 127:
		return 10
	}
	return 2
}

func (f *frames) begin() {
	f.fin, f.op = f.header[0]&finBit != 0, f.header[0]&0x0f
	switch n := f.header[1] &^ maskBit; n {
	case 126:
		f.left = uint64(binary.BigEndian.Uint16(f.header[2:]))
	case 127:
		f.left = binary.BigEndian.Uint64(f.header[2:])
	default:
		f.left = uint64(n)
	}
	if f.op != opContinuation && f.op&controlBit == 0 {
		f.compressed = f.header[0]&compressedBit != 0
		f.data = f.data[:0]
	}
	f.have, f.inPayload = 0, true
	f.aside = f.aside[:0]
}

func (f *frames) keep(p []byte) {
	if f.op&controlBit != 0 {
		f.aside = append(f.aside, p...)
	} else if f.message != nil {
		f.data = append(f.data, p...)
	}
}

func (f *frames) end() {
	f.inPayload = false
	if f.op&controlBit != 0 {
		if f.control != nil {
			f.control(f.op, f.aside)
		}
		return
	}
	if !f.fin {
		return
	}
	f.messages++
	if f.message != nil {
		f.message(f.data, f.compressed)
	}
}

// appendFrame appends a client's frame: masked, with a mask of zeros, which
// leaves the payload as it is. data has at most 65535 bytes.
func appendFrame(b []byte, op byte, data []byte) []byte {
	b = append(b, finBit|op)
	if len(data) < 126 {
		b = append(b, maskBit|byte(len(data)))
	} else {
		b = append(b, maskBit|126)
		b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	}
	b = append(b, 0, 0, 0, 0)
	return append(b, data...)
}
