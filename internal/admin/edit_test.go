package admin_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

var (
	removals = regexp.MustCompile(`name="remove" value="([0-9a-f]+)"`)
	seals    = regexp.MustCompile(`name="seal" value="([0-9a-f]+)"`)
)

func TestEditPage_ChangesAdminsAndSettings(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	id := r.accept("Turma 12", "5544999999991", "5544999999992")
	path := "/groups/" + id + "/edit"
	edit := func(admins, send, want string) {
		t.Helper()
		values := []string{"groupName", "Turma 12", "autoInvite", "1", "admins", admins, "onlyAdminsSend", send, "region", "br"}
		plan := r.post(path, values...)
		wants(t, text(plan.body), "Admins changes", "Settings changes")
		seal := seals.FindStringSubmatch(plan.body)
		if seal == nil {
			t.Fatalf("no plan: %s", text(plan.body))
		}
		if done := r.post(path+"/run", append(values, "seal", seal[1])...); !strings.HasSuffix(done.to(), "?said=edited") {
			t.Fatalf("run: got %d to %q, want the edited group: %s", done.status, done.to(), text(done.body))
		}
		g, err := r.store.Records.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if asked, err := json.Marshal(g.Setup.Asked); err != nil || string(asked) != want {
			t.Errorf("got the set-up %s, want %s (%v)", asked, want, err)
		}
	}
	edit("todos", "on", `{"admins":"all","settings":{"onlyAdminsSend":true}}`)
	wants(t, r.get(path).body, ">all</textarea>", `<option value="on" selected>`)
	edit("44 99999-9991", "off", `{"admins":["+5544999999991"],"settings":{"onlyAdminsSend":false}}`)
	form := r.get(path)
	wants(t, text(form.body), "(1 named; left empty, they stay)")
	if strings.Contains(form.body, "999999991") {
		t.Error("the form shows an admin's number")
	}
	kept := r.post(path, "groupName", "Turma 12", "autoInvite", "1", "admins", "", "onlyAdminsSend", "off")
	wants(t, text(kept.body), "Nothing differs")
}

func TestEditPage_ClearsWhatItDoesNotShow(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	id := r.take(tasks.GroupRequest{GroupName: "Turma 12", Setup: tasks.Setup{
		Description: "Call +55 44 99999-9992", WelcomeMessage: "Hello", Admins: &tasks.Admins{People: []tasks.Phone{"5544999999991"}},
	}}, "5544999999991", "5544999999992")
	path := "/groups/" + id + "/edit"
	form := r.get(path)
	wants(t, form.body, `name="clear" value="admins">`, `name="clear" value="description"> Description: take away the text`)
	if strings.Contains(form.body, "99999") || strings.Contains(form.body, `value="welcomeMessage">`) {
		t.Errorf("the form shows a number, or offers to clear what it shows: %s", form.body)
	}
	values := url.Values{"groupName": {"Turma 12"}, "autoInvite": {"1"}, "welcomeMessage": {"Hello"}, "clear": {"admins", "description"}}
	plan := r.do(http.MethodPost, path, values)
	wants(t, text(plan.body), "Admins changes", "Description changes")
	wants(t, plan.body, `name="clear" value="admins" checked>`, `name="clear" value="description" checked>`)
	seal := seals.FindStringSubmatch(plan.body)
	if seal == nil {
		t.Fatalf("no plan: %s", text(plan.body))
	}
	values.Set("seal", seal[1])
	if done := r.do(http.MethodPost, path+"/run", values); !strings.HasSuffix(done.to(), "?said=edited") {
		t.Fatalf("run: got %d to %q, want the edited group: %s", done.status, done.to(), text(done.body))
	}
	g, err := r.store.Records.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if asked, err := json.Marshal(g.Setup.Asked); err != nil || string(asked) != `{"welcomeMessage":"Hello"}` {
		t.Errorf("got the set-up %s, want only the welcome message (%v)", asked, err)
	}
}

func TestEditPage_ShowsWhatWouldChangeBeforeItIsDone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	for name, replaced := range map[string]bool{"Truma 12": false, "Truma 13": true} {
		id := r.accept(name, "5544999999991", "5544999999992", "12")
		if replaced {
			r.refuse(id, 400, "Validation failed")
		}
		wants(t, r.get("/groups/"+id).body, `href="/groups/`+id+`/edit"`, "rollcall-producer edit "+id)
		form := r.get("/groups/" + id + "/edit")
		tokens := removals.FindAllStringSubmatch(form.body, -1)
		if form.status != http.StatusOK || len(tokens) != 3 || !strings.Contains(form.body, `value="`+name+`"`) || strings.Contains(form.body, "999999991") {
			t.Fatalf("the form: got %d with %d people, want 200 with 3 and no number: %s", form.status, len(tokens), text(form.body))
		}
		values := []string{"groupName", "Turma", "autoInvite", "1", "remove", tokens[1][1], "add", "44 99999-9993\r\n", "region", "br", "expiresAt", ""}
		plan := r.post("/groups/"+id+"/edit", values...)
		what := "The waiting group is edited in place"
		if replaced {
			what = "Another group is created instead"
		}
		wants(t, text(plan.body), what, "Name changes", "is added", "is taken out")
		seal := seals.FindStringSubmatch(plan.body)
		if g, err := r.store.Records.Load(t.Context(), id); err != nil || g.Name != name || g.ReplacedBy != "" || seal == nil {
			t.Fatalf("the plan changed the group, or has no seal: %+v (%v)", g, err)
		}
		unseen := r.post("/groups/"+id+"/edit/run", append(values, "seal", "0000000000000000")...)
		wants(t, text(unseen.body), "The group has changed since")
		if g, _ := r.store.Records.Load(t.Context(), id); g.Name != name || g.ReplacedBy != "" {
			t.Error("a run whose seal is not that of the plan changed the group")
		}
		done := r.post("/groups/"+id+"/edit/run", append(values, "seal", seal[1])...)
		if done.status != http.StatusSeeOther || !strings.HasSuffix(done.to(), "?said=edited") {
			t.Fatalf("run: got %d to %q, want the edited group: %s", done.status, done.to(), text(done.body))
		}
		shown := r.get(done.to())
		wants(t, text(shown.body), "Corrected.", "Turma")
		if old := r.get("/groups/" + id); replaced != strings.Contains(text(old.body), "Replaced by") || replaced != strings.Contains(text(shown.body), "Replaces") {
			t.Errorf("replaced is %v: the pages of the old and the new group do not say so", replaced)
		}
	}
	if n := len(r.entries(audit.EditGroup)); n != 2 {
		t.Errorf("the audit log has %d edits, want 2", n)
	}
}

func TestEditPage_SaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.accept("Turma 12", "5544999999991")
	for _, c := range []struct{ field, value, want string }{
		{"groupName", "", "The group has no name"},
		{"expiresAt", "tomorrow", "expiresAt is not a time"},
		{"region", "XX", "The region is not a country"},
		{"photo", "logo.jpg", "photo is not the address of a picture"},
	} {
		values := map[string]string{"groupName": "Turma 12", "inviteMessage": "Typed: {{.Link}}", "autoInvite": "1"}
		values[c.field] = c.value
		var pairs []string
		for name, value := range values {
			pairs = append(pairs, name, value)
		}
		a := r.post("/groups/"+id+"/edit", pairs...)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(text(a.body), c.want) || !strings.Contains(a.body, "Typed: {{.Link}}") {
			t.Errorf("%s %q: got %d, want 422 with %q and the typed message: %s", c.field, c.value, a.status, c.want, text(a.body))
		}
	}
	if a := r.post("/groups/"+id+"/edit", "groupName", "Turma 12", "autoInvite", "1"); !strings.Contains(text(a.body), "Nothing differs") {
		t.Errorf("an unchanged form: want Nothing differs: %s", text(a.body))
	}
	r.change(id, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		return nil
	})
	if a := r.get("/groups/" + id + "/edit"); a.status != http.StatusConflict {
		t.Errorf("during the create call: got %d, want 409", a.status)
	}
}

// A form that was left open has values that a colleague has changed since. Its plan must say so before it changes them back.
func TestEditPage_AnOldFormSaysThatTheGroupHasChanged(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("operator")
	id := r.accept("Turma 12", "5544999999991", "5544999999992")
	to := "/groups/" + id + "/edit"
	old := append(formOf(t, r.get(to).body, to), "groupName", "Turma 12", "autoInvite", "1", "add", "+5544999999993")
	run := func(form []string) answer {
		t.Helper()
		seal := seals.FindStringSubmatch(r.post(to, form...).body)
		if seal == nil {
			t.Fatal("the plan has no seal")
		}
		return r.post(to+"/run", append(form, "seal", seal[1])...)
	}
	const changed = "The group has changed since"
	if plan := text(r.post(to, old...).body); strings.Contains(plan, changed) {
		t.Errorf("the group has not changed, but the plan says so: %s", plan)
	}
	if a := run(append(formOf(t, r.get(to).body, to), "groupName", "Turma 12")); a.status != http.StatusSeeOther { // without autoInvite
		t.Fatalf("the colleague's edit: got %d, want 303: %s", a.status, text(a.body))
	}
	wants(t, text(r.post(to, old...).body), changed)
	shown := run(old)
	wants(t, text(shown.body), changed)
	if g, err := r.store.Records.Load(t.Context(), id); err != nil || g.AutoInvite || len(g.Members) != 2 {
		t.Errorf("the old form changed the group: %+v, %v", g, err)
	}
	again := append(formOf(t, shown.body, to), old[2:]...)
	if a := run(again); a.status != http.StatusSeeOther {
		t.Errorf("running what was shown: got %d, want 303: %s", a.status, text(a.body))
	}
}
