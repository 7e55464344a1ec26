package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// populated is a Redis with at least one key of every family, and with two of most things.
type populated struct {
	t     *testing.T
	rdb   redis.UniversalClient
	store *store.Store
	told  []store.Unreadable // what the stores reported
	of    string             // the family of the damaged key

	adding   store.Adding
	groups   []*group.Group
	sessions []string // tokens
	jobs     []string // ids
	uploads  []store.Upload
	people   []phone.Identity
}

const populatedKey = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func (p *populated) open() *store.Store {
	p.t.Helper()
	st, err := store.Open(p.t.Context(), p.rdb, store.Options{
		EncryptionKey: populatedKey, Unreadable: func(u store.Unreadable) { p.told = append(p.told, u) },
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return st
}

func (p *populated) must(errs ...error) {
	p.t.Helper()
	if err := errors.Join(errs...); err != nil {
		p.t.Fatal(err)
	}
}

// request is a group of the batch as a producer accepts it.
func (p *populated) request(st *store.Store, n int) (*store.Entry, error) {
	person := fmt.Sprintf("+55119999900%02d", n)
	name := fmt.Sprintf("Turma %d", n)
	for i := range 40 { // the words of the groups fill more than one block
		name += fmt.Sprintf(" w%d", i)
	}
	g := fresh(name, person)
	g.BatchID, g.ExternalRef, g.Key = p.adding.BatchID, fmt.Sprintf("deal-%d", n), fmt.Sprintf("key-%d", n)
	if g.Target = (tasks.Target{Instance: []string{"alpha", "beta"}[n%2]}); n == 1 || n == 2 || n > 5 {
		g.Target = tasks.Target{Pool: "default"}
	}
	e := &store.Entry{Group: g, Scope: "key", Key: g.Key, Content: "0123456789abcdef"}
	if err := st.Records.Claim(p.t.Context(), []*store.Entry{e}, nil); err != nil {
		return e, err
	}
	return e, st.Records.Record(p.t.Context(), []*store.Entry{e})
}

// populate fills a store. The groups are: queued, queued, failed, done, inviting with a reading to come, and
// one whose record was removed.
func populate(t *testing.T) *populated {
	t.Helper()
	p := &populated{t: t, rdb: testutil.RealRedis(t).Client()}
	p.store = p.open()
	st, ctx := p.store, t.Context()
	p.must(st.Index.JoinBatch(ctx, "lista.csv", &p.adding))
	p.must(st.Index.NoteInvalid(ctx, &p.adding, []store.InvalidRow{{Row: 7, Field: "phones", Code: "badPhone"}}))
	limited := p.adding
	limited.Audience = "default"
	p.must(st.Index.NoteInvalid(ctx, &limited, []store.InvalidRow{{Row: 8, Field: "phones", Code: "badPhone"}}))
	for n := range 6 {
		e, err := p.request(st, n)
		p.must(err)
		p.groups = append(p.groups, e.Group)
		p.people = append(p.people, e.Group.Members[0].Identity())
	}
	noMembers := func(g *group.Group, now time.Time) error { return g.NoMembers(now) }
	p.move(2, noMembers)
	p.move(2, (*group.Group).Retry) // for the list of reopened groups
	p.move(2, noMembers)
	for _, n := range []int{3, 4} {
		p.move(n, func(g *group.Group, now time.Time) error {
			g.Begin("w1", g.Target.Instance, time.Minute, nil, now)
			if err := g.Created(1, group.Answer{GroupID: "wa-" + g.ID}, now); err != nil {
				return err
			}
			g.Watch.At = now.Add(time.Hour)
			if n == 3 {
				self := phone.Identity{Digits: "5511900000000"}
				return g.CallRoll(group.Reading{Self: self, People: []phone.Identity{self, g.Members[0].Identity()}, Complete: true}, true, now)
			}
			return nil
		})
		_, err := st.Records.ClaimWhatsApp(ctx, "wa-"+p.groups[n].ID, p.groups[n].ID)
		_, named := st.Records.ReserveName(ctx, "alpha", p.groups[n].Name, p.groups[n].ID)
		_, remembered := st.People.RememberMessage(ctx, "alpha", fmt.Sprint("3EB0", n), p.groups[n].ID, 0)
		p.must(err, named, remembered, st.People.KeepFate(ctx, "alpha", group.Fate{MessageID: fmt.Sprint("3EB0", n), Status: group.InviteFailed}),
			st.People.MeetGroups(ctx, fmt.Sprint("55119000000", n), map[string]time.Time{"wa-a": time.Now(), "wa-b": time.Now()}))
	}
	p.rdb.Set(ctx, "rollcall:{"+p.groups[5].ID+"}", "garbage", 0)
	_, err := st.Remove(ctx, store.KindGroup, p.groups[5].ID, false)
	p.must(err)
	p.groups = p.groups[:5]
	p.rdb.Set(ctx, "rollcall:{"+p.groups[0].ID+"}:sure", 1, 0)                         // as Replicated does with replicas
	p.rdb.HSet(ctx, "rollcall:{ix}:edits", "0123456789abcdef001122334455", `{"at":1}`) // as an interrupted edit leaves it

	_, err = st.People.Meet(ctx, []phone.Identity{{Digits: "5511999990090", LID: "90@lid"}, {Digits: "5511999990091", LID: "91@lid"}})
	p.must(err, st.People.Suppress(ctx, []phone.Number{"+5511999990090", "+5511999990091"}, "asked"))
	err = st.People.RememberChecks(ctx, "zapi", map[string]provider.Checked{"5511999990001": {Exists: true}, "5511999990002": {Exists: true}})
	p.must(err)

	as := make([]store.Announcement, 2)
	for i, name := range []string{"alpha", "beta"} {
		as[i] = store.Announcement{Name: name, Provider: "zapi", Pools: []string{"default"}, SeenAt: time.Now(), By: "w1", Takes: map[pacing.Kind]time.Duration{pacing.Create: time.Second}}
		_, err := st.Presence.SetHealth(ctx, name, provider.State{Health: provider.Ready}, time.Now())
		p.must(err, st.Presence.Doubt(ctx, name))
		j, err := st.Trail.AddJob(ctx, store.Job{Action: "retry"})
		p.must(err)
		_, taken := st.Trail.TakeJob(ctx, j.ID, "w1")
		_, err = st.Trail.SettleJob(ctx, j.ID, "w1", []store.JobOutcome{{ID: p.groups[0].ID, Outcome: 'd'}}, func(*store.Job) {})
		p.must(err, taken)
		p.jobs = append(p.jobs, j.ID)
		u, err := st.Trail.AddUpload(ctx, store.Upload{By: "ana", Batch: name}, strings.NewReader("name,phones\n"))
		p.must(err)
		p.uploads = append(p.uploads, u)
		_, err = st.Trail.PutView(ctx, store.SavedView{List: "groups", Name: name, Query: "status=failed"})
		p.must(err)
		_, err = st.Presence.SetNumber(ctx, name, "", "number-of-"+name)
		p.must(err)
		token, err := st.Trail.PutSession(ctx, store.Session{Key: name}, time.Hour)
		p.must(err)
		p.sessions = append(p.sessions, token)
	}
	p.must(st.Presence.Announce(ctx, as), st.Presence.SetPaused(ctx, "gamma", &store.Pause{Reason: "r"}), st.Presence.SetPaused(ctx, "delta", &store.Pause{Reason: "r"}),
		st.Presence.Slow(ctx, "gamma", &store.Slowing{}), st.Presence.Slow(ctx, "delta", &store.Slowing{}))
	for _, job := range []string{"sweep", "other"} {
		_, err := st.Presence.Lead(ctx, job, "w1", time.Minute)
		p.must(err)
	}
	_, _, _, err = st.Attend(ctx, true, time.Minute)
	_, uncertain := st.Uncertain(ctx, store.Doubt{To: time.Now()}, "alpha", 1)
	p.must(err, uncertain)

	p.must(st.Outbox.AnnounceReceivers(ctx, []store.Receiver{{ID: "a", Host: "a"}, {ID: "b", Host: "b"}}))
	for _, r := range []string{"a", "b"} {
		p.must(st.Outbox.Disable(ctx, r, store.Disabled{Print: "other"}))
	}
	for n := range 2 {
		_, err := st.Outbox.ClaimNotices(ctx, p.groups[n].ID, []store.Fact{{Type: "group.created", Of: p.groups[n].ID, Once: "created", At: time.Now()}})
		p.must(err)
	}
	out, err := st.Outbox.Outbox(ctx, 10)
	p.must(err)
	for _, n := range out {
		failed := store.Delivery{State: store.DeliveryFailed}
		p.must(st.Outbox.Address(ctx, n.ID, map[string]store.Delivery{"a": {State: store.DeliveryWaiting}}))
		p.must(st.Outbox.Expect(ctx, time.Now(), tasks.Deliver(n.ID, "b", 0)))
		_, err := st.Outbox.SaveDelivery(ctx, n.ID, "a", store.Delivery{State: store.DeliveryWaiting}, failed)
		p.must(err)
	}
	at, err := st.Outbox.LatestEvent(ctx)
	p.must(err, st.Outbox.SetCursor(ctx, at))
	for _, actor := range []string{"ana", "bia"} {
		_, err := st.Trail.Audit(ctx, store.AuditEntry{Actor: actor, Action: "phones.see"}, time.Hour)
		_, idle := st.Trail.Audit(ctx, store.AuditEntry{Actor: actor, Action: "group.cancel", Idle: true}, 0)
		p.must(err, idle, st.Trail.NoteRefusals(ctx, []store.Refusal{{At: time.Now(), Source: actor, Count: 1}}))
	}

	pacer := pacing.New(p.rdb)
	t.Cleanup(pacer.Close)
	for _, name := range []string{"alpha", "beta"} {
		for _, kind := range []pacing.Kind{pacing.Create, pacing.Invite} {
			grant, err := pacer.NewGrant(ctx, name)
			_, taken := pacer.Take(ctx, grant, name, kind, pacing.Pace{Every: time.Minute}, 0)
			slot, claimed := pacer.Claim(ctx, grant, name, kind, pacing.Pace{Every: time.Minute})
			p.must(err, taken, claimed, slot.Used(ctx, time.Time{}))
		}
		_, err := pacer.RestFor(ctx, name, time.Millisecond, pacing.Why{Cause: pacing.CauseFailing, Said: say.Words("r")})
		p.must(err, pacer.Wait(ctx, name, 100))
	}
	p.must(st.Lines.NoteSilent(ctx, map[string]time.Time{"grp_silent": time.Now()}, time.Now()))
	p.must(st.Presence.Know(ctx, "digest", []string{"alpha", "beta"}))
	line := tasks.Target{Instance: "alpha"}.Line(tasks.Normal)
	_, err = st.Lines.Put(ctx, tasks.Task{ID: "grp_ready", Line: line}, tasks.Task{ID: "grp_gone", Line: line}, tasks.Task{ID: "grp_later", Line: line, At: time.Now().Add(time.Hour)})
	p.must(err)
	_, _, err = st.Lines.Take(ctx, []string{line}, store.Permit{Instance: "alpha", Kind: pacing.Create}, time.Hour)
	p.must(err)
	if len(p.told) != 1 {
		t.Fatalf("reported %+v, want the removed record alone", p.told)
	}
	p.told = nil
	p.must(st.Presence.Beat(ctx, store.Worker{ID: "w-alpha"}), st.Presence.Beat(ctx, store.Worker{ID: "w-beta"}))
	for _, key := range keysOf(t, p.rdb) { // on a busy machine a test takes longer than a heartbeat lives
		p.must(p.rdb.ExpireXX(ctx, key, time.Hour).Err())
	}
	p.rdb.HSet(ctx, "rollcall:unreadable", "group grp_0", `{"r":"damaged","a":1}`) // an older note
	return p
}

func (p *populated) move(n int, change func(*group.Group, time.Time) error) {
	p.t.Helper()
	_, err := p.store.Records.Update(p.t.Context(), p.groups[n].ID, change)
	p.must(err)
}
