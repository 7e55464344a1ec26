package numbers_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/numbers"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// network is a provider that answers Traits and CheckPhones only, and keeps the addresses it is asked about.
type network struct {
	provider.Provider

	name  string
	fails bool
	asked []string
}

func (n *network) Traits() provider.Traits { return provider.Traits{Name: n.name} }

func (n *network) CheckPhones(_ context.Context, addresses []string) (map[string]provider.Checked, error) {
	n.asked = append(n.asked, addresses...)
	if n.fails {
		return nil, &provider.Error{Text: "it is logged out"}
	}
	answers := map[string]provider.Checked{}
	for _, a := range addresses {
		if !strings.HasSuffix(a, "9") { // there is no answer about these
			answers[a] = provider.Checked{Exists: strings.HasSuffix(a, "1")}
		}
	}
	return answers, nil
}

func open(t *testing.T) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), testutil.Redis(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestChecker_ANumberIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	alpha, beta := &network{name: "zapi"}, &network{name: "greenapi"}
	c := numbers.New(open(t).People, numbers.Instance{Name: "alpha", Provider: alpha}, numbers.Instance{Name: "beta", Provider: beta})
	for round := range 2 {
		got, err := c.Check(t.Context(), tasks.Target{Instance: "beta"}, []string{"5511999990001", "5511999990002"})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || !got["5511999990001"].Exists || got["5511999990002"].Exists {
			t.Errorf("got %v, want the first number alone on WhatsApp", got)
		}
		for number, a := range got {
			if remembered := !a.At.IsZero(); remembered != (round == 1) {
				t.Errorf("round %d: the answer of %s is from %v, want a remembered one in round 1 only", round, number, a.At)
			}
		}
	}
	if len(alpha.asked) != 0 || len(beta.asked) != 2 {
		t.Errorf("alpha was asked %v, beta %v; want beta about each once", alpha.asked, beta.asked)
	}
}

// ended answers, and the caller has gone meanwhile.
type ended struct {
	network

	end context.CancelFunc
}

func (e *ended) CheckPhones(ctx context.Context, addresses []string) (map[string]provider.Checked, error) {
	e.end()
	answers, _ := e.network.CheckPhones(ctx, addresses[:1])
	return answers, &provider.Error{Class: provider.Unknown, Err: ctx.Err()}
}

func TestChecker_AnAnswerIsRememberedWhenTheCallerHasGone(t *testing.T) {
	t.Parallel()
	st := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := numbers.New(st.People, numbers.Instance{Name: "alpha", Provider: &ended{network{name: "greenapi"}, cancel}})
	asked := []string{"5511999990001", "5511999990002"}
	if _, err := c.Check(ctx, tasks.Target{}, asked); err == nil {
		t.Error("got no error, want that of the context")
	}
	known, err := st.People.RecallChecks(t.Context(), "greenapi", asked)
	if err != nil || len(known) != 1 || !known[asked[0]].Exists {
		t.Errorf("remembered are %v, %v; want the one answer: it may have cost quota", known, err)
	}
}

func TestChecker_AsksAnotherInstanceWhenTheFirstCannotAnswer(t *testing.T) {
	t.Parallel()
	alpha, beta := &network{name: "zapi", fails: true}, &network{name: "zapi"}
	c := numbers.New(open(t).People,
		numbers.Instance{Name: "beta", Provider: beta}, numbers.Instance{Name: "alpha", Pools: []string{"sales"}, Provider: alpha})
	got, err := c.Check(t.Context(), tasks.Target{Pool: "sales"}, []string{"5511999990001", "5511999990009"})
	if err != nil || len(got) != 1 || !got["5511999990001"].Exists {
		t.Errorf("got %v, %v, want beta's one answer", got, err)
	}
	if !slices.Contains(alpha.asked, "5511999990001") {
		t.Error("the pool's own instance was not asked")
	}
	beta.fails = true
	if _, err := c.Check(t.Context(), tasks.Target{Pool: "sales"}, []string{"5511999990003"}); err == nil || !strings.Contains(err.Error(), "alpha: it is logged out") {
		t.Errorf("got the error %v, want both instances' reasons", err)
	}
}
