package producercmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
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

func runExport(ctx context.Context, r *rooms, o exportOptions, only []group.Status) error {
	b, err := r.batch(ctx, o.Batch)
	if err != nil {
		return err
	}
	r.control.Audit.Saw(ctx, audit.About{Subjects: []string{b.ID}, Detail: "export"})
	n, err := r.status.Export(ctx, r.Out, o.Format, b.ID, only, nil)
	if err != nil {
		return err
	}
	r.Say("%s exported of %d in batch %s", plural(n, "group"), b.Total, b.Name)
	return nil
}
