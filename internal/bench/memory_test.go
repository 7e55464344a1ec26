package bench_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/bench"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// BenchmarkMemoryOfAQueuedGroup reports how many bytes of Redis a queued group of ten people takes,
// in all and for each kind of key.
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
