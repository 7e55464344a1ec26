package admin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
)

// askers creates a group that three people request to join; it did not ask for them, and the last is suppressed.
// page is the part of the group's page that shows the requests.
func (r *rig) askers() (id, page string) {
	r.t.Helper()
	id = r.accept("Turma 1", "5544999999991")
	suppressed := phone.Identity{Digits: "5544999999973"}
	r.change(id, func(g *group.Group, now time.Time) error {
		g.Instance, g.Status, g.Called, g.WhatsAppID = "alpha", group.Done, true, "120363000000000001-group"
		g.RequestedJoin([]phone.Identity{{Digits: "5544999999971"}, {Digits: "5544999999972"}, suppressed}, group.ByLink, now)
		return nil
	})
	if err := r.store.People.SuppressPeople(r.t.Context(), []phone.Identity{suppressed}, "asked us"); err != nil {
		r.t.Fatal(err)
	}
	return id, r.joins(id)
}

// joins returns the part of a group's page that shows the requests to join.
func (r *rig) joins(id string) string {
	_, part, _ := strings.Cut(r.get("/groups/"+id).body, `<h2 id="joins">`)
	part, _, _ = strings.Cut(part, "</section>")
	return part
}

var personField = regexp.MustCompile(`name="person" value="([^"]+)"`)

func TestGroupPage_AnswersARequestToJoinWithOneButton(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	r.login("operator")
	id, part := r.askers()
	wants(t, text(part), "Requests to join 3", "not asked for", "needs a decision", "Let in", "Reject", "Is on the suppression list")
	if n := strings.Count(part, "/joins/approve"); n != 2 || strings.Count(part, "/joins/reject") != 3 {
		t.Errorf("got %d buttons to let in and %d to reject, want 2 and 3", n, strings.Count(part, "/joins/reject"))
	}
	if strings.Contains(part, "4499999997") {
		t.Error("the page shows a number")
	}
	people := personField.FindAllStringSubmatch(part, -1)
	if a := r.post("/groups/"+id+"/joins/approve", "person", people[0][1]); a.status != http.StatusSeeOther || !strings.HasSuffix(a.to(), "said=approve") {
		t.Fatalf("let in: got %d to %q, want 303 with said=approve", a.status, a.to())
	}
	wants(t, text(r.joins(id)), "is let in")
	if a := r.post("/groups/"+id+"/joins/approve", "person", people[4][1]); a.status != http.StatusConflict {
		t.Errorf("letting a suppressed person in: got %d, want 409", a.status)
	}
	if a := r.post("/groups/"+id+"/joins/reject", "person", "unknown"); a.status != http.StatusConflict {
		t.Errorf("rejecting an unknown person: got %d, want 409", a.status)
	}
	all := r.entries(audit.ApproveJoin)
	if len(all) != 2 || all[1].Result != "done" || all[0].Result != "refused" || all[1].Subjects[0] != id {
		t.Errorf("the audit log has %+v, want one approval done and then one refused", all)
	}
	r.login("viewer")
	if part := r.joins(id); strings.Contains(part, "<button") || !strings.Contains(part, "needs a decision") {
		t.Error("a viewer sees buttons, or does not see the requests")
	}
}

func TestGroupPage_OffersNoAnswerThatTheProviderCannotGive(t *testing.T) {
	t.Parallel()
	r := setup(t)
	if err := r.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha", Provider: "greenapi", Pools: []string{"default"}, SeenAt: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if _, part := r.askers(); strings.Contains(part, "<button") || !strings.Contains(part, "needs a decision") {
		t.Errorf("the page lacks the requests, or has buttons although the provider cannot answer: %s", part)
	}
	if strings.Contains(r.get("/groups/"+r.accept("Turma 2", "5544999999991")).body, `id="joins"`) {
		t.Error("the page of a group without requests has their section")
	}
}

// A page that was left open shows a request that a colleague has rejected since. *Let in* on the old page must not let the
// person in.
func TestGroupPage_AnOldPageAnswersNoRequestThatHasAnAnswer(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	r.login("operator")
	id, _ := r.askers()
	approve, reject := "/groups/"+id+"/joins/approve", "/groups/"+id+"/joins/reject"
	old := r.get("/groups/" + id).body
	for n, want := range []int{http.StatusSeeOther, http.StatusSeeOther} { // twice is once
		if a := r.post(reject, formOf(t, old, reject)...); a.status != want {
			t.Fatalf("rejecting, time %d: got %d, want %d: %s", n+1, a.status, want, text(a.body))
		}
	}
	if a := r.post(approve, formOf(t, old, approve)...); a.status != http.StatusConflict {
		t.Errorf("letting the rejected person in: got %d, want 409", a.status)
	}
	g, err := r.store.Records.Load(t.Context(), id)
	if err != nil || g.Askers[0].Answer != group.RejectJoin {
		t.Errorf("the request has the answer %q, %v; want reject", g.Askers[0].Answer, err)
	}
}
