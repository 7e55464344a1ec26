package tracing

import (
	"context"
	"errors"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// receiver takes spans or fails. If hangs is set, it first waits until hangs is closed.
type receiver struct {
	fails bool
	hangs chan struct{}
}

func (r *receiver) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	if r.hangs != nil {
		<-r.hangs
	}
	if r.fails {
		return errors.New("down")
	}
	return nil
}

func (r *receiver) Shutdown(context.Context) error { return nil }

// ended starts and ends n spans.
func ended(t *testing.T, all *Tracing, n int) {
	for range n {
		_, end := all.Command(t.Context(), "create")
		end(false)
	}
}

func TestTracingLost_CountsWhatAReceiverDidNotTake(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{true, false} {
		all := counting(&tally{room: 100, overflow: func() {}}, &receiver{fails: fails})
		ended(t, all, 7)
		if err := all.provider.ForceFlush(t.Context()); (err != nil) != fails {
			t.Fatal(err)
		}
		if want := map[bool]float64{true: 7}[fails]; all.Lost() != want {
			t.Errorf("fails %v: %v spans are lost, want %v", fails, all.Lost(), want)
		}
	}
	if off := (*Tracing)(nil); off.Lost() != 0 {
		t.Error("a nil Tracing has lost spans")
	}
}

func TestTracingLost_CountsWhatFoundNoRoom(t *testing.T) {
	t.Parallel()
	told := 0
	r := &receiver{hangs: make(chan struct{})}
	const room = sdktrace.DefaultMaxQueueSize + sdktrace.DefaultMaxExportBatchSize
	all := counting(&tally{room: room, overflow: func() { told++ }}, r)
	ended(t, all, room+sdktrace.DefaultMaxExportBatchSize+50) // one batch at the receiver, the rest in the queue
	if all.Lost() < 50 {
		t.Errorf("%v spans are lost, want 50 at least", all.Lost())
	}
	close(r.hangs)
	if err := all.Close(t.Context()); err != nil || told == 0 || all.Lost() < 50 {
		t.Errorf("got %v, %d calls of overflow and %v lost spans, want at least one call and 50 lost", err, told, all.Lost())
	}
}
