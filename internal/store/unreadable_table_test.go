package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/sweep"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

// unread are the families whose values no process reads: processes only write them, or ask whether they exist.
var unread = []string{
	"rollcall:{*}:sure", "rollcall:{*}:removed", "rollcall:{audit}:seen:*", "rollcall:unreadable",
}

// essential are the families that stop their readers if a whole key is damaged.
var essential = map[string]string{
	"rollcall:secret":       "no person is found without it",
	"rollcall:keys":         "nothing is opened without it",
	"rollcall:{ix}:held":    "the index is built on it",
	"rollcall:suppressed":   "no person may be called while the list cannot be read",
	"rollcall:installation": "no calls are made while it is not known whether Redis lost data",
	"rollcall:{pace:*":      "pacing repairs it: TestPacerTake_ADamagedStateIsNeverQuicker",
	"rollcall:{rate:*":      "pacing repairs it, as the pace",
	"rollcall:numbers":      "an instance makes no calls while its number is not known",
}

// damage is a way to break a thing.
type damage struct {
	name   string
	family store.Family
	field  string // "" for a whole key
	do     func(ctx context.Context, rdb redis.UniversalClient, key string) error
}

// damages returns all ways to break a key of a family.
func damages(f store.Family) []damage {
	all := []damage{{name: "another type", family: f, do: func(ctx context.Context, rdb redis.UniversalClient, key string) error {
		if err := rdb.Del(ctx, key).Err(); err != nil {
			return err
		}
		if f.Is == "list" {
			return rdb.Set(ctx, key, "garbage", 0).Err()
		}
		return rdb.RPush(ctx, key, "garbage").Err()
	}}}
	if !f.Read || f.Needed {
		return all
	}
	spoil := damage{name: "garbage", family: f, field: "*", do: spoiled(f, func(string) string { return "gar|bage\xff" })}
	if f.Is == "string" {
		spoil.name, spoil.do = "cut off", spoiled(f, func(s string) string { return s[:len(s)/3] + "\x00" })
	}
	all = append(all, spoil)
	return all
}

// victim returns the field of a hash to damage: the first one whose value has a form.
func victim(ctx context.Context, rdb redis.UniversalClient, key string) (string, error) {
	fields, err := rdb.HKeys(ctx, key).Result()
	slices.Sort(fields)
	fields = slices.DeleteFunc(fields, func(f string) bool { return f == "name" || f == "before" || f == "to" || f == "createdAt" })
	return fields[0], err
}

// spoiled returns a function that replaces one value of a key by what spoil makes of it.
func spoiled(f store.Family, spoil func(string) string) func(context.Context, redis.UniversalClient, string) error {
	return func(ctx context.Context, rdb redis.UniversalClient, key string) error {
		switch f.Is {
		case "string":
			was, err := rdb.Get(ctx, key).Result()
			return errors.Join(err, rdb.Set(ctx, key, spoil(was), 0).Err())
		case "hash":
			field, err := victim(ctx, rdb, key)
			was := rdb.HGet(ctx, key, field).Val()
			return errors.Join(err, rdb.HSet(ctx, key, field, spoil(was)).Err())
		default:
			return rdb.XAdd(ctx, &redis.XAddArgs{Stream: key, Values: []any{"e", spoil("{}")}}).Err()
		}
	}
}

// TestStore_EveryKeyIsOfAFamilyOfTheTable compares the table of families with a populated store: no test damages a key
// that is in no family.
func TestStore_EveryKeyIsOfAFamilyOfTheTable(t *testing.T) {
	t.Parallel()
	p := populate(t)
	seen := map[string]bool{}
	for _, key := range keysOf(t, p.rdb) {
		f, _, ok := store.FamilyOf(key, "")
		if !ok {
			t.Errorf("the key %q is of no family: add it to families.go", key)
			continue
		}
		seen[f.Keys] = true
		if is := p.rdb.Type(t.Context(), key).Val(); is != f.Is {
			t.Errorf("the key %q is a %s, its family %s says %s", key, is, f.Keys, f.Is)
		}
	}
	for _, f := range store.Families() {
		if !seen[f.Keys] {
			t.Errorf("the store has no key of the family %s: write one in populate", f.Keys)
		}
	}
}

func keysOf(t *testing.T, rdb redis.UniversalClient) []string {
	t.Helper()
	keys, err := rdb.Keys(t.Context(), "rollcall:*").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	return keys
}

func TestStore_OneDamagedThingStopsNothingElseAndIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, f := range store.Families() {
		for _, d := range damages(f) {
			t.Run(strings.ReplaceAll(f.Keys, "/", "_")+"/"+d.name, func(t *testing.T) {
				t.Parallel()
				if why, ok := essential[f.Keys]; ok && d.field == "" {
					t.Skip("essential: " + why)
				}
				checkDamage(t, d)
			})
		}
	}
}

// checkDamage damages one key of a family and runs everything that reads such keys: only the damaged thing may fail, and
// it is reported once, with none of its content.
func checkDamage(t *testing.T, d damage) {
	p := populate(t)
	ctx := t.Context()
	key := ""
	for _, k := range keysOf(t, p.rdb) {
		if f, _, _ := store.FamilyOf(k, ""); key == "" && f.Keys == d.family.Keys {
			key = k
		}
	}
	field := ""
	if d.field != "" && d.family.Is == "hash" {
		field, _ = victim(ctx, p.rdb, key)
	}
	p.must(d.do(ctx, p.rdb, key))
	p.of = d.family.Keys
	if d.field != "" && d.family.Is == "stream" {
		newest, err := p.rdb.XRevRangeN(ctx, key, "+", "-", 1).Result()
		p.must(err)
		field = newest[0].ID
	}
	_, id, _ := store.FamilyOf(key, field)
	second := p.open() // another process
	for round, st := range []*store.Store{p.store, second} {
		loops := p.loops(st, round)
		for _, name := range slices.Sorted(maps.Keys(loops)) {
			if round > 0 && !slices.Contains([]string{"accept", "groups", "zz sweep"}, name) {
				continue // these show already that the second process reports nothing again
			}
			if err := loops[name](ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	named := func(u store.Unreadable) bool { return u.Kind == d.family.Kind && u.ID == id }
	times := 0
	for _, u := range p.told {
		if named(u) {
			times++
		} else {
			t.Errorf("%s %s is reported, which is not damaged", u.Kind, u.ID)
		}
		if strings.Contains(fmt.Sprint(u), "bage") {
			t.Errorf("it is reported with its content: %+v", u)
		}
	}
	if want := 1; times != want && !slices.Contains(unread, d.family.Keys) {
		t.Errorf("%s %s is reported %d times, want %d", d.family.Kind, id, times, want)
	}
	left, err := second.Unreadables(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range left {
		if !named(u) {
			t.Errorf("the list has %s %s, which is not damaged", u.Kind, u.ID)
			continue
		}
		if _, err := second.Export(ctx, u.Kind, u.ID); err != nil {
			t.Errorf("Export: got %v, want no error", err)
		}
		if _, err := second.Remove(ctx, u.Kind, u.ID, true); err != nil {
			t.Errorf("Remove: got %v, want no error", err)
		}
	}
	if left, err = second.Unreadables(ctx); err != nil || len(left) > 0 {
		t.Errorf("after the removal the list has %+v, %v; want it empty", left, err)
	}
}

// mostly runs one for each of n things. At most one of them may be unreadable or not found.
func mostly(n int, one func(i int) error) error {
	var faults []error
	spared := 0
	for i := range n {
		err := one(i)
		if errors.Is(err, store.ErrUnreadable) || errors.Is(err, store.ErrNotFound) {
			spared++
			continue
		}
		faults = append(faults, err)
	}
	if spared > 1 {
		faults = append(faults, fmt.Errorf("%d of %d cannot be read", spared, n))
	}
	return errors.Join(faults...)
}

// loops returns all that reads or writes many things, by name. They run in the order of their names.
func (p *populated) loops(st *store.Store, round int) map[string]func(ctx context.Context) error {
	q := queue.New(p.rdb, st.Lines)
	pacer := pacing.New(p.rdb)
	p.t.Cleanup(pacer.Close)
	docs := view.New(st, pacer, q)
	list := func(f store.Filter, want int) func(context.Context) error {
		return func(ctx context.Context) error {
			found, _, err := st.Index.List(ctx, f, "", 100)
			if err == nil && len(found) < want {
				err = fmt.Errorf("found %d groups, want %d", len(found), want)
			}
			return err
		}
	}
	named := 4
	if strings.HasPrefix(p.of, "rollcall:{nm}") { // Mend rebuilds the index by name later
		named = 0
	}
	return map[string]func(ctx context.Context) error{
		"list": list(store.Filter{}, 4), "list of a batch": list(store.Filter{BatchID: p.adding.BatchID}, 4),
		"list of a fault": list(store.Filter{Fault: "noMembers"}, 0), "list of an instance": list(store.Filter{Instance: "alpha"}, 0), "list by name": list(store.Filter{Name: "Turma"}, named),
		"list of a pool":   list(store.Filter{Pools: []string{"default"}}, 0),
		"counts of a pool": func(ctx context.Context) error { _, _, err := st.Index.Totals(ctx, "default"); return err },
		"batches of a pool": func(ctx context.Context) error {
			_, _, err := st.Index.Batches(ctx, "", 10, "default")
			return err
		},
		"list by person": func(ctx context.Context) error {
			return mostly(len(p.people), func(i int) error { return list(store.Filter{Person: p.people[i]}, 0)(ctx) })
		},
		"list by reference": func(ctx context.Context) error {
			return mostly(1, func(int) error { return list(store.Filter{ExternalRef: "deal-3"}, 0)(ctx) })
		},
		"groups": func(ctx context.Context) error {
			return mostly(len(p.groups), func(i int) error {
				_, err := docs.Group(ctx, p.groups[i].ID)
				_, explained := docs.Explain(ctx, p.groups[i].ID)
				_, changed := st.Records.Update(ctx, p.groups[i].ID, func(g *group.Group, _ time.Time) error { g.Tries++; return nil })
				return errors.Join(err, explained, changed)
			})
		},
		"accept": func(ctx context.Context) error {
			e, err := p.request(st, 10+round)
			if err == nil && e.Outcome != store.Created {
				err = fmt.Errorf("the outcome is %d, want Created", e.Outcome)
			}
			return err
		},
		"accept again": func(ctx context.Context) error {
			return mostly(5, func(i int) error {
				e, err := p.request(st, i)
				if err == nil && e.Outcome == store.Created {
					err = fmt.Errorf("request %d is created a second time", i)
				}
				return err
			})
		},
		"faults": func(ctx context.Context) error {
			_, err := st.Index.Faults(ctx)
			_, ofPool := st.Index.Faults(ctx, "default")
			_, waiting := st.Index.Waiting(ctx)
			_, waitingIn := st.Index.Waiting(ctx, "default")
			return errors.Join(err, ofPool, waiting, waitingIn)
		},
		"days": func(ctx context.Context) error { _, err := st.Index.Days(ctx); return err },
		"history": func(ctx context.Context) error {
			_, err := st.Index.History(ctx, store.HistoryOfAll(), store.HistoryDays)
			return err
		},
		"failed": func(ctx context.Context) error { _, err := st.Index.FailedEver(ctx); return err },
		"instances": func(ctx context.Context) error {
			all, err := st.Presence.Instances(ctx)
			some, named := st.Presence.InstancesNamed(ctx, []string{"alpha", "beta"})
			states, stood := st.Presence.States(ctx, []string{"alpha", "beta", "gamma", "delta"})
			if err == nil && (states["gamma"].Open() || states["delta"].Open()) {
				err = errors.New("a paused instance is open")
			}
			_, _ = all, some
			return errors.Join(err, named, stood)
		},
		"health": func(ctx context.Context) error {
			_, err := st.Presence.SetHealth(ctx, "beta", provider.State{Health: provider.Ready}, time.Now())
			return err
		},
		"batch": func(ctx context.Context) error {
			var a store.Adding
			join := st.Index.JoinBatch(ctx, "lista.csv", &a)
			if join == nil && a.BatchID == "" {
				join = errors.New("the batch has no id")
			}
			_, err := st.Index.Batch(ctx, p.adding.BatchID)
			if errors.Is(err, store.ErrUnreadable) {
				err = nil
			}
			_, invalid := st.Index.InvalidRows(ctx, &group.Batch{ID: p.adding.BatchID, Invalid: map[group.Audience]int{"": 1, "default": 1}})
			return errors.Join(join, err, invalid, st.Index.CloseBatch(ctx, &a, 0))
		},
		"know": func(ctx context.Context) error { return st.Presence.Know(ctx, "digest", []string{"alpha", "beta"}) },
		"lines": func(ctx context.Context) error {
			task := tasks.Task{ID: fmt.Sprint("grp_more", round), Line: tasks.Target{Instance: "alpha"}.Line(tasks.Normal)}
			_, put := st.Lines.Put(ctx, task)
			_, _, taken := st.Lines.Take(ctx, []string{task.Line}, store.Permit{Instance: "alpha", Kind: pacing.Create}, time.Hour)
			_, lapsed := st.Lines.Lapse(ctx)
			_, _, due := st.Lines.Due(ctx, 0)
			_, _, silent := st.Lines.Silent(ctx)
			return errors.Join(put, taken, lapsed, due, silent)
		},
		"lead": func(ctx context.Context) error {
			_, err := st.Presence.Lead(ctx, "other", "w1", time.Minute)
			return err
		},
		"told": func(ctx context.Context) error {
			return mostly(2, func(i int) error {
				_, err := st.Outbox.ClaimNotices(ctx, p.groups[i].ID, []store.Fact{{Type: "group.created", Of: p.groups[i].ID, Once: "created", At: time.Now()}})
				return err
			})
		},
		"workers": func(ctx context.Context) error {
			_, err := st.Presence.Workers(ctx)
			return errors.Join(err, st.Presence.Beat(ctx, store.Worker{ID: "w-beta"}))
		},
		"sessions": func(ctx context.Context) error {
			_, err := st.Trail.Sessions(ctx)
			return errors.Join(err, mostly(2, func(i int) error { _, err := st.Trail.Session(ctx, p.sessions[i]); return err }))
		},
		"jobs": func(ctx context.Context) error {
			_, _, listed := st.Trail.Jobs(ctx, "", 10)
			_, opened := st.Trail.OpenJobs(ctx)
			return errors.Join(listed, opened, mostly(2, func(i int) error {
				_, err := st.Trail.Job(ctx, p.jobs[i])
				_, _, outcomes := st.Trail.JobOutcomes(ctx, p.jobs[i], "", 10)
				return errors.Join(err, outcomes)
			}))
		},
		"uploads": func(ctx context.Context) error {
			added, err := st.Trail.AddUpload(ctx, store.Upload{By: "ana", Batch: "third"}, strings.NewReader("name"))
			return errors.Join(err, st.Trail.DropUpload(ctx, added.ID), mostly(2, func(i int) error {
				_, err := st.Trail.ChangeUpload(ctx, p.uploads[i].ID, func(u *store.Upload) error { u.Rows++; return nil })
				_, read := io.ReadAll(st.Trail.OpenUpload(ctx, p.uploads[i]))
				return errors.Join(err, read)
			}))
		},
		"views": func(ctx context.Context) error {
			all, err := st.Trail.SavedViews(ctx)
			return errors.Join(err, mostly(1, func(int) error {
				added, err := st.Trail.PutView(ctx, store.SavedView{List: "groups", Name: fmt.Sprint("third", len(all), round), Query: "status=done"})
				return errors.Join(err, st.Trail.DropView(ctx, added.ID))
			}))
		},
		"suppressions": func(ctx context.Context) error {
			n := 0
			err := st.People.Suppressions(ctx, func(store.Suppression) error { n++; return nil })
			on, asked := st.People.Suppressed(ctx, []phone.Identity{{Digits: "5511999990090"}, {LID: "91@lid"}})
			if asked == nil && (!on[0] || !on[1] || n < 2) {
				asked = fmt.Errorf("the list has %d entries and Suppressed = %v, want at least 2 and true for both", n, on)
			}
			add := st.People.SuppressPeople(ctx, []phone.Identity{{Digits: "5511999990090"}, {Digits: "5511999990091"}, {LID: "90@lid"}, {LID: "91@lid"}, {Digits: "5511999990092"}}, "asked")
			return errors.Join(err, asked, add)
		},
		"xmeet": func(ctx context.Context) error {
			_, err := st.People.Meet(ctx, []phone.Identity{{Digits: "5511999990090", LID: "90@lid"}, {Digits: "5511999990091", LID: "91@lid"}})
			return err
		},
		"checks": func(ctx context.Context) error {
			known, err := st.People.RecallChecks(ctx, "zapi", []string{"5511999990001", "5511999990002"})
			if err == nil && len(known) == 0 { // all are in one key, so workers check the numbers again
				err = st.People.RememberChecks(ctx, "zapi", map[string]provider.Checked{"5511999990001": {Exists: true}})
				known, _ = st.People.RecallChecks(ctx, "zapi", []string{"5511999990001"})
			}
			if err == nil && len(known) == 0 {
				err = errors.New("no check is recalled")
			}
			return err
		},
		"claims": func(ctx context.Context) error {
			owners, err := st.Records.WhatsAppOwners(ctx, []string{"wa-" + p.groups[3].ID, "wa-" + p.groups[4].ID})
			if err == nil && len(owners) != 2 {
				err = fmt.Errorf("the owners are %v, want two", owners)
			}
			return errors.Join(err, mostly(2, func(i int) error {
				g := p.groups[3+i]
				_, claimed := st.Records.ClaimWhatsApp(ctx, "wa-"+g.ID, g.ID)
				_, named := st.Records.NameHolder(ctx, "alpha", g.Name)
				_, _, told := st.People.MessageOf(ctx, "alpha", fmt.Sprint("3EB0", 3+i))
				_, met := st.People.MetGroups(ctx, fmt.Sprint("55119000000", 3+i), []string{"wa-a", "wa-b"})
				_, fate := st.People.RememberMessage(ctx, "alpha", fmt.Sprint("3EB0", 3+i), g.ID, 0)
				return errors.Join(claimed, named, told, met, fate)
			}))
		},
		"events": func(ctx context.Context) error { _, err := st.Outbox.Events(ctx, "0-0", -1); return errors.Join(err) },
		"audit": func(ctx context.Context) error {
			_, _, err := st.Trail.AuditPage(ctx, store.AuditFilter{}, "", 100)
			_, _, refusals := st.Trail.RefusalPage(ctx, store.RefusalFilter{}, "", 100)
			_, wrote := st.Trail.Audit(ctx, store.AuditEntry{Actor: "ana", Action: "phones.see"}, time.Hour)
			return errors.Join(err, refusals, wrote)
		},
		"webhooks": func(ctx context.Context) error {
			_, err := st.Outbox.Receivers(ctx)
			_, _, failed := st.Outbox.Failures(ctx, "", 10)
			ids, between := st.Outbox.NoticesBetween(ctx, time.Time{}, time.Time{}, "", 10)
			_, read := st.Outbox.Notices(ctx, ids)
			w, made := notify.New(notify.Config{
				Store: st, Queue: q, Documents: docs, Worker: "w1", Log: zerolog.Nop(),
				Settings: notify.Settings{Endpoints: []notify.Endpoint{{URL: "https://crm.example/hook", Secrets: []string{"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}, Events: []string{"*"}}}},
			})
			if made != nil {
				return made
			}
			_, pass := w.Pass(ctx, -1)
			return errors.Join(err, failed, between, read, pass)
		},
		"rotate": func(ctx context.Context) error { _, err := st.Rotate(ctx, func(store.Rotated) {}); return err },
		"status": func(ctx context.Context) error {
			_, err := docs.Status(ctx)
			_, gauges := docs.Gauges(ctx)
			_, _, batches := docs.Batches(ctx, "", 10)
			_, exported := docs.Export(ctx, io.Discard, view.Exporting{Batch: &group.Batch{ID: p.adding.BatchID}, Form: intake.Form{Format: intake.CSV}})
			return errors.Join(err, gauges, batches, exported)
		},
		"zz sweep": func(ctx context.Context) error {
			s := sweep.New(sweep.Config{Store: st, Queue: q, Worker: "w1", Log: zerolog.Nop(), Schedule: group.Schedule{VerifyLooks: []time.Duration{time.Second}, RollLooks: []time.Duration{0}}})
			return s.Pass(ctx)
		},
	}
}
