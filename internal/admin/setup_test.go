package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// settingUp creates a group with a set-up step in each status, an admin and one person of the staff.
func (r *rig) settingUp(name string) string {
	r.t.Helper()
	id := r.accept(name, "5544999999991")
	r.change(id, func(g *group.Group, now time.Time) error {
		asked := tasks.Setup{Photo: "https://school.example/logo.png", Description: "about", Admins: &tasks.Admins{All: true}, WelcomeMessage: "hello", Settings: &tasks.Settings{}}
		asked.Settings.OnlyAdminsSend = new(true)
		g.Setup = group.NewSetup(asked, now)
		g.Equip(group.Pool{Always: []phone.Number{"+5544999999999"}}, now)
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		if err := g.Created(1, group.Answer{GroupID: "120363000000000001-group"}, now); err != nil {
			return err
		}
		reading := group.Reading{Complete: true, Admins: []bool{true, false}}
		for i := range g.Members {
			reading.People = append(reading.People, g.Members[i].Identity())
		}
		if err := g.CallRoll(reading, true, now); err != nil {
			return err
		}
		for i, status := range []group.StepStatus{group.StepRefused, group.StepUnsupported, group.StepWanted, group.StepDone, group.StepUnknown} {
			g.Setup.Steps[i].Status, g.Setup.Steps[i].UpdatedAt = status, now
		}
		g.Setup.Steps[0].Reason = say.Words("the address holds no picture, asked by +5544999999991")
		g.Setup.Steps[2].Reason, g.Setup.Steps[2].At = say.Phrase{Code: say.SetupNotShown}, now.Add(time.Hour)
		return nil
	})
	return id
}

func TestGroupPage_ShowsStatusReasonAndTimeOfEachSetupStep(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	id := r.settingUp("Turma 1")
	page := r.get("/groups/" + id).body
	_, section, found := strings.Cut(page, `<h2 id="setup">Set-up</h2>`)
	section, _, _ = strings.Cut(section, "</section>")
	if !found {
		t.Fatalf("the page has no set-up: %s", text(page))
	}
	wants(t, text(section), "Picture refused the address holds no picture", "Description not supported", "Settings to do the provider accepted it, and a reading of the group does not show it",
		"· next try in 59 min", "Admins done", "Welcome message uncertain")
	if strings.Contains(page, "999999991") {
		t.Error("a reason shows a number")
	}
	if n := strings.Count(section, "<time "); n != 6 {
		t.Errorf("got %d times, want 6: one for each step and one for the next try", n)
	}
	_, line, _ := strings.Cut(page, `<ol class="line"`)
	line, _, _ = strings.Cut(line, "</ol>")
	wants(t, text(line), "Picture: refused", "Description: not supported", "Admins: done", "Welcome message: uncertain")
	wants(t, text(line), "1 of 1 people are in") // the count leaves out the staff
	if strings.Contains(line, "Settings: ") {
		t.Error("the timeline has a step that has not ended")
	}
}

func TestGroupPage_MarksStaffAndAdmins(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	page := r.get("/groups/" + r.settingUp("Turma 1")).body
	_, people, _ := strings.Cut(page, `<h2 id="people">`)
	rows := strings.Split(people, "<tr>")
	if len(rows) != 4 {
		t.Fatalf("got %d rows, want a head and two people", len(rows)-1)
	}
	for i, want := range []struct{ staff, admin bool }{{false, true}, {true, false}} {
		row := text(rows[i+2])
		if strings.Contains(row, "staff") != want.staff || strings.Contains(row, "admin of the group") != want.admin {
			t.Errorf("person %d: got %q, want staff %t and admin %t", i, row, want.staff, want.admin)
		}
	}
}

func TestGroupPage_HasNoSetupSectionWithoutASetup(t *testing.T) {
	t.Parallel()
	r := setup(t)
	if page := r.get("/groups/" + r.accept("Turma 1", "5544999999991")).body; strings.Contains(page, `id="setup"`) {
		t.Error("the page shows a set-up that was not asked for")
	}
}

func TestPage_HasATextForEverySetupStepAndStatus(t *testing.T) {
	t.Parallel()
	for _, name := range group.StepNames {
		if code := say.Code("step:" + string(name)); !say.Has(code) {
			t.Errorf("the catalogue lacks %s", code)
		}
	}
	for _, status := range group.StepStatuses {
		if code := say.Code("setup:" + string(status)); !say.Has(code) {
			t.Errorf("the catalogue lacks %s", code)
		}
	}
}
