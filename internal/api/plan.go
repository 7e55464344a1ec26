package api

import (
	"context"
	"errors"
	"iter"

	"github.com/rollcallhq/rollcall/internal/admission"
	"github.com/rollcallhq/rollcall/internal/numbers"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

type foreseen struct{ admission.Plan }

func (p foreseen) summary() enqueue.Summary { return p.Summary }

// Planned is the answer of a dry run: a plan with its rows.
type Planned struct {
	admission.Plan

	Rows []enqueue.Result `json:"rows" doc:"The rows that would not be created, or not with all of their people; with allRows all rows."`
}

// plan reads the rows and says what they would do. Nothing is written.
func (b *batchRun) plan(ctx context.Context, input iter.Seq2[enqueue.Row, error]) (outcome, error) {
	var check enqueue.NumberCheck
	if b.in.CheckNumbers {
		check = b.checkNumbers
	}
	p, err := b.api.Enqueue.PlanBatch(ctx, b.in.Name, b.rules, input, b.report.add, check)
	p.Warnings = b.input.Warned(p.Warnings)
	if err != nil {
		return foreseen{admission.Plan{Plan: p, DryRun: true}}, err
	}
	plan, err := admission.Foresee(ctx, b.api.shown(ctx), p)
	return foreseen{plan}, err
}

// checkNumbers asks who is on WhatsApp. If its instances cannot answer, that is not an error of this server.
func (b *batchRun) checkNumbers(ctx context.Context, target tasks.Target, people []string) (map[string]enqueue.NumberAnswer, error) {
	found, err := b.api.CheckNumbers(ctx, target, people)
	if errors.Is(err, numbers.ErrNoAnswer) {
		p := unavailable("No instance could say who is on WhatsApp. Try again when one is connected, or leave checkNumbers out.")
		p.cause = err
		return nil, p
	}
	return found, err
}
