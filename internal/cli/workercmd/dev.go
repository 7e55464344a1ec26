package workercmd

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/devfile"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

type devOptions struct {
	listen      string
	listenGiven bool
	noSample    bool
	exit        bool
	region      string
	seed        uint64
	personality string
	file        string    // "" is the sample
	in          io.Reader // what is in it
	webhook     string    // an address on this machine that is told of events; "" means none
	hooksAt     string    // where the simulators' webhooks come in; "" means nowhere
}

func newDevCommand(o *cli.IO, common *cli.Common) *cobra.Command {
	opts := devOptions{}
	cmd := &cobra.Command{
		Use: "dev [FILE]", Short: "Try everything out: Redis, simulated providers, worker and a batch, in one process",
		Args: cobra.MaximumNArgs(1),
		Long: `Run everything in one process, with nothing to install and no account: a Redis (a redis-server from
PATH, otherwise one in memory), simulators of ` + all.Titles("and", nil) + ` with four numbers, a worker,
and a sample batch, or the groups of FILE (CSV, a workbook, NDJSON or JSON). No real provider is ever called.

The simulators behave like a working day, a hundred times as fast: some people cannot be added, some
have no WhatsApp, some calls fail although they succeeded. At the end the report is compared with
what the simulators know to be true. In another terminal, producer and examples/go-client find this
worker without an address.

With --webhook a receiver of yours on this machine gets all events, signed with
$ROLLCALL_WEBHOOK_SECRET, or with a new secret, which it prints.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := common.Open(o, program)
			if err != nil {
				return err
			}
			flags := cmd.Flags()
			if err := cli.FromEnv(o, flags, "listen"); err != nil {
				return err
			}
			opts.listenGiven = o.Given(flags, "listen")
			if !o.Given(flags, "log-level") {
				// The simulators cause trouble on purpose, which is no news for a log.
				s.Log = s.Log.Level(zerolog.ErrorLevel)
			}
			if len(args) == 1 {
				opts.file = args[0]
			}
			return runDev(cmd.Context(), s, common, opts)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.listen, "listen", cli.DefaultListen, "serve the API and the page at `ADDR`, loopback only")
	f.BoolVar(&opts.noSample, "no-sample", false, "begin without a batch")
	f.BoolVar(&opts.exit, "exit-when-done", false, "run the batch to its end, print its report, and exit")
	f.StringVar(&opts.webhook, "webhook", "", "tell a receiver on this machine of all events, as `http://127.0.0.1:PORT/`")
	f.StringVar(&opts.region, "region", "", "the `COUNTRY` of numbers without a country code in FILE, as BR")
	f.Uint64Var(&opts.seed, "seed", 10, "draw the simulators' people and troubles from `N`")
	f.StringVar(&opts.personality, "personality", string(simulator.Realistic), "how much trouble the simulators make: kind, realistic or hostile")
	cmd.Example = `rollcall-worker dev
rollcall-worker dev turmas.csv
rollcall-worker dev --webhook http://127.0.0.1:9000/
rollcall-worker dev --exit-when-done --output json | jq .counts
rollcall-worker dev --exit-when-done --personality hostile --seed 7`
	return cli.WithExit(cmd, cli.ExitLines(
		"0    stopped by Ctrl-C; with --exit-when-done: every group ended done",
		"1    it could not start, or the report and the simulators do not agree",
		"3    with --exit-when-done: some rows were invalid or some groups did not end done")...)
}

// runDev starts Redis, the simulators, the HTTP API and a worker, and runs them until the batch or ctx ends.
func runDev(ctx context.Context, s *cli.Session, common *cli.Common, o devOptions) (err error) {
	if o.exit && o.noSample && o.file == "" {
		return cli.Usage("with --no-sample there is nothing for --exit-when-done to wait for; name a FILE")
	}
	if o.region != "" && !phone.KnownRegion(o.region) {
		return cli.Usage("--region %q is not a country; write its two letters, for example BR", o.region)
	}
	s.Say("dev: Redis, simulated providers and a worker in one process; Ctrl-C ends it")
	var d dev
	defer func() { err = errors.Join(err, d.close()) }()
	in, err := o.input(ctx)
	if err != nil {
		return err
	}
	d.closes(in.Close)
	o.in = in
	cfg, err := devConfig(s, common)
	if err != nil {
		return err
	}
	if err := devWebhook(s, cfg, &o); err != nil {
		return err
	}
	listener, err := devListener(ctx, s, o)
	if err != nil {
		return err
	}
	if listener != nil {
		d.closes(func() error { _ = listener.Close(); return nil }) // the app has closed it, if it got that far
		o.hooksAt = "http://" + listener.Addr().String()
	}
	conn, err := devRedis(ctx, s, cfg, namesRedis(s, common))
	if err != nil {
		return err
	}
	d.closes(conn.Close)
	if len(cfg.Instances) == 0 {
		if d.world, err = devWorld(ctx, s, cfg, o); err != nil {
			return err
		}
		d.closes(d.world.Close)
	}
	if err := d.read(ctx, s, cfg, conn.Conn); err != nil {
		return err
	}
	if err := d.refuseForeign(ctx, cfg); err != nil {
		return err
	}
	d.worker, err = start(ctx, app.Options{Config: cfg, Redis: conn.Conn, Log: s.Log, Listener: listener, Index: d.http, Limit: d.http.Limit})
	if err != nil {
		return err
	}
	d.closes(func() error { return d.worker.Stop(context.WithoutCancel(ctx)) })
	d.closes(func() error { d.http.Close(); return nil }) // event streams would hold the worker's server up
	if listener != nil {
		d.api = "http://" + d.worker.Addr()
	}
	access := conn.Access()
	me := devfile.Dev{
		PID: os.Getpid(), Redis: conn.Shared(), Password: access.Password, TLS: devfile.TLS(access.TLS), API: d.api, StartedAt: time.Now(),
	}
	if err := s.LeaveDev(me); err != nil {
		s.Warn("warning: producers will not find this worker: %v; set ROLLCALL_DEV_FILE for both to a file that can be written (the Redis is %s)", err, conn.URL())
	}
	d.closes(func() error { return s.RemoveDev(me.PID) })
	return d.run(ctx, s, conn.Conn, o)
}
