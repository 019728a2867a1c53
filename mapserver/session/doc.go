// Package session connects players' clients to the game of a map over
// WebSocket. A Server is an http.Handler that accepts WebSockets on any path;
// each of its connections is a game.Session.
//
// # Goroutines
//
// One goroutine per connection reads. Writing is done by one writer per core,
// which walks the connections that have something queued and writes what is
// queued in one system call that does not block. Only a connection whose socket
// is full gets a goroutine of its own, until the socket has taken everything. So
// a slow client delays neither a frame nor another client. All goroutines have
// ended when Server.Close returns.
//
// The Game is called on the loop's goroutine only: the Server posts tasks to the
// loop, and the loop calls Server.Flush at the end of each frame, which sends
// what the frame queued and looks after time limits.
//
// # Errors and close codes
//
// A browser cannot read the answer to a refused upgrade. Therefore the upgrade is
// always completed; then come one frame {"error":"<text>"}, and a close frame
// with a code and a reason:
//
//	code  reason word   when
//	1000                the game ended the session without an error
//	1002  protocol      a frame that is not WebSocket; there is no error frame
//	1007  corrupt       compressed data that is none
//	1008  rate          too many messages, after an error frame for the first
//	1008  flood         more bytes than the allowed messages can have
//	1009  size          a message larger than allowed
//	1012  drain         the map stops or moves; sign in again
//	1013  full          the map is full
//	1013  slow          the connection was too slow for too long
//	1013  crowded       too many tokens are being used at once
//	4001  takeover      the same player came in over another connection
//	4002  idle          nothing was heard, not even an answer to a ping
//	4400  missing       no credentials
//	4400  malformed     credentials that cannot be read
//	4401  signature     a token of somebody else, or of a retired key
//	4401  door          another refusal of the Door
//	4402  otherplayer   an id that is not the token's
//	4403  othermap      a token for another map
//	4408  expired       a token that is too old
//	4409  used          a token that was used before
//	4410  game          the game did not let the player in; the text is the game's
//
// Beside these, "gone" counts clients that parted by themselves, and "closed"
// sessions that the game ended with Close. Where there are far too many
// connections (word "crowd"), the upgrade is refused with status 503.
//
// Two errors do not end a session: the first message over the rate limit, and a
// message that the map has no room for at this moment. Both are answered with an
// error frame, and the message is dropped.
package session
