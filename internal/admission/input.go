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

// Input is one input on its way in. The zero value gives rows nothing and fetches no photos. It is not safe for
// concurrent use.
type Input struct {
	// To is where rows go that name neither an instance nor a pool. Defaults to the pool "default".
	To tasks.Target
	// Priority, Setup and AutoInvite are those of rows that do not say them. Default to the product's.
	Priority   tasks.Priority
	Setup      tasks.Setup
	AutoInvite *bool
	// Split divides a row of more people than this into several, read by Rules. Defaults to dividing none.
	Split int
	Rules intake.Rules
	// Photos fetches the photo of each row, as a dry run does. Defaults to fetching none.
	Photos *photo.Checks

	// Broken is where the input broke off, once its rows were read.
	Broken *tasks.RowError

	warnings []enqueue.Warning
}

// Warn keeps what a reader left out. It is the Warn of intake.Options.
func (in *Input) Warn(w intake.Warning) { in.warnings = append(in.warnings, enqueue.Warning(w)) }

// Rows gives each row what it does not say itself, and divides those of too many people. A row whose photo is fetched and is not a picture becomes an error.
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

// Warned returns what the reader left out, the pools whose photos give no picture, and then the warnings of the run.
func (in *Input) Warned(run []enqueue.Warning) []enqueue.Warning {
	all := append([]enqueue.Warning{}, in.warnings...)
	if in.Photos != nil {
		for _, f := range in.Photos.Faults() {
			all = append(all, enqueue.Warning{Code: intake.WarnPoolPhoto, Rows: f.Rows, Message: f.Said().String(), Why: f.Said()})
		}
	}
	return append(all, run...)
}
