package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

func TestBulk_PlanSaysHowManyMatchAndWhyOthersAreSkipped(t *testing.T) {
	t.Parallel()
	r, failed, _, _ := stage(t)
	expired := r.accept("Turma late", "5544999999981")
	r.change(expired, func(g *group.Group, now time.Time) error {
		g.ExpiresAt = now
		g.Expire(now)
		return nil
	})
	page := text(r.post("/bulk", "action", "retry", "query", "name=Turma").body)
	wants(t, page, "4 groups match.", "1 would be put back into the queue", "1 because the state does not allow it: waiting", "1 because the state does not allow it: review", "1 because the state does not allow it: expired", "Retry (1)")
	own := r.get("/groups/" + expired).body
	wants(t, text(own), "rollcall-producer status "+expired)
	if strings.Contains(own, "/retry") || strings.Contains(own, "rollcall-producer retry") {
		t.Error("the page of an expired group offers a retry, which is refused")
	}
	wants(t, text(r.get("/").body), "Expired before its turn")
	if _, problem, _ := strings.Cut(r.get("/problems").body, `id="expired"`); strings.Contains(problem[:strings.Index(problem, "</article>")], "/review") {
		t.Error("/problems offers a decision for groups that expired")
	}
	wants(t, r.post("/bulk", "action", "retry", "query", "name=Turma&status=failed").body, `<a href="/groups?name=Turma&status=failed">Do nothing</a>`)
	if len(r.entries(audit.BeginBulk)) > 0 {
		t.Error("the plan started a job")
	}
	a := r.post("/bulk/run", "action", "retry", "query", "name=Turma", "shown", "1")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), "/jobs/job_") {
		t.Fatalf("run: got %d, want 303 to the job: %s", a.status, text(a.body))
	}
	wants(t, r.awaits(a.to(), "done 1 / 4"), "1 left as they are: waiting", "1 left as they are: expired")
	log := r.entries(audit.BeginBulk)
	if len(log) != 1 || log[0].Result != "done" || log[0].Through != "page" || log[0].Detail.String() != "retry name=Turma" || log[0].Subjects[0] != strings.TrimPrefix(a.to(), "/jobs/") {
		t.Errorf("the audit log has %+v, want one retry of this job through the page", log)
	}
	if page := r.get("/groups/" + failed).body; !strings.Contains(text(page), "waiting") {
		t.Errorf("the failed group does not wait again: %s", text(page))
	}
	wants(t, text(r.get("/jobs").body), "Retry done 1 / 4")
}

func TestBulk_PlanTellsReviewsThatWouldOpenAgain(t *testing.T) {
	t.Parallel()
	r, _, doubtful, _ := stage(t)
	r.post("/groups/" + doubtful + "/abandon")
	page := text(r.post("/bulk", "action", "retry", "query", "status=cancelled&status=failed").body)
	wants(t, page, "1 would be put back into the queue, 1 would be reviewed again", "Retry (2)")
	a := r.post("/bulk/run", "action", "retry", "query", "status=cancelled&status=failed", "shown", "2")
	wants(t, r.awaits(a.to(), "done 2 / 2"), "1 put back into the queue, 1 reviewed again")
}

func TestBulk_MoreThan100GroupsNeedTheirNumberTyped(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.many(101)
	const query = "fault=refused:bad-request"
	page := r.post("/bulk", "action", "retry", "query", query)
	wants(t, text(page.body), "101 groups match.", "Type 101 to confirm")
	for _, typed := range []string{"", "100", "yes"} {
		if a := r.post("/bulk/run", "action", "retry", "query", query, "confirm", typed); a.status != http.StatusUnprocessableEntity {
			t.Errorf("typed %q: got %d, want 422", typed, a.status)
		}
	}
	if n := len(r.entries(audit.BeginBulk)); n > 0 {
		t.Fatalf("%d jobs began without the number, want none", n)
	}
	a := r.post("/bulk/run", "action", "retry", "query", query, "confirm", "101")
	r.awaits(a.to(), "done 101 / 101")
	if n := len(r.entries(audit.BeginBulk)); n != 1 {
		t.Errorf("the audit log has %d entries, want one for the job", n)
	}
	if page := text(r.get("/problems").body); !strings.Contains(page, "No group has failed") {
		t.Errorf("/problems still shows failed groups: %s", page)
	}
}

func TestBulk_ChangesNoMoreGroupsThanWereShown(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.accept("Turma 1", "5544999999991")
	run := []string{"action", "cancel", "query", "status=queued"}
	page := r.post("/bulk", run...).body
	wants(t, page, `name="shown" value="1"`)
	r.accept("Turma 2", "5544999999992")
	a := r.post("/bulk/run", append(run, "shown", "1")...)
	if a.status != http.StatusConflict {
		t.Fatalf("two groups, one was shown: got %d, want 409: %s", a.status, text(a.body))
	}
	wants(t, text(a.body), "This is not what was shown before.", "2 would be cancelled")
	if n := len(r.entries(audit.BeginBulk)); n > 0 {
		t.Errorf("%d jobs began, want none", n)
	}
	wants(t, a.body, `name="shown" value="2"`)
	if a := r.post("/bulk/run", append(run, "shown", "2")...); a.status != http.StatusSeeOther {
		t.Errorf("two groups, as shown: got %d, want 303: %s", a.status, text(a.body))
	}
}

func TestBulk_MovesWaitingGroupsToAnotherInstance(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha", "beta")
	id := r.acceptFor("alpha", "Turma 7")
	wants(t, text(r.get("/instances/alpha").body), "Move what waits for it alone to pool:default beta", "Move (1)")
	if a := r.post("/bulk", "action", "move", "to", "unknown", "query", "instance=alpha"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("to an unknown instance: got %d, want 422", a.status)
	}
	wants(t, text(r.post("/bulk", "action", "move", "to", "beta", "query", "instance=alpha&status=queued").body), "Move → beta", "1 would be moved")
	a := r.post("/bulk/run", "action", "move", "to", "beta", "query", "instance=alpha&status=queued", "shown", "1")
	r.awaits(a.to(), "done 1 / 1")
	if page := r.get("/groups?instance=beta").body; !strings.Contains(page, id) {
		t.Errorf("the groups of beta lack %s: %s", id, text(page))
	}
	if page := text(r.get("/instances/alpha").body); strings.Contains(page, "Move (1)") {
		t.Errorf("alpha still has a group to move: %s", page)
	}
}

func TestJobPage_AbortsTheJob(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.many(120)
	j, err := r.store.Trail.AddJob(t.Context(), store.Job{Action: "retry", Filter: store.Filter{Fault: "refused:bad-request"}, Total: 120, By: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	r.awaits("/jobs/"+j.ID, "Abort What is done stays done.")
	if a := r.post("/jobs/" + j.ID + "/abort"); a.status != http.StatusSeeOther || a.to() != "/jobs/"+j.ID {
		t.Fatalf("abort: got %d, want 303 to the job: %s", a.status, text(a.body))
	}
	r.awaits("/jobs/"+j.ID, "aborted")
	if a := r.post("/jobs/" + j.ID + "/abort"); a.status != http.StatusConflict {
		t.Errorf("aborted again: got %d, want 409", a.status)
	}
	if log := r.entries(audit.AbortBulk); len(log) != 2 || log[0].Result != "refused" || log[1].Result != "done" {
		t.Errorf("the audit log has %+v, want one abort done and then one refused", log)
	}
}

func TestBulk_RefusesAnUnknownActionAndAnEmptyJob(t *testing.T) {
	t.Parallel()
	r := setup(t)
	if a := r.post("/bulk", "action", "explode", "query", ""); a.status != http.StatusBadRequest {
		t.Errorf("an unknown action: got %d, want 400", a.status)
	}
	if a := r.post("/bulk/run", "action", "retry", "query", "status=queued"); a.status != http.StatusConflict {
		t.Errorf("no group matches: got %d, want 409", a.status)
	}
}

func TestRetry_OfAnAbandonedReviewSaysThatItIsOpenAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.accept("Turma", "5544999999991")
	r.doubt(id)
	r.change(id, (*group.Group).Abandon)
	a := r.post("/groups/" + id + "/retry")
	if a.status != http.StatusSeeOther {
		t.Fatalf("retry: got %d, want 303: %s", a.status, text(a.body))
	}
	wants(t, text(r.get(a.to()).body), "It may exist: its review is open again.")
}
