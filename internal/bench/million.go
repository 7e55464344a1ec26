package bench

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	fewGroups  = 1000   // what a full store is compared with
	rowsABatch = 50_000 // a large file
	viewers    = 100    // instances of the worker that runs meanwhile, …
	ownGroups  = 10     // … of which so many have groups of their own
)

// usualPace is that of the configuration without a pacing of its own.
var usualPace = config.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}

// millionRow looks at few groups and at very many, through the HTTP API and the page, while a worker with a hundred
// instances runs. The command line's views are the API's.
func millionRow(ctx context.Context, o Options) (Row, error) {
	many := o.scaled(100_000, 2*fewGroups)
	provider, err := newStand()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	accepted, err := fill(ctx, o, 0, fewGroups)
	if err != nil {
		return Row{}, err
	}
	stop, err := work(ctx, o.Redis, configOf(provider.URL, viewers, usualPace))
	if err != nil {
		return Row{}, err
	}
	defer func() { _ = stop() }()
	desk, err := newDesk(ctx, o.Redis.Client())
	if err != nil {
		return Row{}, err
	}
	defer desk.Close()
	// Each instance makes its first group at once and the next in five minutes.
	if err := until(ctx, o.Redis.Client(), viewers); err != nil {
		return Row{}, err
	}
	few, err := desk.look(ctx, o, fewGroups)
	if err != nil {
		return Row{}, err
	}
	begun := time.Now()
	more, err := fill(ctx, o, fewGroups, many)
	if err != nil {
		return Row{}, err
	}
	took := time.Since(begun)
	// Redis rewrites its log each time that it has doubled. On a machine with two cores nothing else
	// can be measured meanwhile.
	if err := idle(ctx, o.Redis.Client(), "persistence", "aof_rewrite_in_progress"); err != nil {
		return Row{}, err
	}
	full, err := desk.look(ctx, o, many)
	if err != nil {
		return Row{}, err
	}
	row := Row{
		Unit: fmt.Sprintf("ms, p99 of the slowest view at %d groups", many), Against: fmt.Sprintf("the same view at %d", fewGroups),
		Least: "p99 ≤ 100 ms and ≥ 0.5 (twice as long)", Aim: "0.83 (1.2 times)", Ratio: 1e9,
	}
	for _, name := range slices.Sorted(maps.Keys(full)) {
		a, b := full[name], few[name]
		if a.p99 > row.Ours {
			row.Ours, row.Baseline = a.p99, b.p99
		}
		row.Ratio = min(row.Ratio, b.p99/a.p99)
		row.Detail = append(row.Detail,
			Measurement{name + ", p50", a.p50, "ms"}, Measurement{"p99", a.p99, "ms"},
			Measurement{fmt.Sprintf("p50 at %d", fewGroups), b.p50, "ms"}, Measurement{"p99", b.p99, "ms"},
			Measurement{"processor time", a.cpu, "ms"}, Measurement{fmt.Sprintf("processor time at %d", fewGroups), b.cpu, "ms"})
	}
	row.Detail = append(row.Detail,
		Measurement{"accepted meanwhile", float64(more), "rows"}, Measurement{"at", float64(more) / took.Seconds(), "rows/s"},
		Measurement{"accepted first", float64(accepted), "rows"})
	return row, nil
}

// fill accepts the groups from one number to another, in batches as large files make them: every tenth
// for one of a few instances, the others for the pool.
func fill(ctx context.Context, o Options, from, to int) (int, error) {
	client, err := enqueue.New(ctx, o.Redis.Client(), enqueue.Options{})
	if err != nil {
		return 0, err
	}
	all := 0
	for ; from < to; from += rowsABatch {
		end := min(from+rowsABatch, to)
		rows := func(yield func(tasks.GroupRequest) bool) {
			for i := from; i < end; i++ {
				r := Request(o.Seed, i)
				if i%10 == 0 {
					r.Instance = nameOf(i / 10 % ownGroups)
				}
				if !yield(r) {
					return
				}
			}
		}
		sum, err := client.CreateBatch(ctx, fmt.Sprintf("file %d", from), enqueue.Rules{}, enqueue.Rows(rows), func(enqueue.Result) error { return nil })
		if err != nil {
			return all, err
		}
		all += sum.Created
	}
	return all, nil
}

// desk is the HTTP API and the page, as `rollcall-producer serve` serves them, and a client of both.
type desk struct {
	url    string
	page   *admin.Page
	served *api.API
	server *http.Server
	rdb    redis.UniversalClient
	pacer  *pacing.Pacer
	batch  string
}

func newDesk(ctx context.Context, rdb redis.UniversalClient) (*desk, error) {
	st, err := store.Open(ctx, rdb, store.Options{})
	if err != nil {
		return nil, err
	}
	client, err := enqueue.New(ctx, rdb, enqueue.Options{})
	if err != nil {
		return nil, err
	}
	batch, err := st.Index.BatchID(ctx, "file 0")
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &desk{url: "http://" + listener.Addr().String(), rdb: rdb, pacer: pacing.New(rdb, pacing.WithNumbers(st.Presence.Numbers)), batch: batch}
	q := queue.New(rdb, st.Lines)
	who, status := auth.New(auth.Config{Trail: st.Trail}), view.New(st, d.pacer, q)
	control := operate.New(operate.Config{Store: st, Queue: q, Pacer: d.pacer, Audit: &audit.Log{Trail: st.Trail}})
	if d.page, err = admin.New(admin.Config{Auth: who, Store: st, Status: status, Enqueue: client, Control: control, Log: zerolog.Nop()}); err != nil {
		return nil, err
	}
	d.served = api.New(api.Config{
		Auth: who, Store: st, Status: status, Enqueue: client, Control: control, Page: d.page, Metrics: metrics.New().Handler(), Log: zerolog.Nop(),
		Ping: func(ctx context.Context) error { return rdb.Ping(ctx).Err() },
	})
	d.server = &http.Server{Handler: d.served, ReadHeaderTimeout: time.Minute}
	go func() { _ = d.server.Serve(listener) }()
	return d, nil
}

func (d *desk) Close() {
	_ = d.server.Close()
	d.served.Close()
	d.page.Close()
	d.pacer.Close()
}

// seen is how long a view took, and the processor time of ours and of Redis, in ms.
type seen struct{ p50, p99, cpu float64 }

// look asks for every view in turn, again and again.
func (d *desk) look(ctx context.Context, o Options, groups int) (map[string]seen, error) {
	random := rand.New(rand.NewPCG(o.Seed, 2))
	instance := func() string { return nameOf(random.IntN(ownGroups)) }
	number := func() string { return url.QueryEscape(person(o.Seed, random.IntN(groups), random.IntN(10))) }
	views := map[string]func() request{
		"status":            func() request { return request{path: "/v1/status"} },
		"list":              func() request { return request{path: "/v1/groups?limit=50"} },
		"list by status":    func() request { return request{path: "/v1/groups?limit=50&status=queued"} },
		"list by done":      func() request { return request{path: "/v1/groups?limit=50&status=done"} },
		"list by batch":     func() request { return request{path: "/v1/groups?limit=50&batchId=" + d.batch} },
		"list by instance":  func() request { return request{path: "/v1/groups?limit=50&instance=" + instance()} },
		"search by phone":   func() request { return request{path: "/v1/groups?phone=" + number()} },
		"list of batches":   func() request { return request{path: "/v1/batches"} },
		"list of instances": func() request { return request{path: "/v1/instances"} },
		"history":           func() request { return request{path: "/v1/history?days=90"} },
		"bulk, dry run": func() request {
			return request{"/v1/bulk", "application/json", `{"action": "cancel", "filter": {"status": ["queued"]}, "dryRun": true}`}
		},
		"page, overview":       func() request { return request{path: "/"} },
		"page, problems":       func() request { return request{path: "/problems"} },
		"page, history":        func() request { return request{path: "/history"} },
		"page, batch":          func() request { return request{path: "/batches/" + d.batch} },
		"page, groups":         func() request { return request{path: "/groups"} },
		"page, groups by pool": func() request { return request{path: "/groups?status=queued&pool=" + tasks.DefaultPool} },
		"page, groups by day":  func() request { return request{path: "/groups?from=" + time.Now().UTC().Format(time.DateOnly)} },
		"page, groups by name": func() request {
			return request{path: "/groups?name=" + url.QueryEscape(nameOfGroup(o.Seed, random.IntN(groups)))}
		},
		"page, search of a phone": func() request { return request{"/search", "application/x-www-form-urlencoded", "q=" + number()} },
	}
	names := slices.Sorted(maps.Keys(views))
	took, cpu := map[string][]time.Duration{}, map[string]float64{}
	looks := min(o.scaled(200, 20), 200)
	for n := range looks + 5 {
		for _, name := range names {
			before, err := spent(ctx, d.rdb)
			if err != nil {
				return nil, err
			}
			begun := time.Now()
			if err := d.asks(ctx, views[name]()); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			passed := time.Since(begun)
			after, err := spent(ctx, d.rdb)
			if err != nil {
				return nil, err
			}
			if n >= 5 { // the first ones connect
				took[name], cpu[name] = append(took[name], passed), cpu[name]+after-before
			}
		}
	}
	all := map[string]seen{}
	for name, times := range took {
		slices.Sort(times)
		all[name] = seen{milliseconds(times[len(times)/2]), milliseconds(times[len(times)*99/100]), 1000 * cpu[name] / float64(looks)}
	}
	return all, nil
}

// person is the number of the k-th person of the n-th group.
func person(seed uint64, n, k int) string { return string(Request(seed, n).Phones[k]) }

// nameOfGroup is the name of the n-th group.
func nameOfGroup(seed uint64, n int) string { return Request(seed, n).GroupName }

// request is a GET, or with a body of some kind a POST.
type request struct{ path, kind, body string }

// asks sends a request and follows where the answer leads.
func (d *desk) asks(ctx context.Context, a request) error {
	method := http.MethodGet
	if a.kind != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, d.url+a.path, strings.NewReader(a.body))
	if err != nil {
		return err
	}
	if a.kind != "" {
		r.Header.Set("Content-Type", a.kind)
	}
	res, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is answered %s", res.Request.URL.Path, res.Status)
	}
	return nil
}
