package operate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
)

func TestControlSetPace_MakesSlowerAndNeverQuickerThanConfigured(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Audit = &audit.Log{Trail: d.store.Trail}
	configured := pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}
	announce := func(create pacing.Pace) {
		t.Helper()
		if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha", Create: create}}); err != nil {
			t.Fatal(err)
		}
	}
	pace := func() pacing.Pace {
		t.Helper()
		all, err := d.store.Presence.Instances(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all["alpha"].Pace(pacing.Create)
	}
	announce(configured)
	for _, c := range []struct {
		name   string
		create pacing.Bound
		field  string
		text   string
	}{
		{"a shorter interval", pacing.Bound{Every: time.Minute}, "create.every", "alpha is configured with one create per 5m; slower is possible here, quicker only in rollcall.yaml"},
		{"more a day", pacing.Bound{Every: time.Hour, PerDay: 21}, "create.perDay", "alpha is configured with at most 20 creates a day; fewer are possible here, more only in rollcall.yaml"},
		{"nothing", pacing.Bound{}, "", "no pace was given: give at least one of create.every, create.perDay, invite.every and invite.perDay, or reset the pace"},
		{"an interval of a year", pacing.Bound{Every: 365 * 24 * time.Hour}, "create.every", "create.every must be longer than 0 and at most 720h; to stop alpha, pause it"},
		{"fewer than one a day", pacing.Bound{PerDay: -1}, "create.perDay", "create.perDay must be at least 1; to stop alpha, pause it"},
	} {
		err := d.SetPace(t.Context(), "alpha", store.Slowing{Create: c.create}, operate.Ending{})
		e, ok := errors.AsType[*operate.ChangeError](err)
		if !ok || e.Field != c.field || e.Why.String() != c.text || !errors.Is(err, audit.ErrImpossible) {
			t.Errorf("%s: got %v, want %q at %s", c.name, err, c.text, c.field)
		}
	}
	if got := pace(); got != configured {
		t.Errorf("after refusals the pace is %+v, want %+v", got, configured)
	}
	if err := d.SetPace(t.Context(), "unknown", store.Slowing{Create: pacing.Bound{PerDay: 1}}, operate.Ending{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("for an unknown instance: got %v, want ErrNotFound", err)
	}

	if err := d.SetPace(t.Context(), "alpha", store.Slowing{Create: pacing.Bound{Every: 10 * time.Minute, PerDay: 10}, Reason: "a new number"}, operate.Ending{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.woken, []string{"alpha"}) {
		t.Errorf("SetPace woke %v, want alpha: the pace before may have been slower", d.woken)
	}
	if got, want := pace(), (pacing.Pace{Every: 10 * time.Minute, Jitter: 0.2, PerDay: 10}); got != want {
		t.Errorf("slowed down, the pace is %+v, want %+v", got, want)
	}
	announce(pacing.Pace{Every: time.Hour, PerDay: 5}) // now rollcall.yaml has the slower pace
	if got, want := pace(), (pacing.Pace{Every: time.Hour, PerDay: 5}); got != want {
		t.Errorf("with a slower configuration the pace is %+v, want %+v", got, want)
	}
	announce(configured)
	if err := d.ResetPace(t.Context(), "alpha", "old enough"); err != nil {
		t.Fatal(err)
	}
	if got := pace(); got != configured || !slices.Equal(d.woken, []string{"alpha", "alpha"}) {
		t.Errorf("after the reset the pace is %+v and %v were woken, want %+v and alpha twice", got, d.woken, configured)
	}

	entries, _, err := d.store.Trail.AuditPage(t.Context(), store.AuditFilter{Action: string(audit.ChangePace)}, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	var done, idle []string
	for _, e := range entries { // the latest first; within a millisecond, each of the two kinds for itself
		told := e.Result + ": " + e.Detail.String()
		if e.Idle {
			idle = append(idle, told)
		} else {
			done = append(done, told)
		}
	}
	if want := []string{"done: as configured; old enough", "done: one create every 10m, 10 creates a day; a new number"}; !slices.Equal(done, want) {
		t.Errorf("the audit log: got %q of what was done, want %q", done, want)
	}
	if len(idle) != 6 || idle[0] != "notFound: 1 create a day" || idle[5] != "refused: one create every 1m" {
		t.Errorf("the audit log: got %q of what changed nothing, want what was not found and the five refusals", idle)
	}
}

func TestControlPause_EndsAtTheGivenTimeInThePacingZone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Audit = &audit.Log{Trail: d.store.Trail}
	const zone = "America/Sao_Paulo"
	if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha", Create: pacing.Pace{Every: time.Minute, Zone: zone}}}); err != nil {
		t.Fatal(err)
	}
	now, err := d.store.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	there, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	pace := store.Slowing{Create: pacing.Bound{Every: time.Hour}, Reason: "new number"}
	tomorrow := now.Add(24 * time.Hour).In(there).Truncate(time.Minute)
	for _, c := range []struct {
		name string
		end  operate.Ending
		want time.Time
	}{
		{"none", operate.Ending{}, time.Time{}},
		{"for", operate.Ending{For: "2h"}, now.Add(2 * time.Hour)},
		{"RFC 3339", operate.Ending{Until: tomorrow.Format(time.RFC3339)}, tomorrow},
		{"without a zone", operate.Ending{Until: tomorrow.Format("2006-01-02T15:04")}, tomorrow},
		{"with a space instead of T", operate.Ending{Until: tomorrow.Format("2006-01-02 15:04:05")}, tomorrow},
	} {
		if err := d.Pause(t.Context(), "alpha", "new SIM", c.end); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := d.SetPace(t.Context(), "alpha", pace, c.end); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		all, err := d.store.Presence.Instances(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []time.Time{all["alpha"].Pause.Until, all["alpha"].Slowing.Until} {
			if got.Sub(c.want).Abs() > time.Minute || got.IsZero() != c.want.IsZero() {
				t.Errorf("%s: got until %s, want %s", c.name, got, c.want)
			}
		}
	}
	entries, _, err := d.store.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 2)
	if err != nil {
		t.Fatal(err)
	}
	until := "until " + tomorrow.UTC().Format(time.RFC3339)
	if entries[0].Detail.String() != "one create every 1h; "+until+"; new number" || entries[1].Detail.String() != until+"; new SIM" {
		t.Errorf("the audit log has %q and %q, want both with %q", entries[0].Detail, entries[1].Detail, until)
	}
}

func TestControlPause_RefusesAnInvalidEndAndChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		instance, field, text string
		end                   operate.Ending
	}{
		{"alpha", "until", "the end was given twice", operate.Ending{For: "2h", Until: "2126-12-01T08:00"}},
		{"alpha", "until", "until must be later than now", operate.Ending{Until: "2020-12-01T08:00"}},
		{"alpha", "until", "until must be within 8784h", operate.Ending{Until: "2926-12-01T08:00"}},
		{"alpha", "until", "tomorrow is not a date and time", operate.Ending{Until: "tomorrow"}},
		{"alpha", "for", "-2h is not a duration", operate.Ending{For: "-2h"}},
		{"alpha", "for", "2 is not a duration", operate.Ending{For: "2"}},
		{"alpha", "for", "9000h is not a duration", operate.Ending{For: "9000h"}},
		{"beta", "until", "has no zone, and no worker has announced beta", operate.Ending{Until: "2126-12-01T08:00"}},
	} {
		err := d.Pause(t.Context(), c.instance, "", c.end)
		e, ok := errors.AsType[*operate.ChangeError](err)
		if !ok || e.Field != c.field || !strings.Contains(e.Why.String(), c.text) || !errors.Is(err, audit.ErrImpossible) {
			t.Errorf("%+v: got %v, want %q at %s", c.end, err, c.text, c.field)
		}
	}
	if standing, _, err := d.store.Presence.Pauses(t.Context()); err != nil || len(standing) > 0 {
		t.Errorf("%d pauses stand after refusals (%v)", len(standing), err)
	}
}

func TestControl_AReasonThatIsTooLongIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha"}}); err != nil {
		t.Fatal(err)
	}
	longest := strings.Repeat("ç", operate.MaxReason)
	person, slower := []phone.Number{"+5544999999999"}, pacing.Bound{Every: time.Hour}
	for name, do := range map[string]func(reason string) error{
		"pause": func(reason string) error { return d.Pause(t.Context(), "alpha", reason, operate.Ending{}) },
		"set pace": func(reason string) error {
			return d.SetPace(t.Context(), "alpha", store.Slowing{Create: slower, Reason: reason}, operate.Ending{})
		},
		"suppress": func(reason string) error { _, err := d.Suppress(t.Context(), person, reason); return err },
	} {
		e, ok := errors.AsType[*operate.ChangeError](do(longest + "ç"))
		if !ok || e.Field != "reason" || !strings.Contains(e.Why.String(), "501 characters, 500 are allowed") {
			t.Errorf("%s: got %v, want the reason refused", name, e)
		}
	}
	standing, _, err := d.store.Presence.Pauses(t.Context())
	on, onErr := d.store.People.Suppressed(t.Context(), []phone.Identity{person[0].Identity()})
	all, allErr := d.store.Presence.Instances(t.Context())
	if err := errors.Join(err, onErr, allErr); err != nil || len(standing) > 0 || on[0] || all["alpha"].Slowing != nil {
		t.Errorf("%d pauses, suppressed %v, slowed %v (%v) after refusals, want no change", len(standing), on, all["alpha"].Slowing, err)
	}
	if err := d.Pause(t.Context(), "alpha", longest, operate.Ending{}); err != nil {
		t.Errorf("the longest reason: %v", err)
	}
}
