// Package bots plays: it signs simulated players in at any gateway that speaks
// the native protocol, connects them to their maps and lets them walk, fight
// and chat, while it measures what a player would feel.
//
// Run plays a whole crowd and returns a Result; Client is one player, driven by
// hand, for tests. The package knows the protocol from the outside only and
// imports no part of a server.
//
// A crowd is cheap because a bot decodes only the packets that are about
// itself (its answers, errors, the full world). The one bot per map that
// arrived first keeps a mirror of the world, in which the others look for
// somebody to fight.
package bots
