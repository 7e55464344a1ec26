package admin_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// crowd announces n instances, of which every fifth is disconnected.
func (r *rig) crowd(n int) {
	r.t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("number-%03d", i)
	}
	r.announce(names...)
	now, err := r.store.Now(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < n; i += 5 {
		if _, err := r.store.Presence.SetHealth(r.t.Context(), names[i], provider.State{Health: provider.Disconnected, Reason: say.Words("not connected")}, now); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestOverview_ManyInstancesAreCountedByState(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.crowd(60)
	a := r.get("/")
	wants(t, a.body, `href="/instances?state=disconnected"><b>12</b>`)
	wants(t, text(a.body), "Instances 60", "12 instances: ")
	if strings.Contains(a.body, "number-000") {
		t.Error("the overview names one of many instances with the same problem")
	}
}

func TestOverview_NeedsThatHoldUpMostGroupsComeFirst(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha", "beta", "gamma")
	for _, name := range []string{"alpha", "beta"} {
		if _, err := r.store.Presence.SetHealth(t.Context(), name, provider.State{Health: provider.Disconnected}, must(r.store.Now(t.Context()))); err != nil {
			t.Fatal(err)
		}
	}
	r.acceptFor("alpha", "one")
	for i := range 3 {
		r.acceptFor("beta", fmt.Sprint("more ", i))
	}
	r.many(2)
	page := text(r.get("/").body)
	page = page[strings.Index(page, "What needs you"):]
	beta, fault, alpha := strings.Index(page, "beta: "), strings.Index(page, "2 groups"), strings.Index(page, "alpha: ")
	if beta < 0 || beta > fault || fault > alpha {
		t.Errorf("got beta at %d, the error at %d, alpha at %d, want them in this order: %s", beta, fault, alpha, page)
	}
}

func TestInstances_QueryFiltersSortsAndTurnsPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.crowd(60)
	for i := range 2 {
		r.acceptFor("number-042", fmt.Sprint("Turma ", i))
	}
	for _, c := range []struct {
		path  string
		first string
		rows  int
		says  string
	}{
		{"/instances", "number-000", 50, "Instances 60"},
		{"/instances?from=50", "", 10, "Instances 60"},
		{"/instances?sort=waiting", "number-042", 50, ""},
		{"/instances?sort=name&from=50", "number-050", 10, ""},
		{"/instances?state=disconnected", "number-000", 12, "12 of 60 instances"},
		{"/instances?name=MBER-01", "number-010", 10, "10 of 60 instances"},
		{"/instances?pool=default&provider=zapi&state=ready", "", 0, "No instance matches."},
		{"/instances?from=nonsense", "number-000", 50, ""},
	} {
		a := r.get(c.path)
		rows := strings.Split(a.body, `<tr data-key="i-`)[1:]
		if a.status != http.StatusOK || len(rows) != c.rows || c.first != "" && !strings.HasPrefix(rows[0], c.first) {
			t.Errorf("%s: got %d with %d rows, want %d; the first is %.20s, want %q", c.path, a.status, len(rows), c.rows, slices.Concat(rows, []string{"none"})[0], c.first)
		}
		wants(t, text(a.body), c.says)
	}
}

func TestGroups_AnUnknownInstanceOrPoolIsRefusedUnlessItHasGroups(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.acceptFor("gone", "A")
	r.announce("alpha")
	for path, status := range map[string]int{
		"/groups?instance=unknown": 404, "/groups?pool=unknown": 404, "/groups?instance=gone": 200, "/groups?instance=gone&status=failed": 200,
		"/groups?instance=alpha": 200, "/groups?pool=default": 200,
	} {
		if a := r.get(path); a.status != status {
			t.Errorf("%s: got %d, want %d: %s", path, a.status, status, text(a.body))
		}
	}
	wants(t, text(r.get("/groups?instance=unknown").body), "No instance is called", "Name one of: alpha.")
}

func TestPage_TitleNamesWhatThePageShows(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	id := r.accept("Turma 12 com +55 44 99999-9991", "5544999999991")
	batch, _ := r.batch("turmas.csv", "A")
	for path, title := range map[string]string{
		"/groups":                              "Groups · rollcall",
		"/groups?status=failed&instance=alpha": "Groups: failed, alpha · rollcall",
		"/instances/alpha":                     "alpha · rollcall",
		"/instances?state=disconnected":        "Instances: disconnected · rollcall",
		"/batches/" + batch:                    "turmas.csv · rollcall",
		"/groups/" + id:                        "Turma 12 com +5544•••••9991 · rollcall",
		"/groups/" + id + "/edit":              "Correct the group: Turma 12 com +5544•••••9991 · rollcall",
	} {
		if page := r.get(path).body; !strings.Contains(page, "<title>"+title+"</title>") {
			_, rest, _ := strings.Cut(page, "<title>")
			got, _, _ := strings.Cut(rest, "</title>")
			t.Errorf("%s: got the title %q, want %q", path, got, title)
		}
	}
}

func TestPage_MenuCountsGroupsProblemsAndReviews(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	r.many(3)
	r.doubt(r.accept("Doubtful", "5544999999992"))
	for _, path := range []string{"/", "/audit", "/jobs"} {
		menu, _, _ := strings.Cut(r.get(path).body, "</nav>")
		wants(t, text(menu), "Groups 4", "Problems 3", "Review 1")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
