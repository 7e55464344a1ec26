package admission

import (
	"context"
	"iter"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// Input is one input while its rows are read. The zero value sets no defaults and fetches no photos. It is not safe for
// concurrent use.
type Input struct {
	// To is the target of rows without an instance and a pool. Defaults to the pool "default".
	To tasks.Target
	// Priority, Setup and AutoInvite are the defaults of rows that do not set them. Default to the product's.
	Priority   tasks.Priority
	Setup      tasks.Setup
	AutoInvite *bool
	// Split is the maximum of people in a row; Rows divides a larger row, and reads its people by Rules. Defaults to no
	// limit.
	Split int
	Rules intake.Rules
	// Photos fetches the photo of each row, as a dry run does. Defaults to fetching none.
	Photos *photo.Checks

	// Broken is the error of the row where the input broke off; set while Rows is read.
	Broken *tasks.RowError

	warnings []enqueue.Warning
}

// Warn keeps a warning of the reader. Use it as the Warn of intake.Options.
func (in *Input) Warn(w intake.Warning) { in.warnings = append(in.warnings, enqueue.Warning(w)) }

// Rows fills in the defaults of each row and divides rows of too many people. With Photos, a row whose photo is not a
// picture becomes an error.
func (in *Input) Rows(ctx context.Context, rows iter.Seq2[intake.Row, error]) iter.Seq2[enqueue.Row, error] {
	return func(yield func(enqueue.Row, error) bool) {
		for row, err := range rows {
			if row.Broken {
				in.Broken = row.Err
			}
			in.fill(&row.Request)
			if in.Photos != nil && err == nil && row.Err == nil {
				row.Err, err = in.Photos.Row(ctx, row.N, &row.Request)
			}
			for _, part := range in.split(row) {
				if !yield(enqueue.Row(part), err) {
					return
				}
			}
		}
	}
}

func (in *Input) split(row intake.Row) []intake.Row {
	if in.Split == 0 {
		return []intake.Row{row}
	}
	rules := in.Rules
	rules.Now = time.Now()
	return intake.Split(row, in.Split, rules)
}

func (in *Input) fill(r *tasks.GroupRequest) {
	if r.Instance == "" && r.Pool == "" {
		r.Instance, r.Pool = in.To.Instance, in.To.Pool
	}
	if r.Priority == "" {
		r.Priority = in.Priority
	}
	r.Setup = r.Setup.Or(in.Setup)
	if r.AutoInvite == nil {
		r.AutoInvite = in.AutoInvite
	}
}

// Warned returns the warnings of the reader, then those about pool photos that are not pictures, then those of the run.
func (in *Input) Warned(run []enqueue.Warning) []enqueue.Warning {
	all := append([]enqueue.Warning{}, in.warnings...)
	if in.Photos != nil {
		for _, f := range in.Photos.Faults() {
			all = append(all, enqueue.Warning{Code: intake.WarnPoolPhoto, Rows: f.Rows, Message: f.Said().String(), Why: f.Said()})
		}
	}
	return append(all, run...)
}
