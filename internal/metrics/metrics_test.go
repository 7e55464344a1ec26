package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

// installation answers with gauges or err, and counts the readings.
type installation struct {
	gauges view.Gauges
	err    error
	reads  int
}

func (i *installation) Gauges(context.Context) (view.Gauges, error) {
	i.reads++
	return i.gauges, i.err
}

func busy(instances int) *installation {
	i := &installation{gauges: view.Gauges{
		Groups: map[group.Status]int{group.Queued: 312, group.Review: 2}, Members: map[group.MemberStatus]int{group.Invited: 40}, Workers: 2,
		Unreadable: map[store.Kind]int{store.KindGroup: 1},
		Queues:     map[string]queue.Counts{"call": {Pending: 7, Latency: time.Minute, Paused: true, Processed: 9, Failed: 1}},
	}}
	for n := range instances {
		name := fmt.Sprintf("alpha-%d", n)
		i.gauges.Instances = append(i.gauges.Instances, view.InstanceGauges{
			Instance: view.Instance{Name: name, State: provider.Disconnected},
			Create:   view.CallGauges{Floor: 5 * time.Minute, Wait: 38 * time.Second, Today: 7, Cap: 20},
		})
		i.gauges.Lines = append(i.gauges.Lines, view.Line{Place: name, Kind: "create", Waiting: 7, Oldest: time.Minute})
	}
	return i
}

// exercise gives every counter and histogram a value.
func exercise(m *metrics.Metrics) {
	m.Of("zapi").Called(context.Background(), "alpha-0", "create", "createGroup", "unknown", time.Second)
	m.Step(tasks.TypeCreate, "done", time.Second)
	m.Waited(tasks.High, time.Minute)
	m.Journal("commit", time.Millisecond)
	m.Redis("evalsha", time.Millisecond, true)
	m.Requested("GET /v1/groups/{id}", 200, time.Millisecond)
	m.Refused("noKey")
	m.Forwarded("alpha-0", "sent")
	m.Limited("connections")
	m.Setup("photo", "done")
}

func TestMetrics_ShowTheStateOfTheInstallation(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Watch(busy(1))
	exercise(m)
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	data, err := io.ReadAll(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`rollcall_groups{status="queued"} 312`, `rollcall_members{status="invited"} 40`, `rollcall_workers 2`, `rollcall_unreadable_records{kind="group"} 1`, `rollcall_installation_up 1`,
		`rollcall_line_waiting{instance_name="alpha-0",kind="create"} 7`, `rollcall_line_oldest_seconds{instance_name="alpha-0",kind="create"} 60`,
		`rollcall_instance_state{instance_name="alpha-0",state="disconnected"} 1`, `rollcall_instance_state{instance_name="alpha-0",state="ready"} 0`,
		`rollcall_instance_calls_today{instance_name="alpha-0",kind="create"} 7`, `rollcall_instance_calls_per_day{instance_name="alpha-0",kind="create"} 20`,
		`rollcall_instance_floor_seconds{instance_name="alpha-0",kind="create"} 300`, `rollcall_instance_next_call_seconds{instance_name="alpha-0",kind="create"} 38`,
		`rollcall_provider_calls_total{instance_name="alpha-0",kind="create",outcome="unknown"} 1`,
		`rollcall_provider_call_duration_seconds_count{method="createGroup",outcome="unknown",provider="zapi"} 1`,
		`rollcall_group_wait_seconds_sum{priority="high"} 60`, `rollcall_journal_duration_seconds_count{op="commit"} 1`,
		`rollcall_redis_errors_total{command="evalsha"} 1`, `rollcall_http_request_duration_seconds_count{route="GET /v1/groups/{id}",status="200"} 1`,
		`asynq_queue_size{queue="call"} 7`, `asynq_tasks_enqueued_total{queue="call",state="pending"} 7`,
		`asynq_tasks_processed_total{queue="call"} 9`, `asynq_tasks_failed_total{queue="call"} 1`, `asynq_queue_paused_total{queue="call"} 1`,
	} {
		if !strings.Contains(string(data), line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
	if !strings.Contains(string(data), `asynq_queue_latency_seconds{queue="call"} 6`) {
		t.Error("asynq_queue_latency_seconds is missing, want about 60")
	}
}

func TestMetrics_PassTheLinterOfPrometheus(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Watch(busy(2))
	exercise(m)
	problems, err := testutil.GatherAndLint(m.Gatherer())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if !strings.HasPrefix(p.Metric, "asynq_") { // asynq chose these names
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

func TestMetrics_AnInstanceAddsABoundedNumberOfSeries(t *testing.T) {
	t.Parallel()
	count := func(instances int) int {
		m := metrics.New()
		m.Watch(busy(instances))
		n, err := testutil.GatherAndCount(m.Gatherer())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if more := count(11) - count(10); more > 25 {
		t.Errorf("an instance adds %d series, want at most 25", more)
	}
}

func TestMetrics_WithoutRedisStillShowThoseOfTheProcess(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Watch(&installation{err: errors.New("connection refused")})
	m.Redis("ping", time.Second, true)
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	text := recorder.Body.String()
	if recorder.Code != 200 || !strings.Contains(text, "rollcall_installation_up 0") || !strings.Contains(text, `rollcall_redis_errors_total{command="ping"} 1`) {
		t.Errorf("got %d, want 200, rollcall_installation_up 0 and the error of Redis:\n%s", recorder.Code, text)
	}
}

func TestMetrics_ScrapesInQuickSuccessionReadRedisOnce(t *testing.T) {
	t.Parallel()
	i, m := busy(1), metrics.New()
	m.Watch(i)
	for range 5 {
		if _, err := m.Gatherer().Gather(); err != nil {
			t.Fatal(err)
		}
	}
	if i.reads != 1 {
		t.Errorf("read %d times, want once", i.reads)
	}
}
