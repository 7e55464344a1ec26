package producercmd

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/status"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// planDocument is the answer of --dry-run: the summary, who would be asked, where, and until when.
type planDocument struct {
	enqueue.Plan
	DryRun bool       `json:"dryRun"`
	EtaAt  *time.Time `json:"etaAt"`
}

// runPlan shows what the rows would do. Nothing is written.
func runPlan(ctx context.Context, r *rooms, client *enqueue.Client, name string, rules enqueue.Rules, rows iter.Seq2[intake.Row, error], rep *report) error {
	progress := r.Progress("rows checked")
	plan, err := client.PlanBatch(ctx, name, rules, rows, func(res enqueue.Result) error {
		progress.Set(rep.step(res))
		return rep.add(res)
	})
	progress.Stop()
	if err != nil {
		return err
	}
	doc := planDocument{Plan: plan, DryRun: true}
	var wanted []status.Planned
	for _, place := range plan.Places {
		wanted = append(wanted, status.Planned{Target: place.Target, Priority: tasks.Normal, Groups: place.Groups})
	}
	end, err := r.status.PlanEnd(ctx, wanted, plan.People.Valid)
	if err != nil {
		return err
	}
	if !end.IsZero() {
		doc.EtaAt = &end
	}
	if err := printPlan(r, doc, rep); err != nil {
		return err
	}
	if plan.Invalid > 0 {
		return cli.Exit(cli.Partly, nil)
	}
	return nil
}

func printPlan(r *rooms, doc planDocument, rep *report) error {
	switch r.Format {
	case cli.JSON:
		return rep.document(doc)
	case cli.JSONL:
		return r.Line(doc)
	}
	p := r.Page()
	end := p.Time(doc.EtaAt)
	if end == "" && doc.Created > 0 {
		end = "nobody can say: no instance that could create these groups is ready"
	}
	p.Printf("dry run: nothing was written\n")
	p.Fields(
		"rows", strconv.Itoa(doc.Total), "would create", strconv.Itoa(doc.Created), "exist already", strconv.Itoa(doc.Existed),
		"invalid", strconv.Itoa(doc.Invalid), "people", strconv.Itoa(doc.People.Valid),
		"bad phones", strconv.Itoa(doc.People.Invalid), "suppressed", strconv.Itoa(doc.People.Suppressed), "would be done", end)
	var places [][]string
	for _, name := range slices.Sorted(maps.Keys(doc.Places)) {
		places = append(places, []string{name, strconv.Itoa(doc.Places[name].Groups)})
	}
	if len(places) > 0 {
		p.Printf("\n")
		p.Table([]string{"WHERE", "GROUPS"}, places)
	}
	if err := rep.table(p); err != nil {
		return err
	}
	return p.Flush()
}
