package workercmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/dispatch"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/serving"
	"github.com/rollcallhq/rollcall/internal/store"
)

type runOptions struct {
	listen string
}

func newRunCommand(o *cli.IO, common *cli.Common) *cobra.Command {
	opts := runOptions{}
	cmd := &cobra.Command{
		Use: "run", Short: "Create groups and send invites for the configured instances", Args: cobra.NoArgs,
		Long: `Create groups and send invites for the configured instances: take groups from the queue in Redis, create
them at the providers at each instance's own pace, read back who is in, and invite the people who are not.
All workers of an installation need the same configuration; one of them dispatches, each runs what comes.

SIGHUP reads the configuration again: instances and webhooks come, go and change without a restart. Other
changes need one; the log names them (config_needs_restart).
A faulty configuration is refused with its faults, and the old one stays. The first SIGINT or SIGTERM
drains: nothing new is taken and calls under way finish. The second one aborts; what was under way is
in the journal, and the next worker finds out what became of it.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := common.Open(o, program)
			if err != nil {
				return err
			}
			if err := cli.NotEmpty(cmd.Flags(), "listen"); err != nil {
				return err
			}
			if err := cli.FromEnv(o, cmd.LocalNonPersistentFlags(), "listen"); err != nil {
				return err
			}
			hangups, stop := cli.Hangups()
			defer stop()
			return runRun(cmd.Context(), s, opts, hangups)
		},
	}
	cmd.Flags().StringVar(&opts.listen, "listen", "127.0.0.1:9090", "serve /healthz, /readyz and /metrics at `ADDR`, or off")
	cmd.Example = `rollcall-worker run --config rollcall.yaml
rollcall-worker run --redis redis://127.0.0.1:6379/0 --listen off
kill -HUP $(pidof rollcall-worker)   # read the configuration again`
	return cli.WithExit(cmd, cli.ExitLines(
		"0    drained after a SIGINT or SIGTERM",
		"1    it could not start, for example because the address of --listen is taken")...)
}

// errNoInstances is the error of a worker without instances.
var errNoInstances = errors.New("no instances are configured, so there is nothing to run; " +
	"list them under instances: in rollcall.yaml (or name the file with --config), or try `rollcall-worker dev`, which needs none")

// runUses leaves out the keys of the API and the secrets of the providers' webhooks, which only
// `rollcall-producer serve` needs.
var runUses = config.Uses{Hooks: config.Unused, API: config.Unused}

func runRun(ctx context.Context, s *cli.Session, o runOptions, hangups <-chan os.Signal) error {
	cfg, err := s.Settings(runUses)
	if err != nil {
		return err
	}
	warnOf(s, cfg)
	if warning := fewFiles(); warning != "" {
		s.Log.Warn().EmbedObject(event.FilesFew).Str("warning", warning).Msg("limit of open files low")
	}
	if len(cfg.Instances) == 0 {
		return cli.Exit(cli.BadUsage, errNoInstances)
	}
	conn, err := openRedis(ctx, s, cfg, func(text string) {
		s.Log.Warn().EmbedObject(event.RedisWarning).Str("warning", text).Msg("Redis settings are unsafe")
	})
	if err != nil {
		return err
	}
	defer func() {
		if err := conn.Close(); err != nil {
			s.Log.Warn().EmbedObject(event.RedisCloseFailed).Err(err).Msg("Redis connection not closed cleanly")
		}
	}()
	traces, err := s.Tracing(ctx, "rollcall-worker")
	if err != nil {
		return err
	}
	defer s.CloseTracing(ctx, traces)
	worker, err := start(ctx, app.Options{Config: cfg, Redis: conn, Log: s.Log, Listen: o.listen, Tracing: traces})
	if err != nil {
		return err
	}
	s.Log.Info().EmbedObject(event.WorkerStarted).Int("instances", len(cfg.Instances)).Strs("pools", cfg.PoolNames()).Str("redis", conn.URL()).
		Str("listen", worker.Addr()).Msg("worker started")
	cfg.Instances = nil // the worker has what it needs of them
	for {
		// Reading thousands of instances takes ten times the memory that is kept of them, and Go would keep it for
		// minutes.
		debug.FreeOSMemory()
		select {
		case <-hangups:
			reload(ctx, s, worker, cfg)
		case <-ctx.Done():
			return drain(ctx, s, worker)
		}
	}
}

// fewFiles returns a warning if the process may open fewer files than its tasks can need: each may have a connection
// to a provider, beside those to Redis.
func fewFiles() string {
	const beside = 128
	return serving.Enough(beside+dispatch.Concurrency, serving.OpenFiles())
}

// warnOf logs the configuration's warnings.
func warnOf(s *cli.Session, cfg *config.Config) {
	for _, w := range cfg.Warnings {
		s.Log.Warn().EmbedObject(event.ConfigWarning).Str("warning", w.String()).Msg("configuration warning")
	}
}

// start makes a worker and starts it. A configuration that makes that impossible is a usage error.
func start(ctx context.Context, o app.Options) (*app.App, error) {
	worker, err := app.New(ctx, o)
	if err != nil {
		err = named(ctx, o.Redis, err)
		if cli.Code(err) == cli.Failed {
			err = cli.Exit(cli.BadUsage, err)
		}
		return nil, err
	}
	return worker, named(ctx, o.Redis, worker.Start(ctx))
}

// named names the key that holds another type of value, if that is why a worker cannot start: Redis does not name it.
func named(ctx context.Context, conn *redisconn.Conn, err error) error {
	if !store.IsWrongType(err) {
		return err
	}
	if key, fault := store.Misused(ctx, conn.Client()); fault == nil && key != "" {
		return cli.Exit(cli.BadUsage, errors.New(say.Phrase{Code: say.KeyBlocked, Place: key}.String()))
	}
	return err
}

// drain lets the calls under way finish; their own timeouts bound it. A second signal
// ends the process.
func drain(ctx context.Context, s *cli.Session, worker *app.App) error {
	s.Log.Info().EmbedObject(event.WorkerDraining).Msg("worker draining")
	if err := worker.Stop(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("not drained cleanly: %s; the next worker finds out what became of the last calls", cli.Explain(err))
	}
	s.Log.Info().EmbedObject(event.WorkerDrained).Msg("worker drained")
	return nil
}

// reload reads the configuration again. It logs which changed settings need a restart.
func reload(ctx context.Context, s *cli.Session, worker *app.App, started *config.Config) {
	cfg, err := s.Settings(runUses)
	if err == nil && len(cfg.Instances) == 0 {
		err = errNoInstances
	}
	if err == nil {
		err = worker.Reload(ctx, cfg)
	}
	if faults, ok := errors.AsType[config.Faults](err); ok {
		for _, f := range faults {
			s.Log.Error().EmbedObject(event.ConfigFault).Str("fault", f.String()).Msg("configuration fault")
		}
	}
	if err != nil {
		s.Log.Error().EmbedObject(event.ConfigRefused).Err(err).Msg("new configuration refused")
		return
	}
	warnOf(s, cfg)
	if settings := fixed(started, cfg); len(settings) > 0 {
		s.Log.Warn().EmbedObject(event.ConfigNeedsRestart).Strs("settings", settings).Msg("changed settings need a restart")
	}
	s.Log.Info().EmbedObject(event.ConfigReloaded).Int("instances", len(cfg.Instances)).Strs("pools", cfg.PoolNames()).Msg("configuration reloaded")
}

// fixed returns the names of the settings that differ between two configurations and that a worker reads only at its
// start.
func fixed(started, now *config.Config) (names []string) {
	for _, one := range []struct {
		name     string
		was, now any
	}{
		{"redis", started.Redis, now.Redis},
		{"pools", started.Pools, now.Pools},
		{"photo", started.Photo, now.Photo},
		{"verify", started.Verify, now.Verify},
		{"rollcall", started.RollCall, now.RollCall},
		{"retry", started.Retry, now.Retry},
		{"rest", started.Rest, now.Rest},
		{"invite", zoneByName(started.Invite), zoneByName(now.Invite)},
		{"joins", started.Joins, now.Joins},
		{"on_leave", started.OnLeave, now.OnLeave},
		{"retention", started.Retention, now.Retention},
		{"audit_retention", started.AuditRetention, now.AuditRetention},
	} {
		if !reflect.DeepEqual(one.was, one.now) {
			names = append(names, one.name)
		}
	}
	return names
}

// zoneByName returns settings of invitations that can be compared: a time.Location also caches the offset of the time at
// which it was read, so it is replaced by its name.
func zoneByName(i config.Invite) any {
	if i.QuietHours == nil || i.QuietHours.Zone == nil {
		return i
	}
	q := *i.QuietHours
	name := q.Zone.String()
	q.Zone, i.QuietHours = nil, &q
	return struct {
		config.Invite

		zone string
	}{i, name}
}
