package api_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
)

// bindings are the limits of the tests' keys, by name. The groups, batches and jobs of the tests belong to pool a.
var bindings = map[string]auth.Bound{
	"unbound": {}, "own": {Pools: []string{"a"}}, "other": {Pools: []string{"b"}}, "create": {OnlyCreate: true},
}

func keyFor(role, binding string) string { return "rck_" + role + "_" + binding }

// bound gives the API a key for each role and binding.
func bound(c *api.Config) {
	for binding, b := range bindings {
		for _, role := range []auth.Role{auth.Viewer, auth.Operator, auth.Admin} {
			c.Auth.Keys = append(c.Auth.Keys, auth.Key{
				Name: role.String() + "-" + binding, Hash: sha256.Sum256([]byte(keyFor(role.String(), binding))), Role: role, Bound: b,
			})
		}
	}
}

// tenants sets up an API with an instance in each of the pools a and b.
func tenants(t *testing.T) *rig {
	t.Helper()
	r := setup(t, bound)
	for name, pool := range map[string]string{"alpha": "a", "beta": "b"} {
		if err := r.store.Presence.Announce(t.Context(), []store.Announcement{{
			Name: name, Provider: "zapi", Pools: []string{pool}, SeenAt: time.Now(), Create: pacing.Pace{Every: time.Minute},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.store.Presence.Beat(t.Context(), store.Worker{ID: "w1", Host: "h", StartedAt: time.Now(), Lanes: 2}); err != nil {
		t.Fatal(err)
	}
	return r
}

// as makes the rig send the key of a role and binding.
func (r *rig) as(role, binding string) *rig {
	r.key = keyFor(role, binding)
	return r
}

// How an operation answers a key that is bound to pools.
const (
	public  = "public"  // as any request: it needs no key
	inPools = "inPools" // allowed; the key sees only its pools
	thing   = "thing"   // as inPools, and 404 for a group, batch, job or instance of another pool
	whole   = "whole"   // refused: the operation concerns the whole installation
)

// matrix has every operation: the role that it requires, how it answers a bound key, and whether it allows a key
// that only creates.
var matrix = map[string]struct {
	role, bound string
	creates     bool
}{
	"post /v1/groups": {"operator", inPools, true}, "get /v1/groups": {"viewer", inPools, false}, "post /v1/groups/search": {"viewer", inPools, false},
	"get /v1/groups/{id}": {"viewer", thing, false}, "get /v1/groups/{id}/explain": {"viewer", thing, false},
	"post /v1/groups/{id}/cancel": {"operator", thing, false}, "post /v1/groups/{id}/retry": {"operator", thing, false},
	"post /v1/groups/{id}/resolve": {"operator", thing, false}, "post /v1/groups/{id}/move": {"operator", thing, false}, "post /v1/groups/{id}/members": {"operator", thing, false}, "post /v1/groups/{id}/joins": {"operator", thing, false}, "patch /v1/groups/{id}": {"operator", thing, false},
	"post /v1/batches": {"operator", inPools, true}, "get /v1/batches": {"viewer", inPools, false},
	"get /v1/batches/{id}": {"viewer", thing, false}, "get /v1/batches/{id}/export": {"viewer", thing, false},
	"get /v1/instances": {"viewer", inPools, false}, "get /v1/instances/{name}/explain": {"viewer", thing, false},
	"post /v1/instances/{name}/pause": {"operator", thing, false}, "post /v1/instances/{name}/resume": {"operator", thing, false},
	"put /v1/instances/{name}/pace": {"operator", thing, false}, "delete /v1/instances/{name}/pace": {"operator", thing, false},
	"get /v1/suppressions": {"viewer", whole, false}, "post /v1/suppressions": {"operator", inPools, false},
	"delete /v1/suppressions": {"operator", whole, false}, "post /v1/suppressions/remove": {"operator", whole, false}, "post /v1/evidence": {"operator", inPools, false},
	"get /v1/webhooks": {"viewer", whole, false}, "get /v1/webhooks/failures": {"viewer", whole, false},
	"post /v1/webhooks/replay": {"operator", whole, false}, "post /v1/webhooks/{id}/enable": {"operator", whole, false},
	"get /v1/audit": {"admin", whole, false}, "get /v1/audit/refusals": {"admin", whole, false},
	"get /v1/unreadable": {"viewer", whole, false}, "get /v1/unreadable/raw": {"admin", whole, false}, "post /v1/unreadable/remove": {"admin", whole, false},
	"get /v1/installation": {"viewer", whole, false}, "post /v1/installation/recover": {"admin", whole, false},
	"post /v1/bulk": {"operator", inPools, false}, "get /v1/bulk": {"viewer", inPools, false}, "get /v1/bulk/{id}": {"viewer", thing, false},
	"get /v1/bulk/{id}/outcomes": {"viewer", thing, false}, "post /v1/bulk/{id}/abort": {"operator", thing, false},
	"get /v1/status": {"viewer", inPools, false}, "get /v1/history": {"viewer", inPools, false}, "get /v1/events": {"viewer", inPools, false},
	"get /metrics": {"viewer", whole, false}, "get /healthz": {"public", public, true}, "get /readyz": {"public", public, true},
}

// bodies are valid request bodies, so that an operation goes on to look up the thing in its path.
var bodies = map[string]string{
	"post /v1/groups/{id}/members": `{"phones": ["+5544999999992"]}`, "post /v1/groups/{id}/move": `{"pool": "a"}`, "post /v1/groups/{id}/resolve": `{"action": "abandon"}`,
	"post /v1/groups/{id}/joins": `{"phone": "+5544999999992", "answer": "approve"}`, "put /v1/instances/{name}/pace": `{"create": {"every": "10m"}}`,
	"patch /v1/groups/{id}": `{"groupName": "B"}`,
}

func TestBoundKeys_EveryOperationAnswersAsTheMatrixSays(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	r.as("admin", "unbound")
	id := r.create(`{"groupName": "A", "phones": ["+5544999999999"], "pool": "a"}`).ID
	if a := r.do("POST", "/v1/batches?name=cohort&pool=a", `[`+oneGroup+`]`); a.status != http.StatusAccepted {
		t.Fatalf("creating the batch: got %d, want 202: %s", a.status, a.body)
	}
	job := read[api.Bulk](r, "own", "POST", "/v1/bulk", `{"action": "cancel", "filter": {"status": ["queued"], "batchId": "cohort"}}`).ID
	ranks := map[string]int{"public": 0, "viewer": 1, "operator": 2, "admin": 3}
	operations := r.spec.operations()
	if len(operations) != len(matrix) {
		t.Errorf("the document has %d operations, the matrix %d", len(operations), len(matrix))
	}
	for _, f := range operations {
		name := f.method + " " + f.path
		want, known := matrix[name]
		if !known {
			t.Errorf("%s is not in the matrix", name)
			continue
		}
		named := id
		switch {
		case strings.HasPrefix(f.path, "/v1/batches/"):
			named = "cohort"
		case strings.HasPrefix(f.path, "/v1/bulk/"):
			named = job
		}
		path := strings.NewReplacer("{id}", named, "{name}", "alpha").Replace(f.path)
		for _, role := range []string{"viewer", "operator", "admin"} {
			for binding := range bindings {
				expect := "allowed"
				switch {
				case ranks[role] < ranks[want.role], binding == "create" && !want.creates:
					expect = "refused"
				case (binding == "own" || binding == "other") && want.bound == whole:
					expect = "refused"
				case binding == "other" && want.bound == thing:
					expect = "invisible"
				}
				a := r.as(role, binding).do(strings.ToUpper(f.method), path, bodies[name], "Last-Event-ID: none")
				got := "allowed"
				switch {
				case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
					got = "refused"
				case a.status == http.StatusNotFound && want.bound == thing:
					got = "invisible"
				}
				if got != expect {
					t.Errorf("%s as %s, %s: got %s (%d %s), want %s", name, role, binding, got, a.status, a.body, expect)
				}
			}
		}
	}
}

// read sends a request as an operator with a binding, and returns the decoded answer.
func read[T any](r *rig, binding, method, path, body string) (to T) {
	r.t.Helper()
	a := r.as("operator", binding).do(method, path, body)
	if a.status >= 300 {
		r.t.Fatalf("%s %s as %s: got %d, want success: %s", method, path, binding, a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &to); err != nil {
		r.t.Fatal(err)
	}
	return to
}

func TestBoundKeys_TheirBulkJobsChangeOnlyTheirPools(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	r.as("operator", "unbound")
	if a := r.do("POST", "/v1/batches?name=mixed", `[{"groupName": "A1", "phones": ["+5544999999991"], "pool": "a"}, {"groupName": "A2", "phones": ["+5544999999991"], "pool": "a"},
		{"groupName": "B1", "phones": ["+5544999999991"], "pool": "b"}]`); a.status != http.StatusAccepted {
		t.Fatalf("creating the batch: got %d, want 202: %s", a.status, a.body)
	}
	const ofBatch = `{"action": "cancel", "filter": {"batchId": "mixed"}, "dryRun": true}`
	for binding, want := range map[string]int{"unbound": 3, "own": 2, "other": 1} {
		if plan := read[api.Bulk](r, binding, "POST", "/v1/bulk", ofBatch); plan.Total != want || plan.Done != want {
			t.Errorf("as %s the job would cancel %d of %d groups, want %d of %d", binding, plan.Done, plan.Total, want, want)
		}
	}
	begun := read[api.Bulk](r, "own", "POST", "/v1/bulk", strings.Replace(ofBatch, "true", "false", 1))
	if begun.Total != 2 || !slices.Equal(begun.Filter.Pools, []string{"a"}) {
		t.Errorf("the job has %d groups of the pools %v, want 2 of a", begun.Total, begun.Filter.Pools)
	}
	whole := read[api.Bulk](r, "unbound", "POST", "/v1/bulk", strings.Replace(ofBatch, "true", "false", 1))
	for binding, want := range map[string][]string{"unbound": {whole.ID, begun.ID}, "own": {begun.ID}, "other": nil} {
		var got []string
		for _, j := range read[struct{ Items []api.Bulk }](r, binding, "GET", "/v1/bulk", "").Items {
			got = append(got, j.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("as %s the jobs are %v, want %v", binding, got, want)
		}
	}
	for body, want := range map[string]string{
		`{"action": "cancel", "filter": {}}`:                                          "every group that the action can change",
		`{"action": "cancel", "filter": {"pool": "b"}}`:                               "This key is bound to the pools a.",
		`{"action": "move", "filter": {"batchId": "mixed"}, "to": {"pool": "b"}}`:     "Set pool to one of: a",
		`{"action": "move", "filter": {"batchId": "mixed"}, "to": {"instance": "x"}}`: "asks pools for groups, not instances",
	} {
		if a := r.as("operator", "own").do("POST", "/v1/bulk", body); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), want) {
			t.Errorf("%s: got %d, want 422 with %q: %s", body, a.status, want, a.body)
		}
	}
}

// names returns the sorted names of a page's groups, separated by spaces.
func (p groupPage) names() string {
	var all []string
	for _, d := range p.Items {
		all = append(all, d.GroupName)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestBoundKeys_SeeOnlyWhatIsOfTheirPools(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	r.as("operator", "unbound")
	rows := `[{"groupName": "A1", "phones": ["+5544999999991"], "pool": "a", "externalRef": "x"}, {"groupName": "A2", "phones": ["+5544999999991"], "pool": "a"},
		{"groupName": "B1", "phones": ["+5544999999991"], "pool": "b", "externalRef": "x"}, {"groupName": "bad"}]`
	if a := r.do("POST", "/v1/batches?name=mixed", rows); a.status != http.StatusAccepted {
		t.Fatalf("creating the batch: got %d, want 202: %s", a.status, a.body)
	}
	r.create(`{"groupName": "C", "phones": ["+5544999999991"], "instance": "alpha"}`)
	all := read[groupPage](r, "unbound", "GET", "/v1/groups", "")
	for _, d := range all.Items { // as if alpha had begun them: they stay in their pools
		if d.GroupName == "A2" || d.GroupName == "B1" {
			r.put(d.ID, failed)
			r.put(d.ID, func(g *group.Group, _ time.Time) { g.Instance = "alpha" })
		}
	}
	for _, c := range []struct{ method, path, body, all, own, other string }{
		{"GET", "/v1/groups", "", "A1 A2 B1 C", "A1 A2", "B1"},
		{"GET", "/v1/groups?status=failed", "", "A2 B1", "A2", "B1"},
		{"GET", "/v1/groups?status=queued", "", "A1 C", "A1", ""},
		{"GET", "/v1/groups?instance=alpha", "", "A2 B1 C", "A2", "B1"},
		{"GET", "/v1/groups?batchId=mixed", "", "A1 A2 B1", "A1 A2", "B1"},
		{"GET", "/v1/groups?externalRef=x", "", "A1 B1", "A1", "B1"},
		{"GET", "/v1/groups?phone=%2B5544999999991", "", "A1 A2 B1 C", "A1 A2", "B1"},
		{"POST", "/v1/groups/search", `{"phone": "+5544999999991"}`, "A1 A2 B1 C", "A1 A2", "B1"},
	} {
		for binding, want := range map[string]string{"unbound": c.all, "own": c.own, "other": c.other} {
			if got := read[groupPage](r, binding, c.method, c.path, c.body).names(); got != want {
				t.Errorf("%s %s as %s: got %q, want %q", c.method, c.path, binding, got, want)
			}
		}
	}
	for binding, want := range map[string][4]int{"unbound": {3, 1, 2, 1}, "own": {2, 1, 1, 0}, "other": {1, 0, 1, 0}} {
		b := read[group.BatchDocument](r, binding, "GET", "/v1/batches/mixed", "")
		if got := [4]int{b.Total, b.Counts[group.Queued], b.Counts[group.Failed], b.InvalidRows}; got != want {
			t.Errorf("the batch as %s: got total, queued, failed and invalid %v, want %v", binding, got, want)
		}
		page := read[struct{ Items []group.BatchDocument }](r, binding, "GET", "/v1/batches", "")
		if len(page.Items) != 1 || page.Items[0].Total != want[0] {
			t.Errorf("the batches as %s: got %+v, want one with %d groups", binding, page.Items, want[0])
		}
		s := read[view.Document](r, binding, "GET", "/v1/status", "")
		if got := [2]int{s.Groups[group.Queued], s.Groups[group.Failed]}; binding != "unbound" && got != [2]int{want[1], want[2]} {
			t.Errorf("the status as %s: got queued and failed %v, want %v", binding, got, want[1:3])
		}
		if n := s.Groups[group.Queued]; binding == "unbound" && n != 2 {
			t.Errorf("the status as unbound: got %d queued groups, want 2", n)
		}
		if binding != "unbound" && (len(s.Instances) != 1 || len(s.Workers) != 0 || len(s.Batches) != 1 || s.Batches[0].Total != want[0]) {
			t.Errorf("the status as %s: got %+v, want one instance, no worker, and one batch of %d groups", binding, s, want[0])
		}
	}
	instances := read[struct{ Items []view.Instance }](r, "own", "GET", "/v1/instances", "")
	if len(instances.Items) != 1 || instances.Items[0].Name != "alpha" || instances.Items[0].Alone != 0 || instances.Items[0].Queued.Create != 1 {
		t.Errorf("the instances as own: got %+v, want alpha with 1 queued create, none of it for alpha alone", instances.Items)
	}
	if e := read[view.Evidence](r, "own", "POST", "/v1/evidence", `{"phone": "+5544999999991"}`); len(e.Groups) != 2 {
		t.Errorf("the evidence as own: got %d groups, want 2", len(e.Groups))
	}
	for binding, want := range map[string]string{"own": "A1 A2", "other": "B1"} {
		text := string(r.as("operator", binding).do("GET", "/v1/batches/mixed/export", "").body)
		for _, name := range []string{"A1", "A2", "B1"} {
			if strings.Contains(text, name) != strings.Contains(want, name) {
				t.Errorf("the export as %s holds or lacks %s, want only %s: %s", binding, name, want, text)
			}
		}
	}
}

// The keys share the names of batches.
func TestBoundKeys_NoRunReplacesInvalidRowsOfAnotherPool(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	const person, nameless = `{"groupName": "A", "phones": ["+5544999999991"]}`, `{"phones": ["+5544999999991"]}`
	for i, run := range []struct {
		binding, rows string
		want          map[string]int
	}{
		{"own", person + nameless + nameless, map[string]int{"own": 2, "other": 404, "unbound": 2}},
		{"other", person, map[string]int{"own": 2, "other": 404, "unbound": 3}}, // its name is taken
		{"other", `{"groupName": "B", "phones": ["+5544999999991"]}` + nameless, map[string]int{"own": 2, "other": 1, "unbound": 3}},
		{"unbound", `{"groupName": "C", "phones": ["+5544999999995"], "pool": "a"}`, map[string]int{"own": 2, "other": 1, "unbound": 3}},
		{"own", person, map[string]int{"own": 0, "other": 1, "unbound": 1}},
	} {
		a := r.as("operator", run.binding).do("POST", "/v1/batches?name=shared", strings.ReplaceAll(run.rows, "}{", "}\n{"), "Content-Type: application/x-ndjson")
		if a.status != http.StatusAccepted {
			t.Fatalf("run %d: got %d, want 202: %s", i+1, a.status, a.body)
		}
		for binding, want := range run.want {
			shown := r.as("viewer", binding).do("GET", "/v1/batches/shared", "")
			var b group.BatchDocument
			_ = json.Unmarshal(shown.body, &b)
			if got := b.InvalidRows; want == http.StatusNotFound && shown.status != want || want < 400 && (shown.status != http.StatusOK || got != want || (got > 0) != (b.Worst == "partly")) {
				t.Errorf("after run %d, of %s, %s sees: %d %s, want %d invalid rows", i+1, run.binding, binding, shown.status, shown.body, want)
			}
		}
	}
}

// A run that adds no group tells nothing of a batch that only other pools have groups in.
func TestBoundKeys_ACreateTellsNoBatchOfAnotherPool(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	type answer struct {
		BatchID  string
		Warnings []struct{ Code string }
	}
	const a, b = `[{"groupName": "A", "phones": ["+5544999999991"]}]`, `[{"groupName": "B", "phones": ["+5544999999992"]}]`
	theirs := read[answer](r, "own", "POST", "/v1/batches?name=shared", a)
	if got := read[answer](r, "other", "POST", "/v1/batches?name=shared", a); theirs.BatchID == "" || got.BatchID != "" {
		t.Errorf("a taken name: got batch %q, want none", got.BatchID)
	}
	for _, d := range read[groupPage](r, "own", "GET", "/v1/groups", "").Items {
		r.put(d.ID, failed)
	}
	for _, path := range []string{"/v1/batches?name=shared&dryRun=true", "/v1/batches?name=shared"} {
		got := read[answer](r, "other", "POST", path, b)
		if len(got.Warnings) != 0 || got.BatchID == theirs.BatchID {
			t.Errorf("%s: got %+v, want nothing of batch %s, which has ended", path, got, theirs.BatchID)
		}
	}
}

// Most batches have the name api, which createBatch gives to those that have none.
func TestBoundKeys_ANameIsThatOfTheirLatestBatch(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	ids := map[string]string{} // by the binding that may not see it
	for binding, name := range map[string]string{"own": "A", "other": "B"} {
		b := r.as("operator", binding).do("POST", "/v1/batches", `[{"groupName": "`+name+`", "phones": ["+5544999999991"]}]`).batch(t)
		ids[map[string]string{"own": "other", "other": "own"}[binding]] = b.BatchID
		for _, d := range read[groupPage](r, binding, "GET", "/v1/groups?batchId="+b.BatchID, "").Items {
			if a := r.as("operator", binding).do("POST", "/v1/groups/"+d.ID+"/cancel", ""); a.status != http.StatusOK { // the batch ends
				t.Fatalf("cancelling: got %d, want 200: %s", a.status, a.body)
			}
		}
	}
	for binding, want := range map[string]string{"own": "A", "other": "B"} {
		if b := r.as("operator", binding).do("GET", "/v1/batches/"+ids[binding], ""); b.status != http.StatusNotFound {
			t.Errorf("the other's batch by its id as %s: got %d, want 404: %s", binding, b.status, b.body)
		}
		if b := r.as("operator", binding).do("GET", "/v1/batches/api", ""); b.status != http.StatusOK {
			t.Errorf("the batch as %s: got %d, want 200: %s", binding, b.status, b.body)
		}
		if got := read[groupPage](r, binding, "GET", "/v1/groups?batchId=api", "").names(); got != want {
			t.Errorf("the groups as %s: got %q, want %q", binding, got, want)
		}
		if a := r.as("operator", binding).do("GET", "/v1/batches/api/export?format=ndjson", ""); a.status != http.StatusOK || !strings.Contains(string(a.body), `"groupName":"`+want+`"`) {
			t.Errorf("the export as %s: got %d without the group %s: %s", binding, a.status, want, a.body)
		}
		if plan := read[api.Bulk](r, binding, "POST", "/v1/bulk", `{"action": "retry", "filter": {"batchId": "api"}, "dryRun": true}`); plan.Done != 1 {
			t.Errorf("a retry as %s would change %d groups, want 1", binding, plan.Done)
		}
	}
}

func TestBoundKeys_HistoryCountsOnlyTheirPools(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	r.as("operator", "unbound")
	if a := r.do("POST", "/v1/batches?name=mixed", `[{"groupName": "A", "phones": ["+5544999999991"], "pool": "a"}, {"groupName": "B", "phones": ["+5544999999991"], "pool": "b"}]`); a.status != http.StatusAccepted {
		t.Fatalf("creating the batch: got %d, want 202: %s", a.status, a.body)
	}
	r.create(`{"groupName": "C", "phones": ["+5544999999991"], "instance": "alpha"}`)
	for _, d := range read[groupPage](r, "unbound", "GET", "/v1/groups", "").Items {
		if d.GroupName != "B" {
			r.put(d.ID, func(g *group.Group, _ time.Time) { g.Instance = "alpha" })
		}
		r.put(d.ID, failed)
	}
	for binding, want := range map[string][3]int{"unbound": {3, 2, 0}, "own": {1, 2, -1}, "other": {1, -1, 0}} {
		for n, path := range []string{"/v1/history?days=1", "/v1/history?days=1&instance=alpha", "/v1/history?days=1&instance=beta"} {
			if want[n] < 0 {
				r.as("viewer", binding).do("GET", path, "").problem(t, http.StatusNotFound)
				continue
			}
			if h := read[view.History](r, binding, "GET", path, ""); len(h.Items) != 1 || h.Items[0].Failed != want[n] {
				t.Errorf("%s as %s: got %+v, want %d failed", path, binding, h, want[n])
			}
		}
	}
}

func TestBoundKeys_CreateInTheirPools(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	r.as("operator", "own")
	if d := r.create(`{"groupName": "A", "phones": ["+5544999999999"], "idempotencyKey": "deal-1"}`); d.Pool != "a" {
		t.Errorf("a request without a pool: got the pool %q, want a", d.Pool)
	}
	for _, c := range []struct{ name, body, field string }{
		{"another pool", `{"groupName": "B", "phones": ["+5544999999999"], "pool": "b"}`, "pool"},
		{"an unknown pool", `{"groupName": "B", "phones": ["+5544999999999"], "pool": "nowhere"}`, "pool"},
		{"an instance", `{"groupName": "B", "phones": ["+5544999999999"], "instance": "alpha"}`, "instance"},
	} {
		p := r.do("POST", "/v1/groups", c.body).problem(t, http.StatusUnprocessableEntity)
		if len(p.Errors) != 1 || p.Errors[0].Field != c.field || p.Errors[0].Code != "badField" || !strings.Contains(p.Detail, "one of: a.") {
			t.Errorf("%s: got %+v, want badField at %s that names the pool a", c.name, p, c.field)
		}
	}
	if a := r.do("POST", "/v1/batches?name=cohort&pool=b", "["+oneGroup+"]"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a batch for another pool: got %d, want 422: %s", a.status, a.body)
	}
	a := r.do("POST", "/v1/batches?name=cohort", `[{"groupName": "B", "phones": ["+5544999999999"], "pool": "b"}, `+oneGroup+`]`)
	var sum api.Batched
	if a.json(t, &sum); sum.Created != 1 || sum.Invalid != 1 || sum.Rows[0].Error.Code != "badField" {
		t.Errorf("a batch with a row for another pool: got %s, want 1 created and 1 invalid with badField", a.body)
	}
	if p := r.as("operator", "other").do("POST", "/v1/groups", `{"groupName": "Other", "phones": ["+5544999999998"], "idempotencyKey": "deal-1"}`).problem(t, 422); p.Errors[0].Code != "conflict" || strings.Contains(p.Detail, "grp_") {
		t.Errorf("an idempotency key of another pool: got %+v, want a conflict without a group id", p)
	}
	a = r.do("POST", "/v1/batches?name=cohort", `[{"groupName": "Turma 12", "phones": ["+5544999999998"]}]`)
	if a.json(t, &sum); sum.Invalid != 1 || sum.Rows[0].Error.Code != "conflict" || strings.Contains(string(a.body), "+5544") || strings.Contains(string(a.body), "grp_") {
		t.Errorf("a name of another pool's group: got %s, want a conflict without a number or a group id", a.body)
	}
	r.as("operator", "create")
	if d := r.create(`{"groupName": "D", "phones": ["+5544999999999"], "idempotencyKey": "deal-2", "pool": "a"}`); d.ID == "" {
		t.Error("a key that only creates: the answer has no group id")
	}
	r.do("POST", "/v1/groups?update=true", `{"groupName": "D", "phones": ["+5544999999999"]}`).problem(t, http.StatusForbidden)
}

func TestBoundKeys_AnAdoptionTellsNothingOfAnotherPoolsGroup(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	r.as("operator", "unbound")
	for _, pool := range []string{"b", "a"} {
		id := r.create(`{"groupName": "Turma 12", "phones": ["+5544999999999"], "pool": "` + pool + `"}`).ID
		r.put(id, reviewed)
		a := r.as("operator", map[string]string{"b": "unbound", "a": "own"}[pool]).do("POST", "/v1/groups/"+id+"/resolve", `{"action": "adopt", "groupId": "1-group"}`)
		if pool == "a" && (a.status != http.StatusConflict || strings.Contains(strings.ReplaceAll(string(a.body), id, ""), "grp_")) {
			t.Errorf("adopting what another pool's group has: got %d: %s, want 409 without that group's id", a.status, a.body)
		}
	}
}

// A form's key that only asks for groups would otherwise read the people of any group whose name or key it guesses.
func TestCreateKeys_LearnNothingOfAGroupThatExists(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	r.as("operator", "unbound")
	const first = `{"groupName": "Turma 12", "phones": ["+5544999999991"], "idempotencyKey": "deal-9", "pool": "a"}`
	const cohort = "/v1/batches?name=first&dryRun="
	id := r.create(first).ID
	if a := r.do("POST", "/v1/groups/"+id+"/members", `{"phones": ["+5544999999992"]}`); a.status != http.StatusAccepted {
		t.Fatalf("adding a person: got %d, want 202: %s", a.status, a.body)
	}
	r.put(id, func(g *group.Group, now time.Time) {
		g.InviteLink = "https://chat.whatsapp.com/secret"
		g.Askers = []group.Asker{{Identity: phone.IdentityOf("5544999999995"), JoinRequest: group.JoinRequest{At: now, Method: group.ByLink}}}
	})
	r.put(id, reviewed)
	r.put(id, func(g *group.Group, _ time.Time) {
		g.Error.Candidates = []group.Candidate{{GroupID: "1-group", Name: "Turma secreta"}}
	})
	if a := r.do("POST", cohort+"false", `[{"groupName": "B", "phones": ["+5544999999993"], "pool": "a"}]`); a.status != http.StatusAccepted {
		t.Fatalf("a batch: got %d, want 202: %s", a.status, a.body)
	}

	r.as("operator", "create")
	a := r.do("POST", "/v1/groups", first)
	if body := string(a.body); a.header.Get("Rollcall-Outcome") != "existed" || !strings.Contains(body, id) || strings.Contains(body, "9999999") || strings.Contains(body, "secret") {
		t.Errorf("asking again for a group: got %d %s: %s, want its id, no person and no link", a.status, a.header.Get("Rollcall-Outcome"), body)
	}
	a = r.do("POST", "/v1/groups", strings.Replace(first, "Turma 12", "B", 1))
	if body := string(a.body); a.status != http.StatusUnprocessableEntity || strings.Contains(body, "Turma") {
		t.Errorf("another group under the key of a group: got %d %s, want 422 without the name of the first", a.status, body)
	}
	if a := r.do("POST", "/v1/groups", `{"groupName": "C", "phones": ["+5544999999996"], "pool": "a"}`); !strings.Contains(string(a.body), "99999996") {
		t.Errorf("asking for a new group: got %d: %s, want the person who was given", a.status, a.body)
	}
	for _, dry := range []string{"true", "false"} {
		a := r.do("POST", cohort+dry, `[{"groupName": "B", "phones": ["+5544999999994"], "pool": "a"}, `+strings.Replace(first, "Turma 12", "C", 1)+`]`)
		if strings.Contains(string(a.body), "Turma") {
			t.Errorf("a row under the key of a group, dryRun=%s: got %s, want it refused without the name of the group", dry, a.body)
		}
		if body := string(a.body); !strings.Contains(body, `"changed"`) || strings.Contains(body, "99999993") {
			t.Errorf("a row under the name of a group, dryRun=%s: got %s, want it refused without the people of the group", dry, body)
		}
	}
}

// Others may have corrected the group since: what they wrote is not the key's.
func TestCreateKeys_LearnNoCorrectionOfAGroupThatExists(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	r.as("operator", "unbound")
	const first = `{"groupName": "Turma 12", "phones": ["+5544999999991"], "idempotencyKey": "deal-9", "pool": "a", "metadata": {"owner": "Ana"}}`
	id := r.create(first).ID
	if a := r.do("PATCH", "/v1/groups/"+id, `{"groupName": "Turma secreta", "metadata": {"owner": "Vera"}, "consent": {"source": "call with Vera"}}`); a.status != http.StatusOK {
		t.Fatalf("the edit: got %d, want 200: %s", a.status, a.body)
	}
	r.as("operator", "create")
	a := r.do("POST", "/v1/groups", first)
	body := string(a.body)
	for _, secret := range []string{"secreta", "Vera"} {
		if strings.Contains(body, secret) || !strings.Contains(body, id) {
			t.Errorf("asking again for the group as it was: got %d %q: %s, want nothing of %q", a.status, a.header.Get("Rollcall-Outcome"), body, secret)
		}
	}
}

func TestBoundKeys_ChangeOnlyInstancesThatServeNoOtherPool(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	if err := r.store.Presence.Announce(t.Context(), []store.Announcement{{
		Name: "shared", Provider: "zapi", Pools: []string{"a", "b"}, SeenAt: time.Now(), Create: pacing.Pace{Every: time.Minute},
	}}); err != nil {
		t.Fatal(err)
	}
	r.as("operator", "own").do("POST", "/v1/instances/shared/pause", "").problem(t, http.StatusForbidden)
	if a := r.do("POST", "/v1/instances/alpha/pause", ""); a.status != http.StatusOK {
		t.Errorf("pausing an instance of its own pool alone: got %d, want 200: %s", a.status, a.body)
	}
	if d := read[view.Instance](r, "own", "POST", "/v1/instances/alpha/resume", ""); !slices.Equal(d.Pools, []string{"a"}) {
		t.Errorf("alpha: got the pools %v, want a", d.Pools)
	}
	id := read[group.Document](r, "own", "POST", "/v1/groups", `{"groupName": "A", "phones": ["+5544999999999"]}`).ID
	if p := r.do("POST", "/v1/groups/"+id+"/move", `{"pool": "b"}`).problem(t, 422); p.Errors[0].Code != "badField" {
		t.Errorf("a move to another pool: got %+v, want badField", p)
	}
}

func TestBoundKeys_TheStreamTellsOnlyOfTheirPools(t *testing.T) {
	t.Parallel()
	r := tenants(t)
	s := r.as("viewer", "own").listen("")
	r.as("operator", "unbound")
	a := r.do("POST", "/v1/batches?name=mixed", `[{"groupName": "In b", "phones": ["+5544999999998"], "pool": "b"}, {"groupName": "In a", "phones": ["+5544999999999"], "pool": "a"}]`)
	if d := a.batch(t); d.Created != 2 {
		t.Fatalf("creating the batch: got %d, want 2 groups created: %s", a.status, a.body)
	}
	for _, d := range read[groupPage](r, "unbound", "GET", "/v1/groups", "").Items {
		r.do("POST", "/v1/groups/"+d.ID+"/cancel", "")
	}
	groups := 0
	for late := time.Now().Add(testutil.Timeout); ; {
		if time.Now().After(late) {
			t.Fatalf("no event of a done batch within %s, after %d group events", testutil.Timeout, groups)
		}
		e := s.next()
		if strings.Contains(e.data, "In b") || e.kind == "group" && !strings.Contains(e.data, "In a") {
			t.Fatalf("the stream of pool a sends %+v", e)
		}
		if e.kind == "group" {
			groups++
		}
		if e.kind != "batch" {
			continue
		}
		var d group.BatchDocument
		if err := json.Unmarshal([]byte(e.data), &d); err != nil || d.Total != 1 {
			t.Errorf("the batch's event: got %s, want a total of 1 (%v)", e.data, err)
		}
		if groups > 0 && d.Status == "done" {
			return
		}
	}
}
