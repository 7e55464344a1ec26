package producercmd_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// outlives runs a producer's command that waits for a group. It restarts Redis once the output holds said and
// Redis's list of clients holds asks, and then ends the group.
func outlives(t *testing.T, said, asks string, tty bool, args ...string) *process {
	t.Helper()
	rdb := testutil.RealRedis(t)
	t.Setenv("ROLLCALL_REDIS_URL", rdb.URL()) // world reads it
	if args[0] != "create" {
		run(t, rdb.URL(), cli.Done, "create", "--name", "One", "--phone", "+5544999999991", "--batch", "b", "--quiet")
	}
	p := newProcess(t, rdb.URL(), args...)
	p.OutTTY, p.ErrTTY = tty, true
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("it said %q", p.err)
		}
	})
	ended := make(chan int, 1)
	go func() { ended <- producercmd.Main(p.IO) }()
	testutil.Until(t, said+asks, func() bool {
		clients, err := rdb.Client().ClientList(t.Context()).Result()
		return err == nil && strings.Contains(clients, asks) && strings.Contains(p.out.String()+p.err.String(), said)
	})

	rdb.Kill()
	testutil.Until(t, "the break", func() bool { return strings.Contains(p.err.String(), "waiting until it answers again") })
	rdb.Restart()
	testutil.Until(t, "its end", func() bool { return strings.Contains(p.err.String(), "Redis answers again") })
	if got := world([]string{"end", "done", "One"}); got != 0 {
		t.Fatalf("world could not end the group: exit %d", got)
	}
	select {
	case got := <-ended:
		if got != cli.Done {
			t.Errorf("got the exit code %d, want %d", got, cli.Done)
		}
	case <-time.After(testutil.Timeout):
		t.Fatal("the command did not end after its group")
	}
	if n := strings.Count(p.err.String(), "waiting until it answers again"); n != 1 {
		t.Errorf("the break was reported %d times, want once", n)
	}
	return p
}

func TestProducerCreate_WaitOutlivesARestartOfRedis(t *testing.T) { //nolint:paralleltest // outlives sets the environment
	p := outlives(t, "groups ended: 0 of 1", "", false,
		"create", "--name", "One", "--phone", "+5544999999991", "--batch", "b", "--wait", "--output", "json")
	if !strings.Contains(p.out.String(), `"done": 1`) {
		t.Errorf("it wrote %q, want one group done", p.out)
	}
}

func TestProducerWatch_LinesOutliveARestartOfRedis(t *testing.T) { //nolint:paralleltest // outlives sets the environment
	p := outlives(t, "", "cmd=xread", false, "watch", "b")
	if !strings.Contains(p.out.String(), "status\tdone") {
		t.Errorf("it wrote %q, want the end of the batch", p.out)
	}
}

func TestProducerWatch_ScreenOutlivesARestartOfRedis(t *testing.T) { //nolint:paralleltest // outlives sets the environment
	p := outlives(t, "running", "", true, "watch", "b")
	if !strings.Contains(p.out.String(), "done") {
		t.Errorf("it wrote %q, want the end of the batch", p.out)
	}
}
