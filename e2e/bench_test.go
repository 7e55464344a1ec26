package e2e

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestWorkerBench_RunsItsOwnWorkersAndEndsThem(t *testing.T) {
	t.Parallel()
	redis, dir := testutil.RealRedis(t), t.TempDir()
	cmd := exec.CommandContext(context.Background(), worker, "bench", "--redis", redis.URL(), "--only", "instances", "--scale", "0.0025", "--output", "json")
	var out, said strings.Builder
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = environment(dir), dir, &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var doc struct {
		Rows []struct {
			Ours   float64
			Detail []struct {
				Name  string
				Value float64
			}
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &doc); err != nil || len(doc.Rows) != 1 {
		t.Fatalf("%v: %s", err, out.String())
	}
	seen := map[string]float64{}
	for _, d := range doc.Rows[0].Detail {
		seen[d.Name] = d.Value
	}
	t.Logf("%v", seen)
	for _, who := range []string{"one", "three"} {
		if seen[who+": groups"] != 50 || seen[who+": gaps"] != 40 || seen[who+": violations"] != 0 {
			t.Errorf("%s: %g groups with %g gaps, %g of them too short, want 50, 40 and 0", who, seen[who+": groups"], seen[who+": gaps"], seen[who+": violations"])
		}
		if seen[who+": a worker's memory"] <= 0 || seen[who+": started after"] <= 0 {
			t.Errorf("%s: nothing was measured: %v", who, seen)
		}
	}
	left, err := redis.Client().DBSize(t.Context()).Result()
	if err != nil || left != 0 {
		t.Errorf("%d keys are left (%v)", left, err)
	}
}
