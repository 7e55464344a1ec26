package producercmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/view"
)

type exportOptions struct {
	Batch  string
	Format string
	Only   []string
	For    string // the program that opens the file
	Row    string // what a row is: group or person
}

func newExportCommand(p *program) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export BATCH",
		Short: "Write a batch as CSV or NDJSON, with what happened to each row",
		Long: `Write the groups of a batch as CSV or NDJSON, in the order they were accepted. What happened stands in
columns that begin with rollcall_; create ignores them. So failures can be exported, corrected and
given to create again: without their old keys they are new rows.

Phones are written with + and the country code, so the file means the same people in every country;
rollcall_input has them as they were typed. An entry that could not be used begins with ?, so that it
is not a valid number until it is corrected.

The cells are divided as in the file that the batch came with. --for excel-br writes what Excel on a
Brazilian Windows opens by a double click.

--only failed writes the groups that failed. A group that is done may lack people: --one-row-is person
lists everyone, and why they are not in the group.

Rows that were invalid are not in a batch: create has reported them.`,
		Example: `rollcall-producer export cohort.csv > result.csv
rollcall-producer export cohort.csv --only failed > again.csv
rollcall-producer create again.csv
rollcall-producer export cohort.csv --one-row-is person --for excel-br > people.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Batch = args[0]
			if o.Format != intake.CSV && o.Format != intake.NDJSON {
				return cli.Usage("--format is csv or ndjson, not %q", o.Format)
			}
			if _, known := intake.FormFor(o.For); o.For != "" && (!known || o.Format != intake.CSV) {
				return cli.Usage("--for goes with csv and is excel- and a country's two letters, for example excel-br; got %q", o.For)
			}
			if o.Row != "group" && o.Row != "person" {
				return cli.Usage("--one-row-is is group or person, not %q", o.Row)
			}
			only, err := statuses("--only", o.Only)
			if err != nil {
				return err
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runExport(ctx, r, o, only) })
		},
	}
	cmd.Flags().StringVar(&o.Format, "format", intake.CSV, "write in this `FORMAT`: csv or ndjson")
	cmd.Flags().StringVar(&o.For, "for", "", "write the CSV for this `PROGRAM`: excel- and its country, as excel-br (default: as the batch came)")
	cmd.Flags().StringVar(&o.Row, "one-row-is", "group", "what a row `IS`: group, or person (group, name, phone, and what became of the person)")
	cmd.Flags().StringSliceVar(&o.Only, "only", nil, "only groups in this `STATUS`; several with commas")
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    there is no such batch")...)
}

func runExport(ctx context.Context, r *rooms, o exportOptions, only []group.Status) error {
	b, err := r.batch(ctx, o.Batch)
	if err != nil {
		return err
	}
	r.control.Audit.Saw(ctx, audit.About{Subjects: []string{b.ID}, Detail: say.Phrase{Code: say.AuditSeen, Kind: "export"}})
	what := view.Exporting{Batch: b, Only: only, PerPerson: o.Row == "person", Form: intake.Form{Format: o.Format}}
	if form, is := intake.FormFor(o.For); is {
		what.Form = form
	}
	n, err := r.status.Export(ctx, r.Out, what)
	if err != nil {
		return err
	}
	r.Say("%s exported of %d in batch %s (%s)", plural(n, "group"), b.Total, b.Name, batchState(b.Document(time.Time{})))
	return nil
}
