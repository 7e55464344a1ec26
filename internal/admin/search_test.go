package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

func TestSearch_FindsAGroupByAnyOfItsTexts(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	id := r.accept("Turma 12 – Química Orgânica", "5544991234567")
	r.accept("Another person", "5544997654321")
	for _, c := range []struct{ name, typed string }{
		{"digits", "5544991234567"},
		{"with a plus and spaces", "+55 44 99123-4567"},
		{"in brackets, without the country", "(44) 99123-4567"},
		{"without the ninth digit", "55 44 9123-4567"},
		{"a chat id", "554491234567@c.us"},
		{"its name", "turma 12"},
		{"a word of it without accents", "quimica"},
		{"the same in capitals", "QUÍMICA ORG"},
		{"its reference", "ref Turma 12 – Química Orgânica"},
		{"its id", id},
	} {
		a := r.post("/search", "q", c.typed)
		if a.status != http.StatusSeeOther {
			t.Errorf("%s: got %d, want 303", c.name, a.status)
			continue
		}
		if strings.Contains(a.to(), "1234567") {
			t.Errorf("%s: the redirect to %s holds the number", c.name, a.to())
		}
		page := r.get(a.to()).body
		if !strings.Contains(page, id) || strings.Contains(page, "Another person") {
			t.Errorf("%s: %s lacks the group or shows another: %s", c.name, a.to(), text(page))
		}
	}
	if a := r.post("/search", "q", "alpha"); a.to() != "/instances/alpha" {
		t.Errorf("the name of an instance: got a redirect to %q, want its page", a.to())
	}
	if page := text(r.post("/search", "q", "+5544990000000").body); !strings.Contains(page, "No group has this person.") {
		t.Errorf("an unknown number: the page does not say that no group has it: %s", page)
	}
}

// The page's process runs on while Redis is emptied. The groups that are accepted then have people under a new secret.
func TestSearch_FindsAPersonAlsoOnceRedisWasEmptied(t *testing.T) {
	t.Parallel()
	_, rdb := testutil.Mini(t)
	r := setupOn(t, rdb)
	if err := rdb.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.enter, err = enqueue.New(t.Context(), rdb, enqueue.Options{}); err != nil {
		t.Fatal(err)
	}
	id := r.accept("Turma 12", "5544991234567")
	a := r.post("/search", "q", "+55 44 99123-4567")
	if a.status != http.StatusSeeOther || !strings.Contains(r.get(a.to()).body, id) {
		t.Errorf("got %d to %q: %s; want the person's page with %s", a.status, a.to(), text(a.body), id)
	}
}

func TestGroups_QueryFiltersTheList(t *testing.T) {
	t.Parallel()
	r, failed, doubtful, waiting := stage(t)
	for _, c := range []struct {
		path  string
		holds []string
	}{
		{"/groups", []string{failed, doubtful, waiting}},
		{"/groups?status=failed", []string{failed}},
		{"/groups?status=failed&status=review", []string{failed, doubtful}},
		{"/groups?status=failed,review", []string{failed, doubtful}},
		{"/groups?name=turma+2", []string{doubtful}},
		{"/groups?fault=refused:bad-request", []string{failed}},
		{"/groups?fault=refused:bad-request&status=queued", nil},
		{"/groups?instance=alpha", []string{failed, doubtful}},
	} {
		page := r.get(c.path).body
		for _, id := range []string{failed, doubtful, waiting} {
			want := false
			for _, h := range c.holds {
				want = want || h == id
			}
			if strings.Contains(page, id) != want {
				t.Errorf("%s lists %s: %v, want %v", c.path, id, !want, want)
			}
		}
	}
	if a := r.get("/groups?status=nonsense"); a.status != http.StatusBadRequest {
		t.Errorf("an unknown status: got %d, want 400", a.status)
	}
}
