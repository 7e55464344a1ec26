package producercmd

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/rollcallhq/rollcall/internal/admission"
	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// runPlan shows what the rows would do. It writes nothing but the answers of number checks.
func runPlan(ctx context.Context, r *rooms, client *enqueue.Client, name string, rules enqueue.Rules, rows iter.Seq2[enqueue.Row, error], rep *report) error {
	var check enqueue.NumberCheck
	if rep.o.CheckNumbers {
		checker, err := r.numberCheck()
		if err != nil {
			return err
		}
		check = checker
	}
	progress := r.Progress("rows checked")
	plan, err := client.PlanBatch(ctx, name, rules, rows, func(res enqueue.Result) error {
		progress.Set(rep.step(res))
		return rep.add(res)
	}, check)
	progress.Stop()
	plan.Warnings = rep.o.input.Warned(plan.Warnings)
	if err != nil {
		return err
	}
	doc, err := admission.Foresee(ctx, r.status, plan)
	if err != nil {
		return err
	}
	if err := printPlan(r, doc, rep); err != nil {
		return err
	}
	if plan.Invalid > 0 {
		return cli.Exit(cli.Partly, nil)
	}
	return nil
}

// numberCheck checks numbers through the instances of this process's configuration.
func (r *rooms) numberCheck() (enqueue.NumberCheck, error) {
	if len(r.config.Instances) == 0 {
		return nil, cli.Usage("--check-numbers asks through your own instances, and the configuration has none; give --config the workers' file")
	}
	checker, err := app.NumberChecker(r.config, r.store, r.pacer)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, target tasks.Target, numbers []string) (map[string]enqueue.NumberAnswer, error) {
		found, err := checker.Check(ctx, target, numbers)
		answers := make(map[string]enqueue.NumberAnswer, len(found))
		for number, c := range found {
			answers[number] = enqueue.NumberAnswer{OnWhatsApp: c.Exists, RememberedSince: c.At}
		}
		return answers, err
	}, nil
}

func printPlan(r *rooms, doc admission.Plan, rep *report) error {
	switch r.Format {
	case cli.JSON:
		return rep.document(doc)
	case cli.JSONL:
		return r.Line(doc)
	}
	p := r.Page()
	end := doneText(p, doc.EtaAt, doc.Created == 0)
	p.Printf("dry run: nothing was written\n")
	p.Fields(
		"rows", strconv.Itoa(doc.Total), "would create", strconv.Itoa(doc.Created), "exist already", strconv.Itoa(doc.Existed),
		"would be updated", rep.updatedText(doc.Updated),
		"invalid", strconv.Itoa(doc.Invalid), "people", peopleText(doc.People.Total, doc.People.Unusable, doc.People.ByCountry), "given twice", strconv.Itoa(doc.People.Duplicate),
		"suppressed", strconv.Itoa(doc.People.Suppressed), "on WhatsApp", numbersText(p, doc.People.Numbers),
		"would be done", end, "because of", doc.Bottleneck.String())
	warningsText(p, doc.Warnings)
	var places [][]string
	for _, name := range slices.Sorted(maps.Keys(doc.Places)) {
		places = append(places, []string{name, strconv.Itoa(doc.Places[name].Groups)})
	}
	if len(places) > 0 {
		p.Printf("\n")
		p.Table([]string{"WHERE", "GROUPS"}, places)
	}
	var shares [][]string
	for _, name := range slices.Sorted(maps.Keys(doc.Instances)) {
		shares = append(shares, []string{name, strconv.Itoa(doc.Instances[name])})
	}
	if len(shares) > 0 {
		p.Printf("\n")
		p.Table([]string{"INSTANCE", "WOULD CREATE"}, shares)
	}
	if err := rep.table(p); err != nil {
		return err
	}
	return p.Flush()
}

// updatedText returns how many rows an update would take over; "" without --update.
func (rep *report) updatedText(n int) string {
	if !rep.o.Update {
		return ""
	}
	return strconv.Itoa(n)
}

// numbersText returns how many people are on WhatsApp; "" if that was not checked.
func numbersText(p *cli.Page, n *enqueue.Numbers) string {
	if n == nil {
		return ""
	}
	text := fmt.Sprintf("%d, %d not", n.OnWhatsApp, n.NotOnWhatsApp)
	if n.Unknown > 0 {
		text += fmt.Sprintf(", %d unknown", n.Unknown)
	}
	if n.Remembered > 0 {
		text += fmt.Sprintf(" (%d remembered, since %s)", n.Remembered, p.Time(n.RememberedSince))
	}
	return text
}
