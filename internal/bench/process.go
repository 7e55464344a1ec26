package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
)

// fewInstances is how many instances a measurement has unless it needs more.
const fewInstances = 4

func processRow(ctx context.Context, o Options) (Row, error) {
	bare, ours, err := Process(ctx, o.Redis, o.Seed, fewInstances, o.scaled(2000, 100))
	row := versus(ours, bare)
	row.Unit, row.Against, row.Least, row.Aim = "groups/s", "bare asynq with a handler that makes the same three HTTP calls, concurrency 4", "0.5", "0.8"
	return row, err
}

// manyInstances is how many instances keep a worker busy, so that it does not wait for asynq's poll.
const manyInstances = 500

// costRow compares processor time, which other work on the machine changes less than a rate.
func costRow(ctx context.Context, o Options) (Row, error) {
	bare, ours, err := Process(ctx, o.Redis, o.Seed, manyInstances, o.scaled(4000, 100))
	return Row{
		Unit: "µs of processor time a group", Ours: ours.CPU, Baseline: bare.CPU, Ratio: bare.CPU / ours.CPU,
		Against: "bare asynq with a handler that makes the same three HTTP calls, concurrency 500", Least: "0.33", Aim: "0.5",
		Detail: []Measurement{
			{"Redis' part", ours.Redis, "µs"},
			{"the baseline's", bare.Redis, "µs"},
			{"Redis commands a group", ours.Commands, ""},
			{"the baseline's", bare.Commands, ""},
			{"rate", ours.Rate, "groups/s"},
			{"the baseline's", bare.Rate, "groups/s"},
		},
	}, err
}

// Process runs n groups of ten people through a worker with unpaced instances: number check, create, roll
// call; before that bare asynq makes the same three calls with the same concurrency.
func Process(ctx context.Context, conn *redisconn.Conn, seed uint64, instances, n int) (bare, ours Side, err error) {
	provider, err := newStand()
	if err != nil {
		return bare, ours, err
	}
	defer provider.Close()
	if bare, err = processBare(ctx, conn.Client(), provider.URL, seed, instances, n); err != nil {
		return bare, ours, err
	}
	if err := clean(ctx, conn.Client()); err != nil {
		return bare, ours, err
	}
	ours, err = processOurs(ctx, conn, provider.URL, seed, instances, n)
	return bare, ours, err
}

// processOurs queues groups and measures n of them through a worker.
func processOurs(ctx context.Context, conn *redisconn.Conn, url string, seed uint64, instances, n int) (Side, error) {
	if err := accept(ctx, conn.Client(), seed, instances+n, nil); err != nil {
		return Side{}, err
	}
	return processNext(ctx, conn, url, instances, n)
}

// processNext measures n queued groups through a worker. One group of each instance comes before them and is not
// measured.
func processNext(ctx context.Context, conn *redisconn.Conn, url string, instances, n int) (Side, error) {
	// Redis rewriting its log takes one of two cores, and is not part of what a group costs.
	if err := waitForZero(ctx, conn.Client(), "persistence", "aof_rewrite_in_progress"); err != nil {
		return Side{}, err
	}
	st, err := store.Open(ctx, conn.Client(), store.Options{})
	if err != nil {
		return Side{}, err
	}
	done, err := doneOf(ctx, st)
	if err != nil {
		return Side{}, err
	}
	stop, err := work(ctx, conn, configOf(url, instances, config.Pace{}))
	if err != nil {
		return Side{}, err
	}
	var s Side
	if err = until(ctx, conn.Client(), done+instances); err == nil {
		s, err = side(ctx, conn.Client(), n, func() error { return until(ctx, conn.Client(), done+instances+n) })
	}
	return s, errors.Join(err, stop())
}

func processBare(ctx context.Context, rdb redis.UniversalClient, url string, seed uint64, concurrency, n int) (Side, error) {
	client := asynq.NewClientFromRedisClient(rdb)
	for i := range n {
		payload, err := json.Marshal(Request(seed, i))
		if err != nil {
			return Side{}, err
		}
		if _, err := client.EnqueueContext(ctx, asynq.NewTask("group:create", payload)); err != nil {
			return Side{}, err
		}
	}
	kept := &http.Transport{MaxIdleConnsPerHost: concurrency}
	defer kept.CloseIdleConnections()
	web := &http.Client{Transport: kept, Timeout: time.Minute}
	call := func(ctx context.Context, method, path, body string) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, method, url+"/instances/I/token/T/"+path, strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		res, err := web.Do(r)
		if err != nil {
			return nil, err
		}
		defer func() { _ = res.Body.Close() }()
		return io.ReadAll(res.Body)
	}
	var left sync.WaitGroup
	left.Add(n)
	srv := asynq.NewServerFromRedisClient(rdb, asynq.Config{Concurrency: concurrency, LogLevel: asynq.FatalLevel})
	s, err := side(ctx, rdb, n, func() error {
		err := srv.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
			var q struct{ Phones []string }
			if err := json.Unmarshal(t.Payload(), &q); err != nil {
				return err
			}
			people, err := json.Marshal(q.Phones)
			if err != nil {
				return err
			}
			body := fmt.Sprintf(`{"phones":%s}`, strings.ReplaceAll(string(people), "+", ""))
			if _, err := call(ctx, http.MethodPost, "phone-exists-batch", body); err != nil {
				return err
			}
			answer, err := call(ctx, http.MethodPost, "create-group", body)
			if err != nil {
				return err
			}
			var made struct{ Phone string }
			if err := json.Unmarshal(answer, &made); err != nil {
				return err
			}
			if _, err := call(ctx, http.MethodGet, "light-group-metadata/"+made.Phone, ""); err != nil {
				return err
			}
			left.Done()
			return nil
		}))
		if err != nil {
			return err
		}
		done := make(chan struct{})
		go func() { left.Wait(); close(done) }()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	srv.Shutdown() // not timed, as ending our worker is not: it takes asynq most of a second
	return s, err
}
