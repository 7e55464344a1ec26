package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/audit"
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

func TestBatch_FailuresGoOutForExcelAndByPerson(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	batch, ids := r.batch("failing", "Turma 1")
	r.refuse(ids[0], 400, "Bad Request")
	r.login("operator")
	if page := r.get("/batches/" + batch).body; !strings.Contains(page, `value="excel-br"`) || !strings.Contains(page, `value="person"`) {
		t.Error("the page offers no choice")
	}
	for _, tt := range []struct{ program, row, want string }{
		{"", "group", `"groupName"` + `,`},
		{"excel-br", "group", "\ufeff" + `"groupName";`},
		{"excel-us", "person", "\ufeff" + `"group"` + `,"name","phone"`},
	} {
		a := r.post("/batches/"+batch+"/failures.csv", "for", tt.program, "oneRowIs", tt.row)
		if a.status != http.StatusOK || !strings.HasPrefix(a.body, tt.want) || !strings.Contains(a.body, "+5544999999991") {
			t.Errorf("for %q, by %s: %d %q", tt.program, tt.row, a.status, a.body)
		}
	}
	if a := r.post("/batches/"+batch+"/failures.csv", "for", "lotus"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown program: %d", a.status)
	}
}
