package api

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// peer is the address that connected; invalid where there is none.
func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, _ := netip.ParseAddr(host)
	return addr.Unmap().WithZone("")
}

// forwarded are the addresses of X-Forwarded-For, the nearest proxy's first. What is no address ends
// them: what stands before it came with the request.
func forwarded(r *http.Request) (all []netip.Addr) {
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(said) {
		addr, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			break
		}
		all = append(all, addr.Unmap().WithZone(""))
	}
	return all
}

// client is the address that a request came from: the one that connected, or the one that a trusted
// proxy names.
func (a *API) client(r *http.Request) netip.Addr {
	at := peer(r)
	for _, before := range forwarded(r) {
		if !a.trusts(at) {
			break
		}
		at = before
	}
	return at
}

func (a *API) trusts(proxy netip.Addr) bool {
	return slices.ContainsFunc(a.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(proxy) })
}

// sourceText is a source as people read it.
func sourceText(p netip.Prefix) string {
	if !p.IsValid() || p.IsSingleIP() {
		return addressText(p.Addr())
	}
	return p.String()
}

// addressText is an address as people read it.
func addressText(addr netip.Addr) string {
	if !addr.IsValid() {
		return "unknown"
	}
	return addr.String()
}
