package enqueue_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/producer/enqueue/enqueuetest"
	"github.com/rollcallhq/rollcall/tasks"
)

// example gives an example its Redis. Your own program has a client of Redis already:
//
//	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
func example(run func(ctx context.Context, rdb redis.UniversalClient)) {
	tb := &bench{ctx: context.Background()}
	run(tb.ctx, enqueuetest.Redis(tb))
	for _, f := range slices.Backward(tb.cleanups) {
		f()
	}
}

// bench is the part of testing.TB that enqueuetest.Redis needs.
type bench struct {
	testing.TB

	ctx      context.Context
	cleanups []func()
}

func (*bench) Helper()                           {}
func (b *bench) Cleanup(f func())                { b.cleanups = append(b.cleanups, f) }
func (*bench) Fatalf(format string, args ...any) { log.Fatalf(format, args...) }

func Example() {
	example(func(ctx context.Context, rdb redis.UniversalClient) {
		client, err := enqueue.New(ctx, rdb, enqueue.Options{})
		if err != nil {
			log.Fatal(err)
		}
		ask := tasks.GroupRequest{
			GroupName: "Turma 12", Phones: []tasks.Phone{"5544999999999", "+55 (44) 98888-8888"}, IdempotencyKey: "deal-812",
		}
		for range 2 { // the second request finds the group of the first
			res, err := client.Create(ctx, ask, enqueue.Rules{})
			if err != nil {
				log.Fatal(err) // Redis failed: send the request again
			}
			fmt.Println(res.Outcome)
		}
	})
	// Output:
	// created
	// existed
}

func ExampleClient_CreateBatch() {
	example(func(ctx context.Context, rdb redis.UniversalClient) {
		client, err := enqueue.New(ctx, rdb, enqueue.Options{})
		if err != nil {
			log.Fatal(err)
		}
		classes := func(yield func(tasks.GroupRequest) bool) { // such as rows of a database
			for i := range 3 {
				r := tasks.GroupRequest{GroupName: fmt.Sprintf("Turma %d", i+1)}
				if i != 1 {
					r.Phones = []tasks.Phone{"+5544999999999"}
				}
				if !yield(r) {
					return
				}
			}
		}
		sum, err := client.CreateBatch(ctx, "november", enqueue.Rules{}, enqueue.Rows(classes), func(r enqueue.Result) error {
			if r.Outcome == enqueue.Invalid {
				fmt.Printf("row %d: %s\n", r.Row, r.Error.Code)
			}
			return nil
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d of %d created\n", sum.Created, sum.Total)
	})
	// Output:
	// row 2: noPhones
	// 2 of 3 created
}

func ExampleRead() {
	example(func(ctx context.Context, rdb redis.UniversalClient) {
		client, err := enqueue.New(ctx, rdb, enqueue.Options{})
		if err != nil {
			log.Fatal(err)
		}
		file := strings.NewReader("Nome do grupo;Telefone\nTurma 1;(44) 99999-9999\nTurma 1;(44) 98888-8888\n")
		rows := enqueue.Read(ctx, file, enqueue.ReadOptions{Region: "BR"})
		sum, err := client.CreateBatch(ctx, "cohort.csv", enqueue.Rules{Region: "BR"}, rows, func(enqueue.Result) error { return nil })
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sum.Created, "group of two people")
	})
	// Output: 1 group of two people
}

func ExampleClient_Watch() {
	example(func(ctx context.Context, rdb redis.UniversalClient) {
		client, err := enqueue.New(ctx, rdb, enqueue.Options{})
		if err != nil {
			log.Fatal(err)
		}
		res, err := client.Create(ctx, tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{"5544999999999"}}, enqueue.Rules{})
		if err != nil {
			log.Fatal(err)
		}
		for event, err := range client.Watch(ctx, res.ID) {
			if err != nil {
				log.Fatal(err) // Redis failed, or the context ended: watch again
			}
			fmt.Println(event.Group.Status)
			if event.Group.Status == enqueue.StatusQueued {
				if _, err := client.Cancel(ctx, res.ID); err != nil {
					log.Fatal(err)
				}
			}
		}
	})
	// Output:
	// queued
	// cancelled
}

func ExampleClient_List() {
	example(func(ctx context.Context, rdb redis.UniversalClient) {
		client, err := enqueue.New(ctx, rdb, enqueue.Options{})
		if err != nil {
			log.Fatal(err)
		}
		for _, name := range []string{"Turma 1", "Turma 2"} {
			if _, err := client.Create(ctx, tasks.GroupRequest{GroupName: name, Phones: []tasks.Phone{"5544999999999"}}, enqueue.Rules{}); err != nil {
				log.Fatal(err)
			}
		}
		for g, err := range client.List(ctx, enqueue.Filter{Statuses: []enqueue.Status{enqueue.StatusQueued}, OldestFirst: true}) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s waits for %s\n", g.GroupName, g.WaitingFor)
		}
	})
	// Output:
	// Turma 1 waits for a worker: no worker serves the pool default
	// Turma 2 waits for a worker: no worker serves the pool default
}
