package bench_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/bench"
)

// measured are the costs of a machine with two cores, as `rollcall-worker bench --only virtual` finds them.
var measured = bench.Costs{
	Row:   bench.Cost{Own: 50 * time.Microsecond, Redis: 30 * time.Microsecond, Commands: 6},
	Group: bench.Cost{Own: 1300 * time.Microsecond, Redis: 750 * time.Microsecond, Commands: 146},
	Read:  bench.Cost{Own: 390 * time.Microsecond, Redis: 220 * time.Microsecond, Commands: 44},
	Idle:  bench.Cost{Own: 55 * time.Microsecond, Redis: 8 * time.Microsecond, Commands: 5},
}

func TestInstallationPlay_AThousandInstancesUseWhatTheirPaceAllows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		r := bench.Installation{Instances: 1000, Workers: 5, Seed: seed, Costs: measured}.Play()
		t.Logf("%+v", r)
		if r.Creates != 57_000 {
			t.Errorf("seed %d: %d groups were created, want all of 57,000", seed, r.Creates)
		}
		if r.Violations > 0 {
			t.Errorf("seed %d: %d calls came too early", seed, r.Violations)
		}
		if r.RateUsed < 0.995 || r.RateUsed > 1 {
			t.Errorf("seed %d: %.4f of the allowed rate is used, want 0.995 to 1", seed, r.RateUsed)
		}
		if r.ForecastOff > 0.1 || r.Forecasts == 0 {
			t.Errorf("seed %d: of %d forecasts one is %.1f %% off, want at most 10", seed, r.Forecasts, 100*r.ForecastOff)
		}
	}
}

func BenchmarkVirtual(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} { // more: rollcall-worker bench --only virtual --scale 5
		b.Run(fmt.Sprintf("instances=%d", n), func(b *testing.B) {
			for b.Loop() {
				r := bench.Installation{Instances: n, Seed: 1, Costs: measured}.Play()
				b.ReportMetric(100*r.RateUsed, "%-rate")
				b.ReportMetric(float64(r.Violations), "violations")
				b.ReportMetric(100*r.ForecastOff, "%-forecast-off")
				b.ReportMetric(100*r.Redis, "%-redis")
				b.ReportMetric(100*r.RedisPeak, "%-redis-peak")
				b.ReportMetric(100*r.Worker, "%-worker")
				b.ReportMetric(100*r.WorkerPeak, "%-worker-peak")
				b.ReportMetric(r.DelayP99.Seconds()*1000, "ms-delay-p99")
				b.ReportMetric(r.DelayMost.Seconds(), "s-delay")
				b.ReportMetric(r.DelayByDay.Seconds(), "s-delay-by-day")
				b.ReportMetric(r.Commands, "commands/s")
			}
		})
	}
}
