package workercmd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/hooks"
)

// devListen is where dev serves unless told otherwise; then it may also serve elsewhere.
const devListen = "127.0.0.1:8080"

// devListener opens the address of --listen; nil for off. There are no keys in dev, so it is
// loopback or nothing.
func devListener(ctx context.Context, s *cli.Session, o devOptions) (net.Listener, error) {
	if o.listen == "off" {
		return nil, nil //nolint:nilnil // off is no error
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return nil, cli.Usage("--listen %s: %w; write host:port, for example %s, or off", o.listen, err, devListen)
	}
	if addr, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !addr.Unmap().IsLoopback()) {
		return nil, cli.Usage("--listen %s: dev has no keys, so it listens on loopback only; use for example %s", o.listen, devListen)
	}
	tcp := new(net.ListenConfig)
	listener, err := tcp.Listen(ctx, "tcp", o.listen)
	if err == nil {
		return listener, nil
	}
	if o.listenGiven {
		return nil, cli.Exit(cli.Failed, fmt.Errorf("listen at %s: %w; choose another --listen", o.listen, reason(err)))
	}
	free, anyErr := tcp.Listen(ctx, "tcp", "127.0.0.1:0")
	if anyErr != nil {
		return nil, cli.Exit(cli.Failed, fmt.Errorf("listen at %s: %w; choose another --listen", o.listen, reason(err)))
	}
	s.Say("dev: %s is taken (%v), so %s is used", o.listen, reason(err), free.Addr())
	return free, nil
}

// devIndex says what is to be found here.
func devIndex(d *dev) http.Handler {
	mux := http.NewServeMux()
	if d.hooks != nil {
		mux.Handle(hooks.Pattern, d.hooks)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprint(w, "rollcall worker dev\n\n  /healthz   it runs\n  /readyz    it can work\n  /metrics   Prometheus\n")
		if d.world != nil {
			_, _ = fmt.Fprintf(w, "\nsimulated providers  %s\ntheir control port   %s (GET /ledger is the truth)\n", d.world.URL, d.world.Control)
		}
	})
	return mux
}
