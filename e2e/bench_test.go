package e2e

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestWorkerBench_StartsItsOwnWorkersAndEmptiesRedis(t *testing.T) {
	t.Parallel()
	redis, dir := testutil.RealRedis(t), t.TempDir()
	cmd := exec.CommandContext(context.Background(), worker, "bench", "--redis", redis.URL(), "--only", "instances", "--scale", "0.0025", "--output", "json")
	var stdout, stderr strings.Builder
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = environment(dir), dir, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var doc struct {
		Rows []struct {
			Detail []struct {
				Name  string
				Value float64
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout.String()), &doc); err != nil || len(doc.Rows) != 1 {
		t.Fatalf("%v: %s", err, stdout.String())
	}
	seen := map[string]float64{}
	for _, d := range doc.Rows[0].Detail {
		seen[d.Name] = d.Value
	}
	t.Logf("%v", seen)
	for _, setup := range []string{"one", "three"} { // worker processes
		if seen[setup+": groups"] != 50 || seen[setup+": gaps"] != 40 || seen[setup+": violations"] != 0 {
			t.Errorf("%s: %g groups with %g gaps, %g of them too short, want 50, 40 and 0", setup, seen[setup+": groups"], seen[setup+": gaps"], seen[setup+": violations"])
		}
		if seen[setup+": a worker's memory"] <= 0 || seen[setup+": started after"] <= 0 {
			t.Errorf("%s: no memory or no start time was measured: %v", setup, seen)
		}
	}
	left, err := redis.Client().DBSize(t.Context()).Result()
	if err != nil || left != 0 {
		t.Errorf("%d keys are left (%v), want none", left, err)
	}
}
