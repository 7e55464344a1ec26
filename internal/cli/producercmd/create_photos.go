package producercmd

import (
	"context"
	"iter"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// seenPhotos fetches the photo of each row, and makes a row whose address gives no picture an error of that row. A
// photo of a pool that gives none becomes a warning when the last row was read.
func seenPhotos(ctx context.Context, checks *photo.Checks, rows iter.Seq2[enqueue.Row, error], o *createOptions) iter.Seq2[enqueue.Row, error] {
	return func(yield func(enqueue.Row, error) bool) {
		for row, err := range rows {
			if err == nil && row.Err == nil {
				row.Err, err = checks.Row(ctx, row.N, &row.Request)
			}
			if !yield(row, err) {
				return
			}
		}
		for _, f := range checks.Faults() {
			o.warnings = append(o.warnings, enqueue.Warning{Code: intake.WarnPoolPhoto, Rows: f.Rows, Message: f.Message()})
		}
	}
}
