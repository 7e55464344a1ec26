package api

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/serving"
)

// ErrNeedsKeys means that an address is not loopback although no keys are configured.
var ErrNeedsKeys = errors.New("without keys the API listens on loopback only; " +
	"listen on 127.0.0.1, or configure api.keys (`rollcall-producer key new` makes one)")

// CheckAddress fails with ErrNeedsKeys for an address that is not loopback, unless there are keys.
func CheckAddress(address string, keyed bool) error {
	host, _, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return fmt.Errorf("%s: write host:port, for example 127.0.0.1:8080", address)
	case !keyed && !loopbackHost(host):
		return fmt.Errorf("%s: %w", address, ErrNeedsKeys)
	}
	return nil
}

// Listen opens an address that CheckAddress allows. It also fails with ErrNeedsKeys when a name such as localhost
// resolves to another address.
func Listen(ctx context.Context, address string, keyed bool) (net.Listener, error) {
	if err := CheckAddress(address, keyed); err != nil {
		return nil, err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	// A hosts file may map localhost to any address: check where it really listens.
	if at, ok := listener.Addr().(*net.TCPAddr); !keyed && (!ok || !at.IP.IsLoopback()) {
		return nil, errors.Join(fmt.Errorf("%s: %w", address, ErrNeedsKeys), listener.Close())
	}
	return listener, nil
}

// Limit bounds the connections of the API's listener. The server must have its ConnState as its ConnState hook.
func (a *API) Limit(listener net.Listener) *serving.Listener {
	l := serving.Limit(listener, serving.Limits{Connections: a.Limits.Connections, PerSource: a.Limits.PerSource, Trusted: a.Auth.Trusts, Refused: a.limited})
	a.listener.Store(l)
	return l
}

// OpenConnections returns how many connections there are at the listener of Limit.
func (a *API) OpenConnections() int {
	if l := a.listener.Load(); l != nil {
		return l.Open()
	}
	return 0
}

// ServeHealth answers /healthz and /readyz alone at a listener of its own, until ctx ends.
func (a *API) ServeHealth(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	for _, path := range []string{"/healthz", "/readyz"} {
		mux.Handle("GET "+path, a.mux)
	}
	limited := serving.Few(listener)
	server := serving.Server(limited, a.observe(mux))
	server.ReadTimeout, server.WriteTimeout = 5*time.Second, 10*time.Second
	server.ErrorLog = log.New(serverLog{a.Log}, "", 0)
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(limited); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// drainFor is how long requests under way may take to end.
const drainFor = 20 * time.Second

// Serve answers requests until ctx ends, then lets those under way finish: event streams end at
// once, and an upload is told how much of it was accepted.
func (a *API) Serve(ctx context.Context, listener net.Listener) error {
	limited := a.Limit(listener)
	// No ReadTimeout and no WriteTimeout: they would kill a slow but honest upload and every event
	// stream. Each request sets its own deadlines instead.
	server := serving.Server(limited, a)
	server.ErrorLog = log.New(serverLog{a.Log}, "", 0)
	served := make(chan error, 1)
	go func() { served <- server.Serve(limited) }()
	select {
	case err := <-served:
		a.Close()
		return err
	case <-ctx.Done():
	}
	closed := make(chan struct{})
	go func() { // the server waits for streams, so end them
		defer close(closed)
		a.Close()
	}()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	err := server.Shutdown(drain)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests did not end within %s", drainFor), server.Close())
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	<-closed
	return err
}

// serverLog takes the log of net/http, which is about failed connections: it can name an address, never a
// request's content.
type serverLog struct{ log zerolog.Logger }

func (l serverLog) Write(p []byte) (int, error) {
	l.log.Debug().EmbedObject(event.HTTPServerLog).Str("text", phone.Mask(strings.TrimSpace(string(p)))).Msg("HTTP server log line")
	return len(p), nil
}
