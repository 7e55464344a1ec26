package app_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestAppStop_EndsBesideAClientThatSendsNothing(t *testing.T) {
	t.Parallel()
	a := newRig(t).hire(func(o *app.Options) { o.Listen = "127.0.0.1:0" })
	silent, err := new(net.Dialer).DialContext(t.Context(), "tcp", a.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	// The server accepts connections in order, so it has accepted the silent one before it answers this request.
	answer, err := http.Get("http://" + a.Addr() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if err := a.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestAppStart_AWorkerThatCannotListenAnnouncesNothing(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	r := newRig(t)
	r.configure(1)
	a, err := app.New(t.Context(), app.Options{
		Config: r.config, Redis: testutil.Connect(t, r.server.URL()), Log: zerolog.Nop(), Listen: taken.Addr().String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v, want that the address is in use", err)
	}
	if known, err := r.store.Presence.Instances(t.Context()); err != nil || len(known) > 0 {
		t.Errorf("it announced %v (%v), want nothing", known, err)
	}
}
