package app

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestAnnouncementOf_HoldsWhatForecastsNeed(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.RollCall.Looks = []time.Duration{10 * time.Second, 3 * time.Minute}
	cfg.Invite.QuietHours = &config.QuietHours{From: config.TimeOfDay(21 * time.Hour), To: config.TimeOfDay(8 * time.Hour), Zone: zone}
	policy := policyOf(cfg)
	a := announcementOf(&policy, config.Instance{Name: "alpha", Pools: []string{"default"}}, pacing.Pace{PerDay: 20}, pacing.Pace{})
	if a.RollLook != 3*time.Minute || a.Quiet != (pacing.Quiet{From: 21 * time.Hour, To: 8 * time.Hour}) || a.QuietZone != "America/Sao_Paulo" {
		t.Errorf("got %+v, want the longest look, 3m, and the quiet hours with their zone", a)
	}
	cfg.Invite.QuietHours.Zone = nil // that of each person
	policy = policyOf(cfg)
	if a := announcementOf(&policy, config.Instance{}, pacing.Pace{}, pacing.Pace{}); a.QuietZone != "" {
		t.Errorf("got the zone %q, want none", a.QuietZone)
	}
}

func TestAnnouncementOf_TellsTheZoneAndQuietHoursOfThePace(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	in := config.Instance{Name: "alpha", Pacing: config.Pacing{
		Zone: zone, Create: config.Pace{PerDay: 20}, Invite: config.Pace{PerDay: 30},
		CreateQuiet: &config.QuietHours{From: config.TimeOfDay(21 * time.Hour), To: config.TimeOfDay(7 * time.Hour)},
	}}
	create, invite := pacesOf(in.Pacing)
	policy := policyOf(config.Default())
	told, err := json.Marshal(announcementOf(&policy, in, create, invite))
	if err != nil {
		t.Fatal(err)
	}
	var a store.Announcement
	if err := json.Unmarshal(told, &a); err != nil {
		t.Fatal(err)
	}
	night := pacing.Quiet{From: 21 * time.Hour, To: 7 * time.Hour}
	if want := (pacing.Pace{PerDay: 20, Zone: "America/Sao_Paulo", Quiet: night}); a.Create != want {
		t.Errorf("creates are announced with %+v, want %+v", a.Create, want)
	}
	if want := (pacing.Pace{PerDay: 30, Zone: "America/Sao_Paulo"}); a.Invite != want {
		t.Errorf("invitations are announced with %+v, want %+v", a.Invite, want)
	}
}

func TestPolicyOf_TakesThePoolsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.Pools = map[string]config.Pool{"vip": {
		Region: "BR", Organisation: "Aurora", InviteMessage: "{{.Link}}", InviteStaff: true,
		Setup: tasks.Setup{Description: "Notices"}, Always: []phone.Number{"+5544999990001"},
	}}
	want := map[string]group.Pool{"vip": {
		Organisation: "Aurora", InviteMessage: "{{.Link}}", InviteStaff: true,
		Setup: tasks.Setup{Description: "Notices"}, Always: []phone.Number{"+5544999990001"},
	}}
	if d := cmp.Diff(want, policyOf(cfg).Pools); d != "" {
		t.Errorf("pools (-want +got):\n%s", d)
	}
}

// asynq hands a task on after queue.Timeout, and a drain waits as long.
func TestLongestStep_EndsBeforeItsTask(t *testing.T) {
	t.Parallel()
	if longest := config.LongestStep + 2*slack; longest >= queue.Timeout {
		t.Errorf("a step may take %v, want less than %v, after which asynq hands the task on", longest, queue.Timeout)
	}
}
