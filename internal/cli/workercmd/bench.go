package workercmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/bench"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
)

type benchOptions struct {
	only     []string
	scale    float64
	seed     uint64
	producer string
}

// benchReport is the document of `rollcall-worker bench --output json`.
type benchReport struct {
	Machine bench.Machine `json:"machine"`
	Version cli.Version   `json:"version"`
	Seed    uint64        `json:"seed"`
	Scale   float64       `json:"scale"`
	Rows    []bench.Row   `json:"rows"`
}

func newBenchCommand(o *cli.IO, common *cli.Common) *cobra.Command {
	opts := benchOptions{}
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure this machine", Args: cobra.NoArgs,
		Long: `Measure what rollcall does on this machine with this Redis, each time beside a baseline in the same
run: bare asynq with the same payloads, the same HTTP calls and the same concurrency, or rollcall itself
under easier conditions. To compare two machines, compare the ratios, not the figures.

The Redis must be empty, because the bench fills and flushes it: name a separate one with --redis.
Most rows take seconds (instances three minutes, million five), all together about a quarter of an hour.
--scale makes them shorter and coarser, or larger: the row flat reads 100,000 groups, and 500,000 with
--only flat --scale 5. The row million also needs a redis-server on PATH. The row crowd, 100,000
instances that all have work for a quarter of an hour, is measured only when --only names it.

Rows: ` + strings.Join(bench.Names(), ", ") + ` (docs/notes/performance.md).`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := common.Open(o, program)
			if err != nil {
				return err
			}
			return runBench(cmd.Context(), s, opts)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&opts.only, "only", nil, "measure these `ROWS`, separated by commas (default all but crowd)")
	f.Float64Var(&opts.scale, "scale", 1, "take `X` times as many groups")
	f.Uint64Var(&opts.seed, "seed", 1, "seed of the random phone numbers and times: `N`")
	f.StringVar(&opts.producer, "producer", "", "measure the memory of this `PROGRAM` (default: rollcall-producer beside this one or on PATH)")
	cmd.Example = `redis-server --port 6390 --appendonly yes --save "" --dir "$(mktemp -d)" &
rollcall-worker bench --redis redis://127.0.0.1:6390/0
rollcall-worker bench --redis redis://127.0.0.1:6390/0 --only enqueue,process --output json`
	return cli.WithExit(cmd,
		"0    measured",
		"1    a measurement failed",
		"2    the command line is wrong, or the Redis is not empty",
		"5    Redis cannot be reached")
}

func runBench(ctx context.Context, s *cli.Session, o benchOptions) error {
	for _, name := range o.only {
		if !slices.Contains(bench.Names(), name) {
			return cli.Usage("--only: there is no row %q; the rows are %s", name, strings.Join(bench.Names(), ", "))
		}
	}
	if !(o.scale > 0) || math.IsInf(o.scale, 1) { // NaN is not above 0
		return cli.Usage("--scale must be a number above 0, not %g", o.scale)
	}
	cfg, err := s.Settings(config.Neither())
	if err != nil {
		return err
	}
	conn, err := openRedis(ctx, s, cfg, func(text string) { s.Warn("%s", text) })
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	report := benchReport{Version: cli.ReadVersion(), Seed: o.seed, Scale: o.scale}
	if report.Machine, err = bench.ReadMachine(ctx, conn.Client()); err != nil {
		return err
	}
	err = bench.Run(ctx, bench.Options{
		Redis: conn, Only: o.only, Scale: o.scale, Seed: o.seed,
		Producer: o.producer,
		Started:  func(name, what string) { s.Say("%s: %s", name, what) },
	}, func(r bench.Row) error {
		report.Rows = append(report.Rows, r)
		return nil
	})
	if errors.Is(err, bench.ErrNotEmpty) {
		return cli.Exit(cli.BadUsage, fmt.Errorf("%w at %s; a bench fills and flushes its Redis, so name a separate one with --redis", err, conn.URL()))
	}
	if err != nil {
		return err
	}
	return cli.Print(s, report, report.Rows, func(p *cli.Page) { printBench(p, report) })
}

func printBench(p *cli.Page, r benchReport) {
	p.Printf("%s\nrollcall %s, seed %d, scale %g\n\n", r.Machine, r.Version.Version, r.Seed, r.Scale)
	rows := make([][]string, len(r.Rows))
	for i, row := range r.Rows {
		rows[i] = []string{row.Name, figure(row.Ours), figure(row.Baseline), figure(row.Ratio), row.Least, row.Aim, row.Unit}
	}
	p.Table([]string{"ROW", "OURS", "BASELINE", "RATIO", "AT LEAST", "AIM", "UNIT"}, rows)
	p.Printf("\n")
	for _, row := range r.Rows {
		p.Printf("%s: %s", row.Name, row.What)
		if row.Against != "" {
			p.Printf("; the baseline is %s", row.Against)
		}
		for _, d := range row.Detail {
			p.Printf("; %s %s", d.Name, strings.TrimSpace(figure(d.Value)+" "+d.Unit))
		}
		p.Printf(" (%s)\n", row.Took)
	}
}

// figure shows a value with at least three significant digits.
func figure(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}
