package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// planted is the number that plant puts into every text that people and providers fill.
const planted = "5544912345678"

var plantedPattern = regexp.MustCompile(`44\D*9\D*1234\D?5678|9\D?1234\D?5678|SecretLink|Zebedeu`)

// plant creates groups with the number in every field that can hold one, in a batch whose name has it, too.
func (r *rig) plant() group.Document {
	r.t.Helper()
	r.announce("alpha")
	body := `{"groupName": "Call ` + planted + `", "phones": ["+` + planted + `", "(44) 91234-5678x"], "names": {"+` + planted + `": "Zebedeu Planted"}, "instance": "alpha", "externalRef": "ref-` + planted + `",
		"inviteMessage": "Ask +55 44 91234-5678: {{.Link}}", "consent": {"source": "form of ` + planted + `"}, "metadata": {"owner": "` + planted + `", "` + planted + `": 1, "n": ` + planted + `, "id": "` + planted + `", "of": {"nextCursor": "` + planted + `"}}}`
	d := r.create(body)
	r.put(d.ID, func(g *group.Group, now time.Time) {
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		g.InviteLink = "https://chat.whatsapp.com/SecretLink1"
		if err := g.Refused(g.Latest().N, group.Answer{HTTPStatus: 400, Error: say.Words("no such number " + planted)}, now); err != nil {
			r.t.Error(err)
		}
	})
	a := r.do("POST", "/v1/batches?name=batch-of-"+planted, `{"groups": [`+body+`]}`)
	if a.status != http.StatusAccepted {
		r.t.Fatalf("creating the batch: got %d, want 202: %s", a.status, a.body)
	}
	if err := r.store.Presence.NoteError(r.t.Context(), "alpha", say.Words("answer about "+planted), time.Now()); err != nil {
		r.t.Fatal(err)
	}
	return d
}

// reads has, for each operation that reads, the path and the body with which it shows most.
func reads(groupID, jobID string) map[string][]string {
	return map[string][]string{
		"get /v1/groups": {"/v1/groups"}, "post /v1/groups/search": {"/v1/groups/search", `{"phone": "+` + planted + `"}`},
		"get /v1/groups/{id}": {"/v1/groups/" + groupID}, "get /v1/groups/{id}/explain": {"/v1/groups/" + groupID + "/explain"},
		"get /v1/bulk": {"/v1/bulk"}, "get /v1/bulk/{id}": {"/v1/bulk/" + jobID}, "get /v1/bulk/{id}/outcomes": {"/v1/bulk/" + jobID + "/outcomes"},
		"get /v1/batches": {"/v1/batches"}, "get /v1/batches/{id}": {"/v1/batches/batch-of-" + planted},
		"get /v1/batches/{id}/export": {"/v1/batches/batch-of-" + planted + "/export?format=ndjson"},
		"get /v1/instances":           {"/v1/instances"}, "get /v1/instances/{name}/explain": {"/v1/instances/alpha/explain"},
		"get /v1/suppressions": {"/v1/suppressions"}, "get /v1/webhooks": {"/v1/webhooks"}, "get /v1/webhooks/failures": {"/v1/webhooks/failures"},
		"get /v1/status": {"/v1/status"}, "get /v1/history": {"/v1/history?instance=alpha"}, "get /v1/installation": {"/v1/installation"}, "get /v1/unreadable": {"/v1/unreadable"}, "get /metrics": {"/metrics"}, "get /healthz": {"/healthz"}, "get /readyz": {"/readyz"},
		"get /v1/events": nil, // see TestVeil_AViewersEventsHoldNoNumber
	}
}

func TestVeil_AViewerSeesNoNumberAtAnyOperation(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	r.key = keysOf["operator"]
	d := r.plant()
	begun := r.do("POST", "/v1/bulk", `{"action": "retry", "filter": {"externalRef": "ref-`+planted+`", "phone": "+`+planted+`"}}`)
	var job api.Bulk
	begun.json(t, &job)
	if _, err := r.store.Trail.TakeJob(t.Context(), job.ID, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Trail.SettleJob(t.Context(), job.ID, "x", []store.JobOutcome{{ID: d.ID, Outcome: 'd'}}, func(j *store.Job) { j.Filter.Name = "Call " + planted }); err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, f := range r.spec.operations() {
		role, _ := f.op["x-role"].(string)
		if role != "viewer" && role != "public" {
			continue
		}
		name := f.method + " " + f.path
		read, known := reads(d.ID, job.ID)[name]
		if !known {
			t.Errorf("%s is open to a viewer, and this test does not know it: add it to reads", name)
		}
		if read == nil {
			continue
		}
		body := strings.Join(read[1:], "")
		r.key = keysOf["viewer"]
		a := r.do(strings.ToUpper(f.method), read[0], body)
		if a.status != http.StatusOK {
			t.Errorf("%s as a viewer: got %d, want 200: %s", name, a.status, a.body)
		}
		if found := plantedPattern.Find(a.body); found != nil {
			t.Errorf("%s shows a viewer %q: %s", name, found, a.body)
		}
		r.key = keysOf["operator"]
		if plantedPattern.Match(r.do(strings.ToUpper(f.method), read[0], body).body) {
			whole++
		}
	}
	if whole < 6 {
		t.Errorf("an operator sees the number at %d operations, want 6 or more: plant must fill what they show", whole)
	}
	r.key = keysOf["viewer"]
	for _, path := range []string{
		"/v1/batches/batch-of-" + planted + "/export", "/v1/batches/nothing-" + planted, "/v1/groups/" + planted, "/v1/groups?phone=" + planted + "x",
		"/v1/groups?status=" + planted, "/openapi.json", "/docs", "/nothing/" + planted,
	} {
		if a := r.do("GET", path, ""); plantedPattern.Match(a.body) {
			t.Errorf("%s shows a viewer a number: %d %s", path, a.status, a.body)
		}
	}
	if log := r.log.String(); plantedPattern.MatchString(log) {
		t.Errorf("the log holds a number: %s", log)
	}
	for _, e := range r.audited("action=phones.see") {
		if e.Actor == "viewer" {
			t.Errorf("the audit log says that a viewer saw numbers: %+v", e)
		}
	}
}

func TestVeil_AViewersEventsHoldNoNumber(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	r.key = keysOf["operator"]
	r.plant()
	for role, want := range map[string]bool{"viewer": false, "operator": true} {
		seen := false
		r.key = keysOf[role]
		for _, e := range r.listen("0-0").take(3) {
			if found := plantedPattern.FindString(e.data); found != "" {
				seen = true
				if !want {
					t.Errorf("an event shows a viewer %q: %s", found, e.data)
				}
			}
			if !json.Valid([]byte(e.data)) {
				t.Errorf("the event is not JSON: %s", e.data)
			}
		}
		if seen != want {
			t.Errorf("the events show the number to a %s: %v, want %v", role, seen, want)
		}
	}
}

func TestVeil_MasksOnlyNumbersAndLinks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"+5544912345678": "+5544•••••5678",
		"120363000000000001-group of +5544912345678":   "120363000000000001-group of +5544•••••5678",
		"5544912345678-1400000000@g.us":                "5544•••••5678-14••••0000@g.us",
		"https://chat.whatsapp.com/AbC123 and the end": "https://chat.whatsapp.com/… and the end",
		"deal-812 at 2026-11-28T05:02:19Z":             "deal-812 at 2026-11-28T05:02:19Z",
	} {
		if got := api.Veil(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
