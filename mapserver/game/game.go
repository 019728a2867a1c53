// Package game is the seam between the parts of a map server: the loop owns a
// Game, the session package brings it players, and the Game sees players only
// as Session handles. The native world is one Game; each dialect is another.
package game

import "time"

// Game is what a map runs. Every method is called on the loop's goroutine, so a
// Game needs no lock; none of them may block. Work that waits (a database, a
// file) is started in a goroutine of its own and comes back as a loop task.
type Game interface {
	// Join lets a player in. The Game answers on s when it is ready. A returned
	// error is told to the client as it is and ends the session.
	Join(s Session) error
	// Leave tells that s is gone, whatever the reason. It is called once for
	// each session that Join accepted.
	Leave(s Session)
	// Receive handles one message of a client. data is valid during the call.
	Receive(s Session, data []byte)
	// Resync sends s the whole state afresh: its connection was too slow, and
	// the changes that waited for it were dropped.
	Resync(s Session)
	// Frame advances the game by one step and sends what changed.
	Frame(f Frame)
	// Drain prepares the end: the Game saves, tells players, and calls done when
	// it may be stopped. until is when the map stops waiting for it.
	Drain(until time.Time, done func())
	// Close frees what the Game holds. No other method is called afterwards.
	Close()
}

// Reloader is a Game whose code can be changed while it runs.
type Reloader interface {
	// Prepare loads b beside the running code. It is called off the loop and may
	// take its time; swap is then run on the loop, between two frames. An error
	// leaves the running code as it was.
	Prepare(b *Bundle) (swap func(), err error)
}

// Frame is one step of the loop.
type Frame struct {
	// Number counts frames from 1.
	Number uint64
	// Now is when the frame is, on the loop's clock: frames that are caught up
	// have the time at which they should have been.
	Now time.Time
	// Step is the length of a frame.
	Step time.Duration
}

// Player is who is behind a session, as the token told.
type Player struct {
	// ID is the player's number, unique in the whole game.
	ID int64
	// Login is the player's name.
	Login string
}

// Session is one connected client. Its methods never block and may be called
// from any goroutine.
type Session interface {
	// ID is unique among the sessions of a process.
	ID() uint64
	// Player tells who it is.
	Player() Player
	// Send queues m. What is queued goes out together at the end of the frame.
	// On a connection that cannot keep up, messages marked State are dropped
	// and Game.Resync is called once there is room again; other messages wait.
	Send(m *Message)
	// Close ends the session after what is queued has been sent. code is a
	// WebSocket close code; reason is for the player to read, at most 123 bytes.
	Close(code int, reason string)
}
