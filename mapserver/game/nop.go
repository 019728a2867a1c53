package game

import "time"

// Nop is a Game that accepts everybody and does nothing. It is there to be
// embedded, and to run a map without a game in a test.
type Nop struct{}

// Join accepts every player.
func (Nop) Join(Session) error { return nil }

// Leave does nothing.
func (Nop) Leave(Session) {}

// Receive ignores the message.
func (Nop) Receive(Session, []byte) {}

// Resync does nothing.
func (Nop) Resync(Session) {}

// Frame does nothing.
func (Nop) Frame(Frame) {}

// Drain is done at once.
func (Nop) Drain(_ time.Time, done func()) { done() }

// Close does nothing.
func (Nop) Close() {}

// NopSession is a session of player P that loses what it is sent.
type NopSession struct{ P Player }

// ID returns the player's id.
func (s NopSession) ID() uint64 { return uint64(s.P.ID) }

// Player returns P.
func (s NopSession) Player() Player { return s.P }

// Send drops the message.
func (NopSession) Send(*Message) {}

// Close does nothing.
func (NopSession) Close(int, string) {}
