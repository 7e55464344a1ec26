// Package metrics counts what rollcall does, for Prometheus. Labels are bounded: the admin names the instances, and
// everything else is a closed set. No label holds a person or a text.
//
// A process counts what it does itself (Called, Step, Redis …). At each scrape it reads the state of the whole
// installation from Redis (Watch), so that all processes report the same.
//
// The label is instance_name, because Prometheus reserves instance for the process that it scrapes.
package metrics

import (
	"context"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rollcallhq/rollcall/tasks"
)

// Metrics is one process's registry and counters.
type Metrics struct {
	registry *prometheus.Registry

	durations *prometheus.HistogramVec
	calls     *calls
	steps     *prometheus.HistogramVec
	waits     *prometheus.HistogramVec
	journal   *prometheus.HistogramVec
	redis     *prometheus.HistogramVec
	redisErrs *prometheus.CounterVec
	requests  *prometheus.HistogramVec
	refused   *prometheus.CounterVec
	forwarded *prometheus.CounterVec
	limited   *prometheus.CounterVec
	setup     *prometheus.CounterVec
}

// New returns Metrics with its own registry. Nothing is global.
func New() *Metrics {
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	fast := []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .1, .5, 2.5, 10}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		durations: histogram("rollcall_provider_call_duration_seconds", "Requests to providers, by outcome.",
			[]float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}, "provider", "method", "outcome"),
		calls: newCalls("rollcall_provider_calls_total", "Requests to providers by instance. Kind is create, invite or read."),
		steps: histogram("rollcall_step_duration_seconds", "Deliveries of tasks to their steps, webhook deliveries included.",
			[]float64{.005, .025, .1, .5, 1, 5, 15, 60, 180}, "task", "verdict"),
		waits: histogram("rollcall_group_wait_seconds", "From a group's acceptance to its first create call.",
			[]float64{1, 10, 60, 300, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600}, "priority"),
		setup: counter("rollcall_setup_steps_total", "Steps of groups' set-up that ended. Step is photo, description, settings, admins or welcome; status is done, refused, unsupported or unknown.",
			"step", "status"),
		journal:   histogram("rollcall_journal_duration_seconds", "Reading and writing a group's record: load, amend, commit.", fast, "op"),
		redis:     histogram("rollcall_redis_duration_seconds", "Commands to Redis, except blocking ones.", fast, "command"),
		redisErrs: counter("rollcall_redis_errors_total", "Commands that Redis did not answer, or answered with an error.", "command"),
		requests: histogram("rollcall_http_request_duration_seconds", "Requests to the HTTP API by route, except streams and uploads.",
			[]float64{.005, .025, .1, .25, .5, 1, 5, 30}, "route", "status"),
		refused:   counter("rollcall_http_refusals_total", "Refused requests to the HTTP API, the page and the addresses for providers' webhooks. Reason is noKey, wrongKey, role, origin, hookSecret or slowed.", "reason"),
		limited:   counter("rollcall_http_limited_total", "Requests and connections refused because of api.limits. Limit is connections, connectionsPerSource, requestsPerSource, requestsPerKey, streams, streamsPerSource or streamsPerKey.", "limit"),
		forwarded: counter("rollcall_hooks_forwarded_total", "Providers' webhooks for other receivers (forward). Outcome is sent, failed or dropped.", "instance_name", "outcome"),
	}
	m.registry.MustRegister(m.durations, m.calls, m.steps, m.waits, m.journal, m.redis, m.redisErrs, m.requests, m.refused, m.forwarded, m.limited, m.setup,
		build(), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// build reports the running version.
func build() prometheus.Collector {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "rollcall_build_info", Help: "1, with the version that runs.", ConstLabels: prometheus.Labels{"version": version},
	})
	g.Set(1)
	return g
}

// Observer sees the requests of one instance; layers.Observer is its interface.
type Observer struct {
	m        *Metrics
	provider string
}

// Of observes requests to a provider.
func (m *Metrics) Of(provider string) Observer { return Observer{m, provider} }

// Called observes one request. kind and class are closed sets. method is one of about a dozen method
// names of the provider.
func (o Observer) Called(_ context.Context, instance, kind, method, class string, took time.Duration) {
	o.m.durations.WithLabelValues(o.provider, method, class).Observe(took.Seconds())
	o.m.calls.inc(instance, kind, class)
}

// Step observes one delivery of a task.
func (m *Metrics) Step(t tasks.Type, verdict string, took time.Duration) {
	m.steps.WithLabelValues(string(t), verdict).Observe(took.Seconds())
}

// Waited records how long a group waited for its first create call.
func (m *Metrics) Waited(p tasks.Priority, took time.Duration) {
	m.waits.WithLabelValues(string(p)).Observe(took.Seconds())
}

// Setup counts how one step of a group's set-up ended.
func (m *Metrics) Setup(step, status string) { m.setup.WithLabelValues(step, status).Inc() }

// Journal observes one reading or writing of a record.
func (m *Metrics) Journal(op string, took time.Duration) {
	m.journal.WithLabelValues(op).Observe(took.Seconds())
}

// Redis observes one command, or one pipeline of them.
func (m *Metrics) Redis(command string, took time.Duration, failed bool) {
	m.redis.WithLabelValues(command).Observe(took.Seconds())
	if failed {
		m.redisErrs.WithLabelValues(command).Inc()
	}
}

// Limited counts one request or connection that a limit refused.
func (m *Metrics) Limited(limit string) { m.limited.WithLabelValues(limit).Inc() }

// WatchServer makes every scrape report the connections and event streams of this process' server.
func (m *Metrics) WatchServer(connections, streams func() int) {
	gauge := func(name, help string, value func() int) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value()) }))
	}
	gauge("rollcall_http_connections", "Connections to the HTTP API and the page.", connections)
	gauge("rollcall_http_streams", "Open event streams.", streams)
}

// WatchSpans makes every scrape report how many spans were lost.
func (m *Metrics) WatchSpans(lost func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "rollcall_spans_lost_total", Help: "Spans of traces that the receiver did not take, or that did not fit into the buffer.",
	}, lost))
}

// Forwarded counts one provider webhook for one receiver of forwarded webhooks.
func (m *Metrics) Forwarded(instance, outcome string) {
	m.forwarded.WithLabelValues(instance, outcome).Inc()
}

// Requested observes one request to the HTTP API. route is the pattern, never the path.
func (m *Metrics) Requested(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Refused counts one request that was refused, by its reason.
func (m *Metrics) Refused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// Tasks holds figures of a worker's work on tasks.
type Tasks struct {
	Leads                  bool // this worker dispatches for the installation
	Busy                   int
	Parked, Faults, Deaths uint64
}

// WatchTasks makes every scrape report the figures that look returns.
func (m *Metrics) WatchTasks(look func() Tasks) {
	gauge := func(name, help string, value func(Tasks) float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(look()) }))
	}
	counter := func(name, help string, value func(Tasks) uint64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(look())) }))
	}
	gauge("rollcall_dispatching", "1 if this worker dispatches for the installation.", func(t Tasks) float64 { return flag(t.Leads) })
	gauge("rollcall_tasks_busy", "Tasks in progress on this worker.", func(t Tasks) float64 { return float64(t.Busy) })
	counter("rollcall_tasks_parked_total", "Tasks that could not be read.", func(t Tasks) uint64 { return t.Parked })
	counter("rollcall_task_faults_total", "Tasks that failed unexpectedly and are tried again.", func(t Tasks) uint64 { return t.Faults })
	counter("rollcall_tasks_orphaned_total", "Tasks taken over from dead workers.", func(t Tasks) uint64 { return t.Deaths })
}

// Handler serves the metrics. If Redis does not answer, it leaves out what it cannot read: the process's own numbers
// matter most then.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, ErrorHandling: promhttp.ContinueOnError})
}

// Gatherer returns the metrics for a test.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }
