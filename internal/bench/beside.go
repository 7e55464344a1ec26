package bench

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// besideRow times pick-ups while nothing else happens, and while a bulk job in the worker cancels very many groups.
func besideRow(ctx context.Context, o Options) (Row, error) {
	n := o.scaled(100_000, 2000)
	c, err := newCaller(ctx, o)
	if err != nil {
		return Row{}, err
	}
	defer c.close()
	if _, err := c.pickUps(ctx, idleInstances, time.Millisecond); err != nil { // an instance's first one also reads its own number
		return Row{}, err
	}
	later := time.Now().Add(30 * 24 * time.Hour)
	rows := func(yield func(tasks.GroupRequest) bool) {
		for i := range n {
			r := Request(o.Seed, 1_000_000+i)
			if r.NotBefore = &later; !yield(r) {
				return
			}
		}
	}
	sum, err := c.client.CreateBatch(ctx, "later", enqueue.Rules{}, enqueue.Rows(rows), func(enqueue.Result) error { return nil })
	if err != nil {
		return Row{}, err
	}
	if err := waitForZero(ctx, o.Redis.Client(), "persistence", "aof_rewrite_in_progress"); err != nil {
		return Row{}, err
	}
	looks, maxPause := o.scaled(500, 20), 100*time.Millisecond
	alone, err := c.pickUps(ctx, looks, maxPause)
	if err != nil {
		return Row{}, err
	}
	h, err := newControls(ctx, o.Redis.Client())
	if err != nil {
		return Row{}, err
	}
	defer h.pacer.Close()
	job, err := h.control.BeginBulk(ctx, operate.Bulk{Action: operate.BulkCancel, Filter: store.Filter{BatchID: sum.BatchID}})
	if err != nil {
		return Row{}, err
	}
	begun := time.Now()
	beside, err := c.pickUps(ctx, looks, maxPause)
	if err != nil {
		return Row{}, err
	}
	took := time.Since(begun)
	if job, err = h.control.AbortBulk(ctx, job.ID); err != nil {
		return Row{}, err
	}
	slices.Sort(alone)
	slices.Sort(beside)
	p50, p99 := func(d []time.Duration) float64 { return milliseconds(d[len(d)/2]) }, func(d []time.Duration) float64 { return milliseconds(d[len(d)*99/100]) }
	return Row{
		Unit: "ms p99", Ours: p99(beside), Baseline: p99(alone), Against: "the same without the job", Ratio: p99(alone) / p99(beside),
		Least: "0.5", Aim: "1",
		Detail: []Measurement{
			{"p50", p50(beside), "ms"},
			{"p50 without the job", p50(alone), "ms"},
			{"samples", float64(looks), "each"},
			{"groups of the job", float64(n), ""},
			{"cancelled meanwhile", float64(job.Settled()), ""},
			{"at", float64(job.Settled()) / took.Seconds(), "a second"},
		},
	}, nil
}
