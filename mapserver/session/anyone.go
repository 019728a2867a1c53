package session

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/overworld-gg/overworld/mapserver/token"
)

// Anyone is a Door for games whose protocol has a login of its own: each connection is
// another player, with numbers from 1 on.
type Anyone struct{ last atomic.Int64 }

// Verify gives the connection the next number.
func (a *Anyone) Verify(*http.Request, time.Time) (token.Claims, error) {
	return token.Claims{Player: a.last.Add(1)}, nil
}

// Spend lets everybody in.
func (*Anyone) Spend(token.Claims, time.Time) error { return nil }

var _ Door = (*Anyone)(nil)
