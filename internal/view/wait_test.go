package view

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestSnapshotWait_SaysWhatAGroupWaitsForAndUntilWhen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		snapshot func(s *setting)
		group    func(g *group.Group)
		at       position
		want     string
		until    time.Time
	}{
		{
			name: "it is the next", want: "its turn at alpha: it is the next, one every 5m, 20 a day", until: noon(),
		},
		{
			name: "it is the next and the pace delays it", snapshot: func(s *setting) {
				s.views["alpha"].Create = pacing.KindView{Next: after(3 * time.Minute), Reason: pacing.ReasonPace}
			},
			want: "its turn at alpha: it is the next, one every 5m, 20 a day", until: after(3 * time.Minute),
		},
		{
			name: "others are before it", at: position{ahead: 4}, snapshot: func(s *setting) { s.wait("create:alpha", 9) },
			want: "its turn at alpha: 4 groups are before it, one every 5m, 20 a day", until: after(20 * time.Minute),
		},
		{
			name: "groups of high priority are before it", at: position{ahead: 0}, snapshot: func(s *setting) { s.wait("create:alpha", 1).wait("create:alpha:high", 6) },
			want: "its turn at alpha: 6 groups are before it, one every 5m, 20 a day", until: after(30 * time.Minute),
		},
		{
			name: "several instances share the pool's line", group: func(g *group.Group) { g.Target, g.Instance = toPool("default"), "" },
			at: position{ahead: 4}, snapshot: func(s *setting) { s.wait("create:pool:default", 5) },
			want: "its turn at the 2 instances of the pool default: 4 groups are before it", until: after(10 * time.Minute),
		},
		{
			name: "asynq's tools have paused its queue", snapshot: func(s *setting) { s.pauseQueue(tasks.CallQueue) },
			want: "the queue call, which asynq's own tools have paused; this lifts it: rollcall-producer resume alpha",
		},
		{
			name: "asynq's tools have paused the queue of a pool's group", group: func(g *group.Group) { g.Target, g.Instance = toPool("default"), "" },
			snapshot: func(s *setting) { s.pauseQueue(tasks.CallQueue) },
			want:     "the queue call, which asynq's own tools have paused; this lifts it: rollcall-producer resume alpha",
		},
		{
			name: "asynq's tools have paused the queue of its invitations", group: inviting(1), snapshot: func(s *setting) { s.pauseQueue(tasks.CallQueue) },
			want: "an invitation: waiting for the queue call, which asynq's own tools have paused; this lifts it: rollcall-producer resume alpha",
		},
		{
			name: "a person has paused the instance", snapshot: func(s *setting) { s.instances["alpha"].Pause = &store.Pause{Reason: "new SIM"} },
			want: "the instance: alpha is paused (new SIM)",
		},
		{
			name: "the instance is logged out", snapshot: func(s *setting) {
				s.instances["alpha"].HealthReport = store.HealthReport{Health: provider.Disconnected, Reason: say.Kept(say.Words("scan the QR code"))}
			},
			want: "the instance: alpha is disconnected (scan the QR code)",
		},
		{
			name: "the instance is restricted until a time", snapshot: func(s *setting) {
				s.instances["alpha"].HealthReport = store.HealthReport{Health: provider.Restricted, Reason: say.Kept(say.Words("quota")), Until: after(2 * time.Hour)}
			},
			want: "the instance: alpha is restricted (quota) until 2026-11-21T14:00:00Z", until: after(2 * time.Hour),
		},
		{
			name: "the instance rests", snapshot: func(s *setting) {
				v := s.views["alpha"]
				v.Rest = pacing.Resting{Why: pacing.Why{Cause: pacing.CauseLimited, Said: say.Words("too fast")}, Until: after(time.Hour)}
				v.Create = pacing.KindView{Next: after(time.Hour), Reason: pacing.ReasonRest}
			},
			want: "the instance: alpha is restricted (WhatsApp or the provider limits this number: too fast) until 2026-11-21T13:00:00Z", until: after(time.Hour),
		},
		{
			name: "the provider fails", snapshot: func(s *setting) {
				v := s.views["alpha"]
				v.Rest = pacing.Resting{Why: pacing.Why{Cause: pacing.CauseFailing, Said: say.Words("members: Service Unavailable (HTTP 503)")}, Until: after(time.Minute)}
				v.Create = pacing.KindView{Next: after(time.Minute), Reason: pacing.ReasonRest}
			},
			want: "the instance: alpha makes no calls until 2026-11-21T12:01:00Z (the provider fails: members: Service Unavailable (HTTP 503))", until: after(time.Minute),
		},
		{
			name: "the day's creates are used up", snapshot: func(s *setting) {
				s.views["alpha"].Create = pacing.KindView{Next: after(12 * time.Hour), Reason: pacing.ReasonDayCap, Today: 20}
			},
			want: "the instance: alpha has made its 20 creates of this day (UTC)", until: after(12 * time.Hour),
		},
		{
			name: "the day's creates are used up, in a zone", snapshot: func(s *setting) {
				s.instances["alpha"].Create.Zone = "America/Sao_Paulo"
				s.views["alpha"].Create = pacing.KindView{Next: after(15 * time.Hour), Reason: pacing.ReasonDayCap, Today: 20}
			},
			want: "the instance: alpha has made its 20 creates of this day (America/Sao_Paulo)", until: after(15 * time.Hour),
		},
		{
			name: "the instance has quiet hours", snapshot: func(s *setting) {
				s.instances["alpha"].Create.Zone = "America/Sao_Paulo"
				s.instances["alpha"].Create.Quiet = pacing.Quiet{From: 8 * time.Hour, To: 10 * time.Hour}
			},
			want: "the instance: alpha makes no creates from 08:00 to 10:00 (America/Sao_Paulo)", until: after(time.Hour),
		},
		{
			name: "no worker runs", snapshot: func(s *setting) { s.workers = nil },
			want: "a worker: no worker serves the instance alpha",
		},
		{
			name: "no worker has announced the instance lately", snapshot: func(s *setting) { s.instances["alpha"].SeenAt = after(-time.Hour) },
			want: "a worker: no worker serves the instance alpha",
		},
		{
			name: "no worker has ever announced the pool", group: func(g *group.Group) { g.Target, g.Instance = toPool("sales"), "" },
			want: "a worker: no worker serves the pool sales",
		},
		{
			name: "no instance of the pool can create", group: func(g *group.Group) { g.Target, g.Instance = toPool("default"), "" },
			snapshot: func(s *setting) {
				s.instances["alpha"].Pause = &store.Pause{Reason: "new SIM"}
				s.instances["beta"].HealthReport = store.HealthReport{Health: provider.Unauthorized}
			},
			want: "an instance of the pool default: alpha is paused (new SIM), beta is unauthorized",
		},
		{
			name: "one instance of the pool can create", group: func(g *group.Group) { g.Target, g.Instance = toPool("default"), "" },
			snapshot: func(s *setting) { s.instances["alpha"].Pause = &store.Pause{} },
			want:     "its turn at the 2 instances of the pool default (1 of them shut): it is the next", until: noon(),
		},
		{
			name: "its notBefore has not come", group: func(g *group.Group) { g.NotBefore = after(time.Hour) },
			want: "its time: it must not be created before 2026-11-21T13:00:00Z", until: after(time.Hour),
		},
		{
			name: "it expires before its turn", group: func(g *group.Group) { g.ExpiresAt = after(10 * time.Minute) },
			at: position{ahead: 3}, snapshot: func(s *setting) { s.wait("create:alpha", 4) },
			want:  "its turn at alpha: 3 groups are before it, one every 5m, 20 a day; it expires before that, at 2026-11-21T12:10:00Z",
			until: after(15 * time.Minute),
		},
		{
			name: "its record says what it waits for", group: func(g *group.Group) { g.Waits(say.Words("the next try: the line was cut"), after(8*time.Second)) },
			want: "the next try: the line was cut", until: after(8 * time.Second),
		},
		{
			name: "the wait in its record is over", group: func(g *group.Group) { g.Waits(say.Words("the next try"), after(-time.Second)) },
			want: "its turn at alpha: it is the next, one every 5m, 20 a day", until: noon(),
		},
		{
			name: "the create is under way", group: func(g *group.Group) {
				g.Status, g.Attempts = group.Creating, []group.Attempt{{N: 1, Until: after(90 * time.Second)}}
			},
			want: "the answer to the create call of alpha", until: after(90 * time.Second),
		},
		{
			name: "it waits for its next look", group: func(g *group.Group) { g.Status = group.Verifying }, at: position{due: after(2 * time.Minute)},
			want: "the next look into the lists of alpha, because a create had no clear answer", until: after(2 * time.Minute),
		},
		{
			name: "it waits for its next look and no worker runs", group: func(g *group.Group) { g.Status = group.Verifying }, snapshot: func(s *setting) { s.workers = nil },
			want: "a worker: no worker serves the instance alpha",
		},
		{
			name: "people are to be added later", group: addingTo(2, time.Time{}), want: "an invitation and 2 people to add: 3 are queued at alpha, one every 45s, 20 a day", until: after(90 * time.Second),
		},
		{
			name: "the next reading shows who was added", group: func(g *group.Group) {
				addingTo(1, noon())(g)
				g.Members = g.Members[1:]
				g.Watch.At = after(time.Minute)
			},
			want: "the next reading of the group's members by alpha, which shows who was added", until: after(time.Minute),
		},
		{
			name: "the roll call is under way", group: func(g *group.Group) { g.Status = group.Inviting }, at: position{due: after(time.Minute)},
			want: "the next reading of the group's members by alpha", until: after(time.Minute),
		},
		{
			name: "invitations wait for their pace", group: inviting(2), snapshot: func(s *setting) { s.wait("invite:alpha", 5) },
			want: "2 invitations: 5 are queued at alpha, one every 45s, 20 a day", until: after(3 * time.Minute),
		},
		{
			name: "an invitation waits for a paused instance", group: inviting(1), snapshot: func(s *setting) { s.instances["alpha"].Pause = &store.Pause{} },
			want: "an invitation: alpha is paused",
		},
		{
			name: "a person must decide", group: func(g *group.Group) {
				g.Status, g.Error = group.Review, &group.Error{Message: say.Words("2 groups could be the one")}
			},
			want: "a person: 2 groups could be the one",
		},
		{
			name: "invitations wait for its set-up", group: settingUp(2, group.StepWanted),
			want: "the set-up of the group, until 2026-11-21T12:01:00Z at the latest; invitations follow",
		},
		{
			name: "its set-up has ended", group: settingUp(1, group.StepRefused),
			want: "an invitation: 1 is queued at alpha, one every 45s, 20 a day", until: noon(),
		},
		{name: "it is done", group: func(g *group.Group) { g.Status = group.Done }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, g := newSetting(), queued(toInstance("alpha"))
			if c.snapshot != nil {
				c.snapshot(s)
			}
			if c.group != nil {
				c.group(g)
			}
			got, until := s.snapshot().wait(g, c.at)
			if got.String() != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			near(t, until, c.until)
		})
	}
}

// inviting returns a change that adds n people who wait for their invitation.
func inviting(n int) func(*group.Group) {
	return func(g *group.Group) {
		g.Status, g.Called = group.Inviting, true
		for range n {
			g.Members = append(g.Members, group.Member{Status: group.InviteQueued})
		}
	}
}

// settingUp returns the change of inviting(n), for a group whose description step has a status.
func settingUp(n int, status group.StepStatus) func(*group.Group) {
	return func(g *group.Group) {
		inviting(n)(g)
		g.WhatsAppID = "120363000000000001-group"
		g.Setup = &group.Setup{From: after(-time.Minute), Steps: []group.SetupStep{{Name: group.StepDescription, Status: status}}}
	}
}

// addingTo returns a change that leaves one waiting invitation and n people to add later, called at a time or, if it is
// zero, not yet.
func addingTo(n int, called time.Time) func(*group.Group) {
	return func(g *group.Group) {
		inviting(1)(g)
		g.Members = g.Members[len(g.Members)-1:]
		for range n {
			g.Members = append(g.Members, group.Member{Status: group.Pending, Late: true, CalledAt: called})
		}
	}
}

func TestSnapshotDocument_CountsTheLinesOfAnInstanceAndItsPools(t *testing.T) {
	t.Parallel()
	s := newSetting().wait("create:alpha", 2).wait("create:pool:default:high", 3).wait("invite:alpha", 4)
	s.lines["create:alpha:low"] = store.Line{Ready: 1, Later: 1}
	s.views["alpha"].Create = pacing.KindView{Next: after(time.Minute), Reason: pacing.ReasonPace, Today: 7}
	d := s.snapshot().document(s.snapshot().instances["alpha"])
	if want := (PerKind{Create: 7, Invite: 4}); d.Queued != want {
		t.Errorf("got %+v queued, want %+v", d.Queued, want)
	}
	if d.Today.Create != 7 || d.PerDay.Create != 20 {
		t.Errorf("got %d of %d creates today, want 7 of 20", d.Today.Create, d.PerDay.Create)
	}
	if d.NextCreateAt == nil || !d.NextCreateAt.Equal(after(time.Minute)) {
		t.Errorf("got the next create at %v, want %v", d.NextCreateAt, after(time.Minute))
	}
}

func TestSnapshotDocument_AnInstanceThatCannotWorkHasNoNextCall(t *testing.T) {
	t.Parallel()
	s := newSetting()
	s.instances["alpha"].Pause = &store.Pause{Reason: "new SIM"}
	s.instances["beta"].SeenAt = after(-time.Hour)
	snapshot := s.snapshot()
	for name, want := range map[string]struct {
		state  provider.Health
		reason string
	}{"alpha": {provider.Paused, "new SIM"}, "beta": {provider.UnknownState, "no worker serves it"}} {
		d := snapshot.document(snapshot.instances[name])
		if d.State != want.state || d.Reason.String() != want.reason {
			t.Errorf("%s: got %s (%s), want %s (%s)", name, d.State, d.Reason, want.state, want.reason)
		}
		if d.NextCreateAt != nil || d.NextInviteAt != nil {
			t.Errorf("%s: got a next call at %v and %v, want none", name, d.NextCreateAt, d.NextInviteAt)
		}
	}
}
