//go:build flatmemory

package workercmd_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestBench_MeasuresFlatMemoryAndManyGroups(t *testing.T) {
	t.Parallel()
	redis := testutil.RealRedis(t)
	p := newProcess(t)
	code := p.run("bench", "--redis", redis.URL(), "--only", "memory,flat,million", "--scale", "0.01", "--output", "json")
	var doc struct {
		Rows []struct {
			Name   string
			Ours   float64
			Unit   string
			Detail []struct {
				Name  string
				Value float64
			}
		}
	}
	if err := json.Unmarshal([]byte(p.out.String()), &doc); err != nil || code != cli.Done {
		t.Fatalf("exit %d, %v: %s", code, err, p.err.String())
	}
	seen := map[string]float64{}
	for _, row := range doc.Rows {
		if row.Ours <= 0 {
			t.Errorf("%s: nothing was measured", row.Name)
		}
		for _, d := range row.Detail {
			seen[row.Name+": "+d.Name] = d.Value
		}
	}
	for _, name := range []string{"memory: record", "memory: people", "memory: task", "million: status, p50", "million: search by phone, p50"} {
		if seen[name] <= 0 {
			t.Errorf("%q was not measured: %v", name, seen)
		}
	}
	if last := doc.Rows[len(doc.Rows)-1]; !strings.Contains(last.Unit, "at 10000 groups") || seen["million: looks at each"] != 20 {
		t.Errorf("got %g looks and the unit %q, want 20 looks at 10000 groups", seen["million: looks at each"], last.Unit)
	}
}
