package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/view"
)

func TestAnInstanceIsSlowedDownAndGetsItsConfiguredPaceBack(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha") // one create a minute, no cap
	instance := func(a answer) (i view.Instance) {
		t.Helper()
		if err := json.Unmarshal(a.body, &i); err != nil || a.status != 200 {
			t.Fatalf("%d %s: %v", a.status, a.body, err)
		}
		return i
	}
	i := instance(r.do("PUT", "/v1/instances/alpha/pace", `{"create": {"every": "10m", "perDay": 10}, "reason": "a new number"}`))
	if i.Pace.Create.Every != "10m" || i.Pace.Create.PerDay != 10 || i.PerDay.Create != 10 {
		t.Errorf("slowed down, its pace is %+v", i.Pace)
	}
	if i.Slowed == nil || i.Slowed.Configured.Create.Every != "1m" || i.Slowed.Reason != "a new number" || time.Since(i.Slowed.At) > time.Minute {
		t.Errorf("slowed: %+v", i.Slowed)
	}
	a := r.do("PUT", "/v1/instances/alpha/pace", `{"create": {"every": "30s"}}`)
	if a.status != 422 || !strings.Contains(string(a.body), "alpha is configured with one create per 1m; slower is possible here, quicker only in rollcall.yaml.") {
		t.Errorf("a quicker one: %d %s", a.status, a.body)
	}
	if i := instance(r.do("DELETE", "/v1/instances/alpha/pace", "")); i.Slowed != nil || i.Pace.Create.Every != "1m" || i.PerDay.Create != 0 {
		t.Errorf("after the reset: %+v, slowed %+v", i.Pace, i.Slowed)
	}
}
