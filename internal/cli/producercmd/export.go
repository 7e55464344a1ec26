package producercmd

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/tasks"
)

type exportOptions struct {
	Batch  string
	Format string
	Only   []string
}

func newExportCommand(p *program) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export BATCH",
		Short: "Write a batch as CSV or NDJSON, with what happened to each row",
		Long: `Write the groups of a batch as CSV or NDJSON, in the order they were accepted. What happened stands in
columns that begin with rollcall_; create ignores them. So failures can be exported, corrected and
given to create again: without their old keys they are new rows.

Rows that were invalid are not in a batch: create has reported them.`,
		Example: `rollcall-producer export cohort.csv > result.csv
rollcall-producer export cohort.csv --only failed,review > again.csv
rollcall-producer create again.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Batch = args[0]
			if o.Format != intake.CSV && o.Format != intake.NDJSON {
				return cli.Usage("--format is csv or ndjson, not %q", o.Format)
			}
			only, err := statuses("--only", o.Only)
			if err != nil {
				return err
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runExport(ctx, r, o, only) })
		},
	}
	cmd.Flags().StringVar(&o.Format, "format", intake.CSV, "write in this `FORMAT`: csv or ndjson")
	cmd.Flags().StringSliceVar(&o.Only, "only", nil, "only groups in this `STATUS`; several with commas")
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    there is no such batch")...)
}

// exportPage is how many groups are read at once.
const exportPage = 500

// outcomes are the columns that tell what happened, without their rollcall_.
var outcomes = []string{
	"status", "id", "groupId", "inviteLink", "error", "message", "remedy", "people", "instance", "key", "row", "createdAt", "finishedAt",
}

func runExport(ctx context.Context, r *rooms, o exportOptions, only []group.Status) error {
	b, err := r.batch(ctx, o.Batch)
	if err != nil {
		return err
	}
	w, err := intake.NewWriter(r.Out, o.Format, outcomes...)
	if err != nil {
		return err
	}
	n, cursor := 0, ""
	for {
		groups, next, err := r.ledger.List(ctx, ledger.Filter{BatchID: b.ID, Statuses: only, OldestFirst: true}, cursor, exportPage)
		if err != nil {
			return err
		}
		for _, g := range groups {
			if err := w.Write(recordOf(g)); err != nil {
				return err
			}
			n++
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	r.Say("%s exported of %d in batch %s", plural(n, "group"), b.Total, b.Name)
	return nil
}

// recordOf is a group as the row it could have come from, with what happened to it.
func recordOf(g *group.Group) intake.Record {
	req := tasks.GroupRequest{
		GroupName: g.Name, AutoInvite: &g.AutoInvite, Instance: g.Target.Instance, Pool: g.Target.Pool, Priority: g.Priority,
		ExternalRef: g.ExternalRef, InviteMessage: g.Message, Metadata: g.Metadata,
	}
	if !g.NotBefore.IsZero() {
		req.NotBefore = &g.NotBefore
	}
	if !g.ExpiresAt.IsZero() {
		req.ExpiresAt = &g.ExpiresAt
	}
	people := make([]string, len(g.Members))
	for i := range g.Members {
		m := &g.Members[i]
		if strings.Contains(m.Input, "@") {
			req.ChatIDs = append(req.ChatIDs, m.Input)
		} else {
			req.Phones = append(req.Phones, tasks.Phone(m.Input))
		}
		people[i] = m.Input + " " + string(m.Status)
	}
	d := g.Document()
	e := group.Error{}
	if g.Error != nil {
		e = *g.Error
	}
	finished := ""
	if d.FinishedAt != nil {
		finished = timeText(*d.FinishedAt)
	}
	return intake.Record{Request: req, Outcome: []string{
		string(g.Status), g.ID, g.WhatsAppID, g.InviteLink, string(e.Code), e.Message, e.Remedy, strings.Join(people, "; "),
		g.Instance, g.Key, strconv.Itoa(g.Row), timeText(d.CreatedAt), finished,
	}}
}
