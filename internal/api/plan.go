package api

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/numbers"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// Plan is what a batch would do: the answer of a dry run, without its rows.
type Plan struct {
	enqueue.Plan

	DryRun     bool           `json:"dryRun"`
	Instances  map[string]int `json:"instances" doc:"The groups that each instance would create, if nothing goes wrong."`
	EtaAt      *time.Time     `json:"etaAt" doc:"When all of it would be over, behind what waits already. Null when nobody can say."`
	Bottleneck say.Phrase     `json:"bottleneck" doc:"What it would take so long for, in a sentence, and what more instances would change."`
}

func (p Plan) summary() enqueue.Summary { return p.Summary }

// Planned is a Plan with its rows.
type Planned struct {
	Plan

	Rows []enqueue.Result `json:"rows" doc:"The rows that would not be created, or not with all of their people; with allRows all rows."`
}

// plan reads the rows and says what they would do. Nothing is written.
func (b *batchRun) plan(ctx context.Context, input iter.Seq2[enqueue.Row, error]) (outcome, error) {
	var check enqueue.NumberCheck
	if b.in.CheckNumbers {
		check = b.checkNumbers
	}
	p, err := b.api.Enqueue.PlanBatch(ctx, b.in.Name, b.rules, input, b.report.add, check)
	if b.photos != nil {
		for _, f := range b.photos.Faults() {
			b.warnings = append(b.warnings, enqueue.Warning{Code: intake.WarnPoolPhoto, Rows: f.Rows, Message: f.Message()})
		}
	}
	p.Warnings = slices.Concat(b.warnings, p.Warnings)
	plan := Plan{Plan: p, DryRun: true}
	if err != nil {
		return plan, err
	}
	var wanted []view.Planned
	for _, place := range p.Places {
		for priority, n := range place.Priorities {
			wanted = append(wanted, view.Planned{Target: place.Target, Priority: priority, Groups: n, NotBefore: place.NotBefore})
		}
	}
	prospect, err := b.api.shown(ctx).Plan(ctx, wanted, p.Pending)
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

// checkNumbers asks who is on WhatsApp. That its instances cannot answer is not this server's fault.
func (b *batchRun) checkNumbers(ctx context.Context, target tasks.Target, people []string) (map[string]enqueue.NumberAnswer, error) {
	found, err := b.api.CheckNumbers(ctx, target, people)
	if errors.Is(err, numbers.ErrNoAnswer) {
		p := unavailable("No instance could say who is on WhatsApp. Try again when one is connected, or leave checkNumbers out.")
		p.cause = err
		return nil, p
	}
	return found, err
}
