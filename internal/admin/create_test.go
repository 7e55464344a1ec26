package admin_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

var formKeys = regexp.MustCompile(`name="key" value="([^"]+)"`)

// groupCount returns how many groups there are, up to 100.
func (r *rig) groupCount() int {
	r.t.Helper()
	listed, _, err := r.store.Index.List(r.t.Context(), store.Filter{}, "", 100)
	if err != nil {
		r.t.Fatal(err)
	}
	return len(listed)
}

func TestCreatePage_ShowsThePlanBeforeItCreatesTheGroup(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	wants(t, r.get("/groups").body, `href="/groups/new"`)
	form := r.get("/groups/new")
	key := formKeys.FindStringSubmatch(form.body)
	if form.status != http.StatusOK || key == nil {
		t.Fatalf("the form: got %d, want 200 with a key: %s", form.status, text(form.body))
	}
	values := []string{
		"key", key[1], "groupName", "Turma 12", "externalRef", "deal-812", "phones", "44 99999-9991\r\n+351 912 345 678\r\n12", "region", "br", "autoInvite", "1",
		"to", "alpha", "priority", "high", "description", "One\r\ntwo", "notBefore", "2099-01-02T09:00:00Z",
		"admins", "44 99999-9991", "onlyAdminsSend", "on", "onlyAdminsEdit", "", "approveJoins", "off",
	}
	plan := r.post("/groups/new", values...)
	wants(t, text(plan.body), "1 would be created", "BR 1", "PT 1", "Unusable phones 1", "all done about", "alpha 1 group", "without some people")
	seal := seals.FindStringSubmatch(plan.body)
	if plan.status != http.StatusOK || seal == nil || r.groupCount() != 0 {
		t.Fatalf("the plan: got %d and %d groups, want 200 with a seal and no group: %s", plan.status, r.groupCount(), text(plan.body))
	}
	other := append([]string{"seal", seal[1]}, values...)
	other[6] = "Turma 13"
	if a := r.post("/groups/new/run", other...); !strings.Contains(text(a.body), "This is not what was shown before") || r.groupCount() != 0 {
		t.Fatalf("values other than the planned ones: got %d, want a new plan and no group: %s", a.status, text(a.body))
	}
	for range 2 { // the button is pressed twice
		done := r.post("/groups/new/run", append(values, "seal", seal[1])...)
		if done.status != http.StatusSeeOther {
			seal = seals.FindStringSubmatch(done.body) // the group exists already: the page shows a new plan first
			wants(t, text(done.body), "1 exists already")
			done = r.post("/groups/new/run", append(values, "seal", seal[1])...)
		}
		if !strings.HasSuffix(done.to(), "?said=asked") {
			t.Fatalf("run: got %d to %q, want the new group: %s", done.status, done.to(), text(done.body))
		}
		wants(t, text(r.get(done.to()).body), "Accepted. It waits for its create.", "Turma 12")
	}
	listed, _, err := r.store.Index.List(t.Context(), store.Filter{}, "", 100)
	if err != nil || len(listed) != 1 {
		t.Fatalf("got %d groups, want 1 (%v)", len(listed), err)
	}
	g, err := r.store.Records.Load(t.Context(), listed[0].ID)
	if err != nil || g.Target.Instance != "alpha" || g.Priority != tasks.High || g.ExternalRef != "deal-812" || len(g.Members) != 3 || g.Setup.Asked.Description != "One\ntwo" || g.NotBefore.IsZero() {
		t.Errorf("got the group %+v, want the values of the form (%v)", g, err)
	}
	if asked, err := json.Marshal(g.Setup.Asked); err != nil || !strings.Contains(string(asked), `"admins":["+5544999999991"],"settings":{"onlyAdminsSend":true,"approveJoins":false}`) {
		t.Errorf("got the set-up %s, want the admins and settings of the form (%v)", asked, err)
	}
	if n := len(r.entries(audit.CreateGroup)); n != 2 {
		t.Errorf("the audit log has %d creates, want 2", n)
	}
}

func TestCreatePage_SaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	for _, c := range []struct{ field, value, want string }{
		{"phones", "12", "The only phone cannot be used"},
		{"groupName", "", "name"},
		{"expiresAt", "tomorrow", "expiresAt is not a time"},
		{"region", "XX", "The region is not a country"},
		{"photo", "logo.jpg", "photo is not the address of a picture"},
		{"to", "pool:sales", `No instance is in a pool called "sales"`},
		{"priority", "soon", "high, normal or low"},
	} {
		values := map[string]string{"groupName": "Turma 12", "phones": "+5544999999991", "inviteMessage": "Typed: {{.Link}}"}
		values[c.field] = c.value
		var pairs []string
		for name, value := range values {
			pairs = append(pairs, name, value)
		}
		a := r.post("/groups/new", pairs...)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(text(a.body), c.want) || !strings.Contains(a.body, "Typed: {{.Link}}") || seals.MatchString(a.body) {
			t.Errorf("%s %q: got %d, want 422 with %q and the typed message: %s", c.field, c.value, a.status, c.want, text(a.body))
		}
	}
	if a := r.post("/groups/new", "groupName", "", "phones", "12"); !strings.Contains(text(a.body), "The group has no name. Fill in groupName. The only phone cannot be used") {
		t.Errorf("two faults: %d %s", a.status, text(a.body))
	}
}
