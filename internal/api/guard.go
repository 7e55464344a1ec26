package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/rollcallhq/rollcall/internal/audit"
)

// guard refuses requests that a browser sends for a page of another site. Without keys every program on this
// machine may do everything, so an attacker needs only a browser on it: a page can use a host name that
// resolves to 127.0.0.1 (DNS rebinding). So Host and Origin must themselves be loopback.
func (a *API) guard(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.Auth.Refuse(r, door(r), audit.Elsewhere, "")
		problem(http.StatusForbidden, "The request comes from a page of another site (Origin or Sec-Fetch-Site), which may not change anything here.").write(w, r)
	}))
	next = crossOrigin.Handler(next)
	if a.Auth.Keyed() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !loopbackHost(r.Host):
			a.Auth.Refuse(r, door(r), audit.Elsewhere, "")
			problem(http.StatusForbidden, "Without keys this server answers only to loopback names: use 127.0.0.1 or localhost, or configure api.keys.").write(w, r)
		case !loopbackOrigin(r.Header.Values("Origin")):
			a.Auth.Refuse(r, door(r), audit.Elsewhere, "")
			problem(http.StatusForbidden, "Without keys this server answers only pages of this machine (Origin).").write(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// door returns the interface that a request uses.
func door(r *http.Request) audit.Through {
	if ours(r.URL.Path) {
		return audit.API
	}
	return audit.Page
}

// loopbackHost reports whether a host, with or without a port, is localhost or a loopback address.
func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func loopbackOrigin(origins []string) bool {
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || !loopbackHost(u.Host) {
			return false
		}
	}
	return true
}
