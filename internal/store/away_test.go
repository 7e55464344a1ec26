package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/rollcallhq/rollcall/internal/store"
)

func TestOutlast_TheEndOfAnothersContextIsABreak(t *testing.T) {
	t.Parallel()
	for _, foreign := range []error{context.Canceled, context.DeadlineExceeded} {
		synctest.Test(t, func(t *testing.T) {
			var told []error
			reads := 0
			broken, err := store.Outlast(t.Context(), func(err error) { told = append(told, err) }, func() error {
				if reads++; reads < 3 {
					return fmt.Errorf("read: %w", foreign)
				}
				return nil
			})
			if err != nil || !broken || reads != 3 || len(told) != 2 || !errors.Is(told[0], foreign) || told[1] != nil {
				t.Errorf("%v: broken %v, %v after %d reads, told %v", foreign, broken, err, reads, told)
			}
		})
	}
}

func TestOutlast_TheOwnContextEndsIt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	broken, err := store.Outlast(ctx, func(error) { t.Error("a break was told") }, func() error {
		cancel()
		return ctx.Err()
	})
	if broken || !errors.Is(err, context.Canceled) {
		t.Errorf("broken %v, %v", broken, err)
	}
}
