package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

var hrefs = regexp.MustCompile(`href="([^"]+)"`)

// put changes a group as a worker would.
func (r *rig) put(id string, change func(g *group.Group, now time.Time)) {
	r.t.Helper()
	if _, err := r.store.Records.Update(context.Background(), id, func(g *group.Group, now time.Time) error {
		change(g, now)
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
}

// reviewed puts a group in review, after an attempt whose outcome is unknown.
func reviewed(g *group.Group, now time.Time) {
	g.Instance, g.Status = "alpha", group.Review
	g.Attempts = []group.Attempt{{N: 1, Instance: "alpha", StartedAt: now, EndedAt: now, Outcome: group.OutcomeUnknown, Error: say.Words("timeout")}}
	g.Error = &group.Error{
		Code: group.CodeAmbiguous, Message: say.Words("two groups could be it"), Remedy: say.Words("look"),
		Candidates: []group.Candidate{{GroupID: "1-group", Name: "Turma 12", CreatedAt: now, People: 3}},
	}
}

// asking makes a group done, with a request to join from a person whom the group did not ask for.
func asking(g *group.Group, now time.Time) {
	g.Instance, g.Status, g.Called, g.WhatsAppID = "alpha", group.Done, true, "120363000000000007-group"
	g.RequestedJoin([]phone.Identity{{Digits: "5544999999977"}}, group.ByLink, now)
}

func failed(g *group.Group, _ time.Time) {
	g.Status, g.Error = group.Failed, &group.Error{Code: group.CodeRefused, Message: say.Words("no"), Remedy: say.Words("mend it")}
}

func TestAPI_EveryOperationMatchesTheDocument(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha", "beta")
	if _, err := r.store.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Ready}, time.Now()); err != nil {
		t.Fatal(err)
	}
	ok := func(want int, method, path, body string, headers ...string) answer {
		t.Helper()
		a := r.do(method, path, body, headers...)
		if a.status != want {
			t.Errorf("%s %s: got %d, want %d: %s", method, path, a.status, want, a.body)
		}
		return a
	}
	whole := `{"groupName": "Whole", "phones": ["+55 44 99999-9999", 79001234567, "12"], "chatIds": ["79001234568@c.us"], "autoInvite": false,
		"instance": "alpha", "priority": "high", "idempotencyKey": 812, "externalRef": "deal-812", "notBefore": "2026-11-21T09:00:00Z",
		"expiresAt": "2099-11-21T09:00:00Z", "inviteMessage": "Come: {{.Link}}", "metadata": {"owner": "ana", "n": 1},
		"consent": {"source": "form", "at": "2026-11-01T09:00:00Z"}}`
	one := r.create(oneGroup)
	two, three, four, five := r.create(whole), r.create(oneGroup), r.create(oneGroup), r.create(oneGroup)
	ok(202, "POST", "/v1/batches?name=cohort", `{"groups": [`+oneGroup+`, {"groupName": "empty"}]}`)
	ok(202, "POST", "/v1/batches?name=cohort&allRows=true&region=BR&pool=default&priority=low&autoInvite=false", "["+oneGroup+"]")
	ok(202, "POST", "/v1/batches?name=lines&strict=true", oneGroup+"\n"+oneGroup, "Content-Type: application/x-ndjson")
	ok(202, "POST", "/v1/batches?name=sheet", "name;phones\nA;+5544999999999\n", "Content-Type: text/csv; charset=utf-8")
	ok(200, "POST", "/v1/batches?name=plan&dryRun=true&instance=beta", `{"groups": [`+oneGroup+`, {"groupName": "empty"}]}`)

	ok(200, "GET", "/v1/groups?limit=3&status=queued,failed&status=done&instance=alpha&phone=%2B5544999999999&region=BR&externalRef=deal-812&createdAfter=2026-01-01T00:00:00Z&createdBefore=2099-01-01T00:00:00Z", "")
	ok(200, "GET", "/v1/groups?batchId=cohort", "")
	ok(200, "GET", "/v1/groups/"+two.ID, "")
	ok(200, "GET", "/v1/groups/"+two.ID+"/explain", "")
	ok(200, "GET", "/v1/instances/alpha/explain", "")
	ok(404, "GET", "/v1/instances/unknown/explain", "")
	r.put(two.ID, reviewed)
	ok(200, "POST", "/v1/groups/"+two.ID+"/resolve", `{"action": "adopt", "groupId": "120363000000000001-group"}`)
	r.put(three.ID, reviewed)
	ok(200, "GET", "/v1/groups/"+three.ID, "")
	ok(200, "POST", "/v1/groups/"+three.ID+"/resolve", `{"action": "recreate"}`)
	r.put(four.ID, reviewed)
	ok(200, "POST", "/v1/groups/"+four.ID+"/resolve", `{"action": "abandon"}`)
	six := r.create(oneGroup)
	r.put(six.ID, asking)
	if a := ok(200, "POST", "/v1/groups/"+six.ID+"/joins", `{"phone": "44999999977", "region": "BR", "answer": "approve"}`); !strings.Contains(string(a.body), `"joinRequests":[{"phone":"+5544999999977"`) || !strings.Contains(string(a.body), `"answer":"approve"`) {
		t.Errorf("the group lacks the approved request to join: %s", a.body)
	}
	ok(409, "POST", "/v1/groups/"+six.ID+"/joins", `{"phone": "+5544999999978", "answer": "reject"}`)
	ok(422, "POST", "/v1/groups/"+six.ID+"/joins", `{"phone": "12", "answer": "reject"}`)
	ok(422, "POST", "/v1/groups/"+six.ID+"/joins", `{"phone": "+5544999999977", "answer": "perhaps"}`)
	ok(404, "POST", "/v1/groups/grp_nothing/joins", `{"phone": "+5544999999977", "answer": "reject"}`)
	r.put(five.ID, failed)
	ok(409, "POST", "/v1/groups/"+five.ID+"/members", `{"phones": ["+5544999999992"]}`)
	ok(200, "GET", "/v1/groups/"+five.ID, "")
	ok(200, "POST", "/v1/groups/"+five.ID+"/retry", "")
	added := ok(202, "POST", "/v1/groups/"+one.ID+"/members", `{"phones": ["+5544999999992"], "names": {"+5544999999992": "Bia"}}`)
	if doc := string(added.body); !strings.HasPrefix(doc, `{"id":"`+one.ID+`"`) || !strings.Contains(doc, `"asked":[{"input":"+5544999999992"`) {
		t.Errorf("the answer is not the group %s with the person added: %s", one.ID, doc)
	}
	ok(202, "POST", "/v1/groups/"+one.ID+"/members?dryRun=true&region=BR", `{"phones": ["44999999993"]}`)
	ok(422, "POST", "/v1/groups/"+one.ID+"/members", `{"phones": ["12"]}`)
	ok(422, "POST", "/v1/groups/"+one.ID+"/members", `{"phones": []}`)
	ok(404, "POST", "/v1/groups/grp_nothing/members", `{"phones": ["+5544999999992"]}`)
	ok(200, "PATCH", "/v1/groups/"+one.ID+"?dryRun=true&region=BR&strict=true", `{"groupName": "Turma 13", "addPhones": ["44999999994"], "removePhones": [5544999999992]}`)
	ok(200, "PATCH", "/v1/groups/"+one.ID, `{"groupName": "Turma 13", "addPhones": ["+5544999999994"], "names": {"+5544999999994": "Davi"}, "removePhones": [5544999999992], "autoInvite": true,
		"inviteMessage": "Come: {{.Link}}", "description": "d", "photo": "https://host/logo.jpg", "welcomeMessage": "w", "admins": ["+5544999999994"], "settings": {"onlyAdminsSend": true},
		"notBefore": "2026-01-01T00:00:00Z", "expiresAt": "2099-01-01T00:00:00Z", "metadata": {"owner": "bia"}, "consent": {"source": "form"}}`)
	ok(200, "PATCH", "/v1/groups/"+one.ID, `{"photo": "", "admins": "all", "notBefore": "", "metadata": {}}`)
	ok(422, "PATCH", "/v1/groups/"+one.ID, `{"pool": "default"}`)
	ok(422, "PATCH", "/v1/groups/"+one.ID, `{"notBefore": "tomorrow"}`)
	ok(422, "PATCH", "/v1/groups/"+one.ID, `{"removePhones": ["+5544999999992"]}`)
	ok(409, "PATCH", "/v1/groups/"+two.ID, `{"groupName": "Turma 13"}`)
	ok(404, "PATCH", "/v1/groups/grp_nothing", `{"groupName": "Turma 13"}`)
	ok(200, "POST", "/v1/groups/"+one.ID+"/move", `{"instance": "alpha"}`)
	ok(422, "POST", "/v1/groups/"+one.ID+"/move", `{"instance": "unknown"}`)
	ok(409, "POST", "/v1/groups/"+one.ID+"/move", `{"instance": "alpha"}`)
	ok(200, "POST", "/v1/groups/"+one.ID+"/cancel", "")

	var planned, begun api.Bulk
	a := ok(200, "POST", "/v1/bulk", `{"action": "retry", "filter": {"status": ["cancelled"], "instance": "alpha", "createdAfter": "2026-01-01T00:00:00Z"}, "dryRun": true}`)
	if a.json(t, &planned); planned.Status != "planned" || planned.Done != 2 || planned.Total != 2 || a.header.Get("Location") != "" {
		t.Errorf("got the plan %+v at %q, want 2 of 2 groups and no Location", planned, a.header.Get("Location"))
	}
	a = ok(202, "POST", "/v1/bulk", `{"action": "move", "to": {"instance": "beta"}, "filter": {"pool": "default", "phone": "+5544999999999", "region": "BR"}}`)
	if a.json(t, &begun); a.header.Get("Location") != "/v1/bulk/"+begun.ID || begun.Status != "running" || !begun.Filter.Person || begun.To.Instance != "beta" || strings.Contains(string(a.body), "99999") {
		t.Errorf("got the job %s at %q, want it running, to beta, with its Location and without a number", a.body, a.header.Get("Location"))
	}
	ok(200, "GET", "/v1/bulk?limit=1", "")
	if _, err := r.store.Trail.TakeJob(t.Context(), begun.ID, "w"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Trail.SettleJob(t.Context(), begun.ID, "w", nil, func(j *store.Job) { j.Done, j.DoneAs = 1, map[string]int{"queued": 1} }); err != nil {
		t.Fatal(err)
	}
	if ok(200, "GET", "/v1/bulk/"+begun.ID, "").json(t, &begun); begun.Done != 1 || begun.DoneAs["queued"] != 1 {
		t.Errorf("got the job %+v, want one group that is queued", begun)
	}
	ok(200, "GET", "/v1/bulk/"+begun.ID+"/outcomes?limit=2", "")
	ok(200, "POST", "/v1/bulk/"+begun.ID+"/abort", "")
	for body, code := range map[string]string{
		`{"action": "cancel", "filter": {}}`:                                                                  "matchesEverything",
		`{"action": "cancel", "filter": {"status": ["queued"]}}`:                                              "matchesEverything",
		`{"action": "retry", "filter": {"instance": "alpha", "status": ["failed"], "externalRef": "x"}}`:      "matchesNothing",
		`{"action": "retry", "filter": {"instance": "gamma"}}`:                                                "unknownInstance",
		`{"action": "retry", "filter": {"pool": "gamma"}}`:                                                    "unknownPool",
		`{"action": "cancel", "filter": {"batchId": ""}}`:                                                     "",
		`{"action": "cancel", "filter": {"batchId": "nope"}}`:                                                 "",
		`{"action": "move", "filter": {"status": ["queued"]}}`:                                                "",
		`{"action": "move", "to": {"pool": "x"}, "filter": {}}`:                                               "",
		`{"action": "cancel", "to": {"pool": "default"}, "filter": {}}`:                                       "",
		`{"action": "explode", "filter": {}}`:                                                                 "",
		`{"action": "cancel", "filter": {"instance": "alpha", "createdBefore": "0000-01-01T00:00:00+12:00"}}`: "",
		`{"action": "cancel", "filter": {"instance": "alpha", "createdAfter": "9999-12-31T23:00:00-12:00"}}`:  "",
	} {
		if p := ok(422, "POST", "/v1/bulk", body).problem(t, 422); len(p.Errors) == 0 || code != "" && p.Errors[0].Code != code {
			t.Errorf("%s: got the errors %+v, want one with the code %q", body, p.Errors, code)
		}
	}
	ok(404, "GET", "/v1/bulk/job_none", "")
	ok(404, "GET", "/v1/bulk/job_none/outcomes", "")
	ok(404, "POST", "/v1/bulk/job_none/abort", "")

	ok(200, "POST", "/v1/evidence", `{"phone": "+5544999999999", "region": "BR"}`)
	ok(200, "POST", "/v1/groups/search", `{"phone": 5544999999999, "status": ["queued", "done"], "instance": "alpha", "createdAfter": "2026-01-01T00:00:00Z", "limit": 1}`)
	ok(422, "POST", "/v1/groups/search", `{"phone": "abc"}`)
	ok(422, "POST", "/v1/groups/search", `{"fone": "+5544999999999"}`)
	ok(200, "POST", "/v1/suppressions/remove", `{"phones": ["+5544999999999"]}`)
	ok(422, "POST", "/v1/suppressions/remove", `{"phones": ["abc"]}`)

	ok(200, "GET", "/v1/batches?limit=2", "")
	ok(200, "GET", "/v1/batches/cohort", "")
	ok(200, "GET", "/v1/batches/cohort/export", "")
	ok(200, "GET", "/v1/batches/cohort/export?format=ndjson&only=queued,failed", "")
	ok(200, "GET", "/v1/instances", "")
	ok(200, "POST", "/v1/instances/alpha/pause", `{"reason": "the phone is broken"}`)
	ok(200, "POST", "/v1/instances/beta/pause", "")
	ok(200, "POST", "/v1/instances/alpha/resume", `{"endRest": true}`)
	ok(200, "POST", "/v1/instances/beta/resume", "")
	ok(200, "PUT", "/v1/instances/alpha/pace", `{"create": {"every": "10m", "perDay": 10}, "reason": "a new number"}`)
	ok(200, "DELETE", "/v1/instances/alpha/pace?reason=old+enough", "")
	ok(200, "POST", "/v1/suppressions?region=BR", `{"phones": ["+5544999999999", 5544999999998], "reason": "asked us to stop"}`)
	ok(200, "GET", "/v1/suppressions?limit=1", "")
	ok(200, "DELETE", "/v1/suppressions?phone=%2B5544999999999", "")
	if err := r.store.Outbox.AnnounceReceivers(t.Context(), []store.Receiver{{ID: "r1", Host: "crm.example", Events: []string{"group.*"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Outbox.ClaimNotices(t.Context(), "x", []store.Fact{{Type: "batch.completed", Of: "bat_1", Once: "x", At: time.Now(), Data: []byte("{}")}}); err != nil {
		t.Fatal(err)
	}
	notices, err := r.store.Outbox.Outbox(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	gaveUp := store.Delivery{State: store.DeliveryFailed, Tries: 10, Reason: say.Phrase{Code: say.OutAnswered, N: 500}, Host: "crm.example", First: time.Now(), Last: time.Now()}
	if _, err := r.store.Outbox.SaveDelivery(t.Context(), notices[0].ID, "r1", store.Delivery{}, gaveUp); err != nil {
		t.Fatal(err)
	}
	ok(200, "GET", "/v1/webhooks", "")
	if a := ok(200, "GET", "/v1/webhooks/failures?limit=1", ""); !strings.Contains(string(a.body), notices[0].ID) {
		t.Errorf("the failures lack %s: %s", notices[0].ID, a.body)
	}
	ok(200, "POST", "/v1/webhooks/replay", `{"eventIds": ["`+notices[0].ID+`", "evt_none"], "dryRun": true}`)
	ok(200, "POST", "/v1/webhooks/replay", `{"since": "2026-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "receiver": "r1", "all": true}`)
	ok(200, "POST", "/v1/webhooks/r1/enable", "")
	ok(404, "POST", "/v1/webhooks/r2/enable", "")
	ok(422, "POST", "/v1/webhooks/replay", `{}`)
	ok(422, "GET", "/v1/webhooks/failures?cursor=abc", "")
	ok(200, "GET", "/v1/audit?actor=local&action=group.*&through=api&result=done&since=2026-01-01T00:00:00Z&until=2099-01-01T00:00:00Z&limit=2", "")
	ok(422, "GET", "/v1/audit?action=%5B", "")
	ok(422, "GET", "/v1/audit?action=group.creat", "")
	ok(422, "GET", "/v1/audit?cursor=abc", "")
	ok(200, "GET", "/v1/audit/refusals?source=203.0.113.9&through=api&reason=noKey&since=2026-01-01T00:00:00Z&until=2099-01-01T00:00:00Z&limit=2", "")
	ok(422, "GET", "/v1/audit/refusals?cursor=abc", "")
	ok(200, "GET", "/v1/status", "")
	ok(200, "GET", "/v1/history?days=7", "")
	ok(200, "GET", "/v1/history?instance=alpha", "")
	// An unreadable record is listed and explained, refuses actions, and can be removed.
	lost, shown := r.create(`{"groupName": "Lost", "phones": ["+5511999990077"], "idempotencyKey": "lost"}`), group.Document{}
	r.rdb.Set(t.Context(), "rollcall:{"+lost.ID+"}", "garbage", 0)
	ok(200, "GET", "/v1/groups/"+lost.ID, "").json(t, &shown)
	if shown.Status != group.Unreadable || shown.Error == nil || shown.Error.Code != group.CodeUnreadable {
		t.Errorf("an unreadable record: got %+v, want the status and error code unreadable", shown)
	}
	ok(200, "GET", "/v1/groups/"+lost.ID+"/explain", "")
	ok(409, "POST", "/v1/groups/"+lost.ID+"/cancel", "")
	ok(409, "POST", "/v1/groups/"+lost.ID+"/retry", "")
	if a := ok(200, "GET", "/v1/groups", ""); !strings.Contains(string(a.body), lost.ID) {
		t.Errorf("the list lacks the unreadable record %s", lost.ID)
	}
	if a := ok(200, "GET", "/v1/unreadable", ""); !strings.Contains(string(a.body), lost.ID) {
		t.Errorf("the unreadable records lack %s: %s", lost.ID, a.body)
	}
	ok(200, "GET", "/v1/unreadable/raw?kind=group&id="+lost.ID, "")
	ok(200, "POST", "/v1/unreadable/remove", `{"kind": "group", "id": "`+lost.ID+`", "dryRun": true}`)
	ok(200, "POST", "/v1/unreadable/remove", `{"kind": "group", "id": "`+lost.ID+`"}`)
	ok(404, "POST", "/v1/unreadable/remove", `{"kind": "group", "id": "`+lost.ID+`"}`)
	r.rdb.RPush(t.Context(), "rollcall:key:0102", "garbage") // no record has this claim
	for _, dry := range []string{"true", "false"} {          // a plan is refused where the removal is
		ok(409, "POST", "/v1/unreadable/remove", `{"kind": "request", "id": "0102", "dryRun": `+dry+`}`)
	}
	for _, dry := range []string{"true", "false"} {
		ok(200, "POST", "/v1/unreadable/remove", `{"kind": "request", "id": "0102", "again": true, "dryRun": `+dry+`}`)
	}
	ok(422, "POST", "/v1/groups", `{"groupName": "Lost", "phones": ["+5511999990077"], "idempotencyKey": "lost"}`)
	ok(200, "GET", "/v1/installation", "")
	ok(409, "POST", "/v1/installation/recover", `{"action": "startOver"}`)
	if _, _, _, err := r.store.Attend(t.Context(), false, 0); err != nil {
		t.Fatal(err)
	}
	ok(200, "POST", "/v1/installation/recover", `{"action": "restored"}`)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/docs", "/docs/style.css", "/openapi.json"} {
		ok(200, "GET", path, "")
	}
	for _, f := range r.spec.operations() {
		if name := f.method + " " + f.path; !r.spec.seen[name] && name != "get /v1/events" { // events_test.go calls it
			t.Errorf("this test never calls %s with success", name)
		}
	}
}

func TestDocument_DescribesEveryKeyOfAGroupRequest(t *testing.T) {
	t.Parallel()
	r := setup(t)
	schemas := r.spec.doc["components"].(map[string]any)["schemas"].(map[string]any)
	properties := schemas["GroupRequest"].(map[string]any)["properties"].(map[string]any)
	described := make([]string, 0, len(properties))
	for name := range properties {
		described = append(described, name)
	}
	slices.Sort(described)
	var known []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[tasks.GroupRequest]()) {
		if field.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		known = append(known, name)
	}
	slices.Sort(known)
	if !slices.Equal(described, known) {
		t.Errorf("the document describes %q, want the keys of GroupRequest %q", described, known)
	}
}

func TestDocs_DescribeEverythingAndLoadNothingFromOtherSites(t *testing.T) {
	t.Parallel()
	for _, configure := range []func(*api.Config){func(*api.Config) {}, keyed} {
		r := setup(t, configure)
		docs := r.do("GET", "/docs", "")
		page := string(docs.body)
		for _, f := range r.spec.operations() {
			if !strings.Contains(page, `id="op-`+f.op["operationId"].(string)+`"`) {
				t.Errorf("the page lacks %s %s", f.method, f.path)
			}
		}
		for name := range r.spec.doc["components"].(map[string]any)["schemas"].(map[string]any) {
			if !strings.Contains(page, `id="schema-`+name+`"`) {
				t.Errorf("the page lacks the schema %s", name)
			}
		}
		if !strings.HasPrefix(docs.header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self';") {
			t.Errorf("got the policy %q, want only styles, from this server", docs.header.Get("Content-Security-Policy"))
		}
		for _, foreign := range []string{"<script", "style=", "src=", "onclick"} {
			if strings.Contains(string(docs.body), foreign) {
				t.Errorf("the page holds %q", foreign)
			}
		}
		for _, match := range hrefs.FindAllStringSubmatch(string(docs.body), -1) {
			if path := match[1]; path == "/" { // the page for operators, which this rig does not serve
				continue
			} else if strings.HasPrefix(path, "/") {
				if got := r.do("GET", path, "", "Authorization: Bearer "+keysOf["viewer"]); got.status != http.StatusOK {
					t.Errorf("the link to %s: got %d, want 200", path, got.status)
				}
			} else if !strings.Contains(page, `id="`+strings.TrimPrefix(path, "#")+`"`) {
				t.Errorf("the page lacks the target of its link %s", path)
			}
		}
		p := r.do("GET", "/v1/groups/grp_x", "", "Authorization: Bearer "+keysOf["viewer"]).problem(t, http.StatusNotFound)
		_, anchor, _ := strings.Cut(p.Type, "#")
		if !strings.Contains(page, `id="`+anchor+`"`) {
			t.Errorf("the page lacks the target of the problem's type %s", p.Type)
		}
	}
}

func TestDocument_IsTheSameAtEachStart(t *testing.T) {
	t.Parallel()
	a, b := setup(t).do("GET", "/openapi.json", ""), setup(t).do("GET", "/openapi.json", "")
	if string(a.body) != string(b.body) || !json.Valid(a.body) {
		t.Error("the document is not JSON, or differs between two starts")
	}
}
