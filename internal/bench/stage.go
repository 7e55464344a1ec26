package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator/instant"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// usualPace is the default pace of creates.
var usualPace = config.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}

// Request returns the n-th group of a measurement: ten people whom no other group has.
func Request(seed uint64, n int) tasks.GroupRequest {
	r := tasks.GroupRequest{GroupName: fmt.Sprintf("Turma %06d", n), Phones: make([]tasks.Phone, 10)}
	for p := range r.Phones {
		r.Phones[p] = tasks.Phone(fmt.Sprintf("+55119%08d", (uint64(n)*10+uint64(p)+seed*7919)%100_000_000)) //nolint:gosec // never negative
	}
	return r
}

// accept puts n groups onto the queue, each for the instance that of names; a nil of means the pool.
func accept(ctx context.Context, rdb redis.UniversalClient, seed uint64, n int, of func(i int) string) error {
	client, err := enqueue.New(ctx, rdb, enqueue.Options{})
	if err != nil {
		return err
	}
	rows := func(yield func(tasks.GroupRequest) bool) {
		for i := range n {
			r := Request(seed, i)
			if of != nil {
				r.Instance = of(i)
			}
			if !yield(r) {
				return
			}
		}
	}
	sum, err := client.CreateBatch(ctx, "bench", enqueue.Rules{}, enqueue.Rows(rows), func(enqueue.Result) error { return nil })
	if err == nil && sum.Created != n {
		err = fmt.Errorf("%d of %d rows were accepted", sum.Created, n)
	}
	return err
}

// configOf returns a worker's configuration: so many instances of a provider, and roll calls in the same step as
// the create.
func configOf(url string, instances int, pace config.Pace) *config.Config {
	cfg := config.Default()
	cfg.RollCall.Looks = []time.Duration{0}
	for i := range instances {
		in := config.Instance{
			Name: nameOf(i), Provider: instant.Provider, BaseURL: url, InstanceID: nameOf(i), Credentials: map[string]config.Secret{spec.TokenKey: config.NewSecret("T")},
			Pools: []string{tasks.DefaultPool}, InviteVia: config.ViaText, RateLimits: config.LimitsOff,
			Timeouts: config.Timeouts{Create: 30 * time.Second, Read: 30 * time.Second, Invite: 30 * time.Second},
		}
		in.Pacing.Create = pace
		cfg.Instances = append(cfg.Instances, in)
	}
	return cfg
}

func nameOf(i int) string { return fmt.Sprintf("i%03d", i) }

// work starts a worker; stop drains it.
func work(ctx context.Context, conn *redisconn.Conn, cfg *config.Config) (stop func() error, err error) {
	worker, err := app.New(ctx, app.Options{Config: cfg, Redis: conn, Log: zerolog.Nop()})
	if err != nil {
		return nil, err
	}
	if err := worker.Start(ctx); err != nil {
		return nil, err
	}
	return func() error { return worker.Stop(context.WithoutCancel(ctx)) }, nil
}

// errStuck says that a wait saw no progress for too long.
var errStuck = errors.New("no progress for too long")

// until waits until so many groups are done. It fails if none is done for a minute.
func until(ctx context.Context, rdb redis.UniversalClient, n int) error {
	return untilWithin(ctx, rdb, n, time.Minute)
}

// untilWithin works like until, with another timeout than a minute.
func untilWithin(ctx context.Context, rdb redis.UniversalClient, n int, timeout time.Duration) error {
	st, err := store.Open(ctx, rdb, store.Options{})
	if err != nil {
		return err
	}
	tick := time.NewTicker(timeout / 1200)
	defer tick.Stop()
	for deadline, last := time.Now().Add(timeout), 0; ; {
		done, err := doneOf(ctx, st)
		if err != nil {
			return err
		}
		if done >= n {
			return nil
		}
		if done > last {
			deadline, last = time.Now().Add(timeout), done
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w: %d of %d groups are done", errStuck, done, n)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// doneOf returns how many groups are done.
func doneOf(ctx context.Context, st *store.Store) (int, error) {
	groups, _, err := st.Index.Totals(ctx)
	return groups[group.Done], err
}
