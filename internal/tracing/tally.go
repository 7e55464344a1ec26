package tracing

import (
	"context"
	"sync/atomic"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// tally counts the spans that no receiver has: those of a send that failed, and those for which the queue
// before the receiver had no room. OpenTelemetry drops the latter without a word.
type tally struct {
	room     int64  // how many spans may wait
	overflow func() // told when more spans have found no room

	ended, taken, failed, dropped, told atomic.Int64
}

// end counts a span that is to be sent. What ended, was not taken and cannot be waiting has been dropped; while the
// queue is full that is exact but for the batch that was taken from it.
func (t *tally) end() {
	dropped := t.ended.Add(1) - t.taken.Load() - t.room
	for known := t.dropped.Load(); dropped > known && !t.dropped.CompareAndSwap(known, dropped); {
		known = t.dropped.Load()
	}
}

// lost is how many spans no receiver has.
func (t *tally) lost() int64 { return t.failed.Load() + t.dropped.Load() }

// exporter sends spans, and counts those of a failure.
type exporter struct {
	sdktrace.SpanExporter

	tally *tally
}

func (e exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	e.tally.taken.Add(int64(len(spans)))
	err := e.SpanExporter.ExportSpans(ctx, spans)
	if err != nil {
		e.tally.failed.Add(int64(len(spans)))
	}
	if dropped := e.tally.dropped.Load(); dropped > e.tally.told.Swap(dropped) {
		e.tally.overflow()
	}
	return err
}

// ender counts the spans that are to be sent.
type ender struct{ tally *tally }

func (ender) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (e ender) OnEnd(s sdktrace.ReadOnlySpan) {
	if s.SpanContext().IsSampled() {
		e.tally.end()
	}
}

func (ender) Shutdown(context.Context) error { return nil }

func (ender) ForceFlush(context.Context) error { return nil }
