package enqueue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func rowsOf(requests ...tasks.GroupRequest) iter.Seq2[enqueue.Row, error] {
	return func(yield func(enqueue.Row, error) bool) {
		for i, r := range requests {
			if !yield(enqueue.Row{N: i + 1, Request: r}, nil) {
				return
			}
		}
	}
}

func requests(n int) []tasks.GroupRequest {
	all := make([]tasks.GroupRequest, n)
	for i := range all {
		all[i] = tasks.GroupRequest{
			GroupName: fmt.Sprintf("Turma %03d", i),
			Phones:    []tasks.Phone{tasks.Phone(fmt.Sprintf("+55119%08d", i)), "+5511988887777"},
		}
	}
	return all
}

// bundle is a client, and what a test reads behind it.
type bundle struct {
	rdb    redis.UniversalClient
	client *enqueue.Client
	store  *store.Store
	queue  *queue.Queue
}

func setup(t *testing.T) bundle {
	t.Helper()
	rdb := testutil.Redis(t)
	c, err := enqueue.New(t.Context(), rdb, enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return bundle{rdb: rdb, client: c, store: st, queue: queue.New(rdb, st.Lines)}
}

func (b bundle) create(t *testing.T, name string, rows ...tasks.GroupRequest) (enqueue.Summary, []enqueue.Result) {
	t.Helper()
	var results []enqueue.Result
	sum, err := b.client.CreateBatch(t.Context(), name, enqueue.Rules{}, rowsOf(rows...), func(r enqueue.Result) error {
		results = append(results, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum, results
}

func TestCreateBatch_ARowIsCreatedOnceHoweverOftenTheFileComes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, results := b.create(t, "cohort", requests(1200)...)
	if first.Created != 1200 || first.Existed != 0 || first.Invalid != 0 {
		t.Fatalf("first run: got %+v, want 1200 created", first)
	}
	if !slices.IsSortedFunc(results, func(a, b enqueue.Result) int { return a.Row - b.Row }) {
		t.Error("the results did not come in the order of the rows")
	}
	again, _ := b.create(t, "cohort", append(requests(1200), tasks.GroupRequest{GroupName: "new", Phones: []tasks.Phone{"+5511977776666"}})...)
	if again.Created != 1 || again.Existed != 1200 || again.BatchID != first.BatchID {
		t.Errorf("second run: got %+v, want 1 created and 1200 existed in %s", again, first.BatchID)
	}
	batch, err := b.store.Index.Batch(t.Context(), "cohort")
	if err != nil || batch.Total != 1201 || batch.Counts[group.Queued] != 1201 {
		t.Errorf("got the batch %+v, %v, want 1201 queued", batch, err)
	}
	lengths, err := b.store.Lines.Lengths(t.Context(), []string{"create:pool:default"})
	if err != nil || lengths["create:pool:default"].Ready != 1201 {
		t.Errorf("got the lines %+v, %v, want 1201 ready", lengths, err)
	}
}

func TestAKeyNamesOneRequestForGood(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := tasks.GroupRequest{GroupName: "Deal", Phones: []tasks.Phone{"5544999999999"}, IdempotencyKey: "deal-812"}
	first, err := b.client.Create(t.Context(), r, enqueue.Rules{})
	if err != nil || first.Outcome != enqueue.Created {
		t.Fatalf("first: got %+v, %v, want created", first, err)
	}
	r.Phones = []tasks.Phone{"+55 (44) 99999-9999"} // the same person in another spelling
	if again, err := b.client.Create(t.Context(), r, enqueue.Rules{}); err != nil || again.Outcome != enqueue.Existed || again.ID != first.ID {
		t.Errorf("again: got %+v, %v, want %s existed", again, err, first.ID)
	}
	r.GroupName = "Another deal"
	other, err := b.client.Create(t.Context(), r, enqueue.Rules{})
	if fault, ok := errors.AsType[*tasks.RowError](err); !ok || fault.Code != tasks.Conflict || other.Outcome != enqueue.Invalid || other.Error != fault {
		t.Errorf("another request: got %+v, %v, want the conflict of an invalid row", other, err)
	}
}

func TestFiftyTwinsMakeOneGroup(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := tasks.GroupRequest{GroupName: "Twin", Phones: []tasks.Phone{"5544999999999"}, IdempotencyKey: "twin"}
	ids := make(chan string, 50)
	for range cap(ids) {
		go func() {
			res, err := b.client.Create(context.WithoutCancel(t.Context()), r, enqueue.Rules{})
			if err != nil {
				res.ID = err.Error()
			}
			ids <- res.ID
		}()
	}
	first := <-ids
	for range cap(ids) - 1 {
		if id := <-ids; id != first {
			t.Errorf("a twin is %s, the first is %s", id, first)
		}
	}
	groups, _, err := b.store.Index.Totals(t.Context())
	if err != nil || groups[group.Queued] != 1 {
		t.Errorf("got the groups %v, %v, want one queued", groups, err)
	}
}

func TestAnAcceptanceThatWasCutIsMadeWholeByAskingAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := tasks.GroupRequest{GroupName: "Cut", Phones: []tasks.Phone{"5544999999999"}, IdempotencyKey: "cut"}
	first, err := b.client.Create(t.Context(), r, enqueue.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	// As if the producer had died between the claim and the record.
	if err := b.rdb.Del(t.Context(), "rollcall:{"+first.ID+"}").Err(); err != nil {
		t.Fatal(err)
	}
	again, err := b.client.Create(t.Context(), r, enqueue.Rules{})
	if err != nil || again.ID != first.ID || again.Outcome != enqueue.Created {
		t.Fatalf("again: got %+v, %v, want %s created", again, err, first.ID)
	}
	if g, err := b.store.Records.Load(t.Context(), first.ID); err != nil || g.Name != "Cut" {
		t.Errorf("got the record %+v, %v, want that of Cut", g, err)
	}
}

func TestCreateBatch_ABadRowIsReportedAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha", Pools: []string{"default"}}}); err != nil {
		t.Fatal(err)
	}
	sum, results := b.create(t, "mixed",
		tasks.GroupRequest{Phones: []tasks.Phone{"5544999999999"}},
		tasks.GroupRequest{GroupName: "no phones"},
		tasks.GroupRequest{GroupName: "bad phones", Phones: []tasks.Phone{"12"}},
		tasks.GroupRequest{GroupName: strings.Repeat("ç", 101), Phones: []tasks.Phone{"5544999999999"}},
		tasks.GroupRequest{GroupName: "both", Phones: []tasks.Phone{"5544999999999"}, Instance: "alpha", Pool: "default"},
		tasks.GroupRequest{GroupName: "no worker", Phones: []tasks.Phone{"5544999999999"}, Instance: "beta"},
		tasks.GroupRequest{GroupName: "no pool", Phones: []tasks.Phone{"5544999999999"}, Pool: "vip"},
		tasks.GroupRequest{GroupName: "good", Phones: []tasks.Phone{"5544999999999", "12"}},
	)
	want := []tasks.Code{tasks.NoName, tasks.NoPhones, tasks.BadPhone, tasks.NameTooLong, tasks.BadField, tasks.UnknownInstance, tasks.UnknownPool}
	for i, code := range want {
		if results[i].Error == nil || results[i].Error.Code != code {
			t.Errorf("row %d: got %+v, want %s", i+1, results[i].Error, code)
		}
	}
	if sum.Created != 1 || sum.Invalid != 7 {
		t.Errorf("got %+v, want 1 created and 7 invalid", sum)
	}
	g, err := b.store.Records.Load(t.Context(), results[7].ID)
	if err != nil || len(g.Members) != 2 || g.Members[1].Status != group.Invalid {
		t.Errorf("got %+v, %v, want two members, the second invalid", g, err)
	}
}

func TestCreateBatch_ANameThatNoBatchCanHaveIsRefusedBeforeAnyRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := func(func(enqueue.Row, error) bool) { t.Error("a row is read, want none") }
	for _, name := range []string{"bat_cohort", "a\x1b[31mb", "two\nlines", "\xff", strings.Repeat("ç", group.MaxBatchName+1)} {
		_, err := b.client.CreateBatch(t.Context(), name, enqueue.Rules{}, rows, nil)
		if row, ok := errors.AsType[*tasks.RowError](err); !ok || row.Code != tasks.BadField || row.Field != "batch" {
			t.Errorf("create %.20q: got %v, want badField of batch", name, err)
		}
		_, err = b.client.PlanBatch(t.Context(), name, enqueue.Rules{}, rows, nil, nil)
		if row, ok := errors.AsType[*tasks.RowError](err); !ok || row.Code != tasks.BadField || row.Field != "batch" {
			t.Errorf("plan %.20q: got %v, want badField of batch", name, err)
		}
	}
	if sum, _ := b.create(t, strings.Repeat("ç", group.MaxBatchName), tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{"5544999999999"}}); sum.Created != 1 {
		t.Errorf("got %+v with the longest name, want 1 created", sum)
	}
}

func TestCreateBatch_APanicOfTheReaderIsAnError(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sum, err := b.client.CreateBatch(t.Context(), "damaged", enqueue.Rules{}, func(yield func(enqueue.Row, error) bool) {
		yield(enqueue.Row{N: 1, Request: tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{"5544999999999"}}}, nil)
		panic("a cell out of range")
	}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "panic: a cell out of range") || sum.Created != 1 {
		t.Errorf("got %v and %d created, want the panic as an error, and the row before it created", err, sum.Created)
	}
}

func TestCreateBatch_EveryUnusablePersonIsReportedByRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sum, results := b.create(t, "mixed",
		tasks.GroupRequest{GroupName: "Turma 81", Phones: []tasks.Phone{"5511900188001", "55119001"}},
		tasks.GroupRequest{GroupName: "Turma 82", Phones: []tasks.Phone{"5511900188002", "Ana"}},
		tasks.GroupRequest{GroupName: "Turma 83", Phones: []tasks.Phone{"(27) 90009-0911"}},
		tasks.GroupRequest{GroupName: "Turma 84", Phones: []tasks.Phone{"5511900188004"}},
	)
	if sum.Created != 3 || sum.Invalid != 1 {
		t.Fatalf("got %+v, want 3 created and 1 invalid", sum)
	}
	for i, want := range []string{"55119001 noRegion", "Ana letters", "(27) 90009-0911 bracketed", ""} {
		got := ""
		for _, u := range results[i].Unusable {
			got += u.Input + " " + u.Code
			if u.Message == "" {
				t.Errorf("row %d: %s has no message", i+1, u.Input)
			}
		}
		if got != want {
			t.Errorf("row %d: got %q, want %q", i+1, got, want)
		}
	}
}

func TestCreateBatch_AmbiguousAndExtensionAreWarnings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := rowsOf(
		tasks.GroupRequest{GroupName: "Turma 1", Phones: []tasks.Phone{"51 98765-4321"}},
		tasks.GroupRequest{GroupName: "Turma 2", Phones: []tasks.Phone{"+5511900188001"}},
		tasks.GroupRequest{GroupName: "Turma 3", Phones: []tasks.Phone{"51 98765-4322", "11 3000-0000 ramal 12"}},
	)
	sum, err := b.client.CreateBatch(t.Context(), "warned", enqueue.Rules{Region: "BR"}, rows, func(enqueue.Result) error { return nil })
	if err != nil || sum.Created != 3 {
		t.Fatalf("got %+v, %v, want 3 created", sum, err)
	}
	got := ""
	for _, w := range sum.Warnings {
		got += fmt.Sprint(w.Code, w.Rows, w.Message != "", " ")
	}
	if want := "ambiguous[1 3] true extension[3] true "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClientCreate_EmptyMetadataIsNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := tasks.GroupRequest{GroupName: "Deal", Phones: []tasks.Phone{"5544999999999"}, IdempotencyKey: "deal-813"}
	first, err := b.client.Create(t.Context(), r, enqueue.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	r.Metadata = map[string]any{}
	if again, err := b.client.Create(t.Context(), r, enqueue.Rules{}); err != nil || again.Outcome != enqueue.Existed || again.ID != first.ID {
		t.Errorf("with metadata {}: got %+v, %v, want the first group", again, err)
	}
}

func TestClientCreate_RefusesMetadataThatCannotBeReadBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := tasks.GroupRequest{GroupName: "Deal", Phones: []tasks.Phone{"5544999999999"}}
	for _, bad := range []any{math.Inf(1), json.Number("1e400"), func() {}} {
		ask.Metadata = map[string]any{"total": bad}
		res, err := b.client.Create(t.Context(), ask, enqueue.Rules{})
		if fault, ok := errors.AsType[*tasks.RowError](err); !ok || fault.Code != tasks.BadField || fault.Field != "metadata" {
			t.Errorf("total %v: got %+v, %v, want badField of metadata", bad, res, err)
		}
	}
	ask.Metadata = map[string]any{"id": json.Number("9007199254740993")}
	res, err := b.client.Create(t.Context(), ask, enqueue.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := b.store.Records.Load(t.Context(), res.ID)
	if err != nil || fmt.Sprint(g.Metadata["id"]) != "9007199254740993" {
		t.Errorf("got the metadata %v, %v, want every digit of the id", g.Metadata, err)
	}
}

func TestCreateBatch_KeepsTheFirstInvalidRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := make([]tasks.GroupRequest, store.MaxInvalidRows+5)
	for i := range rows {
		rows[i].Phones = []tasks.Phone{"+5511988887777"}
	}
	sum, _ := b.create(t, "many wrong", rows...)
	batch, err := b.store.Index.Batch(t.Context(), sum.BatchID)
	if err != nil || batch.InvalidRows() != len(rows) {
		t.Fatalf("got the batch %+v, %v, want %d invalid rows", batch, err, len(rows))
	}
	kept, err := b.store.Index.InvalidRows(t.Context(), batch)
	if err != nil || len(kept) != store.MaxInvalidRows || kept[0].Row != 1 || kept[0].Code != string(tasks.NoName) || kept[0].Field != "groupName" || kept[len(kept)-1].Row != store.MaxInvalidRows {
		t.Errorf("kept %d rows, %v, want the first %d, with their codes and fields", len(kept), err, store.MaxInvalidRows)
	}
}
