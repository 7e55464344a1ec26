package admin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// batch brings in a batch of groups and returns their ids.
func (r *rig) batch(name string, groups ...string) (batchID string, ids []string) {
	r.t.Helper()
	rows := func(yield func(intake.Row, error) bool) {
		for i, g := range groups {
			if !yield(intake.Row{N: i + 1, Request: tasks.GroupRequest{GroupName: g, Phones: []tasks.Phone{"5544999999991"}}}, nil) {
				return
			}
		}
	}
	sum, err := r.enter.CreateBatch(context.Background(), name, enqueue.Rules{}, rows, func(res enqueue.Result) error {
		ids = append(ids, res.ID)
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return sum.BatchID, ids
}

// finish lets a group be done, each of its people in one state.
func (r *rig) finish(id string, people group.MemberStatus) {
	r.t.Helper()
	r.change(id, func(g *group.Group, now time.Time) error {
		for i := range g.Members {
			g.Members[i].Status = people
		}
		g.Status, g.FinishedAt = group.Done, now
		return nil
	})
}

func TestBatches_ABatchOfWhichSomeFailedIsNotGreen(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	failing, some := r.batch("failing", "1", "2", "3", "4", "5")
	for i, id := range some {
		if i < 3 {
			r.refuse(id, 400, "Bad Request")
		} else {
			r.finish(id, group.Added)
		}
	}
	_, left := r.batch("left-out", "6")
	r.finish(left[0], group.NotAdded)
	_, well := r.batch("all-well", "7")
	r.finish(well[0], group.Joined)
	for lang, words := range map[string][3]string{
		"en":    {"done, with failures", "partly done", "done"},
		"pt-BR": {"concluído, com falhas", "concluído em parte", "concluído"},
	} {
		for _, path := range []string{"/", "/batches"} {
			page := r.get(path, "Accept-Language: "+lang).body
			for i, tone := range []string{"bad", "warn", "good"} {
				row := page[strings.Index(page, []string{">failing<", ">left-out<", ">all-well<"}[i]):]
				if row, _, _ = strings.Cut(row, "</tr>"); !strings.Contains(row, `<span class="badge `+tone+`">`+words[i]+`<`) {
					t.Errorf("%s in %s: the row says %q, want %q in the tone %s", path, lang, text(row), words[i], tone)
				}
			}
		}
		if page := r.get("/batches/"+failing, "Accept-Language: "+lang).body; !strings.Contains(page, `<span class="badge bad">`+words[0]+`<`) {
			t.Errorf("the batch's page in %s lacks %q", lang, words[0])
		}
	}
	if page := r.get("/groups/" + left[0]).body; !strings.Contains(page, `<span class="badge warn">done, people missing<`) {
		t.Errorf("a group without one of its people: %s", text(page))
	}
}
