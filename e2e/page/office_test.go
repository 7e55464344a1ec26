package page

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// office is an installation at 9:05: one number is logged out, one rests, some groups have failed,
// some are uncertain, and most of a batch waits. No worker runs, so only the test changes anything.
type office struct {
	t          *testing.T
	ctx        context.Context
	rdb        redis.UniversalClient
	base       string
	store      *store.Store
	enter      *enqueue.Client
	batch      string
	groupPages []string // pages of groups in all states
}

func newOffice(t *testing.T) *office {
	t.Helper()
	rdb := testutil.Redis(t)
	o := &office{t: t, ctx: context.Background(), rdb: rdb}
	var err error
	if o.store, err = store.Open(o.ctx, rdb, store.Options{}); err != nil {
		t.Fatal(err)
	}
	if o.enter, err = enqueue.New(o.ctx, rdb, enqueue.Options{}); err != nil {
		t.Fatal(err)
	}
	o.open(rdb)
	o.announce(rdb)
	o.work()
	return o
}

// open serves the page as `rollcall-producer serve` does without keys.
func (o *office) open(rdb redis.UniversalClient) {
	q, pacer := queue.New(rdb, o.store.Lines), pacing.New(rdb)
	reader := view.New(o.store, pacer, q)
	decide := operate.New(operate.Config{
		Store: o.store, Queue: q, Pacer: pacer, Audit: &audit.Log{Trail: o.store.Trail},
		Schedule: group.Schedule{VerifyLooks: []time.Duration{time.Minute}, RollLooks: []time.Duration{time.Minute}},
	})
	who := auth.New(auth.Config{Trail: o.store.Trail})
	page := admin.New(admin.Config{Auth: who, Enqueue: o.enter, Store: o.store, Status: reader, Control: decide, Log: zerolog.Nop(), Version: "1.0.0"})
	door := api.New(api.Config{
		Auth: who, Store: o.store, Status: reader, Control: decide, Enqueue: o.enter, Log: zerolog.Nop(), Page: page,
		Ping: func(ctx context.Context) error { return rdb.Ping(ctx).Err() }, Metrics: http.NotFoundHandler(),
	})
	jobs := operate.NewRunner(operate.RunnerConfig{Control: decide, Name: "office", Poll: 20 * time.Millisecond})
	jobs.Start(o.ctx)
	server := httptest.NewServer(door)
	o.base = server.URL
	o.t.Cleanup(func() {
		door.Close()
		server.Close()
		page.Close()
		jobs.Stop()
		pacer.Close()
	})
}

// failing returns the error of a create that the provider answered with this status and text.
func failing(status int, words string) say.Phrase {
	return (&provider.Error{Op: "create group", Status: status, Text: words}).Phrase()
}

// announce announces the instances, in the states of a typical morning.
func (o *office) announce(rdb redis.UniversalClient) {
	now := time.Now().UTC()
	pace := pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}
	soft := pacing.Pace{Every: 45 * time.Second, Jitter: 0.5, PerDay: 20}
	states := []struct {
		name, provider string
		state          provider.State
		since          time.Duration
		fault          say.Phrase
		made           []int
	}{
		{"sales-1", "zapi", provider.State{Health: provider.Ready}, 52 * time.Hour, say.Phrase{}, []int{2, 4, 5, 3, 6, 4, 2, 5, 4}},
		{"sales-2", "zapi", provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: "zapi.notConnected"}}, 25 * time.Minute, failing(400, "You are not connected."), []int{3, 5, 4, 6, 1}},
		{"support-1", "greenapi", provider.State{Health: provider.Restricted, Reason: say.Words("WhatsApp has suspended the number for a time: let it rest."), Until: now.Add(2 * time.Hour)}, 40 * time.Minute, failing(500, "rate overlimit"), []int{4, 4, 3, 5, 2}},
		{"support-2", "greenapi", provider.State{Health: provider.Ready}, 9 * time.Hour, say.Phrase{}, []int{1, 3, 2, 4, 4, 3, 5, 3}},
	}
	for _, s := range states {
		o.must(o.store.Presence.Announce(o.ctx, []store.Announcement{{
			Name: s.name, Provider: s.provider, Pools: []string{"default"}, SeenAt: now, Create: pace, Invite: soft, RollLook: time.Minute, Answers: s.provider == "zapi",
		}}))
		_, err := o.store.Presence.SetHealth(o.ctx, s.name, s.state, now.Add(-s.since))
		o.must(err)
		if !s.fault.Zero() {
			o.must(o.store.Presence.NoteError(o.ctx, s.name, s.fault, now.Add(-s.since)))
		}
		for i, n := range s.made { // the creates of earlier hours
			key := fmt.Sprintf("rollcall:{ix}:hour:%d", now.Unix()/3600-int64(2*i)-1)
			o.must(rdb.HIncrBy(o.ctx, key, "c:"+s.name, int64(n)).Err())
		}
	}
	o.must(o.store.Presence.Beat(o.ctx, store.Worker{ID: "w1", Host: "worker-1", StartedAt: now.Add(-50 * time.Hour), Lanes: 8}))
}

// work creates a batch and moves its groups to the states of a typical morning.
func (o *office) work() {
	var ids []string
	rows := func(yield func(enqueue.Row, error) bool) {
		for i := range 61 {
			if i == 60 { // a row that is not accepted
				yield(enqueue.Row{N: i + 1, Request: tasks.GroupRequest{GroupName: "Turma sem telefones"}}, nil)
				return
			}
			phones := make([]tasks.Phone, 6)
			for n := range phones {
				phones[n] = tasks.Phone(fmt.Sprintf("55449912300%02d", (i*5+n)%60))
			}
			target := ""
			if i%3 == 0 {
				target = "sales-2"
			}
			if !yield(enqueue.Row{N: i + 1, Request: tasks.GroupRequest{
				GroupName: fmt.Sprintf("Turma %02d – Matemática", i+1), Phones: phones, Instance: target, ExternalRef: fmt.Sprintf("deal-%d", 800+i),
			}}, nil) {
				return
			}
		}
	}
	sum, err := o.enter.CreateBatch(o.ctx, "turmas-2026.csv", enqueue.Rules{}, rows, func(r enqueue.Result) error {
		ids = append(ids, r.ID)
		return nil
	})
	o.must(err)
	o.batch = sum.BatchID
	for i, id := range ids[:30] {
		switch {
		case i < 20:
			o.done(id)
		case i < 25:
			o.refuse(id, 400, "Validation failed. Details: 'groupName' is required")
		case i < 27:
			o.refuse(id, 401, "Unauthorized")
		default:
			o.doubt(id, i)
		}
	}
	for _, id := range ids[:30] { // a worker would have taken their tasks
		o.must(o.rdb.Del(o.ctx, "asynq:{call}:t:"+id).Err())
		o.must(o.rdb.ZRem(o.ctx, "asynq:{call}:scheduled", id).Err())
		for _, line := range []string{"create:pool:default", "create:sales-2"} {
			o.must(o.store.Lines.Remove(o.ctx, tasks.Task{ID: id, Line: line}))
		}
	}
	o.setUp(ids[0])
	o.asked(ids[3])
	o.hide(ids[50])
	_, err = o.store.Trail.PutView(o.ctx, store.SavedView{List: "groups", Name: "To decide", Query: "status=review", By: "ana", At: time.Now()})
	o.must(err)
	o.groupPages = []string{"/groups/" + ids[0], "/groups/" + ids[22], "/groups/" + ids[28], "/groups/" + ids[50], "/groups/" + ids[3]}
}

// asked lets people who are not in a group's request ask to join the group.
func (o *office) asked(id string) {
	o.t.Helper()
	o.change(id, func(g *group.Group, now time.Time) error {
		var people []phone.Identity
		for i := range 4 {
			people = append(people, phone.Identity{Digits: fmt.Sprintf("55449912388%02d", i)})
		}
		g.RequestedJoin(people, group.ByLink, now)
		return nil
	})
}

// hide gives a waiting group admins and a description with phone numbers, which the group's form does not show.
func (o *office) hide(id string) {
	o.t.Helper()
	o.change(id, func(g *group.Group, now time.Time) error {
		g.Setup = group.NewSetup(tasks.Setup{
			Description: "Call +55 44 99123-0001", Admins: &tasks.Admins{People: []tasks.Phone{tasks.Phone(g.Members[0].Number.E164())}}, Settings: &tasks.Settings{OnlyAdminsSend: new(true)},
		}, now)
		return nil
	})
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) change(id string, do func(g *group.Group, now time.Time) error) {
	o.t.Helper()
	_, err := o.store.Records.Update(o.ctx, id, do)
	o.must(err)
}

func begin(g *group.Group, now time.Time) int {
	on := g.Instance
	if on == "" {
		on = "support-2"
	}
	g.Begin("w1", on, time.Minute, func(string) bool { return true }, now)
	return g.Latest().N
}

func (o *office) refuse(id string, status int, words string) {
	o.t.Helper()
	o.change(id, func(g *group.Group, now time.Time) error {
		return g.Refused(begin(g, now), group.Answer{HTTPStatus: status, Error: say.Words(words)}, now.Add(1700*time.Millisecond))
	})
}

// fail adds a group that fails.
func (o *office) fail(name string, status int, words string) {
	o.t.Helper()
	res, err := o.enter.Create(o.ctx, tasks.GroupRequest{GroupName: name, Phones: []tasks.Phone{"5544991230001"}}, enqueue.Rules{})
	o.must(err)
	o.refuse(res.ID, status, words)
}

func (o *office) doubt(id string, i int) {
	o.t.Helper()
	o.change(id, func(g *group.Group, now time.Time) error {
		at := now.Add(-7 * time.Minute)
		o.must(g.Unknown(begin(g, at), group.Answer{HTTPStatus: 502, Error: say.Words("Bad Gateway")}, at.Add(31*time.Second)))
		o.must(g.Looked(0, at.Add(41*time.Second)))
		o.must(g.Looked(0, at.Add(91*time.Second)))
		found := []group.Candidate{
			{GroupID: fmt.Sprintf("1203630000000%05d-group", i), Name: g.Name, CreatedAt: at.Add(4 * time.Second), People: 5},
			{GroupID: fmt.Sprintf("1203630000000%05d-group", i+50), Name: g.Name, CreatedAt: at.Add(26 * time.Second), People: 6},
		}
		return g.Ambiguous(found, at.Add(6*time.Minute+31*time.Second))
	})
}

// done creates a group, calls its roll and invites the people who are missing.
func (o *office) done(id string) {
	o.t.Helper()
	o.change(id, func(g *group.Group, now time.Time) error {
		at := now.Add(-20 * time.Minute)
		g.CreatedAt = at.Add(-25 * time.Minute)
		n := begin(g, at)
		o.must(g.Created(n, group.Answer{HTTPStatus: 200, GroupID: "12036300000" + id[len(id)-7:] + "-group", InviteLink: "https://chat.whatsapp.com/Fq8ZkT1bQ5"}, at.Add(2300*time.Millisecond)))
		reading := group.Reading{Complete: true}
		for i := range g.Members[:5] {
			reading.People = append(reading.People, g.Members[i].Identity())
		}
		o.must(g.CallRoll(reading, false, at.Add(12*time.Second)))
		o.must(g.CallRoll(reading, true, at.Add(62*time.Second)))
		for i := range g.Members {
			if g.Members[i].Status == group.InviteQueued {
				o.must(g.Invited(i, "3EB0A1", at.Add(3*time.Minute)))
			}
		}
		return nil
	})
}

// setUp gives a done group a set-up with a step in each state, and a staff member.
func (o *office) setUp(id string) {
	o.t.Helper()
	o.change(id, func(g *group.Group, now time.Time) error {
		from := g.Roll.From.Add(time.Minute)
		g.Setup = group.NewSetup(tasks.Setup{
			Photo: "https://school.example/logo.png", Description: "Matemática, 2027", Admins: &tasks.Admins{All: true}, WelcomeMessage: "Olá!",
			Settings: &tasks.Settings{OnlyAdminsSend: new(true)},
		}, g.CreatedAt)
		g.Setup.From, g.Setup.Released = from, true
		for i, s := range []struct {
			status group.StepStatus
			reason say.Phrase
		}{
			{group.StepDone, say.Phrase{}},
			{group.StepUnsupported, say.Phrase{Code: say.SetupUnsupported}},
			{group.StepWanted, say.Phrase{Code: say.SetupNotShown}},
			{group.StepRefused, say.Phrase{Code: say.SetupRefused, Why: []say.Phrase{say.Words("HTTP 400: not-authorized")}}},
			{group.StepUnknown, say.Phrase{Code: say.WelcomeUnknown, Text: "HTTP 500"}},
		} {
			step := &g.Setup.Steps[i]
			step.Status, step.Reason, step.UpdatedAt = s.status, s.reason, from.Add(time.Duration(2*i)*time.Second)
			if s.status == group.StepWanted {
				step.At = now.Add(4 * time.Minute)
			}
		}
		g.Members[0].Admin = true
		g.Members = append(g.Members, group.Member{Number: "+5544991239999", Input: "+5544991239999", Name: "Ana Souza", Status: group.Added, Staff: true, Admin: true, UpdatedAt: from})
		return nil
	})
}
