package workercmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/simulator/arrival"
)

// world is a running simulation: the simulators of all providers, with one WhatsApp behind them.
type world struct {
	*simulator.Simulator
	// URL is the base_url of every simulated instance. Control is the address of the control port, or "".
	URL, Control string

	servers []*http.Server
}

// openWorld starts the simulators. An empty control address means no control port.
func openWorld(ctx context.Context, cfg simulator.Config, listen, control string) (*world, error) {
	sim, err := simulator.New(cfg)
	if err != nil {
		return nil, cli.Exit(cli.BadUsage, err)
	}
	w := &world{Simulator: sim}
	if w.URL, err = w.serve(ctx, listen, sim.Handler()); err == nil && control != "" {
		w.Control, err = w.serve(ctx, control, sim.Control())
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *world) serve(ctx context.Context, addr string, h http.Handler) (url string, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", cli.Exit(cli.Failed, fmt.Errorf("listen at %s: %w; choose another address", addr, reason(err)))
	}
	// A simulated call may hang for as long as a real one, so only the head of a request is timed.
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ConnContext: arrival.ConnContext}
	w.servers = append(w.servers, server)
	go func() { _ = server.Serve(arrival.Listener(listener)) }() // Close ends it; nothing follows from its error
	return "http://" + reachable(listener.Addr()), nil
}

// reachable returns an address under which this machine reaches a listener: one that listens everywhere
// is reached on loopback.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return addr.String()
}

// Close ends the simulators. It cuts hanging calls first, because the servers would wait for them.
func (w *world) Close() error {
	w.Simulator.Close()
	var errs []error
	for _, s := range w.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// reason returns why an address cannot be listened on, without the address.
func reason(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

func instancesOf(all []simulator.Sample) []simulator.Instance {
	out := make([]simulator.Instance, len(all))
	for i := range all {
		out[i] = all[i].Instance
	}
	return out
}
