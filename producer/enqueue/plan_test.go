package enqueue_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func (b bundle) plan(t *testing.T, check enqueue.NumberCheck, rows ...tasks.GroupRequest) enqueue.Plan {
	t.Helper()
	p, err := b.client.PlanBatch(t.Context(), "plan", enqueue.Rules{}, rowsOf(rows...), func(enqueue.Result) error { return nil }, check)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestClientPlanBatch_CountsPeopleByWhatWouldHappenToThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.store.People.Suppress(t.Context(), []phone.Number{"+5544999999993"}, "asked for it"); err != nil {
		t.Fatal(err)
	}
	existing := tasks.GroupRequest{GroupName: "There", Phones: []tasks.Phone{"+5544999999991"}, IdempotencyKey: "k"}
	if _, err := b.client.Create(t.Context(), existing, enqueue.Rules{}); err != nil {
		t.Fatal(err)
	}
	p := b.plan(t, nil, existing,
		tasks.GroupRequest{GroupName: "A", Phones: []tasks.Phone{"+5544999999991", "5544999999991", "12", "+5544999999993"}, Priority: tasks.High},
		tasks.GroupRequest{GroupName: "B", Phones: []tasks.Phone{"+5544999999991", "+5544999999992"}},
		tasks.GroupRequest{GroupName: "C"},
	)
	want := enqueue.People{
		Total: 6, Unusable: 1, ByCountry: map[string]int{"BR": 5}, Written: map[string]int{"plus": 5}, Duplicate: 1, Suppressed: 1,
	}
	if diff := cmp.Diff(want, p.People); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if p.Pending != 3 {
		t.Errorf("%d people are to be added, want 3", p.Pending)
	}
	place := p.Places["pool:default"]
	if place.Groups != 2 || place.Priorities[tasks.High] != 1 || p.Created != 2 || p.Existed != 1 || p.Invalid != 1 {
		t.Errorf("got %+v, want 2 created, one of them high, 1 existed and 1 invalid", p)
	}
}

func TestClientPlanBatch_HoldsFewLargeRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	large := tasks.GroupRequest{GroupName: "A", InviteMessage: strings.Repeat("x", 1<<20)} // too long, so it holds no record
	read, reported := 0, 0
	rows := func(yield func(enqueue.Row, error) bool) {
		for read < 20 {
			read++
			if !yield(enqueue.Row{N: read, Request: large}, nil) {
				return
			}
			if held := read - reported; held > 4 {
				t.Errorf("%d rows of 1 MiB are held, want few", held)
			}
		}
	}
	if _, err := b.client.PlanBatch(t.Context(), "plan", enqueue.Rules{}, rows, func(enqueue.Result) error { reported++; return nil }, nil); err != nil {
		t.Error(err)
	}
}

func TestClientPlanBatch_ChecksEachNumberOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	asked, since := map[string]int{}, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	check := func(_ context.Context, target tasks.Target, numbers []string) (map[string]enqueue.NumberAnswer, error) {
		answers := map[string]enqueue.NumberAnswer{}
		for _, n := range numbers {
			asked[target.String()+" "+n]++
			if !strings.HasSuffix(n, "3") {
				answers[n] = enqueue.NumberAnswer{OnWhatsApp: strings.HasSuffix(n, "1")}
				if strings.HasSuffix(n, "2") {
					answers[n] = enqueue.NumberAnswer{RememberedSince: since}
				}
			}
		}
		return answers, nil
	}
	p := b.plan(t, check,
		tasks.GroupRequest{GroupName: "A", Phones: []tasks.Phone{"+5544999999991", "+5544999999992", "12"}},
		tasks.GroupRequest{GroupName: "B", Phones: []tasks.Phone{"+5544999999991", "+5544999999993"}},
	)
	if diff := cmp.Diff(&enqueue.Numbers{OnWhatsApp: 2, NotOnWhatsApp: 1, Unknown: 1, Remembered: 1, RememberedSince: &since}, p.People.Numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	for what, n := range asked {
		if n != 1 || len(asked) != 3 {
			t.Errorf("asked %d times about %s, and about %d numbers in all; want each of three once", n, what, len(asked))
		}
	}
}

// naming adds names to the people of a request, in the order of its phones; "" means no name.
func naming(r tasks.GroupRequest, names ...string) tasks.GroupRequest {
	r.Names = map[string]string{}
	for i, name := range names {
		if name != "" && i < len(r.Phones) {
			r.Names[string(r.Phones[i])] = name
		}
	}
	return r
}

// named asks for a group of one person, with a name unless that is empty.
func named(group, person string) tasks.GroupRequest { return naming(ask(group, ana), person) }

func TestClientPlanBatch_AnotherNameOfAPersonIsAChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.plan(t, nil, named("Turma 12", "Ana"), named("Turma 12", "Bia"), named("Turma 12", ""))
	if p.Created != 1 || p.Invalid != 1 || p.Existed != 1 {
		t.Errorf("got %+v, want one of three rows created, one invalid and one existed", p.Summary)
	}
}

func TestClientPlanBatch_SaysWhatCreateBatchDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first []tasks.GroupRequest // rows of an earlier run
		fail  bool                 // its first group has failed
		rules enqueue.Rules
		rows  []tasks.GroupRequest
		want  []string
	}{
		"a new group of the people of a later row": {
			first: []tasks.GroupRequest{ask("Turma 12", ana, bia)},
			rows:  []tasks.GroupRequest{ask("Turma 13", ana, bia), ask("Turma 12", ana, bia)},
			want:  []string{"created", "existed"},
		},
		"the same row again without names of people": {
			rows: []tasks.GroupRequest{named("Turma 12", "Ana"), named("Turma 12", "")},
			want: []string{"created", "existed"},
		},
		"a row again with the names of some people": {
			rows: []tasks.GroupRequest{
				naming(ask("Turma 12", ana, bia), "Ana", "Bia"), naming(ask("Turma 12", ana, bia), "Ana"), naming(ask("Turma 12", bia, ana), "Bia"),
			},
			want: []string{"created", "existed", "existed"},
		},
		"the same row twice instead of a failed group": {
			first: []tasks.GroupRequest{ask("Turma 12", ana)},
			fail:  true,
			rows:  []tasks.GroupRequest{ask("Turma 12", bia), ask("Turma 12", bia)},
			want:  []string{"created", "existed"},
		},
		"the same update twice": {
			first: []tasks.GroupRequest{ask("Turma 12", ana)},
			rules: enqueue.Rules{Update: true},
			rows:  []tasks.GroupRequest{ask("Turma 12", ana, bia), ask("Turma 12", ana, bia)},
			want:  []string{"updated new [" + string(bia) + "] gone [] []", "existed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if _, first := b.create(t, "x", c.first...); c.fail {
				b.fail(t, first[0].ID)
			}
			var planned []string
			if _, err := b.client.PlanBatch(t.Context(), "x", c.rules, rowsOf(c.rows...), func(r enqueue.Result) error {
				planned = append(planned, told(r))
				return nil
			}, nil); err != nil {
				t.Fatal(err)
			}
			var done []string
			if _, err := b.client.CreateBatch(t.Context(), "x", c.rules, rowsOf(c.rows...), func(r enqueue.Result) error {
				done = append(done, told(r))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(planned, c.want) || !slices.Equal(done, c.want) {
				t.Errorf("planned %q, did %q, want %q", planned, done, c.want)
			}
		})
	}
}
