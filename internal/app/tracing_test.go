package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traced "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/tracing"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// receiver takes spans as an OpenTelemetry collector does.
type receiver struct {
	mu    sync.Mutex
	spans []*traced.Span
	raw   bytes.Buffer // all requests, decompressed
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	data, err := io.ReadAll(body)
	var export collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(data, &export)
	}
	if err != nil || req.URL.Path != "/v1/traces" {
		http.Error(w, fmt.Sprint(req.URL.Path, err), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.raw.Write(data)
	for _, of := range export.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			r.spans = append(r.spans, scope.GetSpans()...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func TestOneTraceGoesFromTheRequestToTheLastInvitation(t *testing.T) {
	collected := &receiver{}
	sink := httptest.NewServer(collected)
	t.Cleanup(sink.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.URL)
	traces, err := tracing.Open(t.Context(), "rollcall-test", "v0", os.LookupEnv, func(string, int64) {})
	if err != nil || traces == nil {
		t.Fatalf("tracing is %v (%v), want it on", traces, err)
	}
	const number, name, message = "5544999999991", "Planted Name", "planted message {{.Link}}"
	status, id := traceOneGroup(t, traces, `{"groupName": "`+name+`", "phones": ["`+number+`", "5544999999992"], "instance": "i0", "inviteMessage": "`+message+`"}`)
	if status != group.Done {
		t.Fatalf("the group ended as %s, want done", status)
	}
	if err := traces.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	byID, names := map[string]*traced.Span{}, map[string]int{}
	var root *traced.Span
	for _, s := range collected.spans {
		byID[string(s.GetSpanId())] = s
		if s.GetName() == "POST /v1/groups" {
			root = s
		}
	}
	if root == nil {
		t.Fatalf("none of %d spans is that of the request", len(collected.spans))
	}
	for _, s := range collected.spans {
		if !bytes.Equal(s.GetTraceId(), root.GetTraceId()) {
			continue // the keeper's readings of the instance's state belong to no request
		}
		names[s.GetName()]++
		for up := s; up != root; {
			parent := byID[string(up.GetParentSpanId())]
			if parent == nil {
				t.Fatalf("the parent of the span %s was not sent", up.GetName())
			}
			up = parent
		}
	}
	for span, n := range map[string]int{"POST /v1/groups": 1, "group:create": 1, "group:rollcall": 1, "group:invite": 2, "zapi create-group": 1, "zapi send-text": 2} {
		if names[span] < n {
			t.Errorf("got %d spans named %q, want at least %d; all spans: %v", names[span], span, n, names)
		}
	}
	for _, planted := range []string{number, "999999", name, "planted", "planted-token", "chat.whatsapp.com"} {
		if strings.Contains(collected.raw.String(), planted) {
			t.Errorf("a span holds %q", planted)
		}
	}
	if !strings.Contains(collected.raw.String(), id) {
		t.Error("no span names the group")
	}
}

func TestTracingOpen_IsOffWithoutAReceiver(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{
		nil,
		{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
	} {
		off, err := tracing.Open(t.Context(), "rollcall-test", "v0", func(name string) (string, bool) { v, ok := env[name]; return v, ok }, func(string, int64) {})
		if off != nil || err != nil {
			t.Errorf("%v: got %v (%v), want it off", env, off, err)
		}
		ctx, end := off.Step(t.Context(), "group:create", "grp_1", "alpha")
		end("done")
		if h := off.Headers(ctx); h != nil || off.Close(ctx) != nil {
			t.Errorf("%v: got the headers %v, want none and no error from Close", env, h)
		}
	}
}

// traceOneGroup asks for a group over HTTP, with people who cannot be added, and waits for its end.
func traceOneGroup(t *testing.T, traces *tracing.Tracing, body string) (group.Status, string) {
	t.Helper()
	r := newRig(t)
	r.configure(1, func(q *simulator.Quirks) { q.Blocked = 1 })
	r.config.RollCall.Looks = []time.Duration{10 * time.Millisecond, 20 * time.Millisecond}
	worker := r.hire(func(o *app.Options) { o.Tracing = traces })
	client, err := enqueue.New(t.Context(), r.server.Client(), enqueue.Options{Headers: traces.Headers})
	if err != nil {
		t.Fatal(err)
	}
	server := api.New(api.Config{
		Auth: auth.New(auth.Config{Trail: r.store.Trail}), Store: r.store, Status: r.status, Control: r.control, Enqueue: client,
		Ping: func(context.Context) error { return nil }, Metrics: http.NotFoundHandler(), Log: zerolog.Nop(), Traced: traces.Request,
	})
	t.Cleanup(server.Close)
	recorder, request := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "POST", "http://127.0.0.1/v1/groups", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	server.ServeHTTP(recorder, request)
	id := strings.TrimPrefix(recorder.Header().Get("Location"), "/v1/groups/")
	if recorder.Code != http.StatusAccepted {
		t.Fatalf("got %d %s, want 202", recorder.Code, recorder.Body)
	}
	var g *group.Group
	r.until("the group has ended", func() bool {
		g = r.load(id)
		return g.Status.Ended() || g.Status == group.Review
	})
	if err := worker.Stop(t.Context()); err != nil { // the last spans end with their steps
		t.Error(err)
	}
	return g.Status, id
}
