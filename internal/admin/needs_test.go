package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

// people returns n phone numbers.
func people(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("55449999999%02d", i)
	}
	return all
}

func TestOverview_NeedsThatHoldUpMostPeopleComeFirst(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha", "beta", "gamma")
	for _, name := range []string{"alpha", "beta"} {
		if err := r.store.Presence.SetPaused(t.Context(), name, &store.Pause{Reason: "new SIM", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 { // most groups, fewest people
		r.take(tasks.GroupRequest{GroupName: fmt.Sprint("Small ", i), Instance: "alpha"}, people(1)...)
	}
	inviting := r.take(tasks.GroupRequest{GroupName: "Large", Instance: "beta"}, people(9)...)
	r.change(inviting, func(g *group.Group, _ time.Time) error {
		g.Status, g.Instance, g.WhatsAppID = group.Inviting, "beta", "120363000000000001-group"
		for i := range g.Members {
			if g.Members[i].Status = group.InviteQueued; i < 2 {
				g.Members[i].Status = group.Added
			}
		}
		return nil
	})
	orphan := r.accept("Orphan", people(5)...)
	r.change(orphan, func(g *group.Group, _ time.Time) error {
		g.Target = tasks.Target{Pool: "vip"}
		return nil
	})
	r.refuse(r.accept("Refused", people(6)...), 400, "Validation failed. Details: 'phones' is required")
	r.doubt(r.accept("Doubtful", people(4)...))
	want := []view.Need{
		{Kind: view.NeedInstance, Name: "beta", Behind: store.Behind{Groups: 1, People: 7}},
		{Kind: view.NeedFault, Behind: store.Behind{Groups: 1, People: 6}},
		{Kind: view.NeedPool, Name: "vip", Behind: store.Behind{Groups: 1, People: 5}},
		{Kind: view.NeedReview, Behind: store.Behind{Groups: 1, People: 4}},
		{Kind: view.NeedInstance, Name: "alpha", Behind: store.Behind{Groups: 3, People: 3}},
	}
	var status struct {
		Needs   []view.Need          `json:"needs"`
		Waiting map[group.Status]int `json:"waiting"`
	}
	if err := json.Unmarshal([]byte(r.get("/v1/status").body), &status); err != nil || len(status.Needs) != len(want) {
		t.Fatalf("got the status %+v, want %d needs (%v)", status, len(want), err)
	}
	for i, n := range status.Needs {
		if w := want[i]; n.Kind != w.Kind || n.Name != w.Name || n.Behind != w.Behind {
			t.Errorf("need %d: got %+v, want %+v", i, n, w)
		}
	}
	if status.Waiting[group.Failed] != 6 || status.Waiting[group.Review] != 4 || status.Waiting[group.Inviting] != 7 || status.Waiting[group.Queued] != 8 {
		t.Errorf("got %v people waiting, want 6 failed, 4 in review, 7 inviting, 8 queued", status.Waiting)
	}
	page := text(r.get("/").body)
	page = page[strings.Index(page, "What needs you"):]
	for _, words := range []string{
		"beta: Paused by a person · 7 people wait · 1 group", "Refused by the provider: The provider cannot read the request · 6 people wait · 1 group",
		"vip: No instance serves this pool · 5 people wait · 1 group", "Uncertain groups wait for a decision · 4 people wait · 1 group", "alpha: Paused by a person · 3 people wait · 3 groups",
	} {
		at := strings.Index(page, words)
		if at < 0 {
			t.Fatalf("the page lacks %q after the needs before it: %s", words, page)
		}
		page = page[at:]
	}
	problems := text(r.get("/problems").body)
	if beta, alpha := strings.Index(problems, "beta: Paused"), strings.Index(problems, "alpha: Paused"); beta < 0 || alpha < beta {
		t.Errorf("/problems lacks beta, or has alpha before it: %s", problems)
	}
	wants(t, problems, "7 people wait", "6 people wait ·")
	wants(t, text(r.get("/", "Accept-Language: pt-BR").body), "7 pessoas esperam", "Nenhuma instância atende este pool")
}

func TestNeeds_GroupsOfAPoolWithManyPausedInstancesAreCountedOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	names := []string{"alpha", "beta", "gamma", "delta"}
	r.announce(names...)
	for _, name := range names {
		if err := r.store.Presence.SetPaused(t.Context(), name, &store.Pause{Reason: "new SIM", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	r.accept("Pooled", people(5)...)
	r.take(tasks.GroupRequest{GroupName: "Own", Instance: "beta"}, people(2)...)
	wants(t, text(r.get("/").body), "4 instances: Paused by a person · 7 people wait · 2 groups")
	if err := r.store.Presence.SetPaused(t.Context(), "gamma", nil); err != nil {
		t.Fatal(err)
	}
	wants(t, text(r.get("/").body), "beta: Paused by a person · 2 people wait · 1 group", "alpha: Paused by a person new SIM")
}

func TestOverview_KeyOfAnotherTypeIsNamedWithoutStartingOver(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha", "beta")
	if err := r.rdb.Set(t.Context(), "rollcall:numbers", "a stranger's", 0).Err(); err != nil {
		t.Fatal(err)
	}
	a := r.get("/")
	if a.status != http.StatusOK || !strings.Contains(a.body, "a Redis key (rollcall:numbers) holds another type of value") || strings.Contains(a.body, "Start over on this Redis") {
		t.Errorf("got %d, want 200 that names the key and does not offer to start over: %s", a.status, a.body)
	}
	if strings.Contains(a.body, "Paused by a person") || !strings.Contains(a.body, "All instances are held") {
		t.Errorf("the overview says that instances are paused, or not that all are held: %s", a.body)
	}
}
