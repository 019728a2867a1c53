package auth

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientAddress tells who asks, for the limits. X-Forwarded-For counts only as
// far as trusted proxies wrote it: anybody can send that header.
func (h *Handler) clientAddress(r *http.Request) string {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	addr := remote.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && h.trusts(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return network(addr)
}

func (h *Handler) trusts(addr netip.Addr) bool {
	for _, p := range h.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// network is what counts as one address: a subscriber of IPv6 has 2^64 of them.
func network(addr netip.Addr) string {
	if !addr.Is6() {
		return addr.String()
	}
	p, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return addr.String()
	}
	return p.String()
}
