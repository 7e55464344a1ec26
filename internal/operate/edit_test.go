package operate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const ana, bia, caio = "+5544999999991", "+5544999999992", "+5544999999993"

// office is a Control and a Client over one real Redis.
type office struct {
	*operate.Control
	t      *testing.T
	rdb    redis.UniversalClient
	client *enqueue.Client
	store  *store.Store
}

func newOffice(t *testing.T) *office {
	t.Helper()
	rdb := testutil.RealRedis(t).Client()
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := enqueue.New(t.Context(), rdb, enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	q := queue.New(rdb, st.Lines)
	return &office{
		Control: operate.New(operate.Config{Store: st, Queue: q, Pacer: pacing.New(rdb), Audit: &audit.Log{Trail: st.Trail}}),
		t:       t, rdb: rdb, client: client, store: st,
	}
}

// send accepts rows under the name of a batch and returns the outcome of each.
func (o *office) send(batch string, rows ...tasks.GroupRequest) (ids, outcomes []string) {
	o.t.Helper()
	_, err := o.client.CreateBatch(o.t.Context(), batch, enqueue.Rules{}, enqueue.Rows(slices.Values(rows)), func(r enqueue.Result) error {
		what := string(r.Outcome)
		if r.Error != nil {
			what += " " + r.Error.Message
		}
		ids, outcomes = append(ids, r.ID), append(outcomes, what)
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return ids, outcomes
}

func row(name string, phones ...tasks.Phone) tasks.GroupRequest {
	return tasks.GroupRequest{GroupName: name, Phones: phones}
}

func (o *office) load(id string) *group.Group {
	o.t.Helper()
	g, err := o.store.Records.Load(context.Background(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return g
}

// put changes a group as a worker does.
func (o *office) put(id string, change func(g *group.Group, now time.Time)) {
	o.t.Helper()
	if _, err := o.store.Records.Update(o.t.Context(), id, func(g *group.Group, now time.Time) error {
		change(g, now)
		return nil
	}); err != nil {
		o.t.Fatal(err)
	}
}

// found returns the ids of the groups that a filter finds.
func (o *office) found(f store.Filter) []string {
	o.t.Helper()
	groups, _, err := o.store.Index.List(context.Background(), f, "", 100)
	if err != nil {
		o.t.Fatal(err)
	}
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	return ids
}

// waiting returns how many tasks are ready in the line of the default pool.
func (o *office) waiting() int64 {
	o.t.Helper()
	lengths, err := o.store.Lines.Lengths(context.Background(), []string{"create:pool:default"})
	if err != nil {
		o.t.Fatal(err)
	}
	return int64(lengths["create:pool:default"].Ready)
}

func people(g *group.Group) string {
	var all []string
	for _, m := range g.Members {
		all = append(all, string(m.Number)+" "+string(m.Status))
	}
	return strings.Join(all, ", ")
}

func begun(g *group.Group, now time.Time) {
	g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
}

func ended(g *group.Group, now time.Time) {
	begun(g, now)
	_ = g.Refused(1, group.Answer{HTTPStatus: 400}, now)
}

func exists(g *group.Group, now time.Time) {
	begun(g, now)
	_ = g.Created(1, group.Answer{GroupID: "120363000000000001-group"}, now)
}

func correction() operate.Change {
	return operate.Change{Name: new("Turma 12"), Remove: []tasks.Phone{bia}, Add: []tasks.Phone{caio}}
}

func TestControlEdit_EveryStatusIsEditedReplacedOrRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, c := range map[string]struct {
		put  func(g *group.Group, now time.Time)
		want operate.EditOutcome
		say  string // of the refusal
	}{
		"queued":               {nil, operate.EditedInPlace, ""},
		"queued after a call":  {func(g *group.Group, now time.Time) { begun(g, now); _ = g.Limited(1, group.Answer{}, now) }, operate.Superseded, ""},
		"failed":               {ended, operate.Superseded, ""},
		"failed before a call": {func(g *group.Group, now time.Time) { _ = g.NoMembers(now) }, operate.Superseded, ""},
		"cancelled":            {func(g *group.Group, now time.Time) { _ = g.Cancel(now) }, operate.Superseded, ""},
		"creating":             {begun, "", "the group is creating: wait until it is known whether the group exists"},
		"verifying":            {func(g *group.Group, now time.Time) { begun(g, now); _ = g.Unknown(1, group.Answer{}, now) }, "", "the group is verifying: wait until"},
		"review":               {inReview, "", "the group is review: end its review first (resolve)"},
		"inviting":             {exists, "", "the group is inviting: the group exists at WhatsApp. Add people to it (add)"},
		"done": {func(g *group.Group, now time.Time) {
			exists(g, now)
			g.Status = group.Done
		}, "", "the group is done: the group exists at WhatsApp"},
	} {
		ids, _ := o.send(name, row("Truma 12", ana, bia))
		if c.put != nil {
			o.put(ids[0], c.put)
		}
		was := o.load(ids[0])
		plan, planned := o.PlanEdit(t.Context(), ids[0], correction(), operate.EditRules{})
		e, err := o.Edit(t.Context(), ids[0], correction(), operate.EditRules{})
		if c.want == "" {
			is := o.load(ids[0])
			if !errors.Is(err, group.ErrState) || !errors.Is(planned, group.ErrState) || !strings.Contains(err.Error(), c.say) || is.Write != was.Write {
				t.Errorf("%s: got %v, planned %v; want ErrState with %q and an unchanged record", name, err, planned, c.say)
			}
			continue
		}
		if err != nil || planned != nil || e.Outcome != c.want || plan.Outcome != c.want {
			t.Errorf("%s: got %s %v, planned %s %v; want %s", name, e.Outcome, err, plan.Outcome, planned, c.want)
			continue
		}
		is := o.load(e.Group.ID)
		if want := ana + " pending, " + caio + " pending"; is.Name != "Turma 12" || people(is) != want || is.Status != group.Queued || len(is.Attempts) != 0 {
			t.Errorf("%s: got %q, %s, with %s; want Turma 12, queued, with %s", name, is.Name, is.Status, people(is), want)
		}
		if told := fmt.Sprint(e.New, e.Gone, e.Fields); told != fmt.Sprintf("[%s] [%s] [groupName]", caio, bia) || fmt.Sprint(plan.New, plan.Gone, plan.Fields) != told {
			t.Errorf("%s: got the changes %s, want caio new, bia gone and groupName, as in the plan", name, told)
		}
		switch old := o.load(ids[0]); c.want {
		case operate.EditedInPlace:
			if is.ID != ids[0] || is.Round != 1 || is.Replaces != "" {
				t.Errorf("%s: got %+v, want the same group in round 1", name, is)
			}
		default:
			if is.ID == ids[0] || old.ReplacedBy != is.ID || is.Replaces != ids[0] || old.Name != "Truma 12" || !old.Status.Ended() || old.Retry(time.Now()) == nil {
				t.Errorf("%s: the old group (%s) is replaced by %q, the new one (%s, id %s) replaces %q; want them to name each other", name, old.Status, old.ReplacedBy, is.Status, is.ID, is.Replaces)
			}
		}
	}
	if n := o.waiting(); n != 13 {
		t.Errorf("got %d creates in line, want 13: those of the ten groups and of the three replacements of ended ones", n)
	}
}

func TestControlEdit_WhatLeadsToTheGroupFollows(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(*group.Group, time.Time){"edited": nil, "replaced": ended} {
		o := newOffice(t)
		ids, _ := o.send("cohort", row("Truma 12", ana, bia), row("Other", ana))
		if put != nil {
			o.put(ids[0], put)
		}
		e, err := o.Edit(t.Context(), ids[0], correction(), operate.EditRules{})
		if err != nil {
			t.Fatal(err)
		}
		is := e.Group.ID
		for what, f := range map[string]store.Filter{"name": {Name: "turma"}, "person": {Person: phone.Number(caio).Identity()}} {
			if got := o.found(f); !slices.Equal(got, []string{is}) {
				t.Errorf("%s: the new %s leads to %v, want %s", name, what, got, is)
			}
		}
		old := []string(nil)
		if put != nil {
			old = []string{ids[0]}
		}
		for what, f := range map[string]store.Filter{"name": {Name: "truma"}, "person": {Person: phone.Number(bia).Identity()}} {
			if got := o.found(f); !slices.Equal(got, old) && len(got)+len(old) > 0 {
				t.Errorf("%s: the old %s leads to %v, want %v", name, what, got, old)
			}
		}
		b, err := o.store.Index.Batch(t.Context(), "cohort")
		total, failed := 2, 0
		if put != nil {
			total, failed = 3, 1
		}
		if err != nil || b.Total != total || b.Counts[group.Queued] != 2 || b.Counts[group.Failed] != failed || !b.FinishedAt.IsZero() {
			t.Errorf("%s: got the batch %+v, %v; want %d groups, 2 queued and %d failed", name, b, err, total, failed)
		}
		if n, _ := o.rdb.HLen(t.Context(), "rollcall:{ix}:edits").Result(); n != 0 {
			t.Errorf("%s: %d edits are still noted, want none", name, n)
		}
		if put != nil {
			ids = append(ids, is)
		}
		for _, id := range ids {
			if _, err := o.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error {
				g.FinishedAt = now.AddDate(-10, 0, 0)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if gone, err := o.store.Records.ForgetExpired(t.Context(), id); err != nil || !gone {
				t.Fatalf("the group was forgotten: %v (%v), want it gone", gone, err)
			}
		}
		keys, _ := o.rdb.Keys(t.Context(), "rollcall:key:*").Result()
		names, _ := o.rdb.Keys(t.Context(), "rollcall:{nm}*").Result()
		people, _ := o.rdb.Keys(t.Context(), "rollcall:who:*").Result()
		if len(keys)+len(names)+len(people) > 0 {
			t.Errorf("%s: after all groups were forgotten Redis holds %v %v %v, want none", name, keys, names, people)
		}
	}
}

// The name of an ended batch must not go to a batch without groups, and no receiver must be told of the end of one.
func TestControlEdit_ARefusedOneBeginsNoBatch(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids, _ := o.send("cohort", row("A", ana), row("B", bia))
	o.put(ids[0], ended)
	o.put(ids[1], ended)
	was, err := o.store.Index.Batch(t.Context(), "cohort")
	if err != nil || was.FinishedAt.IsZero() {
		t.Fatalf("got %+v (%v), want a batch that has ended", was, err)
	}
	position, err := o.store.Outbox.LatestEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Edit(t.Context(), ids[0], operate.Change{Name: new("B")}, operate.EditRules{}); err == nil {
		t.Fatal("a name that another group of the batch has was accepted")
	}
	named, err := o.store.Index.Batch(t.Context(), "cohort")
	if err != nil || named.ID != was.ID {
		t.Errorf("the batch cohort is %+v (%v), want %s", named, err, was.ID)
	}
	batches, _, err := o.store.Index.Batches(t.Context(), "", 10)
	if err != nil || len(batches) != 1 {
		t.Errorf("got %d batches (%v), want 1", len(batches), err)
	}
	if running, err := o.store.Index.RunningBatches(t.Context()); err != nil || len(running) != 0 {
		t.Errorf("the batches %v run (%v), want none", running, err)
	}
	if events, err := o.store.Outbox.Events(t.Context(), position, -1); err != nil || len(events) != 0 {
		t.Errorf("got the events %+v (%v), want none", events, err)
	}
	if e, err := o.Edit(t.Context(), ids[0], operate.Change{Name: new("C")}, operate.EditRules{}); err != nil || e.Group.BatchID == was.ID {
		t.Errorf("another name: got %+v (%v), want a group of a new batch", e.Group, err)
	}
}

func TestControlEdit_TheSameFileAgainMakesNoGroup(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(*group.Group, time.Time){"edited": nil, "replaced": ended} {
		o := newOffice(t)
		keyed := row("Keyed", ana)
		keyed.IdempotencyKey = "deal-1"
		ids, _ := o.send("cohort", row("Truma 12", ana, bia), keyed)
		want := slices.Clone(ids)
		for i, id := range ids {
			if put != nil {
				o.put(id, put)
			}
			change := correction()
			if i == 1 {
				change = operate.Change{Name: new("Keyed again"), Add: []tasks.Phone{caio}}
			}
			e, err := o.Edit(t.Context(), id, change, operate.EditRules{})
			if err != nil {
				t.Fatal(err)
			}
			want[i] = e.Group.ID
		}
		corrected := keyed
		corrected.GroupName, corrected.Phones = "Keyed again", []tasks.Phone{ana, caio}
		for what, rows := range map[string][]tasks.GroupRequest{
			"first": {row("Truma 12", ana, bia), keyed}, "corrected": {row("Turma 12", caio, ana), corrected},
		} {
			if got, outcomes := o.send("cohort", rows...); !slices.Equal(got, want) || !slices.Equal(outcomes, []string{"existed", "existed"}) {
				t.Errorf("%s: the %s file again: got %v %q, want %v to exist", name, what, got, outcomes, want)
			}
		}
		if _, outcomes := o.send("cohort", row("Turma 12", ana, bia)); !strings.Contains(outcomes[0], "1 person is new") {
			t.Errorf("%s: a row of the new name and the old people: got %q, want that 1 person is new", name, outcomes)
		}
		if all := o.found(store.Filter{Statuses: []group.Status{group.Queued}}); len(all) != 2 {
			t.Errorf("%s: %d groups wait, want 2", name, len(all))
		}
	}
}

func TestControlEdit_IsJudgedAsACreate(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids, _ := o.send("cohort", row("Truma 12", ana, "12"), row("Turma 12", bia))
	before := o.load(ids[0]).Write
	past := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		change operate.Change
		want   tasks.Code
	}{
		"no name":         {operate.Change{Name: new(" ")}, tasks.NoName},
		"a long name":     {operate.Change{Name: new(strings.Repeat("ç", 101))}, tasks.NameTooLong},
		"a taken name":    {operate.Change{Name: new("TURMA 12")}, tasks.Changed},
		"no person left":  {operate.Change{Remove: []tasks.Phone{ana}}, tasks.NoPhones},
		"no such person":  {operate.Change{Remove: []tasks.Phone{caio}}, tasks.BadField},
		"no number":       {operate.Change{Remove: []tasks.Phone{"abc"}}, tasks.BadPhone},
		"over already":    {operate.Change{ExpiresAt: &past}, tasks.BadTime},
		"a local photo":   {operate.Change{Photo: new("http://host/logo.jpg")}, tasks.BadField},
		"a stranger":      {operate.Change{Admins: &tasks.Admins{People: []tasks.Phone{caio}}}, tasks.BadField},
		"a broken invite": {operate.Change{Message: new("{{.Nothing}}")}, tasks.BadField},
	} {
		for way, edit := range map[string]func(context.Context, string, operate.Change, operate.EditRules) (operate.Edited, error){"plan": o.PlanEdit, "edit": o.Edit} {
			_, err := edit(t.Context(), ids[0], c.change, operate.EditRules{})
			if bad, ok := errors.AsType[*tasks.RowError](err); !ok || bad.Code != c.want {
				t.Errorf("%s, %s: got %v, want %s", name, way, err, c.want)
			}
		}
	}
	if is := o.load(ids[0]); is.Write != before {
		t.Error("a refused edit wrote the record")
	}
	if err := o.store.People.Suppress(t.Context(), []phone.Number{caio}, "asked"); err != nil {
		t.Fatal(err)
	}
	change := operate.Change{Remove: []tasks.Phone{"12"}, Add: []tasks.Phone{"44 99999-9993", "13"}, Names: map[string]string{"44 99999-9993": "Caio"}}
	e, err := o.Edit(t.Context(), ids[0], change, operate.EditRules{Region: "BR"})
	if want := ana + " pending, " + caio + " optedOut,  invalid"; err != nil || people(e.Group) != want || e.Group.Members[1].Name != "Caio" || len(e.Unusable) != 1 {
		t.Errorf("got %s, %v, want %s, caio under his name and one unusable entry", people(e.Group), err, want)
	}
	if e, err := o.Edit(t.Context(), ids[0], operate.Change{Name: new("Truma 12"), Add: []tasks.Phone{ana}}, operate.EditRules{}); err != nil || e.Outcome != operate.Unchanged {
		t.Errorf("a change to what it is: got %s, %v, want Unchanged", e.Outcome, err)
	}
}

func TestControlEdit_TwoAtOnceMakeOneReplacement(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, same := range []bool{true, false} {
		ids, _ := o.send(fmt.Sprint("same ", same), row("Truma 12", ana, bia))
		o.put(ids[0], ended)
		var wait sync.WaitGroup
		made, refused := make(chan string, 8), make(chan error, 8)
		for n := range 8 {
			wait.Go(func() {
				change := correction()
				if !same {
					change.Name = new(fmt.Sprintf("Turma 12 %d", n))
				}
				e, err := o.Edit(context.WithoutCancel(t.Context()), ids[0], change, operate.EditRules{})
				if err != nil {
					refused <- err
					return
				}
				made <- e.Group.ID
			})
		}
		wait.Wait()
		by := o.load(ids[0]).ReplacedBy
		if n := len(made); same && n != 8 || !same && n != 1 {
			t.Errorf("same %v: %d edits succeeded, want all 8 if they are the same, else 1", same, n)
		}
		for range len(made) {
			if id := <-made; id != by {
				t.Errorf("same %v: an edit made %s, the group is replaced by %s", same, id, by)
			}
		}
		for range len(refused) {
			if err := <-refused; !errors.Is(err, group.ErrReplaced) || !strings.Contains(err.Error(), by) {
				t.Errorf("same %v: got %v, want ErrReplaced with %s", same, err, by)
			}
		}
		for _, id := range o.found(store.Filter{}) {
			if g := o.load(id); g.Replaces == ids[0] && id != by {
				t.Errorf("same %v: %s is a second replacement", same, id)
			}
		}
	}
}

// Either the edit or the begin of the create wins, and the record has the content of that one alone.
func TestControlEdit_AndTheBeginOfItsCreateNeverMix(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	edits := 0
	for n := range 60 {
		ids, _ := o.send(fmt.Sprint("batch ", n), row("Truma 12", ana, bia))
		round := o.load(ids[0]).Round
		var called, edited atomic.Value
		var wait sync.WaitGroup
		wait.Go(func() { // as the step does: it begins only the round that it prepared
			_, err := o.store.Records.Update(context.WithoutCancel(t.Context()), ids[0], func(g *group.Group, now time.Time) error {
				if g.Round != round {
					return group.ErrState
				}
				begun(g, now)
				return nil
			})
			if err == nil {
				called.Store(true)
			}
		})
		wait.Go(func() {
			if _, err := o.Edit(context.WithoutCancel(t.Context()), ids[0], correction(), operate.EditRules{}); err == nil {
				edited.Store(true)
			} else if !errors.Is(err, group.ErrState) {
				t.Errorf("the edit: got %v, want ErrState", err)
			}
		})
		wait.Wait()
		is := o.load(ids[0])
		old, fresh := is.Name == "Truma 12" && people(is) == ana+" pending, "+bia+" pending", is.Name == "Turma 12" && people(is) == ana+" pending, "+caio+" pending"
		if (called.Load() != nil) == (edited.Load() != nil) || called.Load() != nil && !old || edited.Load() != nil && !fresh {
			t.Fatalf("called %v, edited %v, the record has %q with %s; want one of the two and its content", called.Load(), edited.Load(), is.Name, people(is))
		}
		if edited.Load() != nil {
			edits++
		}
	}
	t.Logf("%d of 60 edits came first", edits)
}

// cutter lets left round trips through and fails all later ones, as if the process had ended there.
type cutter struct{ left atomic.Int64 }

func (c *cutter) cut() error {
	if c.left.Add(-1) < 0 {
		return errCut{}
	}
	return nil
}

type errCut struct{}

func (errCut) Error() string { return "ERR cut by the test" }
func (errCut) RedisError()   {}

func (c *cutter) DialHook(next redis.DialHook) redis.DialHook { return next }
func (c *cutter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := c.cut(); err != nil {
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func (c *cutter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if err := c.cut(); err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		}
		return next(ctx, cmds)
	}
}

func TestControlEdit_CutAnywhereIsMendedByTheSweeperOrTheSameEdit(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(*group.Group, time.Time){"edited": nil, "replaced": ended} {
		for _, mend := range []string{"the sweeper", "the same edit"} {
			t.Run(name+" by "+mend, func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				knife := &cutter{}
				knife.left.Store(1 << 40)
				o.rdb.AddHook(knife)
				for cut := 1; ; cut++ {
					batch := fmt.Sprint("batch ", cut)
					ids, _ := o.send(batch, row("Truma 12", ana, bia))
					if put != nil {
						o.put(ids[0], put)
					}
					knife.left.Store(int64(cut))
					_, err := o.Edit(t.Context(), ids[0], correction(), operate.EditRules{})
					whole := err == nil
					knife.left.Store(1 << 40)
					if mend == "the sweeper" {
						if _, err := o.store.Records.MendEdits(t.Context(), time.Now().Add(time.Hour)); err != nil {
							t.Fatal(err)
						}
					} else if _, err := o.Edit(t.Context(), ids[0], correction(), operate.EditRules{}); err != nil && !strings.Contains(err.Error(), "not in the group") {
						t.Fatalf("cut %d: again: %v", cut, err)
					}
					o.wholeOrNothing(t, cut, ids[0], mend == "the same edit")
					if whole {
						return
					}
				}
			})
		}
	}
}

// wholeOrNothing checks that names, people, states and batches lead to a group, or to its replacement, as its record says.
func (o *office) wholeOrNothing(t *testing.T, cut int, id string, must bool) {
	t.Helper()
	is := o.load(id)
	done := is.Name == "Turma 12"
	if is.ReplacedBy != "" {
		is, done = o.load(is.ReplacedBy), true
		if is.Replaces != id || is.Name != "Turma 12" || is.Status != group.Queued {
			t.Errorf("cut %d: got the replacement %+v, want Turma 12, queued, in place of %s", cut, is, id)
		}
		if ttl, err := o.rdb.TTL(t.Context(), "rollcall:{"+is.ID+"}").Result(); err != nil || ttl > 0 {
			t.Errorf("cut %d: the replacement expires in %s, %v, want never", cut, ttl, err)
		}
	}
	if must && !done {
		t.Errorf("cut %d: the same edit again changed nothing", cut)
	}
	name, who := "truma", phone.Number(bia)
	if done {
		name, who = "turma", phone.Number(caio)
	}
	for what, f := range map[string]store.Filter{"name": {Name: name}, "person": {Person: who.Identity()}, "status": {Statuses: []group.Status{is.Status}}, "batch": {BatchID: is.BatchID}} {
		if !slices.Contains(o.found(f), is.ID) {
			t.Errorf("cut %d: the %s leads to %v, want %s among them", cut, what, o.found(f), is.ID)
		}
	}
	if is.Replaces == "" && done {
		for what, f := range map[string]store.Filter{"name": {Name: "truma"}, "person": {Person: phone.Number(bia).Identity()}} {
			if slices.Contains(o.found(f), is.ID) {
				t.Errorf("cut %d: the old %s still leads to %s", cut, what, is.ID)
			}
		}
	}
	if _, outcomes := o.send(fmt.Sprint("batch ", cut), row("Truma 12", ana, bia)); outcomes[0] != "existed" {
		t.Errorf("cut %d: the same file again: got %q, want existed", cut, outcomes)
	}
}

func TestControlEdit_IsWrittenIntoTheAuditLogWithoutNumbers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids, _ := o.send("cohort", row("Truma 12", ana, bia))
	if _, err := o.Edit(t.Context(), ids[0], correction(), operate.EditRules{}); err != nil {
		t.Fatal(err)
	}
	o.put(ids[0], begun)
	if _, err := o.Edit(t.Context(), ids[0], operate.Change{Name: new("Turma 13")}, operate.EditRules{}); err == nil {
		t.Fatal("a group that is being created was edited")
	}
	entries, _, err := o.store.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 10)
	if err != nil || len(entries) != 2 {
		t.Fatalf("got %d entries, %v, want 2", len(entries), err)
	}
	for i, want := range []string{"refused", "done"} {
		if e := entries[i]; e.Action != string(audit.EditGroup) || e.Result != want || strings.Contains(fmt.Sprint(e), "9999999") || strings.Contains(fmt.Sprint(e), "Turma") {
			t.Errorf("entry %d: got %+v, want %s, without a number and a name", i, e, want)
		}
	}
}

func TestControl_AnEditThatIsRecordedSucceeds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		before  func(g *group.Group, now time.Time)
		outcome operate.EditOutcome
		says    string
	}{
		{"in place", func(*group.Group, time.Time) {}, operate.EditedInPlace, "unchanged"},
		{"instead of a failed group", func(g *group.Group, now time.Time) { _ = g.NoMembers(now) }, operate.Superseded, "replaced"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			var late []error
			o.Late = func(_, _ string, err error) { late = append(late, err) }
			ids, _ := o.send("turma.csv", row("Turma", ana))
			o.put(ids[0], c.before)
			redis := testutil.Meddle(o.rdb)
			redis.Refuse("hdel", "rollcall:{ix}:edits") // the note of the edit stays, for the sweeper
			name := "Turma B"
			e, err := o.Edit(t.Context(), ids[0], operate.Change{Name: &name}, operate.EditRules{})
			if err != nil || e.Outcome != c.outcome || o.load(e.Group.ID).Name != name {
				t.Fatalf("got %v, %v, want %s", e.Outcome, err, c.outcome)
			}
			if len(late) != 1 || !errors.Is(late[0], store.ErrIndexBehind) {
				t.Errorf("reported as late: got %v, want ErrIndexBehind", late)
			}
			redis.With(nil)
			if again, err := o.Edit(t.Context(), ids[0], operate.Change{Name: &name}, operate.EditRules{}); err != nil || string(again.Outcome) != c.says {
				t.Errorf("the same edit again: got %v, %v, want %s", again.Outcome, err, c.says)
			}
		})
	}
}
