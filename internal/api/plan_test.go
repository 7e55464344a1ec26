package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/admission"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/numbers"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const twoPeople = `[{"groupName": "A", "phones": ["+5544999999991", "+5544999999992"]}]`

func TestCreateBatch_DryRunChecksNumbers(t *testing.T) {
	t.Parallel()
	r := setup(t, func(c *api.Config) {
		c.CheckNumbers = func(_ context.Context, _ tasks.Target, numbers []string) (map[string]enqueue.NumberAnswer, error) {
			answers := map[string]enqueue.NumberAnswer{}
			for _, n := range numbers {
				answers[n] = enqueue.NumberAnswer{OnWhatsApp: strings.HasSuffix(n, "1")}
			}
			return answers, nil
		}
	})
	r.announce("alpha", "beta")
	var plan admission.Plan
	r.do("POST", "/v1/batches?dryRun=true&checkNumbers=true", twoPeople).json(t, &plan)
	if n := plan.People.Numbers; n == nil || n.OnWhatsApp != 1 || n.NotOnWhatsApp != 1 {
		t.Errorf("got the numbers %+v, want 1 on WhatsApp and 1 not", n)
	}
	if plan.Bottleneck.Zero() || plan.Instances["alpha"]+plan.Instances["beta"] != 1 {
		t.Errorf("got the bottleneck %q and instances %v, want a bottleneck and 1 group", plan.Bottleneck, plan.Instances)
	}
	r.do("POST", "/v1/batches?dryRun=true", twoPeople).json(t, &plan)
	r.do("POST", "/v1/batches?checkNumbers=true", twoPeople).problem(t, 422)
}

func TestCreateBatch_SaysWhyItCannotCheckNumbers(t *testing.T) {
	t.Parallel()
	p := setup(t).do("POST", "/v1/batches?dryRun=true&checkNumbers=true", twoPeople).problem(t, 422)
	if len(p.Errors) != 1 || !strings.Contains(p.Errors[0].Message, "no instances to ask through") {
		t.Errorf("got %+v, want one error: no instances to ask through", p)
	}
	r := setup(t, func(c *api.Config) {
		c.CheckNumbers = func(context.Context, tasks.Target, []string) (map[string]enqueue.NumberAnswer, error) {
			return nil, fmt.Errorf("%w: alpha: it is logged out", numbers.ErrNoAnswer)
		}
	})
	r.do("POST", "/v1/batches?dryRun=true&checkNumbers=true", twoPeople).problem(t, 503)
}
