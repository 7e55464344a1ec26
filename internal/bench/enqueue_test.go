package bench_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/bench"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// BenchmarkAcceptAgainstBareAsynq accepts rows with ten phones each: checked, claimed, recorded,
// indexed and enqueued. The baseline is bare asynq, one Client.Enqueue after the other, of the same
// requests. Both run on the same redis-server with AOF everysec; x-asynq is the ratio of the rates,
// above 1 is faster than the baseline.
func BenchmarkAcceptAgainstBareAsynq(b *testing.B) {
	rdb := testutil.RealRedis(b).Client()
	for b.Loop() {
		if err := rdb.FlushDB(b.Context()).Err(); err != nil {
			b.Fatal(err)
		}
		bare, ours, memory, err := bench.Enqueue(b.Context(), rdb, 1, 20_000)
		if err != nil {
			b.Fatal(err)
		}
		beside(b, "rows/s", ours, bare)
		b.ReportMetric(memory, "redis-B/group")
	}
}
