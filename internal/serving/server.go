package serving

import (
	"net"
	"net/http"
	"time"
)

// Server makes an HTTP server for a listener. A connection must bring a request's header within 5 s,
// and may be idle for a minute. Handlers bound the rest.
func Server(l *Listener, h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ConnState: l.ConnState, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
	}
}

// Few limits a listener that serves only machines: health checks and metrics.
func Few(l net.Listener) *Listener { return Limit(l, Limits{Connections: 64, PerSource: 32}) }
