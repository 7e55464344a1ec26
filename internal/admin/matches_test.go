package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestGroups_AreFilteredByPoolErrorAndDay(t *testing.T) {
	t.Parallel()
	r, failed, doubtful, waiting := stage(t)
	today := time.Now().In(saoPaulo(t))
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	own := r.acceptFor("beta", "For beta")
	for path, holds := range map[string][]string{
		"/groups?pool=default":                             {failed, doubtful, waiting},
		"/groups?fault=refused:bad-request":                {failed},
		"/groups?from=" + day(0) + "&to=" + day(0):         {failed, doubtful, waiting, own},
		"/groups?from=" + day(1):                           nil,
		"/groups?from=0000-01-01&to=9999-12-31":            {failed, doubtful, waiting, own},
		"/groups?to=1969-12-30":                            nil,
		"/groups?to=" + day(-1):                            nil,
		"/groups?status=queued&instance=beta&to=" + day(0): {own},
	} {
		page := r.get(path).body
		for _, id := range []string{failed, doubtful, waiting, own} {
			want := false
			for _, h := range holds {
				want = want || h == id
			}
			if strings.Contains(page, id) != want {
				t.Errorf("%s lists %s: %v, want %v: %s", path, id, !want, want, text(page[strings.Index(page, "<tbody"):]))
			}
		}
		wants(t, text(page), fmt.Sprintf("%d group", len(holds)))
	}
	page := r.get("/groups").body
	wants(t, page, `<option value="refused:bad-request">`, `<option>default</option>`)
	if a := r.get("/groups?from=yesterday"); a.status != http.StatusBadRequest {
		t.Errorf("an invalid day: got %d, want 400", a.status)
	}
}

func TestGroups_TotalCountsAllPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprint("Turma ", i))
	}
	batch, _ := r.batch("sixty", names...)
	for _, path := range []string{"/groups", "/groups?status=queued", "/groups?batch=" + batch, "/groups?pool=default"} {
		wants(t, text(r.get(path).body), "60 groups")
	}
	wants(t, text(r.get("/groups?pool=default&batch="+batch).body), "60 groups at most")
}

func TestGroups_OffersOnlyActionsThatAreAllowedAndHelp(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha", "beta")
	wrong := r.accept("Wrong", "5544999999991")
	r.refuse(wrong, 400, "Validation failed. Details: 'groupName' is required")
	denied := r.accept("Denied", "5544999999991")
	r.refuse(denied, 401, "Unauthorized")
	r.take(tasks.GroupRequest{GroupName: "Waiting"}, "5544999999991")
	button := func(action string) string { return `name="action" value="` + action + `"` }
	for _, c := range []struct {
		path                string
		retry, cancel, move bool
	}{
		{"/groups?status=queued", false, true, true},
		{"/groups?status=failed", true, false, false},
		{"/groups?status=review", false, false, false},
		{"/groups?fault=refused:token", true, false, false},
		{"/groups?fault=refused:bad-request", false, false, false},
		{"/groups?pool=default", true, true, true},
	} {
		page := r.get(c.path).body
		for action, want := range map[string]bool{"retry": c.retry, "cancel": c.cancel, "move": c.move} {
			if strings.Contains(page, button(action)) != want {
				t.Errorf("%s offers %s: %v, want %v", c.path, action, !want, want)
			}
		}
	}
	for id, want := range map[string]bool{wrong: false, denied: true} {
		page := r.get("/groups/" + id).body
		if strings.Contains(page, "/groups/"+id+"/retry") != want || !strings.Contains(page, "/groups/"+id+"/edit") {
			t.Errorf("the page of %s does not offer the edit, or does not match retry %v: %s", id, want, text(page))
		}
	}
	problems := r.get("/problems").body
	wants(t, problems, `query" value="fault=refused:token"`)
	wants(t, text(problems), "Correct the groups")
	if strings.Contains(problems, `value="fault=refused:bad-request"`) {
		t.Error("/problems offers a retry where only a corrected request helps")
	}
}

// A filtered list may stop before its end, and must not say then that no group matches.
func TestGroups_ListThatStopsEarlySaysSoAndOffersTheRest(t *testing.T) {
	t.Parallel()
	for _, groups := range [][]group.Document{nil, {{ID: "grp_1", GroupName: "Turma"}}} {
		early, end := admin.Listed(groups, "/groups?cursor=x"), admin.Listed(groups, "")
		if !strings.Contains(early, "stopped early") || !strings.Contains(early, "Look further") || strings.Contains(early, "No group matches") {
			t.Errorf("a list of %d groups that stopped early does not say so and go on: %s", len(groups), early)
		}
		if strings.Contains(end, "stopped early") || strings.Contains(end, "No group matches") != (len(groups) == 0) {
			t.Errorf("a complete list of %d groups: says that it stopped early, or is wrong about matches: %s", len(groups), end)
		}
	}
}
