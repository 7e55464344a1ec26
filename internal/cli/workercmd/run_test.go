package workercmd_test

import (
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// faulty is a configuration with several faults; the words of its report are in faults.
const faulty = `
retenton: 10h
redis: {url: "http://example.org"}
instances:
  - {name: alpha, provider: zapi, instance_id: A, token: "${NO_SUCH_VARIABLE}"}
  - {name: alpha, provider: whatsapp, instance_id: B, token: x}
retry: {initial: 5}
`

var faults = []string{`there is no key "retenton"`, "did you mean retention?", "it is not a Redis address", "NO_SUCH_VARIABLE is not set", `there is another instance "alpha"`, "is not a duration"}

func TestRun_ListsEveryFaultOfAConfiguration(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"run"}, nil} { // a worker without a command runs
		p := newProcess(t)
		if code := p.run(append(args, "--config", file(t, "rollcall.yaml", faulty))...); code != cli.BadUsage {
			t.Errorf("exit %d, want 2", code)
		}
		want(t, p.err.String(), faults...)
	}
}

func TestRun_SaysInOneSentenceWhyItCannotStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for name, test := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"there is no Redis": {
			[]string{"--config", file(t, "a.yaml", w.yaml("redis://127.0.0.1:1/0"))},
			cli.Unreachable,
			[]string{"Redis at redis://127.0.0.1:1/0: connection refused", "start Redis"},
		},
		"there are no instances": {[]string{"--redis", redisInMemory(t)}, cli.BadUsage, []string{"no instances are configured", "rollcall-worker dev"}},
		"the Redis is not durable, but must be": {
			[]string{"--config", file(t, "b.yaml", "redis: {url: '"+redisInMemory(t)+"', require_durable: true}\n"+w.yaml("x")[len(`redis: {url: "x"}`):])},
			cli.BadUsage,
			[]string{"not fit for the work", "kept in memory only"},
		},
		"its address is taken": {
			[]string{"--config", file(t, "c.yaml", w.yaml(redisInMemory(t))), "--listen", taken.Addr().String()},
			cli.Failed,
			[]string{"address already in use", "choose another --listen"},
		},
		"its timeouts are beyond the queue's": {
			[]string{"--listen", "off", "--config", file(t, "d.yaml", strings.Replace(w.yaml(redisInMemory(t)), "rate_limits: off", "timeouts: {create: 1h}", 1))},
			cli.BadUsage,
			[]string{`d.yaml:`, `timeouts.create: "1h" is too long, at most 29m0s is possible`},
		},
		"its address is empty": {
			[]string{"--config", file(t, "e.yaml", w.yaml(redisInMemory(t))), "--listen", ""},
			cli.BadUsage,
			[]string{"--listen is empty"},
		},
		"an unknown argument": {[]string{"rnu"}, cli.BadUsage, []string{`unknown command "rnu"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			if code := p.run(test.args...); code != test.code {
				t.Errorf("exit %d, want %d", code, test.code)
			}
			want(t, p.err.String(), test.says...)
		})
	}
}

func TestWorker_ACommandDemandsOnlyTheSecretsThatItUses(t *testing.T) {
	t.Parallel()
	const apiSecrets = `redis: {url: "redis://127.0.0.1:1/0"}
instances:
  - {name: alpha, provider: greenapi, instance_id: "1101", token: t, hook_secret: "${UNSET_HOOK_SECRET}"}
api: {keys: [{name: crm, hash: "${UNSET_HASH}", role: operator}]}
`
	const webhookSecrets = "webhooks: [{url: '${UNSET_URL}', secret: '${UNSET_SECRET}'}]\n"
	for _, c := range []struct {
		command, config string
		code            int
		says            string
	}{
		{"run", apiSecrets, cli.Unreachable, "connection refused"},
		{"run", apiSecrets + webhookSecrets, cli.BadUsage, "UNSET_URL"},
		{"simulate --listen nowhere.invalid:0 --control off", apiSecrets + webhookSecrets, cli.Failed, "nowhere.invalid"},
		{"check", apiSecrets, cli.BadUsage, "UNSET_HOOK_SECRET"},
		{"check", apiSecrets, cli.BadUsage, "UNSET_HASH"},
	} {
		p := newProcess(t)
		code := p.run(append(strings.Fields(c.command), "--config", file(t, "rollcall.yaml", c.config))...)
		if said := p.err.String() + p.out.String(); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit %d, want %d and the words %q: %s", c.command, code, c.code, c.says, said)
		}
	}
}

func TestRun_CreatesGroupsUntilASignalAndThenDrains(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	redis := redisInMemory(t)
	p := newProcess(t)
	p.start("run", "--config", file(t, "rollcall.yaml", w.yaml(redis)), "--listen", "127.0.0.1:0", "--log-level", "debug")
	p.says("worker_started")
	want(t, p.err.String(), "redis_warning", "WARNING: Redis at", "kept in memory only", "GREEN-API's lists")
	conn := testutil.Connect(t, redis)
	client, err := enqueue.New(t.Context(), conn.Client(), enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Create(t.Context(), tasks.GroupRequest{GroupName: "Turma 1", Phones: []tasks.Phone{"+5544900011122"}}, enqueue.Rules{})
	if err != nil || res.Outcome != enqueue.Created {
		t.Fatalf("create: got %+v, %v, want a created group", res, err)
	}
	st, err := store.Open(t.Context(), conn.Client(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "the group to be done", func() bool {
		g, err := st.Records.Load(t.Context(), res.ID)
		return err == nil && g.Status == group.Done
	})
	p.signals <- syscall.SIGTERM
	if code := p.wait(); code != cli.Done {
		t.Errorf("exit %d, want 0", code)
	}
	if got := w.Ledger().GroupsNamed("Turma 1"); len(got) != 1 || !got[0].Has("+5544900011122") {
		t.Errorf("got the groups %+v, want one with its member", got)
	}
	want(t, p.err.String(), `"event":"worker_drained"`)
	for _, secret := range []string{zapiToken, greenToken, "44900011122", "4490011122"} {
		if text := p.err.String(); contains(text, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestRun_SaysThatRedisWasAwayWhenItDrained(t *testing.T) {
	t.Parallel()
	w, redis, p := newWorld(t), testutil.RealRedis(t), newProcess(t)
	p.start("run", "--config", file(t, "rollcall.yaml", w.yaml(redis.URL())), "--listen", "off")
	p.says("worker_started")
	redis.Stop()
	p.signals <- syscall.SIGTERM
	if code := p.wait(); code != cli.Interrupted {
		t.Errorf("exit %d, want 130", code)
	}
	want(t, p.err.String(), "rollcall-worker: not drained cleanly: connection refused: nothing is listening on that address; start Redis", "the next worker finds out")
}

func TestRun_ServesHealthAndMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProcess(t)
	p.start("--config", file(t, "rollcall.yaml", w.yaml(redisInMemory(t))), "--listen", "127.0.0.1:0")
	p.says("worker_started")
	base := "http://" + p.field("listen")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != status {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, status)
		}
	}
	p.signals <- syscall.SIGINT
	if code := p.wait(); code != cli.Done {
		t.Errorf("exit %d, want 0", code)
	}
}
