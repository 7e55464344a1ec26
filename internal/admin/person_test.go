package admin_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPersonPage_ShowsThePersonInAllGroups(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	first := r.accept("Turma 1", "5544991234567", "5544991234568")
	second := r.accept("Turma 2", "5544991234567")
	r.finish(second, group.Added)
	r.accept("Another person's", "5544997654321")
	to := r.post("/search", "q", "(44) 99123-4567").to()
	if !strings.HasPrefix(to, "/people/") || strings.Contains(to, "4567") {
		t.Fatalf("the search: got a redirect to %q, want a person's page without the number", to)
	}
	page := r.get(to).body
	wants(t, page, first, second)
	wants(t, text(page), "+5544•••••4567", "Not on the suppression list.", "Turma 2 added")
	if strings.Contains(page, "Another person") || strings.Contains(page, "991234567") {
		t.Errorf("the page shows another person or a number: %s", text(page))
	}
	if a := r.post(to+"/suppress", "reason", "asked us to"); a.to() != to+"?said=suppressed" {
		t.Fatalf("suppress: got %d to %q, want said=suppressed", a.status, a.to())
	}
	wants(t, text(r.get(to).body), "On the suppression list", "asked us to", "Take off the list")
	if a := r.post(to + "/unsuppress"); a.to() != to+"?said=unsuppressed" {
		t.Errorf("unsuppress: got %d to %q, want said=unsuppressed", a.status, a.to())
	}
	wants(t, text(r.get(to).body), "Not on the suppression list.")
	if a := r.post(to + "/evidence"); a.status != http.StatusOK || !strings.Contains(a.body, `"phone": "+5544991234567"`) || !strings.Contains(a.body, first) {
		t.Errorf("the evidence: got %d, want 200 with the number and its groups: %s", a.status, a.body)
	}
	if len(r.entries(audit.Suppress)) != 1 || len(r.entries(audit.Unsuppress)) != 1 {
		t.Errorf("the audit log has %d suppressions and %d removals, want one each", len(r.entries(audit.Suppress)), len(r.entries(audit.Unsuppress)))
	}
}

func TestPersonPage_ListsAGroupThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.accept("Turma 1", "5544991234567")
	spoiled := r.accept("Turma 2", "5544991234567")
	if err := r.rdb.Set(t.Context(), "rollcall:{"+spoiled+"}", "gar|bage", 0).Err(); err != nil {
		t.Fatal(err)
	}
	page := r.get(r.post("/search", "q", "(44) 99123-4567").to()).body
	wants(t, page, "Turma 1", "/groups/"+spoiled)
	wants(t, text(page), spoiled+" the record of this group cannot be read: damaged unreadable")
}

func TestPersonPage_SuppressesAPersonWhoseNewestGroupCannotBeRead(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.accept("Turma 1", "5544991234567")
	spoiled := r.accept("Turma 2", "5544991234567")
	if err := r.rdb.Set(t.Context(), "rollcall:{"+spoiled+"}", "gar|bage", 0).Err(); err != nil {
		t.Fatal(err)
	}
	to := r.post("/search", "q", "(44) 99123-4567").to()
	wants(t, r.get(to).body, to+"/suppress")
	if a := r.post(to + "/suppress"); a.to() != to+"?said=suppressed" {
		t.Errorf("suppress: got %d to %q, want said=suppressed", a.status, a.to())
	}
}

func TestPersonPage_AFailedRemovalFromTheListIsToldSo(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.accept("Turma 1", "5544991234567")
	to := r.post("/search", "q", "(44) 99123-4567").to()
	if a := r.post(to + "/suppress"); a.to() != to+"?said=suppressed" {
		t.Fatalf("suppress: got %d to %q, want said=suppressed", a.status, a.to())
	}
	const list = "rollcall:suppressed"
	testutil.Meddle(r.rdb).Before([]string{"hdel", list}, func() {
		if err := errors.Join(r.rdb.Rename(t.Context(), list, list+":away").Err(), r.rdb.Set(t.Context(), list, "damaged", 0).Err()); err != nil {
			t.Error(err)
		}
	})
	if a := r.post(to + "/unsuppress"); a.status < 500 {
		t.Errorf("got %d to %q, want an error: the person is still on the list", a.status, a.to())
	}
}

func TestPersonPage_SuppressesAPersonWithoutGroups(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	a := r.post("/search", "q", "+55 44 99000-0000")
	wants(t, text(a.body), "+5544•••••0000", "No group has this person.")
	_, rest, _ := strings.Cut(a.body, `action="/people/`)
	token, _, _ := strings.Cut(rest, "/")
	wants(t, text(r.post("/people/"+token+"/suppress", "phone", "+55 44 99000-0000").body), "On the suppression list")
	if a := r.post("/people/"+token+"/suppress", "phone", "+55 44 99000-0001"); a.status != http.StatusNotFound {
		t.Errorf("the number of another person: got %d, want 404", a.status)
	}
	if a := r.get("/people/" + token); a.status != http.StatusNotFound {
		t.Errorf("the page of a person without groups: got %d, want 404", a.status)
	}
}

func TestSearch_FindsAnyWordOfANameAndBatches(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	id := r.accept("Turma 12 da escola de Química Orgânica à Noite", "5544991234567")
	batch, _ := r.batch("Escolas de São Paulo.csv", "Other")
	for _, typed := range []string{"ORGANICA", "noite", "quimica org"} {
		if page := r.get(r.post("/search", "q", typed).to()).body; !strings.Contains(page, id) {
			t.Errorf("the search for %q does not find the group: %s", typed, text(page))
		}
	}
	for _, typed := range []string{"sao", "PAULO", "escolas de s"} {
		wants(t, r.get(r.post("/search", "q", typed).to()).body, "/batches/"+batch)
	}
}
