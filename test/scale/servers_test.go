//go:build scale

package scale

import (
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/report"
)

// statusAddress is where all map servers are asked how they are: 127.0.0.0/8 is
// all this machine.
const statusAddress = "0.0.0.0:9000"

// mapServers answers for the map servers of all pods.
type mapServers struct {
	begun time.Time

	mu     sync.Mutex
	byIP   map[string]*server
	byName map[string]*server
}

// server is what a map server reports.
type server struct {
	players  int
	revision string
	faults   []report.Fault
}

func startServers(t *testing.T) *mapServers {
	t.Helper()
	m := &mapServers{begun: time.Now(), byIP: map[string]*server{}, byName: map[string]*server{}}
	l, err := net.Listen("tcp", statusAddress)
	if err != nil {
		t.Fatal("answering for the map servers: ", err)
	}
	s := &http.Server{Handler: m, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return m
}

// ServeHTTP answers /status of the pod whose address was asked.
func (m *mapServers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		http.Error(w, "no address", http.StatusInternalServerError)
		return
	}
	m.mu.Lock()
	s := m.byIP[at.IP.String()]
	if s == nil {
		m.mu.Unlock()
		http.Error(w, "no pod has this address", http.StatusServiceUnavailable)
		return
	}
	status := s.report(m.begun)
	m.mu.Unlock()
	_ = json.NewEncoder(w).Encode(status)
}

// report is the document of a map that is well.
func (s *server) report(begun time.Time) report.Status {
	age := 1.5
	return report.Status{
		Ready: true, UptimeSeconds: time.Since(begun).Seconds(), Players: s.players, PeakPlayers: s.players, MaxPlayers: 500,
		Frames: report.FrameStatus{Rate: 60, Count: 3600, FPS1: 60, FPS10: 60, P50Ms: 1.5, P99Ms: 4, MaxMs: 9, Busy: 0.12, Scripts: 0.05, ReachableFPS: 500},
		Bundle: report.BundleStatus{Wanted: s.revision, Applied: s.revision},
		Save:   report.SaveStatus{AgeSeconds: &age},
		Faults: report.FaultStatus{Total: int64(len(s.faults)), Top: append([]report.Fault{}, s.faults...), Quarantined: []report.Quarantined{}},
		Slots:  slots,
	}
}

// slots are what a small game has.
var slots = func() (out []report.SlotStatus) {
	for _, name := range []string{"init", "tick", "events/move", "events/attack", "events/chat", "events/join", "events/leave", "timers/regrow"} {
		out = append(out, report.SlotStatus{Name: name, Calls: 12345, MeanMs: 0.02, MaxMs: 1.5, TotalMs: 246.9})
	}
	return out
}()

// change changes what the server of a map reports.
func (m *mapServers) change(mapName string, how func(*server)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	how(m.of(mapName))
}

// place gives a map's server an address.
func (m *mapServers) place(ip, mapName string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byIP[ip] = m.of(mapName)
}

func (m *mapServers) of(mapName string) *server {
	s := m.byName[mapName]
	if s == nil {
		s = &server{}
		m.byName[mapName] = s
	}
	return s
}
