package metrics

import (
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// calls counts the requests to providers by instance, kind and outcome. The Prometheus library's own counters take far
// more memory, and a worker may have thousands of instances.
type calls struct {
	desc *prometheus.Desc

	mu    sync.Mutex
	words []string // kinds and outcomes, which are closed sets
	n     map[call]uint64
}

type call struct {
	instance      string
	kind, outcome uint8 // indexes in words
}

func newCalls(name, help string) *calls {
	return &calls{desc: prometheus.NewDesc(name, help, []string{"instance_name", "kind", "outcome"}, nil), n: map[call]uint64{}}
}

// inc counts one request.
func (c *calls) inc(instance, kind, outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[call{instance, c.word(kind), c.word(outcome)}]++
}

// word returns the index of a word, and adds the word if it is new. The caller holds c.mu.
func (c *calls) word(text string) uint8 {
	at := slices.Index(c.words, text)
	if at < 0 {
		at, c.words = len(c.words), append(c.words, text)
	}
	return uint8(at) //nolint:gosec // a dozen words
}

// Describe implements prometheus.Collector.
func (c *calls) Describe(to chan<- *prometheus.Desc) { to <- c.desc }

// Collect implements prometheus.Collector.
func (c *calls) Collect(to chan<- prometheus.Metric) {
	c.mu.Lock()
	all := make([]prometheus.Metric, 0, len(c.n))
	for one, n := range c.n {
		all = append(all, prometheus.MustNewConstMetric(c.desc, prometheus.CounterValue, float64(n), one.instance, c.words[one.kind], c.words[one.outcome]))
	}
	c.mu.Unlock()
	for _, one := range all {
		to <- one
	}
}
