package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// option is a documented option that affects the main job, and the values to test.
type option struct {
	name   string
	values []string
}

// options are the columns of the table. pairStage gives each value its meaning.
var options = []option{
	{"redis", []string{"single", "cluster", "sentinel", "embedded"}},
	{"invites", []string{"zapi text", "zapi native", "greenapi"}},
	{"wait_replicas", []string{"0", "1"}},
	{"encryption", []string{"off", "on"}},
	{"require_consent", []string{"false", "true"}},
	{"require_durable", []string{"false", "true"}},
	{"workers", []string{"1", "2"}},
	{"roll call", []string{"same step", "own task"}},
	{"days", []string{"no cap", "cap and quiet hours of a zone"}},
	{"create answers", []string{"plainly", "lost"}},
	{"on_leave", []string{"group", "all"}},
	{"webhooks", []string{"none", "one"}},
	{"accepted by", []string{"command", "API"}},
}

// impossible are the pairs that the configuration refuses.
var impossible = []map[string]string{
	{"redis": "embedded", "wait_replicas": "1"},
}

// row is one value of each option.
type row []string

func (r row) value(name string) string {
	return r[slices.IndexFunc(options, func(o option) bool { return o.name == name })]
}

// possible reports whether a row, which may be incomplete, has no impossible pair.
func (r row) possible() bool {
	return !slices.ContainsFunc(impossible, func(pair map[string]string) bool {
		for name, value := range pair {
			if r.value(name) != value {
				return false
			}
		}
		return true
	})
}

// pair is a value of each of two options.
type pair struct {
	a, b   int
	va, vb string
}

// pairs are all possible pairs, in a fixed order.
func pairs() []pair {
	var all []pair
	for a := range options {
		for b := a + 1; b < len(options); b++ {
			for _, va := range options[a].values {
				for _, vb := range options[b].values {
					r := make(row, len(options))
					if r[a], r[b] = va, vb; r.possible() {
						all = append(all, pair{a, b, va, vb})
					}
				}
			}
		}
	}
	return all
}

// pairTable returns a few rows that contain every pair. Each row begins with the first missing pair, and has for each
// other option the value that adds the most new pairs.
func pairTable() []row {
	open := pairs()
	var table []row
	for len(open) > 0 {
		r := make(row, len(options))
		r[open[0].a], r[open[0].b] = open[0].va, open[0].vb
		for at := range options {
			if r[at] != "" {
				continue
			}
			best, most := "", -1
			for _, v := range options[at].values {
				r[at] = v
				n := len(open) - len(r.without(open))
				if r.possible() && n > most {
					best, most = v, n
				}
			}
			r[at] = best
		}
		table, open = append(table, r), r.without(open)
	}
	return table
}

// without are the pairs that do not occur in a row.
func (r row) without(all []pair) []pair {
	return slices.DeleteFunc(slices.Clone(all), func(p pair) bool { return r[p.a] == p.va && r[p.b] == p.vb })
}

// Options are documented one by one and set together. So the main job (create, roll call, invite,
// done) is run with every pair of values at least once.
func TestEveryPairOfOptions_RunsTheMainJob(t *testing.T) {
	t.Parallel()
	table := pairTable()
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, o := range options {
		fmt.Fprint(w, o.name, "\t")
	}
	missing := pairs()
	for _, r := range table {
		fmt.Fprint(w, "\n", strings.Join(r, "\t"), "\t")
		missing = r.without(missing)
	}
	_ = w.Flush()
	t.Logf("%d rows hold all %d pairs:\n%s", len(table), len(pairs()), text.String())
	if len(missing) > 0 {
		t.Fatalf("pairs that occur in no row: %v", missing)
	}
	for i, r := range table {
		t.Run(fmt.Sprintf("%02d", i+1), func(t *testing.T) {
			t.Parallel()
			t.Logf("%s", strings.Join(r, ", "))
			runMainJob(t, r, uint64(100+i)) //nolint:gosec // never negative
		})
	}
}

const pairGroups = 4 // in a row's file

func runMainJob(t *testing.T, r row, seed uint64) {
	t.Helper()
	told := &receiver{}
	s := pairStage(t, r, seed, told)
	s.worker("worker", s.config)
	if r.value("workers") == "2" {
		s.worker("second", s.config)
	}
	if r.value("create answers") == "lost" {
		s.order(
			simulator.Script{Method: "create", Group: "Group 1", Fault: "500-but-created"},
			simulator.Script{Method: "create", Group: "Group 2", Fault: "reset-before"},
		)
	}
	var lines strings.Builder
	for i := range pairGroups {
		fmt.Fprintf(&lines, `{"groupName": "Group %d", "instance": %q, "phones": [`, i, s.instances[i%2].name)
		for n := range 6 {
			fmt.Fprintf(&lines, `"+55119%d%d%05d",`, 70+i, n, seed)
		}
		fmt.Fprintf(&lines, `"+55119%d9%05d"], "consent": {"source": "form 7", "at": "2026-11-02T10:00:00Z"}}`+"\n", 70+i, seed)
	}
	s.accept(r.value("accepted by") == "API", lines.String())

	groups := s.settle()
	f := s.judge(groups)
	if f.outcomes["done"] != pairGroups || f.statuses["invited"] == 0 {
		t.Errorf("want %d groups done and a person invited: %v", pairGroups, f)
		for _, g := range groups {
			t.Log(g)
		}
	}
	if lost := r.value("create answers") == "lost"; lost != (f.adopted == 1) {
		t.Errorf("answers are lost: %v, and %d groups were adopted", lost, f.adopted)
	}
	var b batch
	s.document(&b, []string{"status", "pairs"}, 0)
	if b.Status != "done" || b.Total != pairGroups {
		t.Errorf("the batch is %+v", b)
	}
	if r.value("webhooks") == "one" {
		until(t, 50*time.Millisecond, "the webhook has heard of every group and of the batch", func() bool {
			return told.count("group.completed") == pairGroups && told.count("batch.completed") == 1
		}, func() string { return fmt.Sprint(told.all()) })
	}
}

// pairStage is the configuration that a row describes, with two instances.
func pairStage(t *testing.T, r row, seed uint64, told *receiver) *stage {
	t.Helper()
	// With a short timeout, a create that a busy machine answers late would be in doubt.
	sc := script{seed: seed, timeout: "60s", quirks: []quirk{blocked(0.4)}}
	replicated := r.value("wait_replicas") == "1"
	switch r.value("redis") {
	case "single":
		master := testutil.RealRedis(t)
		if sc.url = master.URL(); replicated {
			testutil.Replica(t, master)
		}
	case "cluster":
		c := testutil.Cluster(t)
		if sc.url = c.URL(); replicated {
			c.Replicate(t)
		}
	case "sentinel":
		sc.url = testutil.WatchedRedis(t).URL()
	case "embedded":
		dir := t.TempDir()
		t.Cleanup(func() { testutil.RedisEnds(t, dir) })
		sc.url = "embedded:" + filepath.Join(dir, "data")
	}
	if replicated {
		sc.waitReplicas = 1
	}
	if r.value("encryption") == "on" {
		sc.encryptionKey = "k1:" + strings.Repeat("A", 43) + "="
		sc.redisMore += fmt.Sprintf(", encryption_key: %q", sc.encryptionKey)
	}
	sc.redisMore += ", require_durable: " + r.value("require_durable")
	if r.value("roll call") == "own task" {
		sc.roll = "50ms, 150ms"
	}
	if r.value("days") != "no cap" {
		zone, err := time.LoadLocation("America/Sao_Paulo")
		if err != nil {
			t.Fatal(err)
		}
		night := time.Now().In(zone).Add(6 * time.Hour) // it is day
		sc.zone = "zone: " + zone.String() + "\n      "
		sc.days = fmt.Sprintf("per_day: 1000, quiet_hours: {from: %q, to: %q}", night.Format("15:04"), night.Add(8*time.Hour).Format("15:04"))
	}
	sc.more = "require_consent: " + r.value("require_consent") + "\non_leave: " + r.value("on_leave") + "\n"
	if r.value("webhooks") == "one" {
		address := told.open(t)
		sc.more += "webhooks:\n  - {url: " + address + ", secret: whsec_" + strings.Repeat("A", 32) + ", events: [group.*, batch.completed], allow_private: true}\n"
	}
	for _, name := range []string{"one", "two"} {
		i := instance{name: name, native: r.value("invites") == "zapi native", Instance: simulator.Instance{
			Provider: simulator.ZAPI, ID: "Z" + strings.ToUpper(name), Token: "secret-token-of-" + name, Phone: "551198765000" + fmt.Sprint(len(sc.instances)+1),
		}}
		if r.value("invites") == "greenapi" {
			i.Provider, i.ID = simulator.GreenAPI, "710500000"+fmt.Sprint(len(sc.instances)+1)
		}
		sc.instances = append(sc.instances, i)
	}
	return newStage(t, sc)
}

// accept hands in lines of groups as the batch "pairs".
func (s *stage) accept(api bool, lines string) {
	s.t.Helper()
	if !api {
		s.create(s.file("pairs.ndjson", lines), []int{0}, "--batch", "pairs")
		return
	}
	_, address := s.serve("serve")
	answer, err := http.Post("http://"+address+"/v1/batches?name=pairs", "application/x-ndjson", strings.NewReader(lines))
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var c created
	if err := json.NewDecoder(answer.Body).Decode(&c); err != nil || answer.StatusCode != http.StatusAccepted || c.Created != pairGroups {
		s.t.Fatalf("the API answers %s with %+v, %v", answer.Status, c, err)
	}
}
