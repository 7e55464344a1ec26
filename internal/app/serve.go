package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/serving"
)

// Addr returns the address at which the worker listens, or "".
func (a *App) Addr() string {
	if a.listener == nil {
		return ""
	}
	return a.listener.Addr().String()
}

// listen opens the address, if there is one. Requests wait there until serve answers them.
func (a *App) listen(ctx context.Context) error {
	a.listener = a.opts.Listener
	if a.listener == nil {
		if a.opts.Listen == "" || a.opts.Listen == "off" {
			return nil
		}
		var err error
		if a.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", a.opts.Listen); err != nil {
			return fmt.Errorf("listen for health checks and metrics: %w; choose another --listen, or off", err)
		}
	}
	a.began(func(context.Context) error { _ = a.listener.Close(); return nil }) // it fails if a server has closed it already
	return nil
}

// serve serves /healthz, /readyz, /metrics and the index.
func (a *App) serve() {
	listener := a.listener
	if listener == nil {
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.metrics.Handler())
	if a.opts.Index != nil {
		mux.Handle("/", a.opts.Index)
	}
	limited := serving.Few(listener)
	if a.opts.Limit != nil {
		limited = a.opts.Limit(listener)
	}
	server := serving.Server(limited, mux)
	server.ReadTimeout, server.WriteTimeout = 10*time.Second, 30*time.Second
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(limited); !errors.Is(err, http.ErrServerClosed) {
			a.opts.Log.Error().EmbedObject(event.HealthListenerEnded).Err(err).Msg("health listener failed")
		}
	}()
	a.began(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			// A client that has connected and sent no request delays Shutdown by five seconds.
			err = server.Close()
		}
		<-done
		return err
	})
}

// tasksNow returns what this process does with tasks, for the metrics.
func (a *App) tasksNow() metrics.Tasks {
	s := a.tasks.Status()
	return metrics.Tasks{Leads: s.Leads, Busy: s.Busy, Parked: s.Parked, Faults: s.Faults, Deaths: s.Deaths}
}

func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second) // longer than any probe waits
	defer cancel()
	err := a.opts.Redis.Client().Ping(ctx).Err()
	if last := a.lastBeat.Load(); err == nil && last != nil {
		err = *last // Redis answers, but refuses writes
	}
	if err != nil {
		http.Error(w, "Redis: "+redisconn.Explain(err), http.StatusServiceUnavailable)
		return
	}
	if held := a.standing.held.Load(); held != nil {
		http.Error(w, held.String(), http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}
