package game

import "sync"

// Message is one outgoing packet. The same Message may be sent to any number of
// sessions: what a transport makes of it (a frame, a compressed frame) is made
// once and kept.
type Message struct {
	// Data is the packet; it must not change once the message has been sent.
	Data []byte
	// Binary asks for a binary frame instead of a text frame.
	Binary bool
	// State marks a change of the shared state: a later full state makes up for
	// its loss.
	State bool

	once     sync.Once
	prepared any
	err      error
}

// Prepared returns what prepare made of the message the first time it was asked.
// Safe from any goroutine.
func (m *Message) Prepared(prepare func(*Message) (any, error)) (any, error) {
	m.once.Do(func() { m.prepared, m.err = prepare(m) })
	return m.prepared, m.err
}
