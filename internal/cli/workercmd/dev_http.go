package workercmd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// devListener opens the address of --listen; nil for off. There are no keys in dev, so the
// address must be loopback.
func devListener(ctx context.Context, s *cli.Session, o devOptions) (net.Listener, error) {
	if o.listen == "off" {
		return nil, nil //nolint:nilnil // off is not an error
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return nil, cli.Usage("--listen %s: %w; write host:port, for example %s, or off", o.listen, err, cli.DefaultListen)
	}
	if addr, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !addr.Unmap().IsLoopback()) {
		return nil, cli.Usage("--listen %s: dev has no keys, so it listens on loopback only; use for example %s", o.listen, cli.DefaultListen)
	}
	tcp := new(net.ListenConfig)
	listener, err := tcp.Listen(ctx, "tcp", o.listen)
	if err == nil {
		return listener, nil
	}
	if o.listenGiven {
		return nil, cli.Exit(cli.Failed, fmt.Errorf("listen at %s: %w; choose another --listen", o.listen, reason(err)))
	}
	free, nearErr := cli.ListenNear(ctx, o.listen)
	if nearErr != nil {
		return nil, cli.Exit(cli.Failed, fmt.Errorf("listen at %s: %w; choose another --listen", o.listen, reason(err)))
	}
	s.Say("dev: %s is taken (%v), so %s is used", o.listen, reason(err), free.Addr())
	return free, nil
}

// serveAPI makes the whole HTTP API and the admin page, over the same records as the worker.
func (d *dev) serveAPI(ctx context.Context, s *cli.Session, cfg *config.Config, c operate.Config, conn *redisconn.Conn) error {
	door, err := enqueue.New(ctx, conn.Client(), d.door)
	if err != nil {
		return err
	}
	photos := photo.New(cfg.Photo.AllowPrivate)
	d.closes(func() error { photos.Close(); return nil })
	c.Audit, c.Late = s.Audit(d.store), app.TellLate(s.Log)
	who := auth.New(auth.Config{Trail: d.store.Trail, Log: s.Log})
	about := admin.Config{
		Auth: who, Store: d.store, Status: d.reader, Control: operate.New(c), Enqueue: door, Log: s.Log, Version: cli.ReadVersion().Version, Zone: s.Zone,
		Photos: photos, PoolPhotos: cfg.PoolPhotos(), Regions: cfg.Regions(),
	}
	serving := api.Config{
		Store: d.store, Status: d.reader, Control: about.Control, Enqueue: door, Hooks: d.hooks, Auth: who,
		Regions: cfg.Regions(), Photos: photos, PoolPhotos: cfg.PoolPhotos(),
		Ping:    func(ctx context.Context) error { return conn.Client().Ping(ctx).Err() },
		Metrics: http.NotFoundHandler(), // the worker serves its own metrics before the API
		Log:     s.Log, Version: about.Version,
	}
	if d.world != nil {
		about.Notes = []say.Phrase{{Code: say.NoteDev, Place: d.world.URL}, {Code: say.NoteLedger, Place: d.world.Control + "/ledger"}}
	}
	page := admin.New(about)
	d.closes(func() error { page.Close(); return nil })
	serving.Page = page
	d.http = api.New(serving)
	return nil
}
