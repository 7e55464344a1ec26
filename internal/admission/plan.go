package admission

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// Plan is the result of a dry run without its rows: what an input would do, and when it would end.
type Plan struct {
	enqueue.Plan

	DryRun     bool           `json:"dryRun"`
	Instances  map[string]int `json:"instances" doc:"The groups that each instance would create, if nothing goes wrong."`
	EtaAt      *time.Time     `json:"etaAt" doc:"The estimated end of all these groups, after those that wait already. Null without an estimate."`
	Bottleneck say.Phrase     `json:"bottleneck" doc:"Why it would take so long, in a sentence, and what more instances would change."`
}

// Foresee adds the estimated end to a plan, from the state that the reader returns.
func Foresee(ctx context.Context, reader *view.Reader, p enqueue.Plan) (Plan, error) {
	plan := Plan{Plan: p, DryRun: true}
	var wanted []view.Planned
	for _, place := range p.Places {
		for priority, n := range place.Priorities {
			wanted = append(wanted, view.Planned{Target: place.Target, Priority: priority, Groups: n, NotBefore: place.NotBefore})
		}
	}
	prospect, err := reader.Plan(ctx, wanted, p.Pending)
	if err != nil {
		return plan, err
	}
	plan.Instances, plan.Bottleneck = prospect.Instances, prospect.Bottleneck
	if !prospect.EtaAt.IsZero() {
		end := prospect.EtaAt.UTC()
		plan.EtaAt = &end
	}
	return plan, nil
}
