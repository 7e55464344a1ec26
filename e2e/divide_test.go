package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/e2e/outside"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Workers with a limit divide twelve instances while groups wait at each of them. One is killed, one
// is stopped and one comes. One more has a configuration of its own and so divides with nobody: it
// runs instances at the same time as the others, which is what workers do that know different ones
// to be alive.
func TestWorkersThatDivideInstancesLoseNothingAndKeepThePaceWhileTheyComeAndGo(t *testing.T) {
	t.Parallel()
	const (
		shared = 12
		each   = 10
		floor  = 300 * time.Millisecond
		seen   = 250 * time.Millisecond // a loaded machine may stamp an arrival late
	)
	var instances []instance
	for i := range shared + 1 {
		instances = append(instances, instance{name: fmt.Sprintf("number-%02d", i), Instance: outside.Instance{
			Provider: outside.ZAPI, ID: fmt.Sprintf("ZNUMBER%02d", i), Token: fmt.Sprintf("secret-token-of-number-%02d", i), Own: fmt.Sprintf("55119876500%02d", i),
		}})
	}
	s := newStage(t, script{
		seed: 12, instances: instances, create: floor.String(),
		outside: outside.Config{Census: &outside.Census{}, CreateTakes: 50 * time.Millisecond},
	})
	s.env = append(s.env, "ROLLCALL_LANES_MAX=12") // six instances each
	apart := s.write("apart.yaml", s.front())
	s.instances = instances[:shared]
	s.config = s.write("rollcall.yaml", s.front())

	staff := []*process{s.worker("one", s.config), s.worker("two", s.config), s.worker("three", s.config)}
	st, err := store.Open(t.Context(), s.redis.Client(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// homes is how many instances each worker has, by its process; 0 is nobody.
	homes := func() map[int]int {
		all, err := st.Presence.Instances(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		homes := map[int]int{}
		for _, i := range all {
			pid := 0
			if parts := strings.Split(i.By, "-"); !i.NoRoom && len(parts) > 2 {
				_, _ = fmt.Sscan(parts[len(parts)-2], &pid)
			}
			homes[pid]++
		}
		return homes
	}
	divided := func(among ...*process) {
		t.Helper()
		until(t, 30*time.Second, 50*time.Millisecond, "the instances are divided", func() bool {
			h := homes()
			sum := 0
			for _, p := range among {
				n := h[p.cmd.Process.Pid]
				if n > 6 {
					return false
				}
				sum += n
			}
			return sum == shared
		}, func() string { return fmt.Sprint(homes()) })
	}
	divided(staff...)
	// Whoever has the most is to die, so that there is something to take over.
	h := homes()
	slices.SortFunc(staff, func(a, b *process) int { return h[b.cmd.Process.Pid] - h[a.cmd.Process.Pid] })

	var rows strings.Builder
	for i := range shared * each {
		phone := fmt.Sprintf("+5511988%06d", i)
		s.provider.Census().Set(strings.TrimPrefix(phone, "+"), outside.Addable)
		line, err := json.Marshal(map[string]any{"groupName": fmt.Sprintf("Divided %03d", i), "instance": instances[i%shared].name, "phones": []string{phone}})
		if err != nil {
			t.Fatal(err)
		}
		rows.Write(append(line, '\n'))
	}
	s.create(s.file("divided.ndjson", rows.String()), []int{0})
	creates := func() int { return len(s.provider.Ledger().Creates) }
	until(t, 30*time.Second, 10*time.Millisecond, "every instance has begun", func() bool { return creates() >= shared },
		func() string { return fmt.Sprint(creates()) })
	staff[0].kill()
	died := time.Now()
	s.worker("apart", apart)
	four := s.worker("four", s.config)
	if code := staff[1].signal(syscall.SIGTERM, 30*time.Second); code != 0 {
		t.Errorf("a drained worker exits %d, want 0:\n%s", code, staff[1].tail(10))
	}
	until(t, 30*time.Second, 20*time.Millisecond, "the dead one's instances run elsewhere", func() bool {
		h := homes()
		return h[staff[0].cmd.Process.Pid] == 0 && h[staff[1].cmd.Process.Pid] == 0
	}, func() string { return fmt.Sprint(homes()) })
	t.Logf("all run elsewhere %v after the kill", time.Since(died).Round(time.Millisecond))

	f := s.judge(s.settle(40 * time.Second))
	t.Logf("%v; %v", f, homes())
	if f.outcomes["done"] != shared*each {
		t.Errorf("%v, want all %d done", f, shared*each)
	}
	for _, finding := range s.examine(s.redis.Client(), examination{rows: shared * each, pace: seen}) {
		t.Errorf("%v", finding)
	}
	for _, p := range []*process{staff[2], four} {
		if !strings.Contains(p.words(), "the instances are divided") {
			t.Errorf("%s says nothing of its share:\n%s", p.name, p.tail(5))
		}
	}
}
