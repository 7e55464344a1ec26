package admin_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// tenants is the page with three keys for each role: "unbound" has no pools, "own" is bound to the pool a, "other" to
// the pool b.
type tenants struct {
	*rig

	things map[string]string // ids and names in the pool a; the key is a placeholder of a path, or a kind
	jar    map[string]http.CookieJar
}

const (
	ownPerson = "5544999999991"
	ownFile   = "name;phones\r\nTurma Zeta 9;+5544999999991\r\n;+5544999999993\r\n"
)

// twoTenants sets up groups, a batch, instances and a job, most of them in the pool a.
func twoTenants(t *testing.T) *tenants {
	t.Helper()
	var ks []auth.Key
	for binding, pools := range map[string][]string{"unbound": nil, "own": {"a"}, "other": {"b"}} {
		for _, role := range []auth.Role{auth.Viewer, auth.Operator, auth.Admin} {
			name := role.String() + "-" + binding
			keyed := sha256.Sum256([]byte("rck_" + name))
			ks = append(ks, auth.Key{Name: name, Hash: keyed, Role: role, Bound: auth.Bound{Pools: pools}})
		}
	}
	r := &tenants{rig: setup(t, ks...), things: map[string]string{}, jar: map[string]http.CookieJar{}}
	now, err := r.store.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, pools := range map[string][]string{"alpha": {"a"}, "beta": {"b"}, "shared": {"a", "b"}} {
		if err := r.store.Presence.Announce(t.Context(), []store.Announcement{{Name: name, Provider: "zapi", Pools: pools, SeenAt: now, Create: pacing.Pace{Every: time.Minute, PerDay: 20}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.store.Presence.Beat(t.Context(), store.Worker{ID: "w", Host: "host-zeta", StartedAt: now, Lanes: 2}); err != nil {
		t.Fatal(err)
	}
	rows := func(yield func(enqueue.Row, error) bool) {
		for i, name := range []string{"Turma Zeta 1", "Turma Zeta 2", "Turma Zeta 3", ""} {
			if !yield(enqueue.Row{N: i + 1, Request: tasks.GroupRequest{GroupName: name, Phones: []tasks.Phone{ownPerson}, Pool: "a", ExternalRef: "deal"}}, nil) {
				return
			}
		}
	}
	var ids []string
	sum, err := r.enter.CreateBatch(t.Context(), "lote-zeta", enqueue.Rules{}, rows, func(res enqueue.Result) error {
		if res.ID != "" {
			ids = append(ids, res.ID)
		}
		return nil
	})
	if err != nil || len(ids) != 3 {
		t.Fatalf("creating the batch: got the groups %v, want 3 (%v)", ids, err)
	}
	r.refuse(ids[1], 400, "Validation failed. Details: 'phones' is required")
	r.doubt(ids[2])
	r.take(tasks.GroupRequest{GroupName: "Turma Ipsilon", Pool: "b", ExternalRef: "deal"}, "5544999999992")
	for _, named := range [][2]string{{"{id}", ids[0]}, {"failed", ids[1]}, {"review", ids[2]}, {"batch", sum.BatchID}, {"{name}", "alpha"}, {"{token}", r.store.Index.PersonToken(phone.Number("+" + ownPerson).Identity())}} {
		r.things[named[0]] = named[1]
	}
	counts, err := r.store.Index.Faults(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for fault := range counts {
		if strings.HasPrefix(fault, "refused") {
			r.things["fault"] = fault
		}
	}
	job, err := r.store.Trail.AddJob(t.Context(), store.Job{Action: "retry", By: "operator-own", Filter: store.Filter{Pools: []string{"a"}, Name: "None"}})
	if err != nil {
		t.Fatal(err)
	}
	r.things["job"] = job.ID
	return r
}

// as switches to a browser that is logged in with the key of a role and binding.
func (r *tenants) as(role, binding string) *tenants {
	r.t.Helper()
	name := role + "-" + binding
	if r.jar[name] == nil {
		keyOf := "rck_" + name
		r.client.Jar = newJar()
		if a := r.post("/login", "key", keyOf); a.status != http.StatusSeeOther {
			r.t.Fatalf("login as %s: got %d, want 303: %s", name, a.status, text(a.body))
		}
		r.jar[name] = r.client.Jar
	}
	r.client.Jar = r.jar[name]
	return r
}

// upload stores a file that a key has sent, and returns its id.
func (r *tenants) upload(by string) string {
	r.t.Helper()
	u, err := r.store.Trail.AddUpload(r.t.Context(), store.Upload{By: by, Batch: "lote-zeta", Form: []byte(`{"file": "zeta.csv", "pools": ["a"]}`)}, strings.NewReader(ownFile))
	if err != nil {
		r.t.Fatal(err)
	}
	return u.ID
}

// How an action answers a key that is bound to pools, as in the API's matrix (api/bound_test.go).
const (
	inPools = "inPools" // allowed; the key sees only its pools
	thing   = "thing"   // as inPools, and 404 for a thing of another pool
	whole   = "whole"   // refused: the action concerns the whole installation
)

// boundTo is the matrix: every action that requires a role, and its answer.
var boundTo = map[string]string{
	"GET /sessions": inPools, "POST /sessions/{id}/end": inPools,
	"GET /{$}": inPools, "GET /instances": inPools, "GET /instances/{name}": thing, "GET /history": inPools, "GET /problems": inPools, "GET /review": inPools,
	"GET /batches": inPools, "GET /batches/{id}": thing, "GET /batches/{id}/invalid.csv": thing, "GET /groups": inPools, "GET /groups/{id}": thing, "POST /search": inPools, "GET /people/{token}": thing,
	"GET /groups/{id}/edit": thing, "GET /groups/new": inPools, "GET /batches/new": inPools, "GET /uploads/{id}": thing, "GET /jobs": inPools, "GET /jobs/{id}": thing,
	"GET /audit": whole, "GET /audit/refusals": whole, "POST /installation/recover": whole, "POST /unreadable/raw": whole, "POST /unreadable/remove": whole,
	"POST /groups/{id}/phones": thing, "POST /groups/{id}/cancel": thing, "POST /groups/{id}/retry": thing, "POST /groups/{id}/edit": thing, "POST /groups/{id}/edit/run": thing,
	"POST /batches/new": inPools, "POST /uploads/{id}/run": thing, "POST /uploads/{id}/drop": thing, "POST /groups/new": inPools, "POST /groups/new/run": inPools,
	"POST /groups/{id}/adopt": thing, "POST /groups/{id}/recreate": thing, "POST /groups/{id}/joins/approve": thing, "POST /groups/{id}/joins/reject": thing, "POST /groups/{id}/abandon": thing,
	"POST /instances/{name}/pause": thing, "POST /instances/{name}/resume": thing, "POST /instances/{name}/pace": thing, "POST /instances/{name}/pace/reset": thing,
	"POST /people/{token}/suppress": thing, "POST /people/{token}/unsuppress": whole, "POST /people/{token}/evidence": thing,
	"POST /bulk": inPools, "POST /bulk/run": inPools, "POST /jobs/{id}/abort": thing,
	"POST /views": whole, "POST /views/{id}/rename": whole, "POST /views/{id}/delete": whole, "POST /deliveries/{id}/replay": whole, "POST /webhooks/{id}/enable": whole,
}

// at returns the method and the path of an action on a thing of the pool a.
func (r *tenants) at(pattern, by string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	named := r.things["{id}"]
	switch {
	case strings.HasPrefix(path, "/batches/"):
		named = r.things["batch"]
	case strings.HasPrefix(path, "/jobs/"):
		named = r.things["job"]
	case strings.HasPrefix(path, "/uploads/"):
		named = r.upload(by)
	}
	return method, strings.NewReplacer("{id}", named, "{name}", "alpha", "{token}", r.things["{token}"], "{$}", "").Replace(path)
}

func TestBoundKeys_EveryActionAnswersAsTheMatrixSays(t *testing.T) {
	t.Parallel()
	r := twoTenants(t)
	ranks := map[string]int{"viewer": 1, "operator": 2, "admin": 3}
	for _, line := range r.page.Lines() {
		if line.Role == "public" || line.Pattern == "POST /logout" {
			continue
		}
		bound, known := boundTo[line.Pattern]
		if !known {
			t.Errorf("%s is not in the matrix", line.Pattern)
			continue
		}
		for _, role := range []string{"viewer", "operator", "admin"} {
			for _, binding := range []string{"other", "own", "unbound"} {
				expect := "allowed"
				switch {
				case ranks[role] < ranks[line.Role], binding != "unbound" && bound == whole:
					expect = "refused"
				case binding == "other" && bound == thing:
					expect = "invisible"
				}
				method, path := r.at(line.Pattern, role+"-own")
				a := r.as(role, binding).do(method, path, nil)
				got := "allowed"
				switch {
				case a.status == http.StatusForbidden, strings.HasPrefix(a.to(), "/login"):
					got = "refused"
				case a.status == http.StatusNotFound && bound == thing:
					got = "invisible"
				}
				if got != expect {
					t.Errorf("%s as %s, %s: got %s (%d %s), want %s", line.Pattern, role, binding, got, a.status, text(a.body), expect)
				}
				if binding != "unbound" && bound == whole && role == "admin" && !strings.Contains(text(a.body), "Log in with a key without pools.") {
					t.Errorf("%s as %s, %s does not say which key it takes: %s", line.Pattern, role, binding, text(a.body))
				}
				r.dropUploads()
			}
		}
	}
}

// A change of the configuration can bind a key to pools while a file that the key has sent still waits.
func TestBoundKeys_CannotUseAnUploadForOtherPools(t *testing.T) {
	t.Parallel()
	r := setup(t, auth.Key{Name: "crm", Hash: sha256.Sum256([]byte("rck_crm")), Role: auth.Operator})
	if err := r.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "beta", Provider: "zapi", Pools: []string{"b"}, SeenAt: time.Now(), Create: pacing.Pace{Every: time.Minute}}}); err != nil {
		t.Fatal(err)
	}
	r.post("/login", "key", "rck_crm")
	a := r.send("file.csv", []byte("name;phones;pool\r\nTurma;+"+ownPerson+";b\r\n"))
	if a.status != http.StatusSeeOther || r.get(a.to()).status != http.StatusOK {
		t.Fatalf("sending a file: got %d, want 303 to its page: %s", a.status, text(a.body))
	}
	for _, pools := range [][]string{{"a"}, {"a", "c"}} {
		r.auth.Keys[0].Pools = pools
		for path, got := range map[string]answer{a.to(): r.get(a.to()), a.to() + "/run": r.post(a.to() + "/run"), a.to() + "/drop": r.post(a.to() + "/drop")} {
			if got.status != http.StatusNotFound {
				t.Errorf("%s, bound to %v: got %d, want 404", path, pools, got.status)
			}
		}
	}
	if groups, _, err := r.store.Index.List(t.Context(), store.Filter{}, "", 10); err != nil || len(groups) != 0 {
		t.Errorf("got %d groups (%v), want none: the key may not create groups in the pool b", len(groups), err)
	}
}

// dropUploads removes all uploads: the number of those of a sender is limited.
func (r *tenants) dropUploads() {
	r.t.Helper()
	for _, key := range r.rdb.Keys(r.t.Context(), "rollcall:uploads:*").Val() {
		for _, id := range r.rdb.ZRange(r.t.Context(), key, 0, -1).Val() {
			if err := r.store.Trail.DropUpload(r.t.Context(), id); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

func TestBoundKeys_NoPageTellsOfOtherPools(t *testing.T) {
	t.Parallel()
	r := twoTenants(t)
	if a := r.as("operator", "unbound").post("/views", "list", "groups", "query", "status=failed", "name", "view-zeta"); a.status != http.StatusSeeOther {
		t.Fatalf("saving a view: got %d, want 303: %s", a.status, text(a.body))
	}
	pages := []string{
		"/", "/instances", "/instances?pool=a", "/instances/shared", "/history", "/history?instance=shared", "/history?instance=alpha", "/problems", "/review", "/batches", "/groups", "/groups?status=queued", "/groups?status=failed", "/groups?status=review",
		"/groups?fault=" + r.things["fault"], "/groups?fault=ambiguous", "/groups?batch=lote-zeta", "/groups?batch=" + r.things["batch"], "/groups?ref=deal", "/groups?name=Turma", "/groups?name=lote", "/groups?instance=alpha", "/groups?pool=a",
		"/groups?person=" + r.things["{token}"], "/people/" + r.things["{token}"], "/jobs", "/sessions", "/groups/new", "/batches/new",
	}
	foreign := regexp.MustCompile(`(?i)zeta|alpha|` + r.things["{id}"] + "|" + r.things["failed"] + "|" + r.things["review"] + "|" + r.things["batch"] + "|" + r.things["job"])
	typed := regexp.MustCompile(`<(?:input|option|select|a rel="prev"|button class="link"|form)[^>]*>|data-position="[^"]*"`)
	for _, role := range []string{"viewer", "operator", "admin"} {
		for _, path := range pages {
			a := r.as(role, "other").get(path)
			shown := typed.ReplaceAllString(a.body, "")
			if a.status >= http.StatusInternalServerError {
				t.Errorf("%s as %s: got %d, want no server error", path, role, a.status)
			}
			if found := foreign.FindString(shown); found != "" && !strings.Contains(path, found) {
				t.Errorf("%s as %s shows %q of another pool: %s", path, role, found, text(a.body))
			}
			if found := foreign.FindString(strings.Join(optionsOf(a.body), " ")); found != "" && !strings.Contains(path, found) {
				t.Errorf("%s as %s offers the option %q of another pool", path, role, found)
			}
			if strings.Contains(a.body, `href="/audit"`) || strings.Contains(a.body, `action="/views`) {
				t.Errorf("%s as %s offers actions that it refuses", path, role)
			}
		}
	}
	for _, q := range []string{"Turma Zeta", "lote-zeta", "alpha", "deal", "+" + ownPerson, "120363000000000001-group", r.things["{id}"], r.things["batch"]} {
		a := r.as("operator", "other").post("/search", "q", q)
		for hops := 0; a.status == http.StatusSeeOther && hops < 3; hops++ {
			a = r.get(a.to())
		}
		if shown := typed.ReplaceAllString(a.body, ""); strings.Contains(strings.ToLower(text(shown)), "zeta 1") || strings.Contains(shown, "/groups/"+r.things["{id}"]) || strings.Contains(shown, "/instances/alpha") {
			t.Errorf("the search for %q shows another pool: %s", q, text(a.body))
		}
	}
	for path, parts := range map[string][]string{
		"/": {"1 waiting, 0 running", "1 group waits for your decision", "1 person waits", "alpha", "lote-zeta"}, "/groups": {"Turma Zeta 1", "Turma Zeta 2", "Turma Zeta 3", "3 groups Group Status"}, "/problems": {"Turma Zeta 2", "1 group"},
		"/review": {"Turma Zeta 3"}, "/batches": {"lote-zeta"}, "/instances": {"alpha", "shared"}, "/jobs": {"Retry"}, "/people/" + r.things["{token}"]: {"Turma Zeta 1", "Turma Zeta 2", "Turma Zeta 3"},
	} {
		shown := text(r.as("viewer", "own").get(path).body)
		wants(t, shown, parts...)
		if strings.Contains(shown, "Ipsilon") || strings.Contains(shown, "beta") || strings.Contains(shown, "host-zeta") {
			t.Errorf("%s shows another pool: %s", path, shown)
		}
	}
	wants(t, text(r.as("viewer", "own").get("/").body), "Groups 3 Batches", "Problems 1 Review 1")
	wants(t, text(r.as("viewer", "other").get("/").body), "1 waiting, 0 running", "viewer; pool b", "Groups 1 Batches", "Problems Review")
	later := base64.RawURLEncoding.EncodeToString([]byte("grp_ffffffff-ffff-7fff-bfff-ffffffffffff")) // a later page, because the first page counts the groups that it shows
	for binding, want := range map[string]bool{"other": false, "unbound": true} {
		_, list, _ := strings.Cut(text(r.as("viewer", binding).get("/groups?fault="+r.things["fault"]+"&cursor="+later).body), "Clear")
		if strings.Contains(list, "1 group") != want {
			t.Errorf("as %s the list counts the groups with the error: %v, want %v: %s", binding, !want, want, list)
		}
	}
	if err := r.store.Outbox.AnnounceReceivers(t.Context(), []store.Receiver{{ID: "crm", Host: "crm.example"}}); err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{r.things["failed"], r.things["batch"]} {
		if _, err := r.store.Outbox.ClaimNotices(t.Context(), of, []store.Fact{{Type: "group.failed", Of: of, Once: "failed", At: time.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/groups/" + r.things["failed"], "/batches/" + r.things["batch"]} {
		for binding, want := range map[string]bool{"unbound": true, "own": false} {
			if page := text(r.as("admin", binding).get(path).body); strings.Contains(page, "Webhook events") != want {
				t.Errorf("%s as %s shows webhook events: %v, want %v: %s", path, binding, !want, want, page)
			}
		}
	}
	r.as("operator", "own").post("/people/"+r.things["{token}"]+"/suppress", "reason", "asked zeta")
	if page := text(r.as("operator", "other").post("/search", "q", "+"+ownPerson).body); !strings.Contains(page, "suppression list") || strings.Contains(page, "zeta") || strings.Contains(page, "Take off") {
		t.Errorf("the search for a suppressed person of another pool shows more than the suppression: %s", page)
	}
	if a := r.get("/batches/" + r.things["batch"] + "/invalid.csv"); a.status != http.StatusNotFound {
		t.Errorf("the invalid rows of another pool's batch: got %d, want 404", a.status)
	}
}

// optionsOf returns the texts of a page's options.
func optionsOf(page string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`<option[^>]*>([^<]*)`).FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestBoundKeys_FormsReachOnlyTheirPools(t *testing.T) {
	t.Parallel()
	r := twoTenants(t)
	r.as("operator", "other")
	group1 := url.Values{"groupName": {"Turma Beta"}, "phones": {"+5544999999994"}, "autoInvite": {"1"}, "to": {"pool:a"}}
	for _, to := range []string{"pool:a", "alpha", "beta"} {
		group1.Set("to", to)
		if a := r.do(http.MethodPost, "/groups/new", group1); a.status != http.StatusUnprocessableEntity || !strings.Contains(text(a.body), "one of: b.") {
			t.Errorf("a group for %s: got %d, want 422 that names the pool b: %s", to, a.status, text(a.body))
		}
	}
	group1.Set("to", "")
	plan := r.do(http.MethodPost, "/groups/new", group1)
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(plan.body)
	seal := seals.FindStringSubmatch(plan.body)
	if key == nil || seal == nil {
		t.Fatalf("no plan: %s", text(plan.body))
	}
	group1.Set("key", key[1])
	group1.Set("seal", seal[1])
	done := r.do(http.MethodPost, "/groups/new/run", group1)
	id, _, _ := strings.Cut(strings.TrimPrefix(done.to(), "/groups/"), "?")
	if g, err := r.store.Records.Load(t.Context(), id); err != nil || g.Target.Pool != "b" {
		t.Errorf("the form: got %d to %q with %+v, want a group in the pool b (%v)", done.status, done.to(), g, err)
	}

	sent := r.send("turma.csv", []byte("name;phones;pool\r\nTurma 5;+5544999999995;\r\nTurma 6;+5544999999996;a\r\n"), "autoInvite", "1")
	r.awaits(sent.to(), "1 would be created")
	wants(t, text(r.get(sent.to()).body), "1 row is invalid", "one of: b.")
	r.as("operator", "unbound").post(sent.to() + "/run") // another key runs the upload, and its rows stay in the pool b
	r.as("operator", "other").awaits(sent.to(), "1 created")

	for _, c := range []struct {
		form []string
		want int
	}{
		{[]string{"action", "cancel", "query", "batch=lote-zeta"}, http.StatusNotFound},
		{[]string{"action", "cancel", "query", "pool=a"}, http.StatusNotFound},
		{[]string{"action", "move", "query", "status=queued", "to", "pool:a"}, http.StatusUnprocessableEntity},
		{[]string{"action", "move", "query", "status=queued", "to", "beta"}, http.StatusUnprocessableEntity},
		{[]string{"action", "retry", "query", "fault=" + r.things["fault"]}, http.StatusOK},
	} {
		a := r.post("/bulk", c.form...)
		if a.status != c.want || strings.Contains(text(a.body), "Zeta") || c.want == http.StatusOK && strings.Contains(text(a.body), "Retry (1)") {
			t.Errorf("%v: got %d, want %d and no group of another pool: %s", c.form, a.status, c.want, text(a.body))
		}
	}
	begun := r.post("/bulk/run", "action", "cancel", "query", "status=queued", "shown", "3")
	if begun.status != http.StatusSeeOther {
		t.Fatalf("the bulk cancel: got %d, want 303: %s", begun.status, text(begun.body))
	}
	r.awaits(begun.to(), "done")
	if g, err := r.store.Records.Load(t.Context(), r.things["{id}"]); err != nil || g.Status != group.Queued {
		t.Errorf("a group of another pool: got %+v, want it still queued (%v)", g, err)
	}
}

func TestBoundKeys_ChangeOnlyInstancesThatServeNoOtherPool(t *testing.T) {
	t.Parallel()
	r := twoTenants(t)
	r.as("operator", "own")
	for _, deed := range []string{"pause", "resume", "pace", "pace/reset"} {
		if a := r.post("/instances/shared/" + deed); a.status != http.StatusForbidden {
			t.Errorf("%s of a shared instance: got %d, want 403", deed, a.status)
		}
	}
	page := r.get("/instances/shared")
	if wants(t, text(page.body), "It serves other pools than those of your key"); strings.Contains(page.body, "/instances/shared/pause") {
		t.Error("the page of a shared instance offers a pause, which it refuses")
	}
	if a := r.post("/instances/alpha/pause", "reason", "SIM"); a.status != http.StatusSeeOther {
		t.Errorf("pausing an instance that serves only its pool: got %d, want 303: %s", a.status, text(a.body))
	}
	wants(t, r.get("/").body, `action="/instances/alpha/resume"`)
	if page := r.get("/instances/alpha").body; strings.Contains(page, `class="spark"`) {
		t.Error("the page shows hourly counts, which include other pools")
	}
}

func TestBoundKeys_StreamOfASessionHoldsOnlyTheirPools(t *testing.T) {
	t.Parallel()
	r := twoTenants(t)
	for binding, want := range map[string]bool{"own": true, "other": false} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/v1/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Last-Event-ID", "0-1")
		r.as("viewer", binding)
		resp, err := r.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var read bytes.Buffer
		piece := make([]byte, 4096)
		for !strings.Contains(read.String(), "Turma Ipsilon") && !strings.Contains(read.String(), "Turma Zeta 3") {
			n, err := resp.Body.Read(piece)
			if read.Write(piece[:n]); err != nil {
				t.Fatalf("reading the stream: %v after %s", err, read.String())
			}
		}
		_ = resp.Body.Close()
		if got := strings.Contains(read.String(), "Zeta"); got != want {
			t.Errorf("as %s the stream has groups of the pool a: %v, want %v: %s", binding, got, want, read.String())
		}
	}
}

func TestBoundKeys_SeeOnlyTheirOwnSessions(t *testing.T) {
	t.Parallel()
	r := twoTenants(t)
	r.as("viewer", "other")
	page := text(r.as("admin", "own").get("/sessions").body)
	if strings.Contains(page, "viewer-other") || !strings.Contains(page, "admin-own") {
		t.Errorf("the sessions as a bound admin: want only its own: %s", page)
	}
	if page = text(r.as("admin", "unbound").get("/sessions").body); !strings.Contains(page, "viewer-other") {
		t.Errorf("the sessions as an unbound admin lack viewer-other: %s", page)
	}
}

func TestBoundKeys_RefusedActionIsRecorded(t *testing.T) {
	t.Parallel()
	r := twoTenants(t)
	if a := r.as("operator", "own").post("/webhooks/none/enable"); a.status != http.StatusForbidden {
		t.Fatalf("enabling a receiver: got %d, want 403: %s", a.status, text(a.body))
	}
	testutil.Until(t, "the refusal is written", func() bool {
		return slices.ContainsFunc(r.refusals(), func(x store.Refusal) bool {
			return x.Route == "POST /webhooks/{id}/enable" && x.Actor == "operator-own"
		})
	}, func() string { return fmt.Sprintf("%+v", r.refusals()) })
}

// refusals returns the requests that were refused because of the role or the pools of a key.
func (r *tenants) refusals() []store.Refusal {
	r.t.Helper()
	all, _, err := r.store.Trail.RefusalPage(r.t.Context(), store.RefusalFilter{Reason: string(audit.SmallRole)}, "", 100)
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

func TestInstancePage_ShowsHowManyFailedInADay(t *testing.T) {
	t.Parallel()
	r := twoTenants(t).as("viewer", "unbound")
	if body := text(r.get("/instances/alpha").body); !strings.Contains(body, "24 h: 0 created, 2 failed") {
		t.Errorf("the page lacks the two failures of the day: %s", body)
	}
}
