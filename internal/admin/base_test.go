package admin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

var rootedTo = regexp.MustCompile(` (?:href|src|action|formaction)="/[^"]*"`)

func TestBasePath_EveryLinkBeginsWithIt(t *testing.T) {
	t.Parallel()
	r := setupUnder(t, testutil.Redis(t), "/roll/call", keys()...)
	if a := r.get("/roll/call/groups?status=failed"); a.to() != "/roll/call/login?next=%2Fgroups%3Fstatus%3Dfailed" {
		t.Fatalf("without a login: got %d to %q, want the login under the base path", a.status, a.to())
	}
	a := r.post("/roll/call/login", "key", keyOf["admin"], "next", "/groups?status=failed")
	if a.to() != "/roll/call/groups?status=failed" {
		t.Fatalf("a login: got %d to %q, want next under the base path", a.status, a.to())
	}
	r.announce("alpha")
	id := r.accept(`a href="/x" Turma`, "5544999999991")
	for _, path := range []string{"/roll/call", "/roll/call/", "/roll/call/groups", "/roll/call/groups/" + id, "/roll/call/instances", "/groups", "/roll/call/docs"} {
		page := r.get(path)
		if page.status != http.StatusOK {
			t.Errorf("%s: got %d, want 200", path, page.status)
		}
		for _, match := range rootedTo.FindAllString(page.body, -1) {
			if !strings.Contains(match, `"/roll/call/`) && match != ` href="/x"` {
				t.Errorf("%s has a link without the base path:%s", path, match)
			}
		}
		if strings.Contains(page.body, "/roll/call/x") {
			t.Errorf("%s: a link in the name of a group got the base path", path)
		}
	}
	wants(t, r.get("/roll/call/groups").body, `data-base="/roll/call"`)
	if a := r.post("/roll/call/groups/" + id + "/cancel"); a.to() != "/roll/call/groups/"+id+"?said=cancel" {
		t.Errorf("a cancel: got %d to %q, want the group under the base path", a.status, a.to())
	}
	for _, path := range []string{"/roll/call/v1/groups/grp_nothing", "/v1/groups?limit=x", "/roll/call/v1/nothing"} {
		wants(t, r.get(path).body, `"type":"/roll/call/docs#problem-`)
	}
	wants(t, r.get("/roll/call/openapi.json").body, `"url": "/roll/call"`)
}

func TestEnvironment_IsInTheTitleAndBesideTheName(t *testing.T) {
	t.Parallel()
	r := setupUnder(t, testutil.Redis(t), "/x")
	wants(t, r.get("/x/").body, "<title>Overview · rollcall · staging</title>", `<span class="badge warn">staging</span>`)
}
