package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/view"
)

// source reads the whole installation.
type source interface {
	Gauges(ctx context.Context) (view.Gauges, error)
}

// Watch makes every scrape report the whole installation, so that all processes report the same.
func (m *Metrics) Watch(s source) { m.registry.MustRegister(&installation{from: s}) }

// fresh is how long a reading is reused, so that two scrapers at the same time cost Redis one reading.
const fresh = 3 * time.Second

// installation reads the whole installation at each scrape.
type installation struct {
	from source

	mu   sync.Mutex
	at   time.Time
	last view.Gauges
}

func (i *installation) read() (view.Gauges, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if time.Since(i.at) < fresh {
		return i.last, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	g, err := i.from.Gauges(ctx)
	if err == nil {
		i.at, i.last = time.Now(), g
	}
	return g, err
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	upDesc      = desc("rollcall_installation_up", "1 if the installation could be read from Redis. At 0 all other metrics of the installation are missing.")
	groupsDesc  = desc("rollcall_groups", "Groups by state.", "status")
	membersDesc = desc("rollcall_members", "Requested people by state: among them invitations by result.", "status")
	workersDesc = desc("rollcall_workers", "Live workers.")
	everDesc    = desc("rollcall_groups_failed_total", "How often a group has failed. Unlike rollcall_groups it does not shrink when one is retried or forgotten.")
	soundDesc   = desc("rollcall_installation_state", "1 for the state of the installation after a loss of data in Redis, 0 for the others: none, sound, looking, held, lost.", "state")
	epochDesc   = desc("rollcall_installation_epoch", "How often Redis was found restored, emptied, or restarted while no worker could tell what it held.")
	unknownDesc = desc("rollcall_instances_unknown", "Instances that some worker does not know, so that they make no call.")
	failedDesc  = desc("rollcall_webhook_undelivered", "Deliveries to webhooks that used up their tries.")
	lostDesc    = desc("rollcall_unreadable_records", "Stored things that cannot be read, by kind; see rollcall-producer unreadable.", "kind")
	offDesc     = desc("rollcall_webhooks_disabled", "Webhooks that answered 410 and are sent nothing.")

	waitingDesc = desc("rollcall_line_waiting", "Groups and invitations that wait, by instance (or pool:<pool>) and kind (create, invite).", "instance_name", "kind")
	oldestDesc  = desc("rollcall_line_oldest_seconds", "Time since the acceptance of the group whose turn is next.", "instance_name", "kind")

	stateDesc = desc("rollcall_instance_state", "1 for the state that an instance is in, 0 for the others.", "instance_name", "state")
	floorDesc = desc("rollcall_instance_floor_seconds", "The minimum interval between two calls.", "instance_name", "kind")
	nextDesc  = desc("rollcall_instance_next_call_seconds", "How long until the next call may be made; 0 if it may be made now or the instance makes no calls.", "instance_name", "kind")
	todayDesc = desc("rollcall_instance_calls_today", "Calls of the day, which begins at midnight of pacing.zone.", "instance_name", "kind")
	capDesc   = desc("rollcall_instance_calls_per_day", "The maximum of calls in a day; 0 for no limit.", "instance_name", "kind")

	// The names of github.com/hibiken/asynq/x/metrics, so that its dashboards work.
	asynqTasks     = desc("asynq_tasks_enqueued_total", "Number of tasks enqueued; broken down by queue and state.", "queue", "state")
	asynqSize      = desc("asynq_queue_size", "Number of tasks in a queue", "queue")
	asynqLatency   = desc("asynq_queue_latency_seconds", "Number of seconds the oldest pending task is waiting in pending state to be processed.", "queue")
	asynqProcessed = desc("asynq_tasks_processed_total", "Number of tasks processed (both succeeded and failed); broken down by queue", "queue")
	asynqFailed    = desc("asynq_tasks_failed_total", "Number of tasks failed; broken down by queue", "queue")
	asynqPaused    = desc("asynq_queue_paused_total", "Number of queues paused", "queue")

	all = []*prometheus.Desc{
		upDesc, groupsDesc, membersDesc, workersDesc, everDesc, soundDesc, epochDesc, unknownDesc, failedDesc, offDesc, lostDesc, waitingDesc, oldestDesc,
		stateDesc, floorDesc, nextDesc, todayDesc, capDesc, asynqTasks, asynqSize, asynqLatency, asynqProcessed, asynqFailed, asynqPaused,
	}
)

// standings are the states of an installation.
var standings = []view.InstallationState{
	view.InstallationNone, view.InstallationSound, view.InstallationLooking, view.InstallationHeld, view.InstallationLost,
}

// states are the states of an instance, as its document names them.
var states = []provider.Health{
	provider.Ready, provider.Paused, provider.Disconnected, provider.Restricted, provider.Unauthorized, provider.Starting, provider.UnknownState,
}

// Describe implements prometheus.Collector.
func (i *installation) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range all {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (i *installation) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	g, err := i.read()
	if err != nil {
		gauge(upDesc, 0)
		return
	}
	gauge(upDesc, 1)
	for s, n := range g.Groups {
		gauge(groupsDesc, float64(n), string(s))
	}
	for s, n := range g.Members {
		gauge(membersDesc, float64(n), string(s))
	}
	gauge(workersDesc, float64(g.Workers))
	ch <- prometheus.MustNewConstMetric(everDesc, prometheus.CounterValue, float64(g.FailedEver))
	for _, s := range standings {
		gauge(soundDesc, flag(g.Whole.State == s), string(s))
	}
	gauge(epochDesc, float64(g.Whole.Epoch))
	gauge(unknownDesc, float64(g.Unknown))
	gauge(failedDesc, float64(g.Undelivered))
	gauge(offDesc, float64(g.Disabled))
	for kind, n := range g.Unreadable {
		gauge(lostDesc, float64(n), string(kind))
	}
	for _, l := range g.Lines {
		gauge(waitingDesc, float64(l.Waiting), l.Place, l.Kind)
		gauge(oldestDesc, l.Oldest.Seconds(), l.Place, l.Kind)
	}
	for _, one := range g.Instances {
		for _, s := range states {
			gauge(stateDesc, flag(one.State == s), one.Name, string(s))
		}
		for kind, c := range map[string]view.CallGauges{"create": one.Create, "invite": one.Invite} {
			gauge(floorDesc, c.Floor.Seconds(), one.Name, kind)
			gauge(nextDesc, c.Wait.Seconds(), one.Name, kind)
			gauge(todayDesc, float64(c.Today), one.Name, kind)
			gauge(capDesc, float64(c.Cap), one.Name, kind)
		}
	}
	for name, t := range g.Queues {
		asynq(ch, name, t)
	}
}

// asynq sends the metrics of a queue as asynq/x/metrics does.
func asynq(ch chan<- prometheus.Metric, name string, t queue.Counts) {
	send := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, v, append([]string{name}, labels...)...)
	}
	for state, n := range map[string]int{
		"active": t.Active, "pending": t.Pending, "scheduled": t.Scheduled, "retry": t.Retry, "archived": t.Archived, "completed": 0,
	} {
		send(asynqTasks, prometheus.GaugeValue, float64(n), state)
	}
	send(asynqSize, prometheus.GaugeValue, float64(t.Active+t.Pending+t.Scheduled+t.Retry+t.Archived))
	send(asynqLatency, prometheus.GaugeValue, t.Latency.Seconds())
	send(asynqProcessed, prometheus.CounterValue, float64(t.Processed))
	send(asynqFailed, prometheus.CounterValue, float64(t.Failed))
	send(asynqPaused, prometheus.GaugeValue, flag(t.Paused))
}

func flag(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
