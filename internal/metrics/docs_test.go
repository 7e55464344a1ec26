package metrics_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.yaml.in/yaml/v3"

	"github.com/rollcallhq/rollcall/internal/metrics"
)

var update = flag.Bool("update", false, "write docs/metrics.md again")

const docsPath = "../../docs/metrics.md"

const docsHead = `<!-- Generated from the metrics themselves: go test ./internal/metrics -update -->

# Metrics

` + "`rollcall-worker run` serves them at `127.0.0.1:9090/metrics` (`--listen`), `rollcall-producer serve` at `/metrics` (a viewer's key, where there are keys)." + `
Every process reads the metrics of the whole installation from Redis at each scrape, so all processes show
the same: take the ` + "`max`" + ` over them. Add up the metrics of what each process did itself.

The label of an instance is ` + "`instance_name`" + `, because Prometheus keeps ` + "`instance`" + ` for the process that it
asks; a pool's line is ` + "`pool:<pool>`" + `. No label holds a person, a text or an address. The names that
begin with ` + "`asynq_`" + ` are those of github.com/hibiken/asynq/x/metrics, for dashboards made for it (without
its memory usage, which costs Redis a walk through the tasks).

An example of a scrape configuration, alert rules and a Grafana dashboard are in
[examples/prometheus](../examples/prometheus) and [examples/grafana](../examples/grafana).

| metric | type | labels | |
|---|---|---|---|
`

// families returns all metrics of rollcall and asynq, each with a value.
func families(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	m := metrics.New()
	m.Watch(busy(1))
	m.WatchTasks(func() metrics.Tasks { return metrics.Tasks{} })
	m.WatchServer(func() int { return 1 }, func() int { return 1 })
	m.WatchSpans(func() float64 { return 1 })
	exercise(m)
	all, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range described(m) {
		if !slices.ContainsFunc(all, func(f *dto.MetricFamily) bool { return f.GetName() == name }) {
			t.Errorf("%s has no value: let exercise count it, so that the document lists it", name)
		}
	}
	return slices.DeleteFunc(all, func(f *dto.MetricFamily) bool {
		return strings.HasPrefix(f.GetName(), "go_") || strings.HasPrefix(f.GetName(), "process_")
	})
}

var ofDesc = regexp.MustCompile(`fqName: "([^"]+)"`)

// described returns the names of all metrics that a registry knows, with or without a value.
func described(m *metrics.Metrics) (names []string) {
	descs := make(chan *prometheus.Desc, 1000)
	m.Gatherer().(prometheus.Collector).Describe(descs)
	close(descs)
	for d := range descs {
		names = append(names, ofDesc.FindStringSubmatch(d.String())[1])
	}
	return names
}

func TestDocument_ListsEveryMetric(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString(docsHead)
	for _, f := range families(t) {
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.GetName(), strings.ToLower(f.GetType().String()), strings.Join(labels, " "), f.GetHelp())
	}
	b.WriteString("\nGo's own metrics (`go_…`) and the process's (`process_…`) are served too.\n")
	if *update {
		if err := os.WriteFile(docsPath, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("docs/metrics.md is stale; generate it: go test ./internal/metrics -update")
	}
}

// exposed returns the names under which queries find the metrics.
func exposed(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, f := range families(t) {
		names[f.GetName()] = true
		if f.GetType() == dto.MetricType_HISTOGRAM {
			delete(names, f.GetName())
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				names[f.GetName()+suffix] = true
			}
		}
	}
	return names
}

var metricName = regexp.MustCompile(`\b(?:rollcall|asynq)_[a-z_]+`)

// queried returns the names of the metrics in expressions, sorted.
func queried(expressions []string) []string {
	var names []string
	for _, e := range expressions {
		names = append(names, metricName.FindAllString(e, -1)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestAlerts_AskForMetricsThatExistAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../examples/prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	var expressions []string
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			expressions = append(expressions, r.Expr)
			if r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s lacks a severity, a summary or a description", r.Alert)
			}
		}
	}
	known := exposed(t)
	for _, name := range queried(expressions) {
		if !known[name] {
			t.Errorf("an alert asks for %s, which does not exist", name)
		}
	}
	if len(expressions) < 15 {
		t.Errorf("found only %d alerts, want at least 15", len(expressions))
	}
}

func TestDashboard_ShowsMetricsThatExist(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../examples/grafana/rollcall.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title, UID string
		Panels     []struct {
			ID          int
			Type, Title string
			Description string
			Targets     []struct{ Expr string }
		}
		Templating struct{ List []struct{ Definition string } }
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	var expressions []string
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] {
			t.Errorf("two panels have the id %d", p.ID)
		}
		ids[p.ID] = true
		if p.Type != "row" && (len(p.Targets) == 0 || p.Description == "") {
			t.Errorf("the panel %s has no query or no description", p.Title)
		}
		for _, target := range p.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	for _, v := range board.Templating.List {
		expressions = append(expressions, v.Definition)
	}
	known := exposed(t)
	names := queried(expressions)
	for _, name := range names {
		if !known[name] {
			t.Errorf("the dashboard asks for %s, which does not exist", name)
		}
	}
	if board.UID == "" || len(names) < 15 {
		t.Errorf("the dashboard %q shows %d metrics, want a UID and at least 15", board.UID, len(names))
	}
}
