package api

import (
	"context"
	"iter"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/status"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// Plan is what a batch would do: the answer of a dry run, without its rows.
type Plan struct {
	enqueue.Plan

	DryRun bool       `json:"dryRun"`
	EtaAt  *time.Time `json:"etaAt" doc:"When all of it would be over, behind what waits already. Null when nobody can say."`
}

func (p Plan) summary() enqueue.Summary { return p.Summary }

// Planned is a Plan with its rows.
type Planned struct {
	Plan

	Rows []enqueue.Result `json:"rows" doc:"The rows that would not be created; with allRows all of them."`
}

// plan reads the rows and says what they would do. Nothing is written.
func (b *batchRun) plan(ctx context.Context, input iter.Seq2[intake.Row, error]) (outcome, error) {
	p, err := b.api.Enqueue.PlanBatch(ctx, b.in.Name, b.rules, input, b.report.add)
	plan := Plan{Plan: p, DryRun: true}
	if err != nil {
		return plan, err
	}
	wanted := make([]status.Planned, 0, len(p.Places))
	for _, place := range p.Places {
		wanted = append(wanted, status.Planned{Target: place.Target, Priority: tasks.Normal, Groups: place.Groups})
	}
	end, err := b.api.Status.PlanEnd(ctx, wanted, p.People.Valid)
	if err != nil {
		return plan, err
	}
	if !end.IsZero() {
		end = end.UTC()
		plan.EtaAt = &end
	}
	return plan, nil
}
