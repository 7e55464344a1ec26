package enqueue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const ana, bia, caio, davi = "+5544999999991", "+5544999999992", "+5544999999993", "+5544999999994"

func ask(name string, phones ...tasks.Phone) tasks.GroupRequest {
	return tasks.GroupRequest{GroupName: name, Phones: phones}
}

// send creates groups in a batch, then checks that the same input planned again would create none.
func (b bundle) send(t *testing.T, batch string, rules enqueue.Rules, rows ...tasks.GroupRequest) (enqueue.Summary, []enqueue.Result) {
	t.Helper()
	var results []enqueue.Result
	sum, err := b.client.CreateBatch(t.Context(), batch, rules, rowsOf(rows...), func(r enqueue.Result) error {
		results = append(results, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := b.client.PlanBatch(t.Context(), batch, rules, rowsOf(rows...), func(enqueue.Result) error { return nil }, nil)
	if err != nil || plan.Created > 0 {
		t.Errorf("the same input planned again: got %+v, %v, want nothing created", plan.Summary, err)
	}
	return sum, results
}

// groups returns all groups of the installation.
func (b bundle) groups(t *testing.T) []*group.Group {
	t.Helper()
	all, _, err := b.store.Index.List(t.Context(), store.Filter{OldestFirst: true}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// told returns a result in one line: outcome, error code, changes.
func told(r enqueue.Result) string {
	s := string(r.Outcome)
	if r.Error != nil {
		s += " " + string(r.Error.Code)
	}
	if c := r.Changes; c != nil {
		s += fmt.Sprintf(" new %v gone %v %v", c.New, c.Gone, c.Fields)
	}
	return s
}

func TestCreateBatch_CorrectedRowIsChangedAndWithUpdateUpdated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, first := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana, bia))
	corrected := ask("Turma 12", ana, caio)
	corrected.InviteMessage = "Come in: {{.Link}}"

	sum, results := b.send(t, "x", enqueue.Rules{}, corrected)
	want := fmt.Sprintf("invalid changed new [%s] gone [%s] [inviteMessage]", caio, bia)
	if got := told(results[0]); got != want || sum.Invalid != 1 || results[0].ID != first[0].ID {
		t.Errorf("corrected: got %q, %+v, %s, want %q of %s", got, sum, results[0].ID, want, first[0].ID)
	}
	if m := results[0].Error.Message; !strings.Contains(m, "1 person is new, 1 person is gone, inviteMessage") || !strings.Contains(m, "--update") {
		t.Errorf("got the message %q, want the counts, the field and --update", m)
	}
	for range 2 { // the first run adds the new person, the second reports only what --update cannot change
		sum, results = b.send(t, "x", enqueue.Rules{Update: true}, corrected)
	}
	want = fmt.Sprintf("invalid changed new [] gone [%s] [inviteMessage]", bia)
	if got := told(results[0]); got != want || sum.Updated != 0 {
		t.Errorf("updated again: got %q, %+v, want %q", got, sum, want)
	}
	g := b.groups(t)
	if len(g) != 1 || len(g[0].Members) != 3 || g[0].Members[2].AskedBy != "x" || g[0].Members[2].AskedAt.IsZero() {
		t.Errorf("got %d groups, the first is %+v; want one with three members, the last asked by x", len(g), g[0])
	}
}

func TestCreateBatch_UpdateIsCountedStoredAndIndexed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana))
	sum, results := b.send(t, "x", enqueue.Rules{Update: true}, ask("Turma 12", bia, ana))
	if got, want := told(results[0]), fmt.Sprintf("updated new [%s] gone [] []", bia); got != want || sum.Updated != 1 || sum.Invalid != 0 {
		t.Errorf("got %q %+v, want %q", got, sum, want)
	}
	if sum, _ := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", bia, ana)); sum.Existed != 1 {
		t.Errorf("again: got %+v, want one existed", sum)
	}
	if sum, _ := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana)); sum.Invalid != 1 {
		t.Errorf("the old file: got %+v, want one invalid, because a person is gone", sum)
	}
	found, _, err := b.store.Index.List(t.Context(), store.Filter{Person: phone.Number(bia).Identity()}, "", 10)
	if err != nil || len(found) != 1 {
		t.Errorf("a search by the new person found %d groups, %v, want one", len(found), err)
	}
}

func TestCreateBatch_UpdateReplacesAnInvalidEntry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		corrected []tasks.Phone
		want      []string
	}{
		"both corrected":            {[]tasks.Phone{ana, bia, caio, davi}, []string{ana, bia, caio, davi}},
		"one corrected":             {[]tasks.Phone{ana, "12", bia, caio}, []string{ana, "12", caio, bia}},
		"a person beside them":      {[]tasks.Phone{ana, "12", caio, "34", bia}, []string{ana, "12", caio, "34", bia}},
		"more people than mistakes": {[]tasks.Phone{ana, bia, caio, davi, "+5544999999995"}, []string{ana, bia, caio, davi, "+5544999999995"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana, "12", caio, "34"))
			b.send(t, "x", enqueue.Rules{Update: true}, ask("Turma 12", c.corrected...))
			g := b.groups(t)[0]
			var got []string
			unusable := 0
			for _, m := range g.Members {
				got = append(got, m.Input)
				if m.Status == group.Invalid {
					unusable++
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("the group has %v, want %v", got, c.want)
			}
			if batch, err := b.store.Index.Batch(t.Context(), g.BatchID); err != nil || group.MissedOut(batch.Members) != unusable {
				t.Errorf("%d people of the batch missed out, want %d (%v)", group.MissedOut(batch.Members), unusable, err)
			}
		})
	}
}

func TestCreateBatch_WarnsOfRowsThatBeginANewBatchOfAnEndedName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, results := b.send(t, "x", enqueue.Rules{}, ask("Turma 1", ana))
	warned := func(sum enqueue.Summary) (got string) {
		for _, w := range sum.Warnings {
			got += fmt.Sprint(w.Code, w.Rows, strings.Contains(w.Message, first.BatchID))
		}
		return got
	}
	if _, err := b.store.Records.Update(t.Context(), results[0].ID, func(g *group.Group, now time.Time) error { return g.Cancel(now) }); err != nil {
		t.Fatal(err)
	}
	both := rowsOf(ask("Turma 2", bia), ask("", davi), ask("Turma 4", caio))
	plan, err := b.client.PlanBatch(t.Context(), "x", enqueue.Rules{}, both, func(enqueue.Result) error { return nil }, nil)
	const want = "batchEnded[1 3] true"
	if got := warned(plan.Summary); got != want || err != nil {
		t.Errorf("the plan warns %q, %v, want %q", got, err, want)
	}
	second, err := b.client.CreateBatch(t.Context(), "x", enqueue.Rules{}, both, func(enqueue.Result) error { return nil })
	if got := warned(second); got != want || err != nil || second.BatchID == first.BatchID {
		t.Errorf("warned %q, %v, want %q; batches %s and %s", got, err, want, first.BatchID, second.BatchID)
	}
	if third, _ := b.send(t, "x", enqueue.Rules{}, ask("Turma 5", davi)); warned(third) != "" || third.BatchID != second.BatchID {
		t.Errorf("rows added to a running batch: warned %q, batches %s and %s", warned(third), second.BatchID, third.BatchID)
	}
}

func TestCreateBatch_InvalidRowsAreThoseOfTheLatestRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	invalid := func() (count, kept int) {
		t.Helper()
		id, err := b.store.Index.BatchID(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		batch, err := b.store.Index.Batch(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := b.store.Index.InvalidRows(t.Context(), batch)
		if err != nil {
			t.Fatal(err)
		}
		return batch.InvalidRows(), len(rows)
	}
	b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana), ask("Turma 13", "12"))
	for _, step := range []struct {
		rules enqueue.Rules
		want  int
	}{
		{enqueue.Rules{}, 1},             // invalid: the row differs from its group
		{enqueue.Rules{Update: true}, 0}, // valid: the row updates its group
	} {
		b.send(t, "x", step.rules, ask("Turma 12", ana, bia))
		if count, kept := invalid(); count != step.want || kept != step.want {
			t.Errorf("update %v: %d invalid rows, %d kept, want %d", step.rules.Update, count, kept, step.want)
		}
	}
}

func TestCreateBatch_AnotherSpellingIsNoChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := ask("Turma  12", ana, bia, "12")
	first.InviteMessage = "Hello\nCome in: {{.Link}}"
	b.send(t, "x", enqueue.Rules{}, first)
	yes := true
	again := ask("Turma\u00a012", "(44) 99999-9992", "44 99999-9991", "13")
	again.InviteMessage, again.Metadata, again.AutoInvite = "Hello\r\nCome in: {{.Link}} ", map[string]any{}, &yes
	again.Priority, again.Pool = "Normal", "default"
	if sum, results := b.send(t, "x", enqueue.Rules{Region: "BR"}, again); sum.Existed != 1 {
		t.Errorf("got %+v, %s, want one existed", sum, told(results[0]))
	}
}

// Each of ten ways to correct a row leaves the row's one group.
func TestCreateBatch_TenCorrectionsMakeNoSecondGroup(t *testing.T) {
	t.Parallel()
	for _, update := range []bool{false, true} {
		t.Run(fmt.Sprintf("update %v", update), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			physics := ask("Physics", ana, bia, caio) // another group of the same people
			b.send(t, "x", enqueue.Rules{}, ask("Truma 12", ana, bia, caio), physics)
			keyed := ask("Truma 12", ana, bia, caio)
			keyed.IdempotencyKey = "t12"
			message := ask("Truma 12", ana, bia, caio)
			message.InviteMessage = "Come in: {{.Link}}"
			for i, row := range []tasks.GroupRequest{
				ask("Turma 12", ana, bia, caio), ask("TRUMA 12", ana, bia, caio), ask("Truma-12", bia), ask("Turma 12", ana, bia, caio, davi),
				ask("Turma 12", bia, ana, caio), ask("Truma 12", ana, bia), message, ask("Truma 12"+"\u200b", caio, ana, bia), keyed, ask("Turma doze", caio, bia, ana),
			} {
				rows := []tasks.GroupRequest{physics, row}
				sum, results := b.send(t, "x", enqueue.Rules{Update: update}, rows...)
				if sum.Created != 0 || sum.Existed == 0 {
					t.Errorf("correction %d: got %+v, %s, want nothing created", i, sum, told(results[1]))
				}
			}
			if all := b.groups(t); len(all) != 2 {
				t.Errorf("there are %d groups, want 2", len(all))
			}
		})
	}
}

func TestCreateBatch_UpdateOfASimilarOrKeyedRowAddsNoPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana, bia))
	// Another group with the teacher of the first, whose own row can be in a later part of the file.
	_, results := b.send(t, "x", enqueue.Rules{Update: true}, ask("Turma 1-2", ana, caio))
	if got, want := told(results[0]), fmt.Sprintf("invalid changed new [%s] gone [%s] [groupName]", caio, bia); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	keyed := ask("Turma 12", caio)
	keyed.IdempotencyKey = "k"
	_, results = b.send(t, "x", enqueue.Rules{Update: true}, keyed)
	if e := results[0].Error; e == nil || e.Code != tasks.Changed || strings.Contains(e.Message, "--update") {
		t.Errorf("a row with its own key: got %s, want changed without the advice to update", told(results[0]))
	}
	if g := b.groups(t); len(g) != 1 || len(g[0].Members) != 2 {
		t.Errorf("there are %d groups, the first with %d members, want one with two", len(g), len(g[0].Members))
	}
}

func TestCreateBatch_NewRowsOfKnownPeopleAreGroupsOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	math := ask("Math", ana, bia)
	b.send(t, "x", enqueue.Rules{}, math, ask("Chess", davi))
	sum, _ := b.send(t, "x", enqueue.Rules{}, math, ask("Physics", ana, bia), ask("Chess club", caio))
	if sum.Created != 2 || sum.Existed != 1 {
		t.Errorf("got %+v, want the two new groups", sum)
	}
}

func TestCreateBatch_EqualNamesInOneInputMakeOneGroup(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sum, results := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana), ask("turma 12 ", bia), ask("Turma 12", ana))
	if sum.Created != 1 || sum.Invalid != 1 || sum.Existed != 1 || results[1].Error.Code != tasks.Changed {
		t.Errorf("got %+v, %s, want one created, one changed and one existed", sum, told(results[1]))
	}
	sum, _ = b.send(t, "y", enqueue.Rules{Update: true}, ask("Turma 13", ana), ask("Turma 13", bia))
	if g := b.groups(t); sum.Updated != 1 || len(g) != 2 || len(g[1].Members) != 2 {
		t.Errorf("got %+v and %d groups, want one updated, with both people", sum, len(g))
	}
}

func TestCreateBatch_CorrectedRowTakesThePlaceOfAFailedGroup(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, first := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana))
	b.fail(t, first[0].ID)
	if sum, _ := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana)); sum.Existed != 1 {
		t.Errorf("unchanged: got %+v, want one existed", sum)
	}
	sum, second := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", bia))
	if sum.Created != 1 || second[0].ID == first[0].ID {
		t.Fatalf("corrected: got %+v, %s, want another group", sum, second[0].ID)
	}
	if old, err := b.client.Get(t.Context(), first[0].ID); err != nil || old.ReplacedBy != second[0].ID {
		t.Errorf("the old group is replaced by %q, %v, want %s", old.ReplacedBy, err, second[0].ID)
	}
	g, err := b.store.Records.Load(t.Context(), first[0].ID)
	if err == nil {
		err = g.Retry(g.UpdatedAt)
	}
	if err == nil || !strings.Contains(err.Error(), second[0].ID) {
		t.Errorf("a retry of the replaced group: got %v, want an error that names %s", err, second[0].ID)
	}
	if sum, _ := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", bia, caio)); sum.Invalid != 1 {
		t.Errorf("corrected once more, while the second waits: got %+v, want one invalid", sum)
	}
}

func TestCreateBatch_CutAcceptanceIsMadeWholeByACorrectedRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, first := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", ana))
	if err := b.rdb.Del(t.Context(), "rollcall:{"+first[0].ID+"}").Err(); err != nil {
		t.Fatal(err)
	}
	if sum, again := b.send(t, "x", enqueue.Rules{}, ask("Turma 12", bia)); sum.Created != 1 || again[0].ID != first[0].ID {
		t.Errorf("got %+v, %s, want %s", sum, again[0].ID, first[0].ID)
	}
}

func TestClientCreate_ConflictTellsWhatDiffersAndUpdateAdds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := ask("Deal", ana)
	r.IdempotencyKey = "deal-1"
	first, err := b.client.Create(t.Context(), r, enqueue.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	r.Phones = append(r.Phones, bia)
	res, err := b.client.Create(t.Context(), r, enqueue.Rules{})
	if got, want := told(res), fmt.Sprintf("invalid conflict new [%s] gone [] []", bia); err == nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	res, err = b.client.Create(t.Context(), r, enqueue.Rules{Update: true})
	if err != nil || res.Outcome != enqueue.Updated || res.ID != first.ID {
		t.Errorf("with update: got %s, %v, want updated", told(res), err)
	}
	if g, err := b.store.Records.Load(t.Context(), first.ID); err != nil || !slices.ContainsFunc(g.Members, func(m group.Member) bool { return m.Number == bia }) {
		t.Errorf("got %+v, %v, want the new person in it", g, err)
	}
}
