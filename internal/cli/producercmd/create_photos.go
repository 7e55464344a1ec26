package producercmd

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// maxSeenPhotos bounds the addresses whose fate a dry run remembers.
const maxSeenPhotos = 10_000

// seenPhotos fetches the photo of each row, and makes a row whose address gives no picture an error of that row.
// Each address is fetched once.
func seenPhotos(ctx context.Context, photos *photo.Fetcher, rows iter.Seq2[enqueue.Row, error]) iter.Seq2[enqueue.Row, error] {
	seen := map[string]*tasks.RowError{}
	return func(yield func(enqueue.Row, error) bool) {
		for row, err := range rows {
			if address := row.Request.Photo; err == nil && row.Err == nil && address != "" {
				fault, known := seen[address]
				if !known {
					if fault, err = photoError(ctx, photos, address); err == nil && len(seen) < maxSeenPhotos {
						seen[address] = fault
					}
				}
				row.Err = fault
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// photoError fetches a photo and returns what is wrong with it. The error is the context's.
func photoError(ctx context.Context, photos *photo.Fetcher, address string) (*tasks.RowError, error) {
	_, err := photos.Fetch(ctx, address)
	fault, ok := errors.AsType[*photo.Error](err)
	if !ok {
		return nil, err
	}
	return &tasks.RowError{Code: tasks.BadField, Field: "photo", Message: fmt.Sprintf(
		"%s. Put a JPEG or PNG of at most %d MB there, or leave photo out.", fault, tasks.MaxPhotoBytes>>20)}, nil
}
