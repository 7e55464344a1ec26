// Package arrival tells when a request reached this machine. A busy server reads a request later than that, and the
// delay must not count in a caller's pace.
package arrival

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Listener returns a listener whose connections note when their data came.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return stamp(c), nil
}

type connection struct{}

// ConnContext is for the field of that name in http.Server. With it, Of finds a request's connection.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connection{}, c)
}

// Of returns when the kernel received the part of the request that was read last. It returns false without
// Listener and ConnContext, and on systems other than Linux.
func Of(r *http.Request) (time.Time, bool) {
	c, ok := r.Context().Value(connection{}).(net.Conn)
	if !ok {
		return time.Time{}, false
	}
	return came(c)
}
