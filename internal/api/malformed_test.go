package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// tooBig exceeds the maximum body of one group.
var tooBig = `{"groupName": "` + strings.Repeat("x", 1<<20) + `"}`

func TestMalformed_EachBadRequestIsAProblemAndNeverAServerError(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	id := r.create(oneGroup).ID
	const csv, lines = "Content-Type: text/csv", "Content-Type: application/x-ndjson"
	for _, c := range []struct {
		name               string
		method, path, body string
		status             int
		field              string // of the first error; "" for none
		headers            []string
	}{
		{"not JSON", "POST", "/v1/groups", `nonsense`, 400, "body", nil},
		{"truncated JSON", "POST", "/v1/groups", `{"groupName": "A", "phones": [`, 400, "body", nil},
		{"two documents", "POST", "/v1/groups", oneGroup + oneGroup, 400, "body", nil},
		{"no body", "POST", "/v1/groups", ``, 400, "body", nil},
		{"a list", "POST", "/v1/groups", `[` + oneGroup + `]`, 400, "body", nil},
		{"null", "POST", "/v1/groups", `null`, 400, "body", nil},
		{"a number", "POST", "/v1/groups", `12`, 400, "body", nil},
		{"broken UTF-8", "POST", "/v1/groups", "{\"groupName\": \"A\xff\", \"phones\": [\"5544999999999\"]}", 400, "body", nil},
		{"deep nesting", "POST", "/v1/groups", strings.Repeat("[", 100_000), 400, "body", nil},
		{"no name", "POST", "/v1/groups", `{"phones": ["5544999999999"]}`, 422, "groupName", nil},
		{"no phones", "POST", "/v1/groups", `{"groupName": "A"}`, 422, "phones", nil},
		{"a bad phone", "POST", "/v1/groups", `{"groupName": "A", "phones": ["12345678901234567890"]}`, 422, "phones", nil},
		{"a fraction for a phone", "POST", "/v1/groups", `{"groupName": "A", "phones": [5.5]}`, 422, "phones", nil},
		{"an object for a phone", "POST", "/v1/groups", `{"groupName": "A", "phones": [{}]}`, 422, "phones", nil},
		{"one bad phone in strict mode", "POST", "/v1/groups?strict=true", `{"groupName": "A", "phones": ["5544999999999", "12"]}`, 422, "phones", nil},
		{"a string for a list", "POST", "/v1/groups", `{"groupName": "A", "phones": "5544999999999"}`, 422, "phones", nil},
		{"a number for a name", "POST", "/v1/groups", `{"groupName": 5, "phones": ["5544999999999"]}`, 422, "groupName", nil},
		{"a name too long", "POST", "/v1/groups", `{"groupName": "` + strings.Repeat("ç", 101) + `", "phones": ["5544999999999"]}`, 422, "groupName", nil},
		{"an unknown key", "POST", "/v1/groups", `{"groupName": "A", "phone": ["5544999999999"]}`, 422, "phone", nil},
		{"an unknown priority", "POST", "/v1/groups", `{"groupName": "A", "phones": ["5544999999999"], "priority": "urgent"}`, 422, "priority", nil},
		{"an unknown instance", "POST", "/v1/groups", `{"groupName": "A", "phones": ["5544999999999"], "instance": "5544999999999"}`, 422, "instance", nil},
		{"an unknown pool", "POST", "/v1/groups", `{"groupName": "A", "phones": ["5544999999999"], "pool": "vip"}`, 422, "pool", nil},
		{"instance and pool", "POST", "/v1/groups", `{"groupName": "A", "phones": ["5544999999999"], "instance": "alpha", "pool": "default"}`, 422, "instance", nil},
		{"a bad time", "POST", "/v1/groups", `{"groupName": "A", "phones": ["5544999999999"], "notBefore": "tomorrow"}`, 422, "notBefore", nil},
		{"a time in the past", "POST", "/v1/groups", `{"groupName": "A", "phones": ["5544999999999"], "expiresAt": "2020-01-01T00:00:00Z"}`, 422, "expiresAt", nil},
		{"a bad template", "POST", "/v1/groups", `{"groupName": "A", "phones": ["5544999999999"], "inviteMessage": "{{range 9}}"}`, 422, "inviteMessage", nil},
		{"a bad region", "POST", "/v1/groups?region=XX", oneGroup, 422, "region", nil},
		{"a body too large", "POST", "/v1/groups", tooBig, 413, "", nil},
		{"a form", "POST", "/v1/groups", "groupName=A", 415, "Content-Type", []string{"Content-Type: application/x-www-form-urlencoded"}},
		{"a body without a type", "POST", "/v1/groups", oneGroup, 415, "Content-Type", []string{"Content-Type: "}},
		{"an invalid content type", "POST", "/v1/groups", oneGroup, 415, "Content-Type", []string{"Content-Type: ;;;"}},
		{"a compressed body", "POST", "/v1/groups", oneGroup, 415, "", []string{"Content-Encoding: gzip"}},

		{"a number too large", "PATCH", "/v1/groups/" + id, `{"metadata": {"total": 1e400}}`, 422, "body", nil},
		{"an empty phone in a filter", "POST", "/v1/bulk", `{"action": "retry", "filter": {"phone": "", "status": ["failed"]}}`, 422, "body", nil},
		{"no phone in a filter", "POST", "/v1/bulk", `{"action": "retry", "filter": {"phone": null, "status": ["failed"]}}`, 422, "body", nil},
		{"a number too large in a filter", "POST", "/v1/bulk", `{"action": "cancel", "filter": {"instance": -1e400}}`, 422, "body", nil},
		{"a list of states without end in a filter", "POST", "/v1/bulk", `{"action": "retry", "filter": {"status": ["failed"` + strings.Repeat(`, "failed"`, 80_000) + `]}}`, 422, "filter.status", nil},
		{"a long reference in a filter", "POST", "/v1/bulk", `{"action": "cancel", "filter": {"externalRef": "` + strings.Repeat("x", 256) + `"}}`, 422, "filter.externalRef", nil},
		{"a long instance in a filter", "POST", "/v1/bulk", `{"action": "cancel", "filter": {"instance": "` + strings.Repeat("x", 41) + `"}}`, 422, "filter.instance", nil},
		{"a long pool in a filter", "POST", "/v1/bulk", `{"action": "cancel", "filter": {"pool": "` + strings.Repeat("x", 41) + `"}}`, 422, "filter.pool", nil},
		{"a long batch in a filter", "POST", "/v1/bulk", `{"action": "cancel", "filter": {"batchId": "` + strings.Repeat("x", 256) + `"}}`, 422, "filter.batchId", nil},
		{"a long fault in a filter", "POST", "/v1/bulk", `{"action": "cancel", "filter": {"fault": "` + strings.Repeat("x", 256) + `"}}`, 422, "filter.fault", nil},
		{"a list of states without end in a search", "POST", "/v1/groups/search", `{"status": ["failed"` + strings.Repeat(`, "failed"`, 80_000) + `]}`, 422, "status", nil},
		{"a long reference in a search", "POST", "/v1/groups/search", `{"externalRef": "` + strings.Repeat("x", 256) + `"}`, 422, "externalRef", nil},
		{"a long reference in a list", "GET", "/v1/groups?externalRef=" + strings.Repeat("x", 256), "", 422, "externalRef", nil},
		{"a truncated edit", "PATCH", "/v1/groups/" + id, `{"metadata": {`, 400, "body", nil},

		{"an unknown path", "GET", "/v1/nothing", "", 404, "", nil},
		{"a path with a trailing slash", "GET", "/v1/groups/", "", 404, "", nil},
		{"an unknown method", "PATCH", "/v1/groups", oneGroup, 405, "", nil},
		{"an invented method", "BREW", "/v1/groups", "", 405, "", nil},
		{"no such group", "GET", "/v1/groups/grp_nothing", "", 404, "", nil},
		{"a phone for an id", "GET", "/v1/groups/5544999999999", "", 404, "", nil},
		{"a dry run of a cancel", "POST", "/v1/groups/" + id + "/cancel", `{"dryRun": true}`, 422, "body", nil},
		{"a list for a retry", "POST", "/v1/groups/" + id + "/retry", `[1]`, 422, "body", nil},
		{"an unknown key for an abort", "POST", "/v1/bulk/job_1/abort", `{"reason": "x"}`, 422, "body", nil},
		{"an unknown key to enable a webhook", "POST", "/v1/webhooks/x/enable", `{"reason": "x"}`, 422, "body", nil},
		{"a body for a pace to reset", "DELETE", "/v1/instances/alpha/pace", `{"create": {"every": "2h"}}`, 422, "body", nil},
		{"the phones to remove in the body", "DELETE", "/v1/suppressions?phone=%2B5544999999999", `{"phones": ["+5544999999998"]}`, 422, "body", nil},
		{"an empty object for a cancel", "POST", "/v1/groups/grp_nothing/cancel", ` {} `, 404, "", nil},
		{"null for a cancel", "POST", "/v1/groups/grp_nothing/cancel", `null`, 404, "", nil},
		{"no such group to cancel", "POST", "/v1/groups/grp_nothing/cancel", "", 404, "", nil},
		{"an unknown action", "POST", "/v1/groups/" + id + "/resolve", `{"action": "explode"}`, 422, "action", nil},
		{"no action", "POST", "/v1/groups/" + id + "/resolve", `{}`, 422, "action", nil},
		{"no resolution", "POST", "/v1/groups/" + id + "/resolve", ``, 400, "", nil},
		{"a list for a resolution", "POST", "/v1/groups/" + id + "/resolve", `[]`, 422, "body", nil},
		{"adopting without a group id", "POST", "/v1/groups/" + id + "/resolve", `{"action": "adopt"}`, 422, "groupId", nil},

		{"a limit of zero", "GET", "/v1/groups?limit=0", "", 422, "limit", nil},
		{"a limit above the maximum", "GET", "/v1/groups?limit=501", "", 422, "limit", nil},
		{"a limit that is a word", "GET", "/v1/groups?limit=all", "", 422, "limit", nil},
		{"a limit that overflows", "GET", "/v1/groups?limit=99999999999999999999", "", 422, "limit", nil},
		{"two limits", "GET", "/v1/groups?limit=1&limit=2", "", 422, "limit", nil},
		{"an unknown parameter", "GET", "/v1/groups?state=done", "", 422, "state", nil},
		{"an unknown status", "GET", "/v1/groups?status=finished", "", 422, "status", nil},
		{"an unknown cursor", "GET", "/v1/groups?cursor=abc", "", 422, "cursor", nil},
		{"a cursor of another list", "GET", "/v1/batches?cursor=Z3JwXzE", "", 422, "cursor", nil},
		{"a cursor for suppressions", "GET", "/v1/suppressions?cursor=abc", "", 422, "cursor", nil},
		{"an invalid phone", "GET", "/v1/groups?phone=12345678901234567890", "", 422, "phone", nil},
		{"an invalid time", "GET", "/v1/groups?createdAfter=yesterday", "", 422, "createdAfter", nil},
		{"a broken escape", "GET", "/v1/groups?phone=%zz", "", 400, "", nil},

		{"a batch of a form", "POST", "/v1/batches?name=x", "a=b", 415, "Content-Type", []string{"Content-Type: application/x-www-form-urlencoded"}},
		{"a batch without a type", "POST", "/v1/batches?name=x", oneGroup, 415, "Content-Type", []string{"Content-Type: "}},
		{"a batch that is not JSON", "POST", "/v1/batches?name=x", "nonsense", 422, "body", nil},
		{"a batch without groups", "POST", "/v1/batches?name=x", `{"groups": []}`, 422, "body", nil},
		{"a batch whose groups are not a list", "POST", "/v1/batches?name=x", `{"groups": 5}`, 422, "body", nil},
		{"a batch without a body or a type", "POST", "/v1/batches?name=x", "", 415, "Content-Type", nil},
		{"a sheet without a known column", "POST", "/v1/batches?name=x", "a;b\n1;2\n", 422, "body", []string{csv}},
		{"an empty sheet", "POST", "/v1/batches?name=x", "name;phones\n", 422, "body", []string{csv}},
		{"a batch with a bad name", "POST", "/v1/batches?name=bat_1", oneGroup, 422, "name", []string{lines}},
		{"a batch with too long a name", "POST", "/v1/batches?name=" + strings.Repeat("n", 201), oneGroup, 422, "name", []string{lines}},
		{"a batch for an unknown instance", "POST", "/v1/batches?name=x&instance=unknown", oneGroup, 422, "instance", []string{lines}},
		{"a batch for an instance and a pool", "POST", "/v1/batches?name=x&instance=alpha&pool=default", oneGroup, 422, "pool", []string{lines}},
		{"a dryRun that is not a boolean", "POST", "/v1/batches?name=x&dryRun=maybe", oneGroup, 422, "dryRun", []string{lines}},
		{"no such batch", "GET", "/v1/batches/bat_nothing", "", 404, "", nil},
		{"no such batch to export", "GET", "/v1/batches/nothing/export", "", 404, "", nil},
		{"an unknown format", "GET", "/v1/batches/nothing/export?format=xlsx", "", 422, "format", nil},

		{"the history of an unknown instance", "GET", "/v1/history?instance=nothing", "", 404, "", nil},
		{"more days than the maximum", "GET", "/v1/history?days=91", "", 422, "days", nil},
		{"no such instance", "POST", "/v1/instances/unknown/pause", "", 404, "", nil},
		{"a quicker pace than configured", "PUT", "/v1/instances/alpha/pace", `{"create": {"every": "59s"}}`, 422, "create.every", nil},
		{"an empty pace", "PUT", "/v1/instances/alpha/pace", `{}`, 422, "body", nil},
		{"a pace in words", "PUT", "/v1/instances/alpha/pace", `{"invite": {"every": "slowly"}}`, 422, "invite.every", nil},
		{"an interval above the maximum", "PUT", "/v1/instances/alpha/pace", `{"invite": {"every": "100000h"}}`, 422, "invite.every", nil},
		{"a cap of zero a day", "PUT", "/v1/instances/alpha/pace", `{"create": {"perDay": 0}}`, 422, "create.perDay", nil},
		{"the pace of an unknown instance", "PUT", "/v1/instances/unknown/pace", `{"create": {"every": "10m"}}`, 404, "", nil},
		{"a pause with an unknown key", "POST", "/v1/instances/alpha/pause", `{"why": "x"}`, 422, "why", nil},
		{"a pause until a time in the past", "POST", "/v1/instances/alpha/pause", `{"until": "2020-12-01T08:00"}`, 422, "until", nil},
		{"a pause with two ends", "POST", "/v1/instances/alpha/pause", `{"for": "2h", "until": "2126-12-01T08:00"}`, 422, "until", nil},
		{"a pace for a negative time", "PUT", "/v1/instances/alpha/pace", `{"create": {"every": "2h"}, "for": "-1h"}`, 422, "for", nil},
		{"a pause with a list as its reason", "POST", "/v1/instances/alpha/pause", `{"reason": []}`, 422, "reason", nil},
		{"no phone to suppress", "POST", "/v1/suppressions", `{"phones": []}`, 422, "phones", nil},
		{"suppressing a string for a list", "POST", "/v1/suppressions", `{"phones": "5544999999999"}`, 422, "phones", nil},
		{"suppressing a bad number", "POST", "/v1/suppressions", `{"phones": ["12345678901234567890"]}`, 422, "phones[0]", nil},
		{"suppressing a LID", "POST", "/v1/suppressions", `{"phones": ["123456789012345@lid"]}`, 422, "phones[0]", nil},
		{"removing no phone", "DELETE", "/v1/suppressions", "", 422, "phone", nil},
		{"an event id of the wrong form", "GET", "/v1/events", "", 422, "Last-Event-ID", []string{"Last-Event-ID: yesterday"}},
	} {
		a := r.do(c.method, c.path, c.body, c.headers...)
		if a.status != c.status {
			t.Errorf("%s: got %d, want %d: %s", c.name, a.status, c.status, a.body)
			continue
		}
		p := a.problem(t, c.status)
		got := ""
		if len(p.Errors) > 0 {
			got = p.Errors[0].Field
		}
		if got != c.field {
			t.Errorf("%s: got the field %q, want %q: %s", c.name, got, c.field, a.body)
		}
		if strings.HasSuffix(p.Detail, "..") {
			t.Errorf("%s: the problem ends in two dots: %s", c.name, p.Detail)
		}
		for _, number := range []string{"5544999999999", "12345678901234567890"} {
			if strings.Contains(string(a.body), number) {
				t.Errorf("%s: the problem shows a number: %s", c.name, a.body)
			}
		}
	}
	p := r.do("POST", "/v1/groups", `{"groupName": "", "priority": "soon", "phones": ["12"]}`).problem(t, http.StatusUnprocessableEntity)
	var fields []string
	for _, fault := range p.Errors {
		fields = append(fields, fault.Field+" "+fault.Code)
	}
	if want := []string{"groupName noName", "priority badField", "phones badPhone"}; !slices.Equal(fields, want) || !strings.Contains(p.Detail, "3 faults") {
		t.Errorf("three faults: got %q and %q, want %q", p.Detail, fields, want)
	}
	if a := r.do("PUT", "/v1/groups", ""); a.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("PUT /v1/groups: got Allow %q, want GET, HEAD, POST", a.header.Get("Allow"))
	}
	if a := r.do("HEAD", "/v1/status", ""); a.status != http.StatusOK || len(a.body) != 0 {
		t.Errorf("HEAD /v1/status: got %d, want 200 without a body: %s", a.status, a.body)
	}
	if strings.Contains(r.log.String(), "5544999999999") {
		t.Error("the log shows a number")
	}
}
