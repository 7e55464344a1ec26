package admin_test

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// roles has the role that each action requires. It is a second list, so that a role does not change unnoticed.
var roles = map[string]string{
	"GET /login": "public", "POST /login": "public", "POST /language": "public", "POST /logout": "viewer", "GET /sessions": "viewer", "POST /sessions/{id}/end": "viewer",
	"GET /{$}": "viewer", "GET /instances": "viewer", "GET /instances/{name}": "viewer", "GET /history": "viewer", "GET /problems": "viewer", "GET /review": "viewer",
	"GET /batches/new": "operator", "POST /batches/new": "operator", "GET /uploads/{id}": "operator", "POST /uploads/{id}/run": "operator", "POST /uploads/{id}/drop": "operator",
	"GET /batches": "viewer", "GET /batches/{id}": "viewer", "GET /batches/{id}/invalid.csv": "viewer", "GET /groups": "viewer", "GET /groups/{id}": "viewer", "POST /search": "viewer", "GET /people/{token}": "viewer",
	"POST /people/{token}/suppress": "operator", "POST /people/{token}/unsuppress": "operator", "POST /people/{token}/evidence": "operator",
	"GET /groups/new": "operator", "POST /groups/new": "operator", "POST /groups/new/run": "operator",
	"GET /groups/{id}/edit": "operator", "POST /groups/{id}/edit": "operator", "POST /groups/{id}/edit/run": "operator",
	"GET /jobs": "viewer", "GET /jobs/{id}": "viewer", "GET /audit": "admin", "GET /audit/refusals": "admin",
	"POST /groups/{id}/phones": "operator", "POST /groups/{id}/cancel": "operator", "POST /groups/{id}/retry": "operator", "POST /groups/{id}/adopt": "operator",
	"POST /groups/{id}/joins/approve": "operator", "POST /groups/{id}/joins/reject": "operator", "POST /groups/{id}/recreate": "operator", "POST /groups/{id}/abandon": "operator",
	"POST /instances/{name}/pause": "operator", "POST /instances/{name}/resume": "operator", "POST /instances/{name}/pace": "operator", "POST /instances/{name}/pace/reset": "operator", "POST /bulk": "operator", "POST /bulk/run": "operator",
	"POST /installation/recover": "admin", "POST /unreadable/raw": "admin", "POST /unreadable/remove": "admin", "POST /jobs/{id}/abort": "operator", "POST /views": "operator", "POST /views/{id}/rename": "operator", "POST /views/{id}/delete": "operator", "POST /deliveries/{id}/replay": "operator", "POST /webhooks/{id}/enable": "operator",
}

func TestPage_EveryActionRequiresItsRole(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	rank := map[string]int{"public": 0, "viewer": 1, "operator": 2, "admin": 3}
	lines := r.page.Lines()
	if len(lines) != len(roles) {
		t.Errorf("the page has %d actions, this test %d", len(lines), len(roles))
	}
	for _, role := range []string{"public", "viewer", "operator", "admin"} {
		for _, line := range lines {
			need := roles[line.Pattern]
			if line.Role != need {
				t.Errorf("%s requires the role %s, want %q", line.Pattern, line.Role, need)
			}
			if role == "public" {
				r.client.Jar, _ = cookiejar.New(nil)
			} else {
				r.login(role)
			}
			method, path, _ := strings.Cut(line.Pattern, " ")
			path = strings.NewReplacer("{id}", "grp_nothing", "{token}", "unknown", "{name}", "unknown", "{$}", "").Replace(path)
			a := r.do(method, path, nil)
			refused := a.status == http.StatusForbidden || a.status == http.StatusSeeOther && strings.HasPrefix(a.to(), "/login")
			if line.Pattern == "POST /logout" {
				continue // it redirects every role to the login
			}
			if should := rank[role] < rank[need]; refused != should {
				t.Errorf("%s as %s: %d %s, refused %v, want %v", line.Pattern, role, a.status, a.to(), refused, should)
			}
		}
	}
}

func TestLogin_OpensASessionOfItsKey(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	if a := r.get("/groups?status=failed"); a.status != http.StatusSeeOther || a.to() != "/login?next=%2Fgroups%3Fstatus%3Dfailed" {
		t.Errorf("without a login: got %d to %q, want 303 to the login with next", a.status, a.to())
	}
	if a := r.post("/login", "key", "rck_unknown"); a.status != http.StatusUnauthorized || len(a.header.Values("Set-Cookie")) > 0 {
		t.Errorf("a wrong key: got %d, want 401 without a cookie", a.status)
	}
	a := r.post("/login", "key", " rck_operator ", "next", "/groups?status=failed")
	cookie := a.header.Get("Set-Cookie")
	if a.status != http.StatusSeeOther || a.to() != "/groups?status=failed" {
		t.Errorf("a login: got %d to %q, want 303 to next", a.status, a.to())
	}
	for _, part := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie lacks %s: %s", part, cookie)
		}
	}
	if strings.Contains(cookie, "rck_") {
		t.Error("the cookie holds the key")
	}
	if a := r.get("/"); a.status != http.StatusOK || !strings.Contains(text(a.body), "Logged in as operator ( operator )") && !strings.Contains(text(a.body), "operator (operator)") {
		t.Errorf("logged in: got %d, want 200 with the key's name and role: %s", a.status, text(a.body))
	}
	if a := r.get("/v1/events", "Last-Event-ID: none"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("the event stream with a session: got %d, want 422 for the id, not a refusal", a.status)
	}
	if a := r.get("/v1/groups"); a.status != http.StatusUnauthorized {
		t.Errorf("another operation of the API with a session: got %d, want 401", a.status)
	}
	jar := r.client.Jar
	if a := r.post("/logout"); a.to() != "/login" {
		t.Errorf("logout: got %d to %q, want /login", a.status, a.to())
	}
	r.client.Jar = jar // a stolen cookie of an ended session
	if a := r.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("a session after its logout: got %d, want 303", a.status)
	}
	if len(r.entries(audit.Login)) != 1 || len(r.entries(audit.Logout)) != 1 {
		t.Errorf("the audit log has the logins %v and logouts %v, want one each", r.entries(audit.Login), r.entries(audit.Logout))
	}
}

func TestLogin_RedirectsOnlyWithinThePage(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	for _, next := range []string{"https://attacker.example", "//attacker.example/x", `/\attacker.example`, "javascript:alert(1)", "x"} {
		if a := r.post("/login", "key", keyOf["viewer"], "next", next); a.to() != "/" {
			t.Errorf("next %q: got a redirect to %q, want /", next, a.to())
		}
	}
}

func TestPage_RefusesActionsFromOtherSites(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.accept("Turma", "5544999999991")
	if a := r.do(http.MethodPost, "/groups/"+id+"/cancel", nil, "Sec-Fetch-Site: cross-site"); a.status != http.StatusForbidden {
		t.Errorf("cross-site: got %d, want 403", a.status)
	}
	if a := r.do(http.MethodPost, "/groups/"+id+"/cancel", nil, "Origin: https://attacker.example"); a.status != http.StatusForbidden {
		t.Errorf("another origin: got %d, want 403", a.status)
	}
	if a := r.post("/groups/" + id + "/cancel"); a.status != http.StatusSeeOther {
		t.Errorf("the page's own form: got %d, want 303", a.status)
	}
}

func TestLogin_WrongKeysAreCountedAndDisplaceNoAuditEntry(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	now := time.Now()
	r.auth.Now = func() time.Time { return now } // no pause ends
	r.login("admin")
	id := r.accept("Turma", "5544999999991")
	r.post("/groups/" + id + "/cancel")
	jar := r.client.Jar
	r.client.Jar, _ = cookiejar.New(nil)
	statuses := map[int]int{}
	for range 30 {
		a := r.post("/login", "key", "rck_wrong")
		statuses[a.status]++
		if a.status == http.StatusTooManyRequests && (a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "Too many wrong keys")) {
			t.Errorf("a slowed login lacks Retry-After or its message: %v %s", a.header, a.body)
		}
	}
	if statuses[401] != 6 || statuses[429] != 24 {
		t.Errorf("30 wrong logins in one moment: got %v, want 6 times 401 and then 429", statuses)
	}
	r.client.Jar = jar
	page := ""
	testutil.Until(t, "the page of refusals shows them", func() bool {
		page = text(r.get("/audit/refusals?reason=wrongKey").body)
		return strings.Contains(page, "127.0.0.1 page wrong key")
	}, func() string { return page })
	all, _, err := r.store.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 100)
	if err != nil || len(all) != 2 {
		t.Errorf("the audit log has %+v, want the login and the cancel (%v)", all, err)
	}
	if a := r.get("/"); a.status != http.StatusOK {
		t.Errorf("a session from the slowed source: got %d, want 200", a.status)
	}
}

func TestLogin_AKeyThatOnlyCreatesOpensNoPage(t *testing.T) {
	t.Parallel()
	ks := keys()
	r := setup(t, ks...)
	r.login("admin")
	for i := range ks {
		ks[i].OnlyCreate = true
	}
	b := setupOn(t, r.rdb, ks...)
	a := b.post("/login", "key", keyOf["admin"])
	if a.status != http.StatusForbidden || len(a.header.Values("Set-Cookie")) > 0 || !strings.Contains(a.body, "This key only creates groups.") {
		t.Errorf("the login: got %d, want 403 without a cookie: %s", a.status, text(a.body))
	}
	for _, line := range b.page.Lines() { // with the session of a key that was limited later
		if line.Role == "public" || line.Pattern == "POST /logout" {
			continue
		}
		method, path, _ := strings.Cut(line.Pattern, " ")
		path = strings.NewReplacer("{id}", "grp_nothing", "{token}", "unknown", "{name}", "unknown", "{$}", "").Replace(path)
		if a := b.do(method, path, nil, "Cookie: "+r.cookies()); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), "/login") {
			t.Errorf("%s: got %d, want a redirect to the login", line.Pattern, a.status)
		}
	}
}
