package bench

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// overviewInstances is how many instances the installation has.
const overviewInstances = 500

// overviewRow measures the views of all instances of a large installation, in the HTTP API and on the page, while its
// worker runs.
func overviewRow(ctx context.Context, o Options) (Row, error) {
	provider, err := newStand()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	f, err := newFixture(ctx, o.Redis, o.Seed, o.scaled(100_000, 2*overviewInstances), overviewInstances)
	if err != nil {
		return Row{}, err
	}
	defer f.close()
	if err := f.open(ctx, provider.URL); err != nil {
		return Row{}, err
	}
	looks := min(o.scaled(maxLooks, 20), maxLooks)
	all := slices.DeleteFunc(slices.Sorted(maps.Keys(f.views())), func(name string) bool {
		return name != "status" && !strings.HasSuffix(name, "overview") && !strings.HasSuffix(name, "instances")
	})
	took, err := inTurn(ctx, looks, all, f)
	if err != nil {
		return Row{}, err
	}
	row := Row{Unit: "ms p99, the page's overview", Ours: took[0]["page, overview"].p99, Least: "≤ 100, p50 ≤ 50", Aim: "50"}
	for _, name := range all {
		row.Detail = append(row.Detail, Measurement{name + ", p50", took[0][name].p50, "ms"}, Measurement{"p99", took[0][name].p99, "ms"})
	}
	row.Detail = append(row.Detail, Measurement{"looks at each", float64(looks), ""}, Measurement{"groups", float64(f.groups), ""})
	return row, nil
}
