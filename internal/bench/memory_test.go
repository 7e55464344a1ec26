package bench_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/bench"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// BenchmarkMemoryOfAQueuedGroup says what a queued group of ten people costs Redis in memory, and
// what of it each kind of key takes.
func BenchmarkMemoryOfAQueuedGroup(b *testing.B) {
	server := testutil.RealRedis(b)
	for b.Loop() {
		server.Flush()
		each, kinds, err := bench.Memory(b.Context(), server.Client(), 1, 10_000)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(each, "B/group")
		for kind, bytes := range kinds {
			b.ReportMetric(bytes, kind+"-B")
		}
	}
}
