package session

import (
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// frameHead is the most that a client's frame has beside its data, in bytes.
const frameHead = 14

const (
	helpText = "This is a map of a game: connect with a WebSocket, to " +
		"ws://HOST:PORT/?HTTP_AUTHORIZATION= followed by the base64 of id:token, with the id and token that the sign-in gave."
	crowdText = "Too many connections: try again in a few seconds."
)

func upgrader(c *Config) websocket.Upgrader {
	return websocket.Upgrader{
		HandshakeTimeout:  c.Handshake,
		ReadBufferSize:    1 << 10,
		WriteBufferPool:   noBuffers{},
		EnableCompression: c.Compress,
		// Games are embedded in pages of any site; it is the token that protects.
		CheckOrigin: func(*http.Request) bool { return true },
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			http.Error(w, "The WebSocket handshake is not right: "+reason.Error(), status)
		},
	}
}

// noBuffers keeps gorilla from holding a write buffer for each connection: the
// frames are made elsewhere.
type noBuffers struct{}

// Get has nothing.
func (noBuffers) Get() any { return nil }

// Put keeps nothing.
func (noBuffers) Put(any) {}

// ServeHTTP accepts a WebSocket.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, helpText, http.StatusUpgradeRequired)
		return
	}
	if s.parting() >= s.config.MaxParting {
		s.counters.refuse(ending{word: "crowd"})
		w.Header().Set("Retry-After", "5")
		http.Error(w, crowdText, http.StatusServiceUnavailable)
		return
	}
	h := &hijacker{ResponseWriter: w}
	form := s.form(r.Header)
	conn, err := s.upgrader.Upgrade(h, r, nil)
	if err != nil {
		s.counters.refuse(ending{word: "handshake"})
		return
	}
	s.accept(s.newSession(conn, h, form), r)
}

// form decides in which form a client gets messages, and leaves in header what
// makes gorilla decide the same: it does not tell.
func (s *Server) form(header http.Header) int {
	const name = "Sec-Websocket-Extensions"
	offers := strings.Join(header.Values(name), ",")
	header.Del(name)
	if !s.config.Compress || !offersDeflate(offers) {
		return formPlain
	}
	header.Set(name, "permessage-deflate")
	return formDeflated
}

// offersDeflate says whether a client takes compressed messages as we make them:
// with the full window.
func offersDeflate(offers string) bool {
	for offer := range strings.SplitSeq(offers, ",") {
		name, parameters, _ := strings.Cut(offer, ";")
		if strings.TrimSpace(name) == "permessage-deflate" && !strings.Contains(parameters, "server_max_window_bits") {
			return true
		}
	}
	return false
}

// parting is how many connections there are beside those of players.
func (s *Server) parting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns) - len(s.players)
}

func (s *Server) newSession(conn *websocket.Conn, h *hijacker, form int) *Session {
	c := &s.config
	session := &Session{server: s, id: s.ids.Add(1), conn: conn, wire: h.wire, top: h.top, form: form}
	session.shard = s.shards[session.id%uint64(len(s.shards))]
	session.bucket = rate.NewLimiter(rate.Limit(c.Rate), c.Burst)
	session.heard.Store(c.Now().UnixNano())
	bytes := frameHead + c.MaxMessage
	h.wire.limit(rate.NewLimiter(rate.Limit(c.Rate*bytes), c.Burst*bytes), c.Now)
	h.wire.open(s.start, func() { session.flush(new(scratch)) })
	return session
}

// accept lets a connection in, or tells it why not, and starts its reader.
func (s *Server) accept(session *Session, r *http.Request) {
	e := s.admit(session, r)
	if e == nil {
		s.config.Log.Debug("session accepted", "session", session.id, "player", session.player.ID)
	} else {
		s.refuse(session, *e, r)
	}
	hurry := e != nil && s.parting() > s.config.MaxParting/2
	started := !hurry && s.start(func() {
		defer s.gone(session)
		session.read()
	})
	if !started {
		session.cut()
		s.gone(session)
	}
}

// refuse tells a connection why it is not let in.
func (s *Server) refuse(session *Session, e ending, r *http.Request) {
	s.config.Log.Debug("session refused", "session", session.id, "reason", e.word, "address", r.RemoteAddr)
	s.counters.refuse(e)
	session.finish(e)
	session.flush(new(scratch))
}

// admit registers a connection, as a player's if it may be one.
func (s *Server) admit(session *Session, r *http.Request) *ending {
	now := s.config.Now()
	claims, err := s.config.Door.Verify(r, now)
	session.player = game.Player{ID: claims.Player, Login: claims.Login}
	s.mu.Lock()
	s.conns[session] = struct{}{}
	e := s.refusal(claims, err)
	if e == nil {
		if err := s.config.Door.Spend(claims, now); err != nil {
			refused := endRefused(err)
			e = &refused
		}
	}
	var old *Session
	if e == nil {
		old = s.register(session)
	}
	s.mu.Unlock()
	if old != nil {
		old.end(endTakeover)
	}
	return e
}

// refusal says why not, if so. s.mu is held.
func (s *Server) refusal(claims token.Claims, err error) *ending {
	if s.refusing != nil {
		return s.refusing
	}
	if err != nil {
		e := endRefused(err)
		return &e
	}
	if s.players[claims.Player] == nil && len(s.players) >= s.config.MaxPlayers {
		return &endFull
	}
	return nil
}

// register makes session the one of its player and returns the one before. The
// game sees that one leave before this one joins. s.mu is held.
func (s *Server) register(session *Session) *Session {
	id := session.player.ID
	old := s.players[id]
	if old != nil {
		s.leave(old)
	}
	s.players[id] = session
	s.peak = max(s.peak, len(s.players))
	s.counters.accepted.Add(1)
	s.queueTurn(turn{session: session, kind: turnJoin})
	return old
}

// leave takes a session out of the players. s.mu is held.
func (s *Server) leave(session *Session) {
	if id := session.player.ID; s.players[id] == session {
		delete(s.players, id)
		s.queueTurn(turn{session: session, kind: turnLeave})
	}
}

// remove takes an ended session out of the players.
func (s *Server) remove(session *Session) {
	s.mu.Lock()
	s.leave(session)
	s.mu.Unlock()
}

// gone forgets a connection that has been closed.
func (s *Server) gone(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, session)
	if s.empty != nil && len(s.conns) == 0 {
		select {
		case <-s.empty:
		default:
			close(s.empty)
		}
	}
}
