package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/store"
)

// audited returns the entries of the audit log that match a query, as an admin sees them.
func (r *rig) audited(filter string) []store.AuditEntry {
	r.t.Helper()
	key := r.key
	if key != "" {
		r.key = keysOf["admin"]
	}
	var page struct {
		Items      []store.AuditEntry `json:"items"`
		NextCursor string             `json:"nextCursor"`
	}
	a := r.do("GET", "/v1/audit?"+filter, "")
	if a.status != http.StatusOK {
		r.t.Fatalf("the audit log: got %d, want 200: %s", a.status, a.body)
	}
	a.json(r.t, &page)
	r.key = key
	return page.Items
}

func TestEveryOperationThatChangesSomethingIsWrittenDown(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	r.announce("alpha")
	if err := r.store.Outbox.AnnounceReceivers(t.Context(), []store.Receiver{{ID: strings.Repeat("ab", 12), Host: "crm.example"}}); err != nil {
		t.Fatal(err)
	}
	r.key = keysOf["operator"]
	queued, review, failing, moving := r.create(oneGroup), r.create(oneGroup), r.create(oneGroup), r.create(oneGroup)
	r.put(review.ID, reviewed)
	r.put(failing.ID, failed)
	joined := r.create(oneGroup)
	r.put(joined.ID, asking)
	for _, c := range []struct {
		operation, path, body string
		action, subject       string
	}{
		{"post /v1/groups", "/v1/groups", oneGroup, "group.create", ""},
		{"post /v1/groups/{id}/cancel", "/v1/groups/" + queued.ID + "/cancel", "", "group.cancel", queued.ID},
		{"post /v1/groups/{id}/move", "/v1/groups/" + moving.ID + "/move", `{"instance": "alpha"}`, "group.move", moving.ID},
		{"post /v1/groups/{id}/members", "/v1/groups/" + moving.ID + "/members", `{"phones": ["+5544999999992"]}`, "group.extend", moving.ID},
		{"post /v1/groups/{id}/joins", "/v1/groups/" + joined.ID + "/joins", `{"phone": "+5544999999977", "answer": "reject"}`, "join.reject", ""},
		{"patch /v1/groups/{id}", "/v1/groups/" + moving.ID, `{"groupName": "Turma 13"}`, "group.edit", moving.ID},
		{"post /v1/groups/{id}/retry", "/v1/groups/" + failing.ID + "/retry", "", "group.retry", failing.ID},
		{"post /v1/groups/{id}/resolve", "/v1/groups/" + review.ID + "/resolve", `{"action": "abandon"}`, "group.abandon", review.ID},
		{"post /v1/batches", "/v1/batches?name=cohort", `{"groups": [` + oneGroup + `]}`, "batch.create", ""},
		{"post /v1/instances/{name}/pause", "/v1/instances/alpha/pause", "", "instance.pause", "alpha"},
		{"post /v1/instances/{name}/resume", "/v1/instances/alpha/resume", "", "instance.resume", "alpha"},
		{"put /v1/instances/{name}/pace", "/v1/instances/alpha/pace", `{"create": {"every": "10m"}}`, "instance.pace", "alpha"},
		{"delete /v1/instances/{name}/pace", "/v1/instances/alpha/pace", "", "instance.pace", "alpha"},
		{"post /v1/suppressions", "/v1/suppressions", `{"phones": ["+5544999999991"]}`, "suppression.add", ""},
		{"post /v1/suppressions/remove", "/v1/suppressions/remove", `{"phones": ["+5544999999991"]}`, "suppression.remove", ""},
		{"delete /v1/suppressions", "/v1/suppressions?phone=%2B5544999999991", "", "suppression.remove", ""},
		{"post /v1/webhooks/replay", "/v1/webhooks/replay", `{"eventIds": ["evt_1"]}`, "webhook.replay", "evt_1"},
		{"post /v1/webhooks/{id}/enable", "/v1/webhooks/" + strings.Repeat("ab", 12) + "/enable", "", "webhook.enable", strings.Repeat("ab", 12)},
	} {
		method, _, _ := strings.Cut(c.operation, " ")
		r.do(strings.ToUpper(method), c.path, c.body)
		got := r.audited("limit=1")[0]
		if got.Action != c.action || got.Actor != "operator" || got.Through != "api" || got.Result != "done" || got.From != "127.0.0.1" || got.RequestID == "" {
			t.Errorf("%s: got %+v, want %s, done by operator through the api from 127.0.0.1", c.operation, got, c.action)
		}
		if c.subject != "" && !slices.Equal(got.Subjects, []string{c.subject}) {
			t.Errorf("%s: got the subjects %q, want [%q]", c.operation, got.Subjects, c.subject)
		}
	}
	// Every operation of the document, also a new one, records a request with too small a role as a refusal.
	before := r.audited("limit=500")
	r.key = keysOf["viewer"]
	want := map[string]bool{}
	for _, f := range r.spec.operations() {
		if f.op["x-role"] == "operator" || f.op["x-role"] == "admin" {
			r.do(strings.ToUpper(f.method), fill(f.path), "")
			want[strings.ToUpper(f.method)+" "+f.path] = true
		}
	}
	r.untilRefused(func(all []store.Refusal) bool {
		got := map[string]bool{}
		for _, e := range all {
			if e.Reason == "role" && e.Actor == "viewer" && e.Through == "api" && e.Source == "127.0.0.1" {
				got[e.Route] = true
			}
		}
		return maps.Equal(got, want)
	})
	if now := r.audited("limit=500"); len(now) != len(before) {
		t.Errorf("after the refusals the audit log has %d entries, want %d as before", len(now), len(before))
	}
}

func TestAudit_HoldsNoNumberAndTellsWhoSawNumbers(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	r.announce("alpha")
	r.key = keysOf["operator"]
	const number = "5544999999991"
	g := r.create(`{"groupName": "Call ` + number + `", "phones": ["` + number + `"]}`)
	r.do("POST", "/v1/batches?name=list+for+"+number, `{"groups": [`+oneGroup+`]}`)
	r.do("POST", "/v1/suppressions", `{"phones": ["+`+number+`"], "reason": "asked from +55 44 99999-9991"}`)
	r.do("POST", "/v1/instances/alpha/pause", `{"reason": "asked by (44) 99999-9991"}`)
	for range 3 {
		r.do("GET", "/v1/groups/"+g.ID, "")
		r.do("GET", "/v1/groups?phone=%2B"+number, "")
	}
	r.do("GET", "/v1/batches/"+url.PathEscape("list for "+number)+"/export", "")
	r.do("GET", "/v1/status", "")
	r.do("PATCH", "/v1/groups/"+g.ID+"?dryRun=true", `{"groupName": "Turma 13"}`)
	r.do("POST", "/v1/groups/"+g.ID+"/members?dryRun=true", `{"phones": ["+5544999999992"]}`)
	all := fmt.Sprintf("%+v", r.audited("limit=500"))
	for _, written := range []string{number, "99999-9991", "9999999"} {
		if strings.Contains(all, written) {
			t.Errorf("the audit log holds %q: %s", written, all)
		}
	}
	var seen []string
	for _, e := range r.audited("action=phones.see") {
		seen = append(seen, e.Detail.String())
	}
	if want := []string{"POST /v1/groups/{id}/members", "PATCH /v1/groups/{id}", "export", "GET /v1/groups", "GET /v1/groups/{id}"}; !slices.Equal(seen, want) {
		t.Errorf("phones.see entries: got %q, want one for each operation: %q", seen, want)
	}
}

func TestAudit_RecordsTheForwardedAddressOfAClientBehindAProxy(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for header, want := range map[string]string{"203.0.113.9": "203.0.113.9", "10.0.0.1, 2001:db8::7": "2001:db8::7", "nonsense": "", "": ""} {
		r.do("POST", "/v1/groups", oneGroup, "X-Forwarded-For: "+header)
		if got := r.audited("limit=1")[0]; got.Actor != "local" || got.From != "127.0.0.1" || got.ForwardedFor != want {
			t.Errorf("X-Forwarded-For %q: got %+v, want local from 127.0.0.1, forwarded for %q", header, got, want)
		}
	}
}
