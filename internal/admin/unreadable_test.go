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

func TestProblems_WhatCannotBeReadIsListedExportedAndRemoved(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	id := r.accept("Turma 1", "5544999999991")
	if err := r.rdb.Set(t.Context(), "rollcall:{"+id+"}", "gar|bage", 0).Err(); err != nil {
		t.Fatal(err)
	}
	r.login("viewer")
	r.get("/groups") // whatever passes over it finds it
	page := r.get("/problems").body
	wants(t, page, "What cannot be read", id, "It is damaged, or a newer version wrote it.", "An admin can decide this.")
	if strings.Contains(page, "/unreadable/remove") {
		t.Error("a viewer is offered to remove it")
	}
	r.login("admin")
	wants(t, r.get("/problems", "Accept-Language: pt-BR").body, "O que não pode ser lido", "Está danificado", "/unreadable/remove")
	raw := r.post("/unreadable/raw", "kind", "group", "id", id)
	if raw.status != http.StatusOK || !strings.Contains(raw.body, id) || !strings.Contains(raw.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("export: %d %s", raw.status, raw.body)
	}
	if a := r.post("/unreadable/remove", "kind", "group", "id", id); a.status != http.StatusSeeOther || a.to() != "/problems?said=removed" {
		t.Errorf("remove: %d %s %s", a.status, a.to(), text(a.body))
	}
	if page := r.get("/problems?said=removed").body; strings.Contains(page, id) || !strings.Contains(page, "Removed.") {
		t.Errorf("it is still listed: %s", text(page))
	}
	if a := r.post("/unreadable/remove", "kind", "group", "id", id); a.status != http.StatusNotFound {
		t.Errorf("once more: %d", a.status)
	}
	if n := len(r.entries(audit.RemoveUnreadable)); n != 2 {
		t.Errorf("%d entries of removals, want 2: one done, one not found", n)
	}
}

func TestBatch_OffersItsGroupsAndItsFailuresAsFiles(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	batch, ids := r.batch("failing", "Turma 1")
	r.login("viewer")
	export := `<form method="get" action="/v1/batches/` + batch + `/export"><button>All groups as CSV</button>`
	const failures = `<button name="only" value="failed">`
	if page := r.get("/batches/" + batch).body; !strings.Contains(page, export) || strings.Contains(page, failures) {
		t.Errorf("without a failure the page has\n%s", page)
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
				t.Errorf("%s as %s: %d %q", query, role, a.status, a.body)
			}
		}
	}
	r.post("/logout")
	if a := r.get("/v1/batches/" + batch + "/export"); a.status != http.StatusUnauthorized {
		t.Errorf("without a session: %d", a.status)
	}
}

func TestPage_TellsAFailingRedisInTheReadersLanguage(t *testing.T) {
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
			t.Errorf("%s: %d %s", lang, a.status, text(a.body))
		}
	}
}

// Two versions share one Redis during a deploy, so the page meets words that only a newer one knows.
func TestPage_AStoredWordWithoutATextIsShownAsItIs(t *testing.T) {
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
			t.Errorf("%s: %d without %q: %s", path, a.status, word, text(a.body))
		}
	}
}
