package auth

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/serving"
)

// peer returns the address that connected; invalid if there is none.
func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, _ := netip.ParseAddr(host)
	return addr.Unmap().WithZone("")
}

// forwarded returns the addresses of X-Forwarded-For, the nearest proxy's first. It stops at the first part that
// is not an address: what stands before that came with the request and cannot be trusted.
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

// client returns the address that a request came from: the one that connected, or the one that a trusted
// proxy names.
func (a *Authenticator) client(r *http.Request) netip.Addr {
	at := peer(r)
	for _, before := range forwarded(r) {
		if !a.Trusts(at) {
			break
		}
		at = before
	}
	return at
}

// Source returns what a request is counted by: its address, or the network of an IPv6 one.
func (a *Authenticator) Source(r *http.Request) netip.Prefix { return serving.SourceOf(a.client(r)) }

// Trusts reports whether an address is a trusted proxy's.
func (a *Authenticator) Trusts(proxy netip.Addr) bool {
	return slices.ContainsFunc(a.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(proxy) })
}

// SourceText returns a source as people read it.
func SourceText(p netip.Prefix) string {
	if !p.IsValid() || p.IsSingleIP() {
		return addressText(p.Addr())
	}
	return p.String()
}

// addressText returns an address as people read it.
func addressText(addr netip.Addr) string {
	if !addr.IsValid() {
		return "unknown"
	}
	return addr.String()
}
