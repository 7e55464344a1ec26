// Package tracing traces a request across processes with OpenTelemetry: from the API or a command, through the tasks'
// headers, to the worker's steps and its calls to the provider. It is off unless the environment names a receiver
// (OTEL_EXPORTER_OTLP_ENDPOINT).
//
// A span holds ids, names of instances and values of closed sets. It never holds a person's text, a telephone number, an
// address or the text of an error: those are in the log, redacted.
package tracing

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracing makes spans and sends them. A nil *Tracing is off and does nothing.
type Tracing struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	format   propagation.TraceContext // W3C traceparent
	tally    *tally
}

// Open starts sending spans over OTLP and HTTP, as the standard OTEL_ environment says. It returns nil, which is off, if
// the environment names no receiver. service is the process' name unless OTEL_SERVICE_NAME is set. failed is called with
// the reason why spans are lost, at most once a minute for a repeated reason, and with their number so far. No error and
// no reason repeats the environment, which holds the receiver's key.
func Open(ctx context.Context, service, version string, lookup func(string) (string, bool), failed func(why string, lost int64)) (*Tracing, error) {
	env := func(name string) string { value, _ := lookup(name); return strings.TrimSpace(value) }
	named := env("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	if !named || strings.EqualFold(env("OTEL_SDK_DISABLED"), "true") || env("OTEL_TRACES_EXPORTER") == "none" {
		return nil, nil //nolint:nilnil // off is not an error, and nil works
	}
	count := &tally{}
	reports := &reporter{failed: func(why string) { failed(why, count.lost()) }}
	reports.install()
	sender, err := otlptracehttp.New(ctx)
	if err == nil {
		err = reports.faults()
	} else {
		err = errors.New("the receiver's address cannot be used")
	}
	if err != nil {
		return nil, err
	}
	described, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithAttributes(attribute.String("service.name", service), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, errors.New("OTEL_RESOURCE_ATTRIBUTES cannot be read: write name=value, with commas between")
	}
	count.room = room(env)
	count.overflow = func() { reports.lost("there are more of them than the receiver takes") }
	t := counting(count, sender, sdktrace.WithResource(described))
	if reports.ready() != nil { // OpenTelemetry reads the sampler last
		_ = t.Close(ctx)
		return nil, errors.New("OTEL_TRACES_SAMPLER or OTEL_TRACES_SAMPLER_ARG cannot be used: write a sampler as parentbased_traceidratio, and a ratio from 0 to 1 as 0.01")
	}
	return t, nil
}

// counting returns Tracing whose lost spans a tally counts.
func counting(t *tally, sender sdktrace.SpanExporter, options ...sdktrace.TracerProviderOption) *Tracing {
	all := newTracing(append(options, sdktrace.WithBatcher(exporter{sender, t}), sdktrace.WithSpanProcessor(ender{t}))...)
	all.tally = t
	return all
}

// room returns how many spans can wait for the receiver: the queue, and the batch that was taken from it.
func room(env func(string) string) int64 {
	n := int64(0)
	for name, usual := range map[string]int64{"OTEL_BSP_MAX_QUEUE_SIZE": sdktrace.DefaultMaxQueueSize, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": sdktrace.DefaultMaxExportBatchSize} {
		if set, err := strconv.ParseInt(env(name), 10, 64); err == nil && set > 0 {
			usual = set
		}
		n += usual
	}
	return n
}

// Lost returns how many spans were lost.
func (t *Tracing) Lost() float64 {
	if t == nil || t.tally == nil {
		return 0
	}
	return float64(t.tally.lost())
}

func newTracing(options ...sdktrace.TracerProviderOption) *Tracing {
	p := sdktrace.NewTracerProvider(options...)
	return &Tracing{provider: p, tracer: p.Tracer("github.com/rollcallhq/rollcall")}
}

// closeFor bounds the sending of the last spans: tracing must not delay the end of a process.
const closeFor = 5 * time.Second

// Close sends the remaining spans, for at most 5 s.
func (t *Tracing) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeFor)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		return errors.New(explain(err))
	}
	return nil
}

// Headers returns the headers that carry the context's trace in a task.
func (t *Tracing) Headers(ctx context.Context) map[string]string {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return nil
	}
	carrier := propagation.MapCarrier{}
	t.format.Inject(ctx, carrier)
	return carrier
}

// Continue returns the context with the trace of a task's headers.
func (t *Tracing) Continue(ctx context.Context, headers map[string]string) context.Context {
	if t == nil || len(headers) == 0 {
		return ctx
	}
	return t.format.Extract(ctx, propagation.MapCarrier(headers))
}

// Command begins the span of a command.
func (t *Tracing) Command(ctx context.Context, name string) (context.Context, func(failed bool)) {
	if t == nil {
		return ctx, func(bool) {}
	}
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, func(failed bool) { end(span, failed, "") }
}

// Step begins the span of a delivery of a task.
func (t *Tracing) Step(ctx context.Context, kind, of, instance string) (context.Context, func(verdict string)) {
	if t == nil {
		return ctx, func(string) {}
	}
	ctx, span := t.tracer.Start(ctx, kind, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("messaging.system", "asynq"), attribute.String("messaging.operation.type", "process"),
		attribute.String("rollcall.group", of), attribute.String("rollcall.instance", instance)))
	return ctx, func(verdict string) {
		span.SetAttributes(attribute.String("rollcall.verdict", verdict))
		end(span, verdict == "error", verdict)
	}
}

// Called makes the span of a finished request to a provider.
func (t *Tracing) Called(ctx context.Context, provider, instance, kind, method, class string, took time.Duration) {
	if t == nil {
		return
	}
	now := time.Now()
	_, span := t.tracer.Start(ctx, provider+" "+method, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(now.Add(-took)), trace.WithAttributes(
		attribute.String("rollcall.provider", provider), attribute.String("rollcall.instance", instance),
		attribute.String("rollcall.kind", kind), attribute.String("rollcall.outcome", class)))
	if class != "ok" {
		span.SetStatus(codes.Error, class)
	}
	span.End(trace.WithTimestamp(now))
}

// Request begins the span of an HTTP request, as part of its sender's trace if it names one.
func (t *Tracing) Request(r *http.Request) (context.Context, func(route string, status int)) {
	if t == nil {
		return r.Context(), func(string, int) {}
	}
	ctx := t.format.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, method(r), trace.WithSpanKind(trace.SpanKindServer)) // its path may name a person
	return ctx, func(route string, status int) {
		if route != "" {
			span.SetName(route)
			span.SetAttributes(attribute.String("http.route", route))
		}
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		end(span, status >= http.StatusInternalServerError, "")
	}
}

func end(span trace.Span, failed bool, why string) {
	if failed {
		span.SetStatus(codes.Error, why)
	}
	span.End()
}

// method returns the request's method if it is a known one: clients can send any text.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "HTTP"
}
