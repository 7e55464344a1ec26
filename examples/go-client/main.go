// Go-client requests the groups of a spreadsheet from a Go program, waits until they have ended, and
// prints the result of each. Without a spreadsheet it requests one group. It uses only public names, so
// you can copy it.
//
//	go run ./examples/go-client -redis redis://127.0.0.1:6379/0 examples/turmas.csv
//
// Without -redis it uses the Redis of a `rollcall-worker dev` on this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("go-client", flag.ContinueOnError)
	url := flags.String("redis", os.Getenv("ROLLCALL_REDIS_URL"), "the Redis that the workers use; without it, that of a rollcall-worker dev on this machine")
	region := flags.String("region", "BR", "the country of phones without a country code")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 1 {
		return errors.New("name one spreadsheet, or none to ask for a single group")
	}
	options, err := redisOf(ctx, *url)
	if err != nil {
		return err
	}
	rdb := redis.NewClient(options)
	defer func() { _ = rdb.Close() }()
	if flags.NArg() == 0 {
		res, err := one(ctx, rdb)
		_, _ = fmt.Fprintln(out, res.Outcome, res.ID)
		return err
	}
	return onboard(ctx, out, rdb, flags.Arg(0), *region)
}

// redisOf parses an address, or finds the Redis of a `rollcall-worker dev`.
func redisOf(ctx context.Context, url string) (*redis.Options, error) {
	if url != "" {
		options, err := redis.ParseURL(url)
		if err != nil { // the error repeats the address, with its password
			return nil, errors.New("the address of Redis cannot be read: write redis://user:password@host:port/db, with / ? # @ and % of the password as %2F %3F %23 %40 %25")
		}
		return options, nil
	}
	options, err := enqueue.DevRedis(ctx)
	if errors.Is(err, enqueue.ErrNoDev) {
		return nil, errors.New("no `rollcall-worker dev` runs here: start one, or name a Redis, for example -redis redis://127.0.0.1:6379/0")
	}
	return options, err
}

// onboard is what a CRM would do with its own Redis client.
func onboard(ctx context.Context, out io.Writer, rdb redis.UniversalClient, path, region string) error {
	c, err := enqueue.New(ctx, rdb, enqueue.Options{})
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()

	rows := enqueue.Read(ctx, file, enqueue.ReadOptions{Name: path, Region: region})
	sum, err := c.CreateBatch(ctx, filepath.Base(path), enqueue.Rules{Region: region}, rows, func(r enqueue.Result) error {
		if r.Outcome == enqueue.Invalid {
			_, _ = fmt.Fprintf(out, "row %d: %s\n", r.Row, r.Error.Message)
		}
		return nil
	})
	if err != nil {
		return err // every reported row is accepted; running the same file again adds only the missing ones
	}
	_, _ = fmt.Fprintf(out, "groups asked for: %d, asked for before: %d, invalid rows: %d\n", sum.Created, sum.Existed, sum.Invalid)

	for event, err := range c.Watch(ctx, sum.BatchID) {
		switch {
		case err != nil:
			return err
		case event.Group != nil:
			_, _ = fmt.Fprintf(out, "%s is %s\n", event.Group.GroupName, event.Group.Status)
		case event.Batch.EtaAt != nil:
			_, _ = fmt.Fprintf(out, "done about %s\n", event.Batch.EtaAt.Local().Format("2 January, 15:04 MST"))
		}
	}
	if sum.Invalid > 0 {
		return fmt.Errorf("%d of %d rows were not accepted; correct them and run the file again", sum.Invalid, sum.Total)
	}
	return nil
}

// one requests a single group. With the key, a second request changes nothing.
func one(ctx context.Context, rdb redis.UniversalClient) (enqueue.Result, error) {
	c, err := enqueue.New(ctx, rdb, enqueue.Options{})
	if err != nil {
		return enqueue.Result{}, err
	}
	return c.Create(ctx, tasks.GroupRequest{
		GroupName:      "Turma 13",
		Phones:         []tasks.Phone{"5544999999999", "+55 (44) 98888-8888"},
		IdempotencyKey: "deal-813",
	}, enqueue.Rules{})
}
