// Package app is the worker: New wires its parts together, Start runs them, and Stop drains them. No other package
// imports all of them.
package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/dispatch"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/health"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/serving"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/sweep"
	"github.com/rollcallhq/rollcall/internal/tracing"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

// Options of a worker.
type Options struct {
	Config *config.Config  // Required.
	Redis  *redisconn.Conn // open; its owner closes it after Stop. Required.
	Log    zerolog.Logger
	// Tracing follows requests through the worker. Defaults to off.
	Tracing *tracing.Tracing
	// Listen is where /healthz, /readyz and /metrics are served. Defaults to nowhere.
	Listen string
	// Listener, if set, is used instead of Listen. The app closes it.
	Listener net.Listener
	// Index serves every other path of Listen. Defaults to 404.
	Index http.Handler
	// Limit bounds the connections to Listen. Defaults to what suits health checks and metrics.
	Limit func(net.Listener) *serving.Listener
}

// App is one worker.
type App struct {
	opts     Options
	self     store.Worker
	store    *store.Store
	queue    *queue.Queue
	pacer    *pacing.Pacer
	metrics  *metrics.Metrics
	keeper   *health.Keeper
	photos   *photo.Fetcher
	steps    *steps.Steps
	open     *open
	tasks    *dispatch.Dispatch
	sweeper  *sweep.Sweeper
	jobs     *operate.Runner
	webhooks *notify.Webhooks

	gathered        chan struct{} // signals that workers have started or stopped
	heartbeatsStale atomic.Bool   // after an outage of Redis: living workers may seem dead
	standing        standing      // the installation's, by the latest comparison

	told told // what this worker has announced

	mu       sync.Mutex
	roster   *roster
	leaving  bool
	listener net.Listener
	lastBeat atomic.Pointer[error]         // result of the latest heartbeat
	undo     []func(context.Context) error // stops what Start began, in reverse order
}

// New wires a worker. It talks to Redis once, to open the store, and starts nothing.
func New(ctx context.Context, o Options) (*App, error) {
	cfg := o.Config
	rdb := o.Redis.Client()
	m := metrics.New()
	m.WatchSpans(o.Tracing.Lost)
	o.Redis.Observe(m.Redis)
	st, err := store.Open(ctx, rdb, store.Options{
		Unreadable: func(u store.Unreadable) { TellUnreadable(o.Log, u) },
		Retention:  cfg.Retention, Replicas: cfg.Redis.WaitReplicas, Installation: cfg.Redis.Installation, EncryptionKey: cfg.Redis.EncryptionKey.Reveal(),
		Observe: m.Journal,
	})
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	a := &App{
		opts: o, store: st, pacer: pacing.New(rdb, pacing.WithNumbers(st.Presence.Numbers), pacing.WithDamage(func(instance string, kind pacing.Kind) {
			o.Log.Warn().EmbedObject(event.PaceUnreadable).Str("instance", instance).Str("kind", string(kind)).
				Msg("stored pace unreadable")
		})), metrics: m, gathered: make(chan struct{}, 1),
		self: store.Worker{ID: workerID(host), Host: host, StartedAt: time.Now().UTC()},
	}
	put := queue.New(rdb, st.Lines, queue.WithHeaders(o.Tracing.Headers))
	a.queue = put
	m.Watch(view.New(st, a.pacer, put))
	a.keeper = health.New(health.Config{Presence: st.Presence, Pacer: a.pacer, Worker: a.self.ID, Log: o.Log})
	policy := policyOf(cfg)
	a.photos = photo.New(cfg.Photo.AllowPrivate)
	a.open = &open{Keeper: a.keeper}
	a.steps = steps.New(steps.Config{
		Worker: a.self.ID, Store: st, Pacer: a.pacer, Queue: put, Keeper: a.keeper, Observer: a.metrics,
		Policy: policy, Log: o.Log,
		Photos: a.photos,
	})
	if a.webhooks, err = a.newWebhooks(cfg, put); err != nil {
		return nil, err
	}
	r, err := a.rosterOf(cfg)
	if err != nil {
		return nil, err
	}
	a.tasks, err = dispatch.New(dispatch.Options{
		Redis: rdb, Queue: put, Store: st, Pacer: a.pacer, Steps: doer{a.steps, a.webhooks, o.Tracing}, Worker: a.self.ID,
		Health: a.open, OnDeath: a.died, OnBroken: func(ctx context.Context, id string) error { return a.sweeper.Replace(ctx, id) }, OnInstances: a.keeper.Stir, OnWorkers: a.gatheredNow, Context: o.Tracing.Continue, Log: o.Log,
		Retry: retryOf(cfg),
	})
	if err != nil {
		return nil, err
	}
	m.WatchTasks(a.tasksNow)
	a.sweeper = sweep.New(sweep.Config{Store: st, Queue: put, Schedule: policy.Schedule, Worker: a.self.ID, AuditKeep: cfg.AuditRetention, Log: o.Log})
	a.jobs = NewJobs(operate.New(operate.Config{Store: st, Queue: put, Pacer: a.pacer, Schedule: policy.Schedule, Late: TellLate(o.Log)}), o.Log)
	a.use(r)
	a.opts.Config = nil // no longer needed, and large with thousands of instances
	return a, nil
}

// workerID returns an id that no other process ever has: a restarted process is another worker, because the old one's
// work in flight is lost.
func workerID(host string) string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), hex.EncodeToString(b))
}

// Start runs the worker. If it fails, it stops what it has started.
func (a *App) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
		}
	}()
	a.began(func(context.Context) error { a.pacer.Close(); a.photos.Close(); return nil })
	// A worker that cannot listen ends before others have seen it and its instances.
	if err := a.listen(ctx); err != nil {
		return err
	}
	if err := a.beat(ctx); err != nil {
		return err
	}
	// Webhooks start before anything can happen, and stop after everything else.
	if err := a.webhooks.Start(ctx); err != nil {
		return err
	}
	a.began(a.webhooks.Stop)
	if err := a.keeper.Start(ctx); err != nil {
		return err
	}
	a.began(func(context.Context) error { a.keeper.Stop(); return nil })
	a.serve()
	if err := a.tasks.Start(ctx); err != nil {
		return err
	}
	a.began(a.tasks.Drain)
	a.sweeper.Start(ctx)
	a.began(func(context.Context) error { a.sweeper.Stop(); return nil })
	a.jobs.Start(ctx)
	a.began(func(context.Context) error { a.jobs.Stop(); return nil })
	a.gather(ctx)
	a.began(a.leave)
	return nil
}

// began adds a function that stops a part which Start has begun.
func (a *App) began(undo func(context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.undo = append(a.undo, undo)
}

// Stop drains the worker: it takes no new work, and calls under way finish. If ctx ends first, the calls are left behind,
// each with its intent in the journal. Stop may be called more than once.
func (a *App) Stop(ctx context.Context) error {
	a.mu.Lock()
	undo := a.undo
	a.undo = nil
	a.mu.Unlock()
	var errs []error
	for _, stop := range slices.Backward(undo) {
		errs = append(errs, stop(ctx))
	}
	return errors.Join(errs...)
}

// Reload applies the instances and webhooks of a new configuration. The Redis settings do not change. On an error the
// old instances and webhooks stay.
func (a *App) Reload(ctx context.Context, cfg *config.Config) (err error) {
	r, err := a.rosterOf(cfg)
	if err != nil {
		return err
	}
	before := a.instances()
	a.use(r)
	defer func() {
		if err != nil {
			a.use(before)
		}
	}()
	// Another worker that still runs a withdrawn instance announces it again when it sees this worker's new heartbeat.
	if err := a.store.Presence.Withdraw(ctx, gone(before.names, r)...); err != nil {
		return err
	}
	if err := a.store.Presence.Beat(ctx, a.heartbeat()); err != nil {
		return err
	}
	if err := a.keeper.RefreshAll(ctx); err != nil {
		return err
	}
	if err := errors.Join(a.compare(ctx), a.announce(ctx)); err != nil {
		return err
	}
	a.gather(ctx)
	return a.webhooks.Reload(ctx, webhookSettings(cfg))
}

// gone returns the names in before that are not in the roster now.
func gone(before []string, now *roster) (names []string) {
	for _, name := range before {
		if _, stays := now.find(name); !stays {
			names = append(names, name)
		}
	}
	return names
}

// use gives the instances of a roster to all parts of the worker. The steps come first, because a task may arrive at
// once.
func (a *App) use(r *roster) {
	a.steps.SetInstances(a.working(r))
	a.keeper.Set(r.names, func(name string) provider.Provider { return a.client(r, name) })
	a.mu.Lock()
	a.roster = r
	a.mu.Unlock()
	a.tasks.Set(r.paced())
}

// instances returns the current roster.
func (a *App) instances() *roster {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.roster
}

// died counts a worker that died during a group's task. After the third death the group goes to review, and keep is
// false.
func (a *App) died(ctx context.Context, taskID string, since time.Time) (keep bool, err error) {
	g, at, err := a.store.Records.LoadNow(ctx, tasks.GroupOf(taskID))
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	g, err = a.store.Records.Amend(ctx, g, at, func(g *group.Group, now time.Time) error {
		g.WorkerDied(taskID, since, now)
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrIndexBehind) { // the death is counted even if the index is behind
		return false, err
	}
	a.opts.Log.Warn().EmbedObject(event.TaskTakenOver).Str("group", g.ID).Str("task", taskID).Int("deaths", g.Deaths).Msg("dead worker counted")
	return g.Status != group.Review, nil
}
