package app_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/rollcallhq/rollcall/internal/app"
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
