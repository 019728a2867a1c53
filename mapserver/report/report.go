// Package report tells how a map is doing: a status document for the operator,
// metrics for Prometheus, a page for the author of the scripts, and the answers
// to health checks.
//
// It knows none of the other parts. Whoever builds the map server fills in a
// Snapshot from the loop, the scripts, the sessions and the keeper, whenever
// this package asks.
//
//	/status       the Snapshot as JSON
//	/metrics      the Snapshot for Prometheus, with a label gamemap
//	/performance  frames and milliseconds per slot, as text
//	/terrain      the Tiled map, empty if there is none
//	/healthz      200 while the loop makes frames, else 503 with the reason
//	/readyz       200 while players may come in, else 503 with the reason
//
// The addresses are for the operator and the owner of the map: fault texts may
// quote the owner's code.
package report

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// staleAfter is how long the loop may go without a frame before the map counts
// as hanging. It is much longer than a script call may take.
const staleAfter = 10 * time.Second

// Config says what a Handler reports on.
type Config struct {
	// Map is the id of the map.
	Map string
	// Snapshot returns how things are. It is called on goroutines of HTTP
	// requests, several at once.
	Snapshot func() Snapshot
	// Terrain returns the text of the Tiled map, which the gateway gives to clients.
	// Nil: there is none.
	Terrain func() []byte
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// Handler returns the handler of all addresses of the package.
func Handler(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", c.status)
	mux.Handle("GET /metrics", metrics(c))
	mux.HandleFunc("GET /performance", c.performance)
	mux.HandleFunc("GET /terrain", c.terrain)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { check(w, c.hanging()) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { check(w, c.notReady()) })
	return mux
}

func (c Config) status(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	// An error here is a client that has gone.
	_ = encoder.Encode(StatusOf(c.Map, c.Snapshot(), c.Now()))
}

func (c Config) terrain(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if c.Terrain != nil {
		_, _ = w.Write(c.Terrain())
	}
}

// check answers a health check: problem is empty if all is well.
func check(w http.ResponseWriter, problem string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if problem == "" {
		_, _ = fmt.Fprintln(w, "ok")
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = fmt.Fprintln(w, problem)
}

// hanging says why the map counts as hanging, if it does. A map that has not
// started yet does not.
func (c Config) hanging() string {
	last := c.Snapshot().Frames.Last
	if last.IsZero() {
		return ""
	}
	if ago := c.Now().Sub(last); ago > staleAfter {
		return fmt.Sprintf("the last frame was %s ago: the loop hangs", ago.Round(time.Second))
	}
	return ""
}

// notReady says why players may not come in, if so.
func (c Config) notReady() string {
	s := c.Snapshot()
	switch {
	case s.Draining:
		return "the map is draining"
	case s.NotReady != "":
		return s.NotReady
	case s.Frames.Last.IsZero():
		return "the map has not made a frame yet"
	default:
		return c.hanging()
	}
}

// clean makes text that came from scripts fit for labels and tables.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}
