package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// Any worker runs any task, and the leader dispatches tasks. The leader is killed, another worker is stopped, and a new
// one starts. The last one has an instance that the others do not know: the instance makes no call until they have
// stopped, and its document names a worker that does not know it.
func TestWorkers_ThatComeAndGoLoseNothingAndKeepThePace(t *testing.T) {
	t.Parallel()
	const (
		shared = 12
		each   = 10
		floor  = 300 * time.Millisecond
		seen   = 250 * time.Millisecond // a loaded machine may stamp an arrival late
	)
	var instances []instance
	for i := range shared + 1 {
		instances = append(instances, instance{name: fmt.Sprintf("number-%02d", i), Instance: simulator.Instance{
			Provider: simulator.ZAPI, ID: fmt.Sprintf("ZNUMBER%02d", i), Token: fmt.Sprintf("secret-token-of-number-%02d", i), Phone: fmt.Sprintf("55119876500%02d", i),
		}})
	}
	s := newStage(t, script{
		seed: 12, instances: instances, create: floor.String(),
		quirks: []quirk{blocked(0), takes(50 * time.Millisecond)},
	})
	apart := s.write("apart.yaml", s.front())
	s.instances = instances[:shared]
	s.config = s.write("rollcall.yaml", s.front())
	staff := []*process{s.worker("one", s.config), s.worker("two", s.config), s.worker("three", s.config)}

	ask := func(name string, first, n int, at func(i int) string) {
		t.Helper()
		var rows strings.Builder
		for i := range n {
			phone := fmt.Sprintf("+5511988%06d", first+i)
			s.person(phone, true, true)
			line, err := json.Marshal(map[string]any{"groupName": fmt.Sprintf("%s %03d", name, i), "instance": at(i), "phones": []string{phone}})
			if err != nil {
				t.Fatal(err)
			}
			rows.Write(append(line, '\n'))
		}
		s.create(s.file(name+".ndjson", rows.String()), []int{0})
	}
	ask("shared", 0, shared*each, func(i int) string { return instances[i%shared].name })
	creates := func() int { return len(s.creates()) }
	until(t, 10*time.Millisecond, "every instance has begun", func() bool { return creates() >= shared },
		func() string { return fmt.Sprint(creates()) })
	staff[0].kill()
	four := s.worker("four", s.config)
	if code := staff[1].signal(syscall.SIGTERM); code != 0 {
		t.Errorf("a drained worker exits %d, want 0:\n%s", code, staff[1].tail(10))
	}
	f := s.judge(s.settle())
	t.Logf("%v", f)

	s.config, s.instances = apart, instances
	s.worker("apart", apart)
	lone := instances[shared]
	ask("alone", shared*each, 1, func(int) string { return lone.name })
	// At first there is no such instance: the new worker announces it when it has started.
	waits := func() string { return s.produce("explain", lone.name).String() }
	until(t, 200*time.Millisecond, "the instance says which worker does not know it",
		func() bool { return strings.Contains(waits(), "does not know it") }, waits)
	made := creates()
	for _, p := range []*process{staff[2], four} {
		if creates() != made {
			t.Errorf("%d creates while a worker does not know the instance", creates()-made)
		}
		if code := p.signal(syscall.SIGTERM); code != 0 {
			t.Errorf("a drained worker exits %d, want 0:\n%s", code, p.tail(10))
		}
	}
	f = s.judge(s.settle())
	if f.outcomes["done"] != shared*each+1 {
		t.Errorf("%v, want all %d done", f, shared*each+1)
	}
	for _, finding := range s.examine(s.redis.Client(), examination{rows: shared*each + 1, pace: seen}) {
		t.Errorf("%v", finding)
	}
}
