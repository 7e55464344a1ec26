package admin_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/store"
)

// The button stands beside a failed delivery: the webhooks that took the event do not get it twice.
func TestReplayForm_SendsOnlyWhatWasNotDelivered(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	id := r.accept("A", "5544999999991")
	if _, err := r.store.Outbox.ClaimNotices(t.Context(), id, []store.Fact{{Type: "group.failed", Of: id, Once: "failed", At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	events, err := r.store.Outbox.NoticesAbout(t.Context(), id)
	if err != nil || len(events) != 1 {
		t.Fatalf("got the events %q (%v), want one", events, err)
	}
	crm, erp := strings.Repeat("ab", 12), strings.Repeat("cd", 12)
	if err := r.store.Outbox.Address(t.Context(), events[0], map[string]store.Delivery{
		crm: {Host: "crm.example", State: store.Delivered}, erp: {Host: "erp.example", State: store.DeliveryFailed},
	}); err != nil {
		t.Fatal(err)
	}
	r.login("operator")
	for range 2 { // a second press finds it on its way
		if a := r.post("/deliveries/" + events[0] + "/replay"); a.status != http.StatusSeeOther {
			t.Fatalf("got %d, want 303: %s", a.status, text(a.body))
		}
	}
	found, err := r.store.Outbox.Notices(t.Context(), events)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if d := found[0].Deliveries; d[crm].State != store.Delivered || d[crm].Run != 0 || d[erp].State != store.DeliveryWaiting || d[erp].Run != 1 {
		t.Errorf("the deliveries are %+v, want only the failed one sent again, once", d)
	}
}

func TestWebhookForms_AreWrittenIntoTheAuditLog(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	receiver, id := strings.Repeat("ab", 12), r.accept("A", "5544999999991")
	if err := r.store.Outbox.AnnounceReceivers(t.Context(), []store.Receiver{{ID: receiver, Host: "crm.example"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Outbox.ClaimNotices(t.Context(), id, []store.Fact{{Type: "group.failed", Of: id, Once: "failed", At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	events, err := r.store.Outbox.NoticesAbout(t.Context(), id)
	if err != nil || len(events) != 1 {
		t.Fatalf("got the events %q (%v), want one", events, err)
	}
	if err := r.store.Outbox.Address(t.Context(), events[0], map[string]store.Delivery{receiver: {Host: "crm.example", State: store.DeliveryFailed}}); err != nil {
		t.Fatal(err)
	}
	r.login("operator")
	again := r.post("/deliveries/"+events[0]+"/replay", "back", "/groups/"+id+"?said=retry")
	if want := "/groups/" + id + "?said=replayed"; again.to() != want {
		t.Errorf("sending again from a page that said what was done before: to %q, want %q", again.to(), want)
	}
	if a := r.post("/deliveries/"+events[0]+"/replay", "back", "/groups?name=a;b&status=done"); a.to() != "/groups?status=done&said=replayed" {
		t.Errorf("sending again from a page with a query that cannot be read: got %d to %q, want the rest of the query", a.status, a.to())
	}
	for _, c := range []struct {
		path, subject string
		status        int
		action        audit.Action
		result        audit.Result
	}{
		{"/webhooks/" + receiver + "/enable", receiver, http.StatusSeeOther, audit.EnableWebhook, audit.Done},
		{"/webhooks/" + strings.Repeat("cd", 12) + "/enable", strings.Repeat("cd", 12), http.StatusNotFound, audit.EnableWebhook, audit.NotFound},
		{"/deliveries/" + events[0] + "/replay", events[0], http.StatusSeeOther, audit.ReplayWebhooks, audit.Done},
		{"/deliveries/evt_none/replay", "evt_none", http.StatusNotFound, audit.ReplayWebhooks, audit.NotFound},
	} {
		if a := r.post(c.path); a.status != c.status {
			t.Errorf("%s: got %d, want %d: %s", c.path, a.status, c.status, text(a.body))
		}
		log := r.entries(c.action)
		if !slices.ContainsFunc(log, func(e store.AuditEntry) bool {
			return e.Actor == "operator" && e.Through == "page" && e.Result == string(c.result) && slices.Equal(e.Subjects, []string{c.subject})
		}) {
			t.Errorf("%s: the audit log has %+v, want %s of %s by operator", c.path, log, c.result, c.subject)
		}
	}
}

func TestProblems_AllFailedDeliveriesCanBeReached(t *testing.T) {
	t.Parallel()
	r := setup(t)
	receiver, id := strings.Repeat("ab", 12), r.accept("A", "5544999999991")
	if err := r.store.Outbox.AnnounceReceivers(t.Context(), []store.Receiver{{ID: receiver, Host: "crm.example"}}); err != nil {
		t.Fatal(err)
	}
	facts := make([]store.Fact, 51)
	for i := range facts {
		facts[i] = store.Fact{Type: "group.failed", Of: id, Once: strconv.Itoa(i), At: time.Now()}
	}
	if _, err := r.store.Outbox.ClaimNotices(t.Context(), id, facts); err != nil {
		t.Fatal(err)
	}
	events, err := r.store.Outbox.NoticesAbout(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if _, err := r.store.Outbox.SaveDelivery(t.Context(), e, receiver, store.Delivery{}, store.Delivery{Host: "crm.example", State: store.DeliveryFailed}); err != nil {
			t.Fatal(err)
		}
	}
	first := r.get("/problems").body
	wants(t, text(first), "51 deliveries failed.", "Older")
	next := regexp.MustCompile(`href="(/problems\?failures=[^"#]*)#webhooks"`).FindStringSubmatch(first)
	if next == nil || strings.Count(first, "/replay") != 50 {
		t.Fatalf("the page shows %d deliveries and leads on to %q, want 50 and a link", strings.Count(first, "/replay"), next)
	}
	second := r.get(next[1]).body
	wants(t, text(second), "51 deliveries failed.")
	if n := strings.Count(second, "/replay"); n != 1 || strings.Contains(text(second), "Older") {
		t.Errorf("the last page shows %d deliveries, want 1 and no further link", n)
	}
}
