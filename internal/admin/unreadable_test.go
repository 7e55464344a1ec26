package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestProblems_ListExportAndRemoveUnreadableRecords(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	id := r.accept("Turma 1", "5544999999991")
	if err := r.rdb.Set(t.Context(), "rollcall:{"+id+"}", "gar|bage", 0).Err(); err != nil {
		t.Fatal(err)
	}
	r.login("viewer")
	r.get("/groups") // any list that reads the record finds it
	page := r.get("/problems").body
	wants(t, page, "What cannot be read", id, "It is damaged, or a newer version wrote it.", "An admin can decide this.")
	if strings.Contains(page, "/unreadable/remove") {
		t.Error("the page offers a viewer to remove the record")
	}
	r.login("admin")
	wants(t, r.get("/problems", "Accept-Language: pt-BR").body, "O que não pode ser lido", "Está danificado", "/unreadable/remove")
	raw := r.post("/unreadable/raw", "kind", "group", "id", id)
	if raw.status != http.StatusOK || !strings.Contains(raw.body, id) || !strings.Contains(raw.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("export: got %d, want 200 with the record as an attachment: %s", raw.status, raw.body)
	}
	if a := r.post("/unreadable/remove", "kind", "group", "id", id); a.status != http.StatusSeeOther || a.to() != "/problems?said=removed" {
		t.Errorf("remove: got %d to %q, want 303 with said=removed: %s", a.status, a.to(), text(a.body))
	}
	if page := r.get("/problems?said=removed").body; strings.Contains(page, id) || !strings.Contains(page, "Removed.") {
		t.Errorf("the removed record is still listed, or the page does not confirm the removal: %s", text(page))
	}
	if a := r.post("/unreadable/remove", "kind", "group", "id", id); a.status != http.StatusNotFound {
		t.Errorf("remove again: got %d, want 404", a.status)
	}
	if n := len(r.entries(audit.RemoveUnreadable)); n != 2 {
		t.Errorf("the audit log has %d removals, want 2: one done, one not found", n)
	}
}

func TestBatchPage_OffersGroupsAndFailuresAsFiles(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	batch, ids := r.batch("failing", "Turma 1")
	r.login("viewer")
	export := `<form method="get" action="/v1/batches/` + batch + `/export"><button>All groups as CSV</button>`
	const failures = `<button name="only" value="failed">`
	if page := r.get("/batches/" + batch).body; !strings.Contains(page, export) || strings.Contains(page, failures) {
		t.Errorf("without a failure, the page lacks the export or offers failures:\n%s", page)
	}
	r.refuse(ids[0], 400, "Bad Request")
	wants(t, r.get("/batches/"+batch).body, export, failures, `value="excel-br"`, `value="person"`)
	for role, phone := range map[string]string{"viewer": "+5544•••••9991", "operator": "+5544999999991"} {
		r.login(role)
		for query, want := range map[string]string{
			"oneRowIs=group&for=":                     `"groupName"` + `,`,
			"only=failed&oneRowIs=group&for=excel-br": "\ufeff" + `"groupName";`,
			"oneRowIs=person&for=excel-us":            "\ufeff" + `"group"` + `,"name","phone"`,
		} {
			if a := r.get("/v1/batches/" + batch + "/export?" + query); a.status != http.StatusOK || !strings.HasPrefix(a.body, want) || !strings.Contains(a.body, phone) {
				t.Errorf("%s as %s: got %d, want 200 that begins with %q and has %s: %q", query, role, a.status, want, phone, a.body)
			}
		}
	}
	r.post("/logout")
	if a := r.get("/v1/batches/" + batch + "/export"); a.status != http.StatusUnauthorized {
		t.Errorf("without a session: got %d, want 401", a.status)
	}
}

func TestPage_ShowsAFailingRedisInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	server := testutil.RealRedis(t)
	r := setupOn(t, server.Client())
	if err := r.rdb.Do(t.Context(), "acl", "setuser", "default", "-@all").Err(); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"en": "its access list forbids a command, a key or a channel (NOPERM", "pt-BR": "a lista de acesso dele proíbe um comando, uma chave ou um canal (NOPERM",
		"es": "su lista de acceso prohíbe un comando, una clave o un canal (NOPERM",
	} {
		if a := r.get("/groups", "Accept-Language: "+lang); a.status != http.StatusServiceUnavailable || !strings.Contains(text(a.body), want) {
			t.Errorf("%s: got %d, want 503 with %q: %s", lang, a.status, want, text(a.body))
		}
	}
}

// During a deploy, two versions share one Redis, so the page meets codes that only the newer version knows.
func TestPage_ShowsAnUnknownCodeAsItIs(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	for _, entry := range []string{`{"action": "group.create", "result": "postponed"}`, `{}`, "null"} {
		if err := r.rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: "rollcall:{audit}:log", Values: []any{"e", entry}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	refusal := store.Refusal{At: time.Now(), Source: "192.0.2.7", Reason: "tooTired", Count: 3}
	if err := r.store.Trail.NoteRefusals(t.Context(), []store.Refusal{refusal}); err != nil {
		t.Fatal(err)
	}
	job, err := r.store.Trail.AddJob(t.Context(), store.Job{Action: "soften"})
	if err != nil {
		t.Fatal(err)
	}
	r.login("admin")
	for path, word := range map[string]string{"/audit": "postponed", "/audit/refusals": "tooTired", "/jobs": "soften", "/jobs/" + job.ID: "soften"} {
		if a := r.get(path); a.status != http.StatusOK || !strings.Contains(a.body, word) {
			t.Errorf("%s: got %d, want 200 with %q: %s", path, a.status, word, text(a.body))
		}
	}
}
