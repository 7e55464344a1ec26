package bench_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/bench"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// BenchmarkProcessAgainstBareAsynq runs groups of ten people through one worker with four unpaced
// instances, and through bare asynq with the same calls. x-asynq is the ratio of the rates.
func BenchmarkProcessAgainstBareAsynq(b *testing.B) {
	conn := testutil.Connect(b, testutil.RealRedis(b).URL())
	for b.Loop() {
		if err := conn.Client().FlushDB(b.Context()).Err(); err != nil {
			b.Fatal(err)
		}
		bare, ours, err := bench.Process(b.Context(), conn, 1, 4, 2000)
		if err != nil {
			b.Fatal(err)
		}
		beside(b, "groups/s", ours, bare)
	}
}

// beside reports the rates of both sides of a benchmark and their processor time for each item. x-asynq is the ratio of the rates.
func beside(b *testing.B, unit string, ours, bare bench.Side) {
	b.Helper()
	b.ReportMetric(ours.Rate, unit)
	b.ReportMetric(bare.Rate, "asynq-"+unit)
	b.ReportMetric(ours.Rate/bare.Rate, "x-asynq")
	b.ReportMetric(ours.CPU, "cpu-us/each")
	b.ReportMetric(bare.CPU, "asynq-cpu-us/each")
}
