package enqueue_test

import (
	"cmp"
	"iter"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// apart puts so many bad rows between the given ones that no two of these are in one chunk.
func apart(rows ...tasks.GroupRequest) iter.Seq2[enqueue.Row, error] {
	const between = 500
	return func(yield func(enqueue.Row, error) bool) {
		for i, r := range rows {
			if !yield(enqueue.Row{N: i + 1, Request: r}, nil) {
				return
			}
			for range between {
				if !yield(enqueue.Row{Err: tasks.NewRowError(tasks.NoName, "groupName", say.Phrase{Code: say.RowNoName})}, nil) {
					return
				}
			}
		}
	}
}

// byRow returns the outcomes of the numbered rows, in the order of the rows.
func byRow(t *testing.T, do func(each func(enqueue.Result) error) error) []string {
	t.Helper()
	var results []enqueue.Result
	if err := do(func(r enqueue.Result) error {
		if r.Row > 0 {
			results = append(results, r)
		}
		return nil
	}); err != nil {
		return []string{err.Error()}
	}
	slices.SortFunc(results, func(a, b enqueue.Result) int { return cmp.Compare(a.Row, b.Row) })
	all := make([]string, len(results))
	for i, r := range results {
		all[i] = string(r.Outcome)
		if r.Error != nil {
			all[i] += " " + string(r.Error.Code)
		}
	}
	return all
}

// sent is an input that comes after an earlier run of the same batch.
type sent struct {
	first []tasks.GroupRequest // rows of the earlier run
	fates []string             // of their groups: "cut" for an interrupted acceptance, "failed", or ""
	rules enqueue.Rules
	rows  []tasks.GroupRequest
}

// outcomes returns the outcomes of the rows in the run. It fails the test if a plan, or a run in which the rows are far
// apart, has other outcomes.
func (s sent) outcomes(t *testing.T, fail func(format string, args ...any)) []string {
	t.Helper()
	fresh := func() bundle {
		b := setup(t)
		_, made := b.create(t, "x", s.first...)
		for i, m := range made {
			switch {
			case m.Outcome != enqueue.Created || i >= len(s.fates):
			case s.fates[i] == "cut":
				b.rdb.Del(t.Context(), "rollcall:{"+m.ID+"}")
			case s.fates[i] == "failed":
				b.fail(t, m.ID)
			}
		}
		return b
	}
	run := func(b bundle, in iter.Seq2[enqueue.Row, error]) []string {
		return byRow(t, func(each func(enqueue.Result) error) error {
			_, err := b.client.CreateBatch(t.Context(), "x", s.rules, in, each)
			return err
		})
	}
	plan := func(b bundle, in iter.Seq2[enqueue.Row, error]) []string {
		return byRow(t, func(each func(enqueue.Result) error) error {
			_, err := b.client.PlanBatch(t.Context(), "x", s.rules, in, each, nil)
			return err
		})
	}
	near, far := fresh(), fresh()
	others := map[string][]string{
		"the plan": plan(near, rowsOf(s.rows...)), "the plan of rows far apart": plan(far, apart(s.rows...)), "the run of rows far apart": run(far, apart(s.rows...)),
	}
	did := run(near, rowsOf(s.rows...))
	for what, outcomes := range others {
		if !slices.Equal(outcomes, did) {
			fail("%s has the outcomes %q, the run %q", what, outcomes, did)
		}
	}
	return did
}

func TestCreateBatch_OutcomesDependOnNoChunk(t *testing.T) {
	t.Parallel()
	keyed := ask("Turma 12", ana, bia)
	keyed.IdempotencyKey = "k"
	update := enqueue.Rules{Update: true}
	for name, c := range map[string]struct {
		sent
		want []string
	}{
		"a new group of the people of a later row": {
			sent{first: []tasks.GroupRequest{ask("Turma 12", ana, bia)}, rows: []tasks.GroupRequest{ask("Turma 13", ana, bia), ask("Turma 12", ana, bia)}},
			[]string{"created", "existed"},
		},
		"another name of a group that no row has": {
			sent{first: []tasks.GroupRequest{ask("Turma 12", ana, bia)}, rows: []tasks.GroupRequest{ask("Turma 13", ana, bia), ask("Turma 13", caio)}},
			[]string{"invalid changed", "invalid changed"},
		},
		"a row twice under the name of a group with a key": {
			sent{first: []tasks.GroupRequest{keyed}, rows: []tasks.GroupRequest{ask("Turma 12", ana), ask("Turma 12", ana)}},
			[]string{"invalid changed", "invalid changed"},
		},
		"a corrected row before the row of an interrupted acceptance": {
			sent{first: []tasks.GroupRequest{ask("Turma 12", ana)}, fates: []string{"cut"}, rows: []tasks.GroupRequest{ask("Turma 12", bia), ask("Turma 12", ana)}},
			[]string{"created", "invalid changed"},
		},
		"a corrected row before the row of a failed group": {
			sent{first: []tasks.GroupRequest{ask("Turma 12", ana)}, fates: []string{"failed"}, rows: []tasks.GroupRequest{ask("Turma 12", bia), ask("Turma 12", ana)}},
			[]string{"created", "invalid changed"},
		},
		"an update before the row that the group was created for": {
			sent{first: []tasks.GroupRequest{ask("Turma 12", ana)}, rules: update, rows: []tasks.GroupRequest{ask("Turma 12", ana, bia), ask("Turma 12", ana)}},
			[]string{"updated", "invalid changed"},
		},
		"a new row before one with fewer people": {
			sent{rules: update, rows: []tasks.GroupRequest{ask("Turma 12", ana, bia), ask("Turma 12", ana)}},
			[]string{"created", "invalid changed"},
		},
		"two people of one group, each in a row, before both": {
			sent{rules: update, rows: []tasks.GroupRequest{ask("Turma 12", ana), ask("Turma 12", bia), ask("Turma 12", ana, bia)}},
			[]string{"created", "updated", "existed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.outcomes(t, t.Errorf); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCreateBatch_OutcomesOfAnyInputDependOnNoChunk(t *testing.T) {
	t.Parallel()
	people := [][]tasks.Phone{{ana}, {bia}, {ana, bia}, {ana, bia, caio}, {caio, davi}, {ana, "12"}}
	names := [][]string{nil, {"Ana", "Caio"}, {"Ana", "Caio"}, {"Ana"}, {"", "Caio"}, {"Bia"}}
	row := rapid.Custom(func(rt *rapid.T) tasks.GroupRequest {
		r := ask(rapid.SampledFrom([]string{"Turma 12", "turma-12", "Turma 13", "Chess"}).Draw(rt, "name"), rapid.SampledFrom(people).Draw(rt, "people")...)
		r.IdempotencyKey = rapid.SampledFrom([]string{"", "", "", "", "k1", "k2"}).Draw(rt, "key")
		return naming(r, rapid.SampledFrom(names).Draw(rt, "names")...)
	})
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(row, 1, 3).Draw(rt, "rows")
		rows = append(rows, naming(rows[0], rapid.SampledFrom(names).Draw(rt, "names of the first row again")...))
		sent{
			first: rapid.SliceOfN(row, 0, 3).Draw(rt, "first"),
			fates: rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "cut", "failed"}), 3, 3).Draw(rt, "fates"),
			rules: enqueue.Rules{Update: rapid.Bool().Draw(rt, "update")},
			rows:  rows,
		}.outcomes(t, rt.Errorf)
	})
}
