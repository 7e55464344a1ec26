package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	fewGroups        = 1000 // groups of the small installation: enough for a full page of each list
	millionInstances = 100  // instances of the worker that runs meanwhile
	openBatches      = 8    // batches whose groups wait; one more is cancelled, and one is done
	maxLooks         = 1000 // requests of each view: a p99 that rests on fewer varies by a third between runs
)

// unhurried is a pace at which each instance makes its first group at once and none while views are looked at.
var unhurried = config.Pace{Every: time.Hour, Jitter: 0.2, PerDay: 20}

// millionRow requests the views of an installation with few groups and of one with very many in turn, through the
// HTTP API and the page, while a worker with a hundred instances runs in each. Both have the same number
// of batches, instances and pools, and every list has a full page. The command line shows the same views as the API.
func millionRow(ctx context.Context, o Options) (Row, error) {
	many := o.scaled(1_000_000, 2*fewGroups)
	provider, err := newStand()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	small, drop, err := another(ctx)
	if err != nil {
		return Row{}, err
	}
	defer drop()
	few, err := newFixture(ctx, small, o.Seed, fewGroups, millionInstances)
	if err != nil {
		return Row{}, err
	}
	begun := time.Now()
	full, err := newFixture(ctx, o.Redis, o.Seed, many, millionInstances)
	if err != nil {
		return Row{}, err
	}
	rate := float64(many) / time.Since(begun).Seconds()
	for _, one := range []*fixture{few, full} {
		if err := one.open(ctx, provider.URL); err != nil {
			return Row{}, err
		}
		defer one.close()
	}
	looks := min(o.scaled(maxLooks, 20), maxLooks)
	names := slices.Sorted(maps.Keys(full.views()))
	took, err := inTurn(ctx, looks, names, full, few)
	if err != nil {
		return Row{}, err
	}
	row := Row{
		Unit: fmt.Sprintf("ms, p99 of the slowest view at %d groups", many), Against: fmt.Sprintf("the same view at %d", fewGroups),
		Least: "p99 ≤ 100 ms and ≥ 0.5 (twice as long)", Aim: "0.83 (1.2 times)", Ratio: 1e9,
	}
	for _, name := range names {
		a, b := took[0][name], took[1][name]
		if a.p99 > row.Ours {
			row.Ours, row.Baseline = a.p99, b.p99
		}
		row.Ratio = min(row.Ratio, b.p99/a.p99)
		row.Detail = append(row.Detail,
			Measurement{name + ", p50", a.p50, "ms"}, Measurement{"p99", a.p99, "ms"},
			Measurement{fmt.Sprintf("p50 at %d", fewGroups), b.p50, "ms"}, Measurement{"p99", b.p99, "ms"},
			Measurement{"times", a.p50 / b.p50, "p50"}, Measurement{"and", a.p99 / b.p99, "p99"})
	}
	row.Detail = append(row.Detail,
		Measurement{"looks at each", float64(looks), ""},
		Measurement{"accepted at", rate, "rows/s"})
	return row, nil
}

// another starts a second Redis, beside the one that the bench is given. drop removes it.
func another(ctx context.Context) (conn *redisconn.Conn, drop func(), err error) {
	dir, err := os.MkdirTemp("", "rollcall-bench-")
	if err != nil {
		return nil, nil, err
	}
	if conn, err = redisconn.Open(ctx, "embedded:"+dir); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return conn, func() { _ = errors.Join(conn.Close(), os.RemoveAll(dir)) }, nil
}

// fixture is an installation with groups to view.
type fixture struct {
	*desk

	conn              *redisconn.Conn
	seed              uint64
	groups, instances int
	first             int          // index of the first group that waits
	random            *rand.Rand   // draws what is searched for
	batch, one        string       // the latest open batch, and a group of it
	job               string       // a bulk job that has ended
	stop              func() error // stops its worker
}

// newFixture accepts so many groups: one for each instance, which the worker creates at once, and the others in
// batches of one size. Every third of these is for the first instance, the rest are for the pool. A bulk job cancels
// one of the batches.
func newFixture(ctx context.Context, conn *redisconn.Conn, seed uint64, groups, instances int) (*fixture, error) {
	f := &fixture{conn: conn, seed: seed, instances: instances, random: rand.New(rand.NewPCG(seed, 2))}
	client, err := enqueue.New(ctx, conn.Client(), enqueue.Options{})
	if err != nil {
		return nil, err
	}
	each := (groups - instances) / (openBatches + 1)
	f.first, f.groups = instances+each, instances+(openBatches+1)*each
	accept := func(name string, from, to int, instance func(i int) string) (batch, last string, err error) {
		rows := func(yield func(tasks.GroupRequest) bool) {
			for i := from; i < to; i++ {
				r := Request(seed, i)
				if r.Instance = instance(i); !yield(r) {
					return
				}
			}
		}
		sum, err := client.CreateBatch(ctx, name, enqueue.Rules{}, enqueue.Rows(rows), func(r enqueue.Result) error { last = r.ID; return nil })
		return sum.BatchID, last, err
	}
	if _, _, err := accept("done", 0, instances, nameOf); err != nil {
		return nil, err
	}
	third := func(i int) string {
		if i%3 == 0 {
			return nameOf(0)
		}
		return ""
	}
	cancelled := ""
	for n := range openBatches + 1 {
		from := instances + n*each
		batch, last, err := accept(fmt.Sprintf("file %d", n), from, from+each, third)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			cancelled = batch
		}
		f.batch, f.one = batch, last
	}
	return f, f.cancel(ctx, cancelled)
}

// cancel cancels a batch by a bulk job, at full speed.
func (f *fixture) cancel(ctx context.Context, batch string) error {
	h, err := newControls(ctx, f.conn.Client())
	if err != nil {
		return err
	}
	defer h.pacer.Close()
	ended := make(chan store.Job, 1)
	runner := operate.NewRunner(operate.RunnerConfig{
		Control: h.control, Name: "bench", Rate: 1_000_000, Poll: 10 * time.Millisecond, Ended: func(j store.Job) { ended <- j },
	})
	job, err := h.control.BeginBulk(ctx, operate.Bulk{Action: operate.BulkCancel, Filter: store.Filter{BatchID: batch}})
	if err != nil {
		return err
	}
	f.job = job.ID
	runner.Start(ctx)
	defer runner.Stop()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// open starts the worker, waits until each instance has created its group, and opens the desk. Then it waits until
// Redis has rewritten its append-only file: meanwhile nothing can be measured on a machine with two cores.
func (f *fixture) open(ctx context.Context, provider string) (err error) {
	if f.stop, err = work(ctx, f.conn, configOf(provider, f.instances, unhurried)); err != nil {
		return err
	}
	if err := until(ctx, f.conn.Client(), f.instances); err != nil {
		return err
	}
	if f.desk, err = newDesk(ctx, f.conn.Client()); err != nil {
		return err
	}
	return waitForZero(ctx, f.conn.Client(), "persistence", "aof_rewrite_in_progress")
}

func (f *fixture) close() {
	if f.desk != nil {
		f.desk.Close()
	}
	if f.stop != nil {
		_ = f.stop()
	}
}

// seen is how long a view took, in ms.
type seen struct{ p50, p99 float64 }

// views returns the requests of all views, by name: those of the API and the page whose cost depends only on what
// they show.
func (f *fixture) views() map[string]func() request {
	get := func(path string) func() request { return func() request { return request{path: path} } }
	one := func() tasks.GroupRequest { // of the pool: a group of one instance is described without the other instances
		for {
			if i := f.first + f.random.IntN(f.groups-f.first); i%3 != 0 {
				return Request(f.seed, i)
			}
		}
	}
	number := func() string { return url.QueryEscape(string(one().Phones[f.random.IntN(10)])) }
	name := func() string { return url.QueryEscape(one().GroupName) }
	return map[string]func() request{
		"status":            get("/v1/status"),
		"list":              get("/v1/groups?limit=50"),
		"list by status":    get("/v1/groups?limit=50&status=queued"),
		"list by done":      get("/v1/groups?limit=50&status=done"),
		"list by batch":     get("/v1/groups?limit=50&batchId=" + f.batch),
		"list by instance":  get("/v1/groups?limit=50&instance=" + nameOf(0)),
		"search by phone":   func() request { return request{path: "/v1/groups?phone=" + number()} },
		"group":             get("/v1/groups/" + f.one),
		"group, explained":  get("/v1/groups/" + f.one + "/explain"),
		"list of batches":   get("/v1/batches"),
		"batch":             get("/v1/batches/" + f.batch),
		"list of instances": get("/v1/instances"),
		"history":           get("/v1/history?days=90"),
		"bulk, a job":       get("/v1/bulk/" + f.job),
		"bulk, outcomes":    get("/v1/bulk/" + f.job + "/outcomes?limit=50"),
		"bulk, dry run": func() request {
			return request{"/v1/bulk", "application/json", `{"action": "cancel", "filter": {"status": ["queued"]}, "dryRun": true}`}
		},
		"page, overview":       get("/"),
		"page, problems":       get("/problems"),
		"page, history":        get("/history"),
		"page, instances":      get("/instances"),
		"page, instance":       get("/instances/" + nameOf(0)),
		"page, batches":        get("/batches"),
		"page, batch":          get("/batches/" + f.batch),
		"page, group":          get("/groups/" + f.one),
		"page, groups":         get("/groups"),
		"page, groups by pool": get("/groups?status=queued&pool=" + tasks.DefaultPool),
		"page, groups by day":  get("/groups?from=" + time.Now().UTC().Format(time.DateOnly)),
		"page, groups by name": func() request { return request{path: "/groups?name=" + name()} },
		"page, bulk": func() request {
			return request{"/bulk", "application/x-www-form-urlencoded", "action=cancel&query=status%3Dqueued"}
		},
		"page, bulk job":          get("/jobs/" + f.job),
		"page, search of a phone": func() request { return request{"/search", "application/x-www-form-urlencoded", "q=" + number()} },
	}
}

// warm is how many first requests of each view do not count: they connect and load scripts.
const warm = 5

// turnTime is how long a view is requested in each turn, at least once and ten times at most. The p99 of a view that
// takes a fraction of a millisecond is mostly pauses of this process, which are rare, so it needs more samples.
const turnTime = 4 * time.Millisecond

// inTurn requests the views of some installations in turn, looks times, and returns their times by installation and
// name.
func inTurn(ctx context.Context, looks int, names []string, some ...*fixture) ([]map[string]seen, error) {
	views, took := make([]map[string]func() request, len(some)), make([]map[string][]time.Duration, len(some))
	for i, f := range some {
		views[i], took[i] = f.views(), map[string][]time.Duration{}
	}
	look := func(i int, name string) error {
		begun := time.Now()
		if err := some[i].send(ctx, views[i][name]()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		took[i][name] = append(took[i][name], time.Since(begun))
		return nil
	}
	often := map[string]int{}
	for n := range warm + looks {
		for _, name := range names {
			for k := range max(1, often[name]) * len(some) {
				if err := look((k+n)%len(some), name); err != nil { // each goes first in turn
					return nil, err
				}
			}
			if n == warm-1 {
				often[name] = int(min(10, turnTime/slices.Min(took[0][name])))
				for i := range some {
					took[i][name] = nil
				}
			}
		}
	}
	all := make([]map[string]seen, len(some))
	for i := range some {
		all[i] = map[string]seen{}
		for name, times := range took[i] {
			slices.Sort(times)
			all[i][name] = seen{milliseconds(times[len(times)/2]), milliseconds(times[len(times)*99/100])}
		}
	}
	return all, nil
}
