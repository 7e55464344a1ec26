package tracing

import (
	"context"
	"sync/atomic"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// tally counts lost spans: those of a failed send, and those that OpenTelemetry drops silently because its queue is full.
type tally struct {
	room     int64  // how many spans may wait
	overflow func() // called after more spans were dropped

	ended, taken, failed, dropped, told atomic.Int64
}

// end counts a span to send. OpenTelemetry has dropped the spans that ended, were not exported and exceed the room.
// While the queue is full, the count of dropped spans is too low by one batch at most.
func (t *tally) end() {
	dropped := t.ended.Add(1) - t.taken.Load() - t.room
	for known := t.dropped.Load(); dropped > known && !t.dropped.CompareAndSwap(known, dropped); {
		known = t.dropped.Load()
	}
}

// lost returns how many spans were lost.
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

// ender counts the spans to send.
type ender struct{ tally *tally }

func (ender) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (e ender) OnEnd(s sdktrace.ReadOnlySpan) {
	if s.SpanContext().IsSampled() {
		e.tally.end()
	}
}

func (ender) Shutdown(context.Context) error { return nil }

func (ender) ForceFlush(context.Context) error { return nil }
