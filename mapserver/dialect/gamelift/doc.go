// Package gamelift is the game of Amazon GameLift Realtime Servers: a script with
// exports.ssExports decides on what a relay of messages does, and published clients
// speak to it over a WebSocket.
//
// packet.go is the wire format, game.go the relay with its peers and groups, script.go
// the script and shim.js what the script sees. docs/dialects/gamelift.md says what is
// supported, and what was decided where Amazon's documentation is silent.
package gamelift
