// Package wire is the native protocol: it reads the frames that clients send and
// writes what they are sent, the whole world, its changes, and what only the
// owner of a player is told. It does no I/O. docs/protocol.md describes the
// frames for people who write clients.
package wire
