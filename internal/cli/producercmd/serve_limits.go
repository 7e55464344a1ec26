package producercmd

import (
	"context"
	"fmt"
	"net"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/serving"
)

// limits returns the configured limits, lowered to what the process's limit of open files allows.
func (r *rooms) limits() (api.Limits, error) {
	l := api.Limits(r.config.API.Limits)
	connections, warning, err := serving.Affordable(l.Connections, serving.OpenFiles())
	if err != nil {
		return l, cli.Exit(cli.Failed, err)
	}
	if warning != "" {
		r.Warn("warning: %s", warning)
	}
	l.Connections = connections
	return l, nil
}

// listenHealth opens the address for health checks. It returns nil if that is off.
func (r *rooms) listenHealth(ctx context.Context, o serveOptions) (net.Listener, error) {
	address := r.config.API.Health
	if o.Health != "" {
		address = o.Health
	}
	if address == "off" {
		return nil, nil //nolint:nilnil // off is not an error
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, cli.Usage("--health %s: write host:port, for example 127.0.0.1:9090, or off", address)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, cli.Exit(cli.Failed, fmt.Errorf("listen for health checks: %w; choose another --health, or off", err))
	}
	return listener, nil
}
