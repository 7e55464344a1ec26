package producercmd

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

func TestStatusPage_ShowsWhatNeedsAPersonAndWhatHelps(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	page := (&cli.Session{IO: &cli.IO{Out: &out, Now: time.Now, Width: func() int { return 0 }, LookupEnv: func(string) (string, bool) { return "", false }}}).Page()
	statusPage(page, view.Document{Needs: []view.Need{
		{Kind: view.NeedPool, Name: "vip", Behind: store.Behind{Groups: 1, People: 7}},
		{Kind: view.NeedFault, Fault: "noMembers", Behind: store.Behind{Groups: 3, People: 3}},
	}})
	if err := page.Flush(); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	const want = "NEEDS YOU PEOPLE GROUPS WHAT HELPS vip: No instance serves this pool 7 1 Start a worker with an instance of this pool, or move the groups to another pool. No members left 3 3 Correct the numbers"
	if !strings.Contains(text, want) {
		t.Errorf("got %s, want %q in it", text, want)
	}
}

func TestGroupPage_ShowsTheSetupAndTheStaff(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	shown := func(d group.Document) string {
		var out strings.Builder
		page := (&cli.Session{IO: &cli.IO{Out: &out, Now: func() time.Time { return at.Add(time.Hour) }, Width: func() int { return 0 }, LookupEnv: func(string) (string, bool) { return "", false }}}).Page()
		groupPage(page, d)
		if err := page.Flush(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	d := group.Document{GroupName: "Turma 1", Members: []group.MemberDocument{
		{Phone: "+5544999990001", Status: group.Added, Admin: true, UpdatedAt: at},
		{Phone: "+5544999990009", Status: group.NotAdded, Role: group.RoleStaff, UpdatedAt: at},
	}}
	if text := shown(d); strings.Contains(text, "SET-UP") {
		t.Errorf("a set-up that was not asked for is shown:\n%s", text)
	}
	d.Setup = []group.StepDocument{
		{Step: group.StepPhoto, Status: group.StepRefused, Reason: say.Words("no picture"), UpdatedAt: at}, {Step: group.StepWelcome, Status: group.StepDone, UpdatedAt: at},
	}
	text := shown(d)
	lines := map[string]string{}
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 {
			lines[words[0]] = strings.Join(words, " ")
		}
	}
	for first, parts := range map[string][]string{
		"photo": {"refused", "no picture", "10:00"}, "welcome": {"done", "10:00"}, "+5544999990001": {"added, admin"}, "+5544999990009": {"notAdded, staff"},
	} {
		for _, part := range parts {
			if !strings.Contains(lines[first], part) {
				t.Errorf("the line of %s is %q, it lacks %q", first, lines[first], part)
			}
		}
	}
}
