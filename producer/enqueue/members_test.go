package enqueue_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// finish makes a group exist and be done: the first member was added, the second left, the others were invited.
func (b bundle) finish(t *testing.T, id string) {
	t.Helper()
	if _, err := b.store.Records.Update(t.Context(), id, func(g *group.Group, now time.Time) error {
		g.Instance, g.WhatsAppID, g.Status, g.Called, g.FinishedAt = "alpha", "120363000000000001-group", group.Done, true, now
		g.Roll.From = now
		for i := range g.Members {
			g.Members[i].End([]group.MemberStatus{group.Added, group.Left, group.Invited}[min(i, 2)], say.Words(""), now)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func outcomes(people []enqueue.AskedPerson) (all []string) {
	for _, p := range people {
		all = append(all, fmt.Sprintf("%s %s %s", p.Input, p.Outcome, p.Status))
	}
	return all
}

func TestClientAddMembers_TellsWhatBecameOfEachPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, results := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana, bia))
	id := results[0].ID
	b.finish(t, id)
	if err := b.store.People.Suppress(t.Context(), []phone.Number{davi}, "asked"); err != nil {
		t.Fatal(err)
	}
	want := []string{ana + " already added", bia + " left left", caio + " asked pending", davi + " suppressed optedOut", "12 invalid "}
	m := enqueue.Members{Phones: []tasks.Phone{ana, bia, caio, davi, "12"}, Names: map[string]string{caio: "Caio"}, By: "late.csv", DryRun: true}
	for _, dry := range []bool{true, false} {
		m.DryRun = dry
		g, people, err := b.client.AddMembers(t.Context(), id, m, enqueue.Rules{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, outcomes(people)); diff != "" || g.Status != enqueue.StatusInviting || len(g.Members) != 4 {
			t.Errorf("dry run %v: got %s with %d members, want inviting with 4 (-want +got):\n%s", dry, g.Status, len(g.Members), diff)
		}
		if stored := b.groups(t)[0]; dry && (stored.Status != group.Done || len(stored.Members) != 2) {
			t.Errorf("a dry run left the group %s with %d members, want it unchanged", stored.Status, len(stored.Members))
		}
	}
	g := b.groups(t)[0]
	if got := g.Members[2]; got.AskedBy != "late.csv" || got.AskedAt.IsZero() || got.Name != "Caio" || !got.Late {
		t.Errorf("recorded %+v, want Caio, late, asked by late.csv", got)
	}
	_, people, err := b.client.AddMembers(t.Context(), id, m, enqueue.Rules{})
	if want[2] = caio + " already pending"; err != nil || !cmp.Equal(want, outcomes(people)) || len(b.groups(t)[0].Members) != 4 {
		t.Errorf("asked again: got %v, %v, want %v and no other member", outcomes(people), err, want)
	}
	bad, ok := errors.AsType[*tasks.RowError](errOf(b.client.AddMembers(t.Context(), id, enqueue.Members{Phones: []tasks.Phone{"12"}}, enqueue.Rules{})))
	if !ok || bad.Code != tasks.BadPhone {
		t.Errorf("no usable phone: got %v, want badPhone", bad)
	}
	if _, err := b.store.Records.Update(t.Context(), id, func(g *group.Group, _ time.Time) error { g.Status = group.Review; return nil }); err != nil {
		t.Fatal(err)
	}
	m.Phones = []tasks.Phone{"+5544999999995"}
	if _, _, err := b.client.AddMembers(t.Context(), id, m, enqueue.Rules{}); !errors.Is(err, enqueue.ErrState) {
		t.Errorf("in review: got %v, want ErrState", err)
	}
}

func errOf(_ enqueue.Group, _ []enqueue.AskedPerson, err error) error { return err }

// Ten corrected files in a row for a done group leave one group, ask for each new person once, and change no
// other person.
func TestCreateBatch_TenCorrectionsOfADoneGroupAskForEachNewPersonOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, results := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana, bia, caio))
	b.finish(t, results[0].ID)
	people := []tasks.Phone{ana, bia, caio}
	for i := range 10 {
		people = append(people, tasks.Phone(fmt.Sprintf("+55449999900%02d", i)))
		for range 2 { // the same file again
			sum, got := b.send(t, "x", enqueue.Rules{Update: true}, ask("Turma 12", people...))
			if sum.Created != 0 || sum.Invalid != 0 {
				t.Fatalf("correction %d: got %+v, %s, want no created and no invalid row", i, sum, told(got[0]))
			}
		}
	}
	all := b.groups(t)
	if len(all) != 1 || len(all[0].Members) != 13 || all[0].Status != group.Inviting {
		t.Fatalf("got %d groups, the first %s with %d members; want one, inviting, with 13", len(all), all[0].Status, len(all[0].Members))
	}
	for i, m := range all[0].Members {
		if late := i >= 3; m.Late != late || late && (m.AskedBy != "x" || m.Status != group.Pending) || !late && m.Status == group.Pending {
			t.Errorf("member %d: got %+v, want late and pending from the fourth on", i, m)
		}
	}
	adds := 0
	for _, task := range (group.Schedule{}).Next(all[0]) {
		if task.Type == tasks.TypeAdd {
			adds++
		}
	}
	if adds != 10 {
		t.Errorf("%d people are to be added, want the ten", adds)
	}
}

func TestClient_TellsWhatDidNotFollowADecision(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, results := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana, bia))
	id := results[0].ID
	b.finish(t, id)
	var late []string
	client, err := enqueue.New(t.Context(), b.rdb, enqueue.Options{OnLate: func(id, instance string, err error) {
		late = append(late, fmt.Sprintf("%s %s %v", id, instance, err))
	}})
	if err != nil {
		t.Fatal(err)
	}
	testutil.Meddle(b.rdb).With(func(args []any) error {
		for _, arg := range args {
			if key, is := arg.(string); is && strings.HasPrefix(key, "asynq:{") {
				return errors.New("ERR refused by the test")
			}
		}
		return nil
	})
	if _, _, err := client.AddMembers(t.Context(), id, enqueue.Members{Phones: []tasks.Phone{caio}}, enqueue.Rules{}); err != nil {
		t.Fatal(err)
	}
	if len(late) != 1 || !strings.HasPrefix(late[0], id+" alpha ") || !strings.Contains(late[0], "refused by the test") {
		t.Errorf("told %q, want the group, its instance and the error of its task", late)
	}
}
