package bench

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator/instant"
)

// stand is a provider that answers at once: what is left is our own cost.
type stand struct {
	instant.Server

	URL    string
	server *http.Server
}

// newStand serves it on this machine.
func newStand() (*stand, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with Close
	if err != nil {
		return nil, err
	}
	s := &stand{URL: "http://" + l.Addr().String()}
	s.Came = func(r *http.Request) time.Time {
		c, _ := r.Context().Value(line{}).(net.Conn)
		return cameAt(c)
	}
	s.server = &http.Server{
		Handler: s, ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, line{}, c) },
	}
	go func() { _ = s.server.Serve(door{l}) }()
	return s, nil
}

// line is the key of a request's connection in its context.
type line struct{}

// door notes when requests come.
type door struct{ net.Listener }

// Accept implements net.Listener.
func (d door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return stamp(c), nil
}

func (s *stand) Close() { _ = s.server.Close() }
