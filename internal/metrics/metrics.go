// Package metrics counts what rollcall does, for Prometheus. Labels are bounded: instances are few
// and named by the admin, everything else is a closed set. No label ever holds a person or a text.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

// Metrics is one process's registry and counters.
type Metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.HistogramVec
	steps    *prometheus.HistogramVec
}

// New makes a registry of its own: nothing global.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rollcall_provider_call_duration_seconds", Help: "Requests to providers, by what became of them.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120},
		}, []string{"instance", "method", "outcome", "status"}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rollcall_step_duration_seconds", Help: "Deliveries of tasks to their steps.",
			Buckets: []float64{.005, .025, .1, .5, 1, 5, 15, 60, 180},
		}, []string{"task", "verdict"}),
	}
	m.registry.MustRegister(m.calls, m.steps, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Called observes one request to a provider.
func (m *Metrics) Called(instance, method, class string, status int, took time.Duration) {
	m.calls.WithLabelValues(instance, method, class, strconv.Itoa(status)).Observe(took.Seconds())
}

// Step observes one delivery of a task.
func (m *Metrics) Step(t tasks.Type, verdict string, took time.Duration) {
	m.steps.WithLabelValues(string(t), verdict).Observe(took.Seconds())
}

// Totals is what the ledger counts.
type Totals interface {
	Totals(ctx context.Context) (map[group.Status]int, map[group.MemberStatus]int, error)
}

// Watch lets every scrape read the ledger's own counters, so that all processes tell the same.
func (m *Metrics) Watch(t Totals) { m.registry.MustRegister(&totals{from: t}) }

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

type totals struct{ from Totals }

var (
	groupsDesc  = prometheus.NewDesc("rollcall_groups", "Groups by state, over the whole installation.", []string{"status"}, nil)
	membersDesc = prometheus.NewDesc("rollcall_members", "Requested people by state, over the whole installation.", []string{"status"}, nil)
)

// Describe implements prometheus.Collector.
func (t *totals) Describe(ch chan<- *prometheus.Desc) {
	ch <- groupsDesc
	ch <- membersDesc
}

// Collect implements prometheus.Collector.
func (t *totals) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	groups, members, err := t.from.Totals(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(groupsDesc, err)
		return
	}
	for s, n := range groups {
		ch <- prometheus.MustNewConstMetric(groupsDesc, prometheus.GaugeValue, float64(n), string(s))
	}
	for s, n := range members {
		ch <- prometheus.MustNewConstMetric(membersDesc, prometheus.GaugeValue, float64(n), string(s))
	}
}
