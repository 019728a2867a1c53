// Package world is the native game's state: entities with components and
// events, the rules by which they change, and what has changed since the last
// frame. It knows no script language, no socket and no file: code runs through
// the Scripts interface, packets are made by package wire.
package world
