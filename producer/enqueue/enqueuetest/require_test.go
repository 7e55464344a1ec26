package enqueuetest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/producer/enqueue/enqueuetest"
	"github.com/rollcallhq/rollcall/tasks"
)

func ask(t *testing.T, rdb redis.UniversalClient, requests ...tasks.GroupRequest) {
	t.Helper()
	c, err := enqueue.New(t.Context(), rdb, enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		if res, err := c.Create(t.Context(), r, enqueue.Rules{}); err != nil || res.Outcome != enqueue.Created {
			t.Fatalf("create: got %+v, %v, want a created group", res, err)
		}
	}
}

// refused runs an assertion that must fail, and returns its message.
func refused(t *testing.T, assertion func(tb testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // Fatalf ends its goroutine
		defer close(done)
		assertion(r)
	}()
	<-done
	if r.said == "" {
		t.Error("the assertion held, want it to fail")
	}
	return r.said
}

// recorder keeps the message of the first Fatalf.
type recorder struct {
	testing.TB

	said string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestRequireAccepted_FindsAGroupByTheGivenFields(t *testing.T) {
	t.Parallel()
	rdb := enqueuetest.Redis(t)
	ask(t, rdb,
		tasks.GroupRequest{GroupName: "One", Phones: []tasks.Phone{"+5544999999991", "5544999999992"}, Priority: tasks.High},
		tasks.GroupRequest{GroupName: "Two", Phones: []tasks.Phone{"+5544999999992"}, ExternalRef: "deal-2"},
	)
	g := enqueuetest.RequireAccepted(t, rdb, enqueuetest.Want{Phones: []string{"5544 99999-9992", "+5544999999991"}, Priority: "high"})
	if g.GroupName != "One" {
		t.Errorf("got the group %q, want One", g.GroupName)
	}
	enqueuetest.RequireNotAccepted(t, rdb, enqueuetest.Want{GroupName: "Two", Instance: "alpha"})
	enqueuetest.RequireManyAccepted(t, rdb, enqueuetest.Want{GroupName: "One"}, enqueuetest.Want{ExternalRef: "deal-2"})
}

func TestRequireAccepted_APersonIsFoundByTheNumberAndByWhatWasTyped(t *testing.T) {
	t.Parallel()
	rdb := enqueuetest.Redis(t)
	c, err := enqueue.New(t.Context(), rdb, enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create(t.Context(), tasks.GroupRequest{GroupName: "One", Phones: []tasks.Phone{"(61) 98877-1122", "lost"}}, enqueue.Rules{Region: "BR"}); err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []string{"+5561988771122", "55 61 98877 1122", "(61) 98877-1122"} {
		enqueuetest.RequireAccepted(t, rdb, enqueuetest.Want{Phones: []string{spelling, "lost"}})
	}
	enqueuetest.RequireNotAccepted(t, rdb, enqueuetest.Want{Phones: []string{"+5561988771123", "lost"}})
}

func TestRequire_AFailureShowsNoNumber(t *testing.T) {
	t.Parallel()
	rdb := enqueuetest.Redis(t)
	ask(t, rdb, tasks.GroupRequest{GroupName: "One", Phones: []tasks.Phone{"+5544999999991"}})
	for name, assertion := range map[string]func(tb testing.TB){
		"RequireAccepted": func(tb testing.TB) {
			enqueuetest.RequireAccepted(tb, rdb, enqueuetest.Want{GroupName: "One", Phones: []string{"+5544999999992"}})
		},
		"RequireNotAccepted": func(tb testing.TB) {
			enqueuetest.RequireNotAccepted(tb, rdb, enqueuetest.Want{GroupName: "One", Phones: []string{"+5544999999991"}})
		},
		"RequireManyAccepted": func(tb testing.TB) {
			enqueuetest.RequireManyAccepted(tb, rdb, enqueuetest.Want{GroupName: "One"}, enqueuetest.Want{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said := refused(t, assertion)
			if strings.Contains(said, "4499999999") {
				t.Errorf("it shows a number: %s", said)
			}
		})
	}
}
