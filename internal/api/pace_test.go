package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/view"
)

func TestPace_SlowsAnInstanceDownAndResetsIt(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha") // one create a minute, no cap
	instance := func(a answer) (i view.Instance) {
		t.Helper()
		if err := json.Unmarshal(a.body, &i); err != nil || a.status != 200 {
			t.Fatalf("got %d, want 200 with an instance: %s (%v)", a.status, a.body, err)
		}
		return i
	}
	began := time.Now()
	i := instance(r.do("PUT", "/v1/instances/alpha/pace", `{"create": {"every": "10m", "perDay": 10}, "reason": "a new number"}`))
	if i.Pace.Create.Every != "10m" || i.Pace.Create.PerDay != 10 || i.PerDay.Create != 10 {
		t.Errorf("slowed down: got the pace %+v, want a create every 10m, 10 a day", i.Pace)
	}
	if i.Slowed == nil || i.Slowed.Configured.Create.Every != "1m" || i.Slowed.Reason != "a new number" || i.Slowed.At.Before(began.Add(-time.Second)) {
		t.Errorf("slowed: got %+v, want the configured 1m, the reason and the time", i.Slowed)
	}
	a := r.do("PUT", "/v1/instances/alpha/pace", `{"create": {"every": "30s"}}`)
	if a.status != 422 || !strings.Contains(string(a.body), "alpha is configured with one create per 1m; slower is possible here, quicker only in rollcall.yaml.") {
		t.Errorf("a quicker pace: got %d, want 422 with the configured pace: %s", a.status, a.body)
	}
	if i := instance(r.do("DELETE", "/v1/instances/alpha/pace", "")); i.Slowed != nil || i.Pace.Create.Every != "1m" || i.PerDay.Create != 0 {
		t.Errorf("after the reset: got the pace %+v, slowed %+v, want a create every 1m", i.Pace, i.Slowed)
	}
}
