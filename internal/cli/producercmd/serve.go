package producercmd

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

type serveOptions struct {
	Listen string
	Health string
}

func newServeCommand(p *program) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the HTTP API",
		Long: `Serve the HTTP API; /docs on it explains it. It may run several times: all it knows is in Redis.

A caller needs a key of api.keys in the configuration; key new makes one. Without any key it
listens on loopback only and answers every caller on this machine.

What one client can take is bounded (api.limits, docs/api.md). --health answers health checks at an
address of their own, which no number of clients keeps busy.

The first SIGINT or SIGTERM lets requests under way finish. Event streams end, and an upload is told
how much of it was accepted. A SIGHUP changes nothing: a changed configuration takes a restart.`,
		Example: `rollcall-producer serve
rollcall-producer serve --config rollcall.yaml --listen 0.0.0.0:8080
curl --json '{"groupName": "Turma 12", "phones": ["+5544999999999"]}' http://127.0.0.1:8080/v1/groups`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.FromEnv(p.IO, cmd.Flags(), "listen", "health"); err != nil {
				return err
			}
			if err := p.mayListen(cmd, o); err != nil {
				return err
			}
			return p.using(cmd, serveUses, func(ctx context.Context, r *rooms) error {
				if !p.Given(cmd.Flags(), "log-level") {
					r.Log = r.Log.Level(zerolog.InfoLevel) // a server reports in its log
				}
				return runServe(ctx, r, o)
			})
		},
	}
	cmd.Flags().StringVar(&o.Listen, "listen", "", "serve at `ADDR` (default \"127.0.0.1:8080\")")
	cmd.Flags().StringVar(&o.Health, "health", "", "also answer /healthz and /readyz at `ADDR`, apart from the clients of the API (default \"off\")")
	return cli.WithExit(cmd, cli.ExitLines(
		"0    ended by SIGINT or SIGTERM",
		"1    it could not start, for example because the address is taken")...)
}

// serveUses demands what the providers' webhooks and the API need. The tokens of instances are optional: only the
// number checks of plans use them.
var serveUses = config.Uses{Calls: config.Optional, Webhooks: config.Unused}

// address returns where to listen.
func (o serveOptions) address(c *config.Config) string {
	if o.Listen != "" {
		return o.Listen
	}
	return c.API.Listen
}

// mayListen judges the address before Redis is asked, so that a wrong one is reported without Redis.
func (p *program) mayListen(cmd *cobra.Command, o serveOptions) error {
	s, err := p.common.Open(p.IO, cmd.Root().Name())
	if err != nil {
		return err
	}
	c, err := s.Settings(serveUses)
	if err != nil {
		return err
	}
	if err := api.CheckAddress(o.address(c), len(c.API.Keys) > 0); err != nil {
		return cli.Usage("--listen %w", err)
	}
	return nil
}

func runServe(ctx context.Context, r *rooms, o serveOptions) error {
	defer outliveHangups(ctx, r)() // also of one that comes while it starts
	keys, err := apiKeys(r.config.API.Keys)
	if err != nil {
		return err
	}
	if err := r.fit(ctx); err != nil {
		return err
	}
	client, err := r.door(ctx)
	if err != nil {
		return err
	}
	m := metrics.New()
	m.WatchSpans(r.tracing.Lost)
	m.Watch(r.status)
	r.conn.Observe(m.Redis)
	limits, err := r.limits()
	if err != nil {
		return err
	}
	health, err := r.listenHealth(ctx, o)
	if err != nil {
		return err
	}
	listener, err := r.listen(ctx, o, len(keys) > 0)
	if err != nil {
		return err
	}
	who := auth.New(auth.Config{Keys: keys, TrustedProxies: r.config.API.TrustedProxies, Trail: r.store.Trail, Refused: m.Refused, Log: r.Log})
	c := r.api(client, who)
	defer c.Photos.Close()
	c.BasePath = r.config.API.BasePath
	c.Metrics, c.Observed, c.Limits, c.Limited = m.Handler(), m.Requested, limits, m.Limited
	if h := r.Hooks(r.config, r.store, r.queue, r.pacer, m.Forwarded); h != nil {
		defer h.Close()
		c.Hooks = h
	}
	if slices.ContainsFunc(r.config.Instances, func(in config.Instance) bool { return in.HasCredentials() }) {
		if c.CheckNumbers, err = r.numberCheck(); err != nil {
			return err
		}
	}
	page := admin.New(admin.Config{
		Store: r.store, Status: r.status, Control: r.control, Enqueue: client, Auth: who, Log: r.Log, Version: c.Version, Zone: r.Zone,
		BasePath: r.config.API.BasePath, Environment: r.config.API.Environment,
		Photos: c.Photos, PoolPhotos: c.PoolPhotos, Regions: c.Regions,
	})
	defer page.Close()
	c.Page = page
	jobs := app.NewJobs(r.control, r.Log)
	jobs.Start(ctx)
	defer jobs.Stop()
	server := api.New(c)
	m.WatchServer(server.OpenConnections, server.OpenStreams)
	if health != nil {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		watched := make(chan error, 1)
		go func() { watched <- server.ServeHealth(ctx, health) }()
		defer func() { // health checks are answered until the last request is over
			cancel()
			if err := <-watched; err != nil {
				r.Say("health checks were not answered to the end: %v", err)
			}
		}()
		r.Say("answering health checks at http://%s/healthz", health.Addr())
	}
	r.Say("serving the page and the API at http://%s (documentation at /docs); Ctrl-C ends it", listener.Addr())
	if len(keys) == 0 {
		r.Say("no api.keys are configured: only programs and people on this machine may use it")
	}
	if err := server.Serve(ctx, listener); err != nil {
		return cli.Exit(cli.Failed, err)
	}
	r.Say("stopped")
	return nil
}

// outliveHangups logs each SIGHUP, on which a worker would reload, until stop is called.
func outliveHangups(ctx context.Context, r *rooms) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	hangups, ignore := cli.Hangups()
	go func() {
		defer ignore()
		for {
			select {
			case <-hangups:
				r.Log.Warn().EmbedObject(event.ConfigNeedsRestart).Msg("changed settings need a restart")
			case <-ctx.Done():
				return
			}
		}
	}()
	return cancel
}

// api returns the configuration that the HTTP API and the agent have in common. Its Photos must be closed.
func (r *rooms) api(client *enqueue.Client, who *auth.Authenticator) api.Config {
	return api.Config{
		Store: r.store, Status: r.status, Control: r.control, Enqueue: client, Auth: who, Log: r.Log,
		Ping:    func(ctx context.Context) error { return r.conn.Client().Ping(ctx).Err() },
		Version: cli.ReadVersion().Version, Traced: r.tracing.Request, Regions: r.config.Regions(),
		Photos: photo.New(r.config.Photo.AllowPrivate), PoolPhotos: r.config.PoolPhotos(),
	}
}

// door returns the client that accepts requests, with the rules of the configuration.
func (r *rooms) door(ctx context.Context) (*enqueue.Client, error) {
	instances := make(map[string][]string, len(r.config.Instances))
	for i := range r.config.Instances {
		instances[r.config.Instances[i].Name] = r.config.Instances[i].Pools
	}
	return enqueue.New(ctx, r.conn.Client(), enqueue.Options{
		Retention: r.config.Retention, Instances: instances, RequireConsent: r.config.RequireConsent, Regions: r.config.Regions(), PrivatePhotos: r.config.Photo.AllowPrivate, Headers: r.tracing.Headers,
		EncryptionKey: r.config.Redis.EncryptionKey.Reveal(), ReadOnly: r.dry, OnLate: app.TellLate(r.Log),
	})
}

// listen opens the address. An address that the configuration does not allow is a usage error; one that the
// machine refuses is a failure. Beside a `rollcall-worker dev`, which has the same default, it takes the next free
// port.
func (r *rooms) listen(ctx context.Context, o serveOptions, keyed bool) (net.Listener, error) {
	address := o.address(r.config)
	listener, err := api.Listen(ctx, address, keyed)
	switch {
	case errors.Is(err, api.ErrNeedsKeys):
		return nil, cli.Usage("--listen %w", err)
	case errors.Is(err, syscall.EADDRINUSE) && r.Dev && o.Listen == "" && address == cli.DefaultListen:
		if listener, near := cli.ListenNear(ctx, address); near == nil {
			r.Say("%s is taken by the `rollcall-worker dev` that runs here, so %s is used", address, listener.Addr())
			return listener, nil
		}
	}
	if err != nil {
		return nil, cli.Exit(cli.Failed, fmt.Errorf("%w; choose another --listen", err))
	}
	return listener, nil
}

// apiKeys returns the configuration's keys as the API wants them.
func apiKeys(configured []config.APIKey) ([]auth.Key, error) {
	keys := make([]auth.Key, len(configured))
	for i, k := range configured {
		role, ok := auth.ParseRole(string(k.Role))
		sum, err := hex.DecodeString(strings.TrimPrefix(k.Hash, "sha256:"))
		if err != nil || !ok || len(sum) != len(keys[i].Hash) {
			return nil, fmt.Errorf("api key %s is not usable", k.Name) // config has checked it
		}
		keys[i] = auth.Key{Name: k.Name, Hash: [32]byte(sum), Role: role, Bound: auth.Bound{Pools: k.Pools, OnlyCreate: k.Only == config.OnlyCreate}}
	}
	return keys, nil
}
