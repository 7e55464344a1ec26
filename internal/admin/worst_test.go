package admin_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// batch creates a batch of groups, and returns its id and theirs.
func (r *rig) batch(name string, groups ...string) (batchID string, ids []string) {
	r.t.Helper()
	rows := func(yield func(enqueue.Row, error) bool) {
		for i, g := range groups {
			if !yield(enqueue.Row{N: i + 1, Request: tasks.GroupRequest{GroupName: g, Phones: []tasks.Phone{"5544999999991"}}}, nil) {
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

// finish makes a group done, with all its people in one status.
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

func TestBatches_BatchWithFailuresIsNotGreen(t *testing.T) {
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
					t.Errorf("%s in %s: got the row %q, want %q in the tone %s", path, lang, text(row), words[i], tone)
				}
			}
		}
		if page := r.get("/batches/"+failing, "Accept-Language: "+lang).body; !strings.Contains(page, `<span class="badge bad">`+words[0]+`<`) {
			t.Errorf("the batch's page in %s lacks %q", lang, words[0])
		}
	}
	if page := r.get("/groups/" + left[0]).body; !strings.Contains(page, `<span class="badge warn">done, people missing<`) {
		t.Errorf("the page of a done group whose only person was not added lacks the warning: %s", text(page))
	}
}

func TestInstances_AFailingProviderIsNotARestrictedNumber(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := setupOn(t, rdb)
	r.announce("alpha", "beta")
	pacer := newPacer(t, rdb)
	for name, why := range map[string]pacing.Why{
		"alpha": {Cause: pacing.CauseFailing, Said: say.Words("members: Service Unavailable (HTTP 503)")},
		"beta":  {Cause: pacing.CauseBusy, Said: say.Words("Too Many Requests")},
	} {
		if _, err := pacer.RestFor(t.Context(), name, time.Hour, why); err != nil {
			t.Fatal(err)
		}
	}
	for lang, words := range map[string][]string{
		"en": {
			"alpha provider fails", "The provider fails", "the provider fails: members: Service Unavailable (HTTP 503)", "the next try comes at the time that is shown",
			"beta resting", "The provider asks for fewer requests",
		},
		"pt-BR": {
			"alpha o provedor falha", "O provedor falha", "o provedor falha: members: Service Unavailable (HTTP 503)", "a próxima tentativa vem na hora mostrada",
			"beta descansando", "O provedor pede menos requisições",
		},
	} {
		page := text(r.get("/", "Accept-Language: "+lang).body)
		wants(t, page, words...)
		wants(t, text(r.get("/instances", "Accept-Language: "+lang).body), words[1], words[5])
		for _, wrong := range []string{"restrict", "restrit"} {
			if strings.Contains(strings.ToLower(page), wrong) {
				t.Errorf("in %s the page says %q: %s", lang, wrong, page)
			}
		}
		wants(t, text(r.get("/problems", "Accept-Language: "+lang).body), words[1], words[5])
	}
	wants(t, r.get("/v1/instances").body, `"state":"unknown","worst":"failing"`, `"cause":"providerFails"`, `"state":"unknown","worst":"resting"`)
}

var (
	machineTime = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}`)
	clockTime   = regexp.MustCompile(`\b\d{2}:\d{2}\b`)
)

func TestPage_ShowsTimesInOneNamedZone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	due := time.Now().Add(time.Hour).In(saoPaulo(t))
	id := r.take(tasks.GroupRequest{GroupName: "Later", NotBefore: &due}, "5544999999991")
	doubtful := r.accept("Doubtful", "5544999999992")
	r.doubt(doubtful)
	for lang, foot := range map[string]string{"en": "Times are those of America/Sao_Paulo (UTC-03:00).", "pt-BR": "Horários de America/Sao_Paulo (UTC-03:00)."} {
		for _, path := range []string{"/", "/instances", "/groups", "/problems", "/review", "/audit", "/groups/" + id, "/groups/" + doubtful} {
			page := text(r.get(path, "Accept-Language: "+lang).body)
			wants(t, page, foot)
			if found := machineTime.FindString(page); found != "" {
				t.Errorf("%s in %s shows the time %q, want it in the page's format", path, lang, found)
			}
		}
		page := text(r.get("/groups/"+id, "Accept-Language: "+lang).body)
		if !strings.Contains(page, due.Format("15:04")) {
			t.Errorf("the group's page in %s: got the times %v, want %s in the page's zone", lang, clockTime.FindAllString(page, -1), due.Format("15:04"))
		}
	}
}
