package auth

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"testing"
	"time"
)

func TestTenLoginsAMinute(t *testing.T) {
	r := newRig(t, nil)
	r.register("anna")
	r.register("boris")
	wrong := func(login, from string) answer {
		req := formRequest(signInPaths[0], "login", login, "password", "wrong-one")
		req.RemoteAddr = from
		return r.send(req)
	}
	for i := range 10 {
		if a := wrong("anna", "192.0.2.1:1000"); a.status != http.StatusUnauthorized {
			t.Fatalf("attempt %d: %d %s", i+1, a.status, a.body)
		}
		r.clock.advance(time.Second)
	}
	// Another spelling and another port are the same account and address.
	a := wrong("ANNA", "192.0.2.1:2000")
	r.want("attempt 11", a, http.StatusTooManyRequests, "too many attempts to sign in as this player, try again in 50 s")
	if a.header.Get("Retry-After") != "50" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	// Neither others from there nor the player from elsewhere suffer.
	for login, from := range map[string]string{"boris": "192.0.2.1:1", "anna": "192.0.2.2:1"} {
		if a := wrong(login, from); a.status != http.StatusUnauthorized {
			t.Errorf("%s from %s: %d %s", login, from, a.status, a.body)
		}
	}
	r.clock.advance(50 * time.Second)
	if a := wrong("anna", "192.0.2.1:1"); a.status != http.StatusUnauthorized {
		t.Errorf("after a minute: %d %s", a.status, a.body)
	}
}

func TestLimitsOfAnAddress(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits = Limits{Registrations: 2, LoginsPerAddress: 3} })
	r.register("anna")
	r.register("boris")
	a := r.post(registerPaths[0], "login", "clara", "password", "secret1")
	r.want("registration", a, http.StatusTooManyRequests, "too many new players from your address, try again in 60 s")
	for i := range 3 {
		_ = r.post(signInPaths[0], "login", "nobody"+strconv.Itoa(i), "password", "secret1")
	}
	a = r.post(signInPaths[0], "login", "anna", "password", "secret1")
	r.want("login", a, http.StatusTooManyRequests, "too many attempts to sign in from your address, try again in 60 s")
	r.clock.advance(time.Minute)
	r.register("clara")
}

func TestLimiterForgets(t *testing.T) {
	c := &clock{at: time.Unix(1, 0)}
	l := newLimiter(1, c.now)
	for i := range maxWindows + 10 {
		if _, ok := l.allow(strconv.Itoa(i)); !ok {
			t.Fatalf("key %d was refused", i)
		}
	}
	if len(l.windows) != maxWindows || len(l.order) != maxWindows {
		t.Errorf("%d windows and %d in order, want %d", len(l.windows), len(l.order), maxWindows)
	}
	if _, ok := l.allow("0"); !ok {
		t.Error("the oldest window was not forgotten")
	}
	if _, ok := l.allow(strconv.Itoa(maxWindows + 9)); ok {
		t.Error("the newest window was forgotten")
	}
	c.advance(window)
	if _, ok := l.allow("again"); !ok || len(l.windows) != 1 || len(l.order) != 1 {
		t.Errorf("after a minute there are %d windows, want 1", len(l.windows))
	}
}

func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	tests := []struct {
		name, remote string
		proxies      []netip.Prefix
		forwarded    []string
		want         string
	}{
		{"plain", "192.0.2.1:99", nil, nil, "192.0.2.1"},
		{"header of a stranger", "192.0.2.1:99", proxies, []string{"198.51.100.1"}, "192.0.2.1"},
		{"header without trust", "10.0.0.1:99", nil, []string{"198.51.100.1"}, "10.0.0.1"},
		{"one proxy", "10.0.0.1:99", proxies, []string{"198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:99", proxies, []string{"198.51.100.1, 10.1.1.1"}, "198.51.100.1"},
		{"forged first hop", "10.0.0.1:99", proxies, []string{"203.0.113.1", "198.51.100.1"}, "198.51.100.1"},
		{"no address in the header", "10.0.0.1:99", proxies, []string{"unknown"}, "10.0.0.1"},
		{"proxy without header", "10.0.0.1:99", proxies, nil, "10.0.0.1"},
		{"mapped", "[::ffff:192.0.2.1]:99", nil, nil, "192.0.2.1"},
		{"IPv6 network", "[2001:db8:1:2:3:4:5:6]:99", nil, nil, "2001:db8:1:2::/64"},
		{"zone", "[fe80::1%eth0]:99", nil, nil, "fe80::/64"},
		{"not an address", "pipe", nil, nil, "pipe"},
	}
	for _, test := range tests {
		h := &Handler{proxies: test.proxies}
		req := httptest.NewRequest(http.MethodPost, "/", nil)
		req.RemoteAddr = test.remote
		for _, f := range test.forwarded {
			req.Header.Add("X-Forwarded-For", f)
		}
		if got := h.clientAddress(req); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
