package workercmd_test

import (
	"encoding/json"
	"testing"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestABenchMeasuresBesideABaselineAndLeavesItsRedisEmpty(t *testing.T) {
	t.Parallel()
	redis := testutil.RealRedis(t)
	p := newProcess(t)
	code := p.run("bench", "--redis", redis.URL(), "--only", "enqueue,process", "--scale", "0.01", "--seed", "3", "--output", "json")
	if out := p.out.String(); code != cli.Done || out == "" {
		t.Fatalf("exit %d: %s", code, p.err.String())
	}
	var doc struct {
		Machine struct{ Redis string }
		Seed    uint64
		Rows    []struct {
			Name                  string
			Ours, Baseline, Ratio float64
		}
	}
	if err := json.Unmarshal([]byte(p.out.String()), &doc); err != nil {
		t.Fatalf("%v: %s", err, p.out.String())
	}
	if doc.Machine.Redis == "" || doc.Seed != 3 || len(doc.Rows) != 2 || doc.Rows[0].Name != "enqueue" {
		t.Fatalf("got %s, want two rows, enqueue first, with seed 3 and the version of Redis", p.out.String())
	}
	for _, row := range doc.Rows {
		if row.Ours <= 0 || row.Baseline <= 0 || row.Ratio <= 0 {
			t.Errorf("got %+v, want figures above 0", row)
		}
	}
	if n, err := redis.Client().DBSize(t.Context()).Result(); n != 0 || err != nil {
		t.Errorf("%d keys are left (%v)", n, err)
	}
}

func TestBench_RefusesARedisThatIsNotEmpty(t *testing.T) {
	t.Parallel()
	redis := testutil.RealRedis(t)
	if err := redis.Client().Set(t.Context(), "another program's", "work", 0).Err(); err != nil {
		t.Fatal(err)
	}
	refused := func(part string, args ...string) {
		t.Helper()
		p := newProcess(t)
		if code := p.run(append([]string{"bench", "--redis", redis.URL()}, args...)...); code != cli.BadUsage {
			t.Errorf("exit %d, want %d", code, cli.BadUsage)
		}
		want(t, p.err.String(), part)
	}
	refused("is not empty")
	refused("--scale must be a number above 0", "--scale", "NaN")
	if n, err := redis.Client().DBSize(t.Context()).Result(); n != 1 || err != nil {
		t.Errorf("%d keys are left (%v), want the one that was there", n, err)
	}
	refused("there is no row", "--only", "speed")
}
