package producercmd

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/store"
)

type auditOptions struct {
	Filter       store.AuditFilter
	Refusals     bool
	Since, Until string
	Limit        int
	Cursor       string
}

func newAuditCommand(p *program) *cobra.Command {
	var o auditOptions
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Show who did what, newest first",
		Long: `Show what people did or tried through the API, the page and the command line, newest first: who, from
where, on what, and with what result; also who was shown telephone numbers. The
steps of workers stand with each group ("status ID").

No entry holds a telephone number or a secret: people are named by the hash that the suppression list
has. The latest 100,000 entries are kept, for audit_retention at most.

Requests that were refused because of a missing or wrong key, too small a role, a foreign origin or a
wrong webhook secret are kept apart: --refusals shows them, gathered by source, reason and minute.

Actions: ` + actionsText() + `.
Results: ` + joined(audit.Results) + `.`,
		Example: `rollcall-producer audit --since 24h
rollcall-producer audit --subject grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10
rollcall-producer audit --action 'group.*' --result refused --output jsonl
rollcall-producer audit --action phones.see --actor crm
rollcall-producer audit --refusals --since 1h`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(p); err != nil {
				return err
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runAudit(ctx, r, o) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Filter.Actor, "actor", "", "only what this `KEY`, or user of a machine, did")
	f.StringVar(&o.Filter.Action, "action", "", "only this `ACTION`, or a pattern as 'group.*'")
	f.StringVar(&o.Filter.Subject, "subject", "", "only what concerned this `ID`: a group, batch, instance, event or webhook")
	f.StringVar(&o.Filter.Through, "through", "", "only what came in by this `DOOR`: api, page, cli or mcp; hooks with --refusals")
	f.StringVar(&o.Filter.Result, "result", "", "only what ended with this `RESULT`")
	f.BoolVar(&o.Refusals, "refusals", false, "show refused requests instead; --actor, --through, --since and --until filter them")
	f.StringVar(&o.Since, "since", "", "only from this `TIME` on: as 2026-12-01T08:00:00Z, or how long ago, as 24h")
	f.StringVar(&o.Until, "until", "", "only before this `TIME`")
	f.IntVar(&o.Limit, "limit", 50, "the most entries to show, up to 500")
	f.StringVar(&o.Cursor, "cursor", "", "go on where the page that gave out this `CURSOR` ended")
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when nothing matches")...)
}

// actionsText lists the actions, a kind a line.
func actionsText() string {
	var b strings.Builder
	kind := ""
	for i, a := range audit.Actions {
		k, _, _ := strings.Cut(string(a), ".")
		switch {
		case i == 0:
		case k != kind:
			b.WriteString(",\n  ")
		default:
			b.WriteString(", ")
		}
		kind = k
		b.WriteString(string(a))
	}
	return b.String()
}

func (o *auditOptions) check(p *program) error {
	var err error
	if o.Filter.Since, err = timeOf("--since", o.Since, p.Now()); err != nil {
		return err
	}
	if o.Filter.Until, err = timeOf("--until", o.Until, p.Now()); err != nil {
		return err
	}
	doors := audit.Doors
	if o.Refusals {
		doors = []audit.Through{audit.API, audit.Page, audit.Hooks}
	}
	switch {
	case o.Limit < 1 || o.Limit > maxListed:
		return cli.Usage("--limit is 1 to %d, not %d; use --cursor for the next page", maxListed, o.Limit)
	case o.Refusals && o.Filter.Action+o.Filter.Subject+o.Filter.Result != "":
		return cli.Usage("--refusals does not go with --action, --subject and --result; filter by --actor, --through, --since and --until")
	case o.Filter.Action != "" && !audit.Names(o.Filter.Action):
		return cli.Usage("--action: there is no action %q; they are %s", o.Filter.Action, joined(audit.Actions))
	case o.Filter.Through != "" && !slices.Contains(doors, audit.Through(o.Filter.Through)):
		return cli.Usage("--through is %s, not %q", joined(doors), o.Filter.Through)
	case o.Filter.Result != "" && !slices.Contains(audit.Results, audit.Result(o.Filter.Result)):
		return cli.Usage("--result is %s, not %q", joined(audit.Results), o.Filter.Result)
	}
	return nil
}

func runRefusals(ctx context.Context, r *rooms, o auditOptions) error {
	refusals, next, err := r.store.Trail.RefusalPage(ctx, store.RefusalFilter{
		Actor: o.Filter.Actor, Through: o.Filter.Through, Since: o.Filter.Since, Until: o.Filter.Until,
	}, o.Cursor, o.Limit)
	if errors.Is(err, store.ErrCursor) {
		return cli.Usage("--cursor: %w", err)
	}
	if err != nil {
		return err
	}
	if refusals == nil {
		refusals = []store.Refusal{}
	}
	if next != "" && r.Format != cli.JSON {
		defer r.Say("more follow: --cursor %s", next)
	}
	return cli.Print(r.Session, listDocument[store.Refusal]{refusals, next}, refusals, func(p *cli.Page) {
		if len(refusals) == 0 {
			r.Say("nothing matches")
			return
		}
		rows := make([][]string, len(refusals))
		for i, e := range refusals {
			rows[i] = []string{p.Time(&e.At), e.Source, e.Through, e.Reason, strconv.Itoa(e.Count), e.Actor, e.Route}
		}
		p.Table([]string{"MINUTE", "SOURCE", "THROUGH", "REASON", "TIMES", "KEY", "WHAT"}, rows)
	})
}

func runAudit(ctx context.Context, r *rooms, o auditOptions) error {
	if o.Refusals {
		return runRefusals(ctx, r, o)
	}
	entries, next, err := r.store.Trail.AuditPage(ctx, o.Filter, o.Cursor, o.Limit)
	if errors.Is(err, store.ErrCursor) {
		return cli.Usage("--cursor: %w", err)
	}
	if err != nil {
		return err
	}
	if entries == nil {
		entries = []store.AuditEntry{}
	}
	if next != "" && r.Format != cli.JSON {
		defer r.Say("more follow: --cursor %s", next)
	}
	return cli.Print(r.Session, listDocument[store.AuditEntry]{entries, next}, entries, func(p *cli.Page) {
		if len(entries) == 0 {
			r.Say("nothing matches")
			return
		}
		rows := make([][]string, len(entries))
		for i, e := range entries {
			rows[i] = []string{p.Time(&e.At), e.Actor, fromText(e), e.Action, e.Result, subjectsText(e), e.Detail.String()}
		}
		p.Table([]string{"WHEN", "WHO", "FROM", "ACTION", "RESULT", "WHAT", "DETAIL"}, rows)
	})
}

func fromText(e store.AuditEntry) string {
	from := e.Through + " " + e.From
	if e.ForwardedFor != "" {
		from += " for " + e.ForwardedFor
	}
	return from
}

// subjectsText returns the first subject, and how many more there are.
func subjectsText(e store.AuditEntry) string {
	switch {
	case len(e.Subjects) == 0 && e.Count == 0:
		return ""
	case len(e.Subjects) == 0:
		return strconv.Itoa(e.Count)
	case e.Count > 1:
		return e.Subjects[0] + " and " + strconv.Itoa(e.Count-1) + " more"
	}
	return e.Subjects[0]
}
