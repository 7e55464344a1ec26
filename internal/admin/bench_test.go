package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// BenchmarkPage measures how long a browser waits for the overview, the lists and the search, with 100,000 groups
// of two people in a real Redis. It asserts no time.
func BenchmarkPage(b *testing.B) {
	const groups = 100_000
	r := setupOn(b, testutil.RealRedis(b).Client())
	r.announce("alpha", "beta")
	rows := func(yield func(enqueue.Row, error) bool) {
		for i := range groups {
			if !yield(enqueue.Row{N: i + 1, Request: tasks.GroupRequest{
				GroupName: fmt.Sprintf("Turma %d de %s", i, [...]string{"Química", "Física", "Inglês", "História"}[i%4]), ExternalRef: fmt.Sprintf("deal-%d", i),
				Phones: []tasks.Phone{tasks.Phone(fmt.Sprintf("+55449%08d", i)), tasks.Phone(fmt.Sprintf("+55449%08d", i+1))},
			}}, nil) {
				return
			}
		}
	}
	sum, err := r.enter.CreateBatch(context.Background(), "large", enqueue.Rules{}, rows, func(enqueue.Result) error { return nil })
	if err != nil || sum.Created != groups {
		b.Fatalf("creating the batch: got %+v, want %d created (%v)", sum, groups, err)
	}
	for range 200 { // some groups fail, so that /problems has errors to show
		failing, err := r.store.Index.Indexed(context.Background(), group.Queued, "", 1)
		if err != nil {
			b.Fatal(err)
		}
		r.refuse(failing[0], 401, "Unauthorized")
	}
	see := func(b *testing.B, path string) {
		for b.Loop() {
			if a := r.get(path); a.status != http.StatusOK {
				b.Fatalf("%s: got %d, want 200", path, a.status)
			}
		}
	}
	b.Run("overview", func(b *testing.B) { see(b, "/") })
	b.Run("groups", func(b *testing.B) { see(b, "/groups") })
	b.Run("history", func(b *testing.B) { see(b, "/history?days=90") })
	b.Run("problems", func(b *testing.B) { see(b, "/problems") })
	b.Run("batch", func(b *testing.B) { see(b, "/batches/"+sum.BatchID) })
	for name, typed := range map[string]string{
		"phone": "+55 44 9 0005-0000", "name": "turma 77777", "every name": "turma", "reference": "deal-99999", "unknown phone": "+5544988887777",
	} {
		b.Run("search by "+name, func(b *testing.B) {
			for b.Loop() {
				if a := r.get(r.post("/search", "q", typed).to()); a.status != http.StatusOK {
					b.Fatalf("the search for %q: got %d, want 200", typed, a.status)
				}
			}
		})
	}
}

// BenchmarkPageOfManyInstances measures the views that name instances, with 500 instances in a real Redis. It asserts
// no time.
func BenchmarkPageOfManyInstances(b *testing.B) {
	r := setupOn(b, testutil.RealRedis(b).Client())
	r.crowd(500)
	for name, path := range map[string]string{"overview": "/", "instances": "/instances", "one state": "/instances?state=disconnected", "groups": "/groups", "problems": "/problems"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if a := r.get(path); a.status != http.StatusOK {
					b.Fatalf("%s: got %d, want 200", path, a.status)
				}
			}
		})
	}
}
