package view

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// setUpGroup returns a group with set-up steps in all states and a person of the pool's staff.
func setUpGroup() *group.Group {
	g := queued(toPool("default"))
	g.Status, g.Called, g.Name, g.Instance, g.WhatsAppID = group.Done, true, "Turma 1", "alpha", "120363000000000001-group"
	g.Members = []group.Member{
		{Number: "+5544999990001", Input: "44 99999-0001", Status: group.Added, Admin: true, UpdatedAt: noon()},
		{Number: "+5544999990002", Input: "44 99999-0002", Status: group.Joined, UpdatedAt: noon()},
		{Number: "+5544999990009", Input: "+5544999990009", Name: "Ana", Status: group.Added, Staff: true, Admin: true, UpdatedAt: noon()},
	}
	g.Setup = &group.Setup{From: after(-time.Hour), Released: true, Steps: []group.SetupStep{
		{Name: group.StepPhoto, Status: group.StepWanted, Reason: say.Words("HTTP 429"), At: after(5 * time.Minute)},
		{Name: group.StepDescription, Status: group.StepUnsupported, Reason: say.Phrase{Code: say.SetupUnsupported}},
		{Name: group.StepSettings, Status: group.StepRefused, Reason: say.Words("no")},
		{Name: group.StepAdmins, Status: group.StepDone},
		{Name: group.StepWelcome, Status: group.StepUnknown},
	}}
	return g
}

func TestExplain_TellsEachStepOfTheSetupAndWhatHelps(t *testing.T) {
	t.Parallel()
	explained := func(g *group.Group) Explanation {
		e := &explainer{snapshot: newSetting().snapshot()}
		e.setUp(g)
		return e.Explanation
	}
	e := explained(setUpGroup())
	want := []string{
		"set-up: Picture: to do (HTTP 429), next try at " + after(5*time.Minute).Format(time.RFC3339),
		"set-up: Description: not supported (the provider cannot do this)",
		"set-up: Settings: refused (no)",
		"set-up: Admins: done",
		"set-up: Welcome message: uncertain",
		"staff: 1 members by the configuration of the pool",
	}
	var facts []string
	for _, f := range e.Facts {
		facts = append(facts, f.About.String()+": "+f.Text.String())
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	var about []string
	for _, d := range e.Do {
		about = append(about, d.Text.Place)
	}
	if want := []string{"description", "settings", "welcome"}; !slices.Equal(about, want) {
		t.Errorf("advice about %v, want %v", about, want)
	}
	if e := explained(queued(toInstance("alpha"))); len(e.Facts)+len(e.Do) != 0 {
		t.Errorf("without a set-up: got the facts %v and the advice %v, want none", e.Facts, e.Do)
	}
}

// exported returns the rows of a group's export, by column.
func exported(t *testing.T, e Exporting, g *group.Group) (rows []map[string]string) {
	t.Helper()
	e.Form = intake.Form{Format: intake.CSV, Comma: ','}
	var out bytes.Buffer
	write, end, err := e.begin(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(g); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[strings.TrimPrefix(name, "\ufeff")] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestExport_TellsTheSetupAndKeepsStaffOutOfThePhones(t *testing.T) {
	t.Parallel()
	rows := exported(t, Exporting{Batch: &group.Batch{}}, setUpGroup())
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	row := rows[0]
	if want := "photo wanted; description unsupported; settings refused; admins done; welcome unknown"; row["rollcall_setup"] != want {
		t.Errorf("rollcall_setup is %q, want %q", row["rollcall_setup"], want)
	}
	for name, cell := range row {
		if strings.Contains(cell, "990009") || strings.Contains(cell, "Ana") {
			t.Errorf("the column %s holds staff: %q", name, cell)
		}
	}
	if !strings.Contains(row["phones"], "+5544999990001") || !strings.Contains(row["phones"], "+5544999990002") {
		t.Errorf("phones are %q, want the two people of the request", row["phones"])
	}
	if row := exported(t, Exporting{Batch: &group.Batch{}}, queued(tasks.Target{Pool: "default"}))[0]; row["rollcall_setup"] != "" {
		t.Errorf("without a set-up rollcall_setup is %q, want it empty", row["rollcall_setup"])
	}
}

func TestExport_ByPersonTellsAdminsAndLeavesStaffOut(t *testing.T) {
	t.Parallel()
	var got []string
	for _, row := range exported(t, Exporting{Batch: &group.Batch{}, PerPerson: true}, setUpGroup()) {
		got = append(got, strings.Join([]string{row["phone"], row["rollcall_admin"]}, "|"))
	}
	want := []string{"'+5544999990001|admin", "'+5544999990002|"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func TestExplain_OffersAnotherCreateOnlyIfTheGroupMayBeCreated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		put  func(g *group.Group)
		want bool
	}{
		"in review":                     {func(*group.Group) {}, true},
		"in review, past its time":      {func(g *group.Group) { g.ExpiresAt = after(-time.Minute) }, false},
		"in review, although it exists": {func(g *group.Group) { g.WhatsAppID = "120363000000000001-group" }, false},
	} {
		g := queued(toInstance("alpha"))
		g.Status = group.Review
		c.put(g)
		e := &explainer{snapshot: newSetting().snapshot()}
		e.group(g, position{}, 1)
		offered := slices.ContainsFunc(e.Do, func(d Advice) bool { return d.Text.Code == say.DoRecreate })
		if allowed := g.Recreate(after(0)) == nil; offered != c.want || allowed != c.want {
			t.Errorf("%s: another create is offered %v and allowed %v, want %v", name, offered, allowed, c.want)
		}
	}
}

// A group can be made at WhatsApp after a person has cancelled or replaced its request.
func TestExplain_TellsOfALateGroupAndWhatHelps(t *testing.T) {
	t.Parallel()
	const late, later = "120363000000000002-group", "120363000000000003-group"
	for name, c := range map[string]struct {
		put  func(g *group.Group)
		want say.Code
		not  say.Code
	}{
		"cancelled":            {func(*group.Group) {}, say.DoTakeLate, say.DoRetry},
		"replaced":             {func(g *group.Group) { g.ReplacedBy = "grp_2" }, say.DoDeleteLate, say.DoTakeLate},
		"abandoned, it exists": {func(g *group.Group) { g.WhatsAppID = "120363000000000001-group" }, say.DoDeleteLate, say.DoTakeLate},
		"cancelled, past time": {func(g *group.Group) { g.ExpiresAt = after(-time.Minute) }, say.DoDeleteLate, say.DoTakeLate},
	} {
		g := queued(toInstance("alpha"))
		g.Status = group.Cancelled
		if err := errors.Join(g.Stray(late, g.Instance, noon()), g.Stray(later, g.Instance, noon())); err != nil {
			t.Fatal(err)
		}
		c.put(g)
		e := &explainer{snapshot: newSetting().snapshot()}
		e.group(g, position{}, 1)
		offers := func(code say.Code) bool {
			return slices.ContainsFunc(e.Do, func(d Advice) bool { return d.Text.Code == code })
		}
		told := slices.ContainsFunc(e.Facts, func(f Fact) bool { return f.Text.Code == say.FactLateGroup && f.Text.Place == late })
		second := slices.ContainsFunc(e.Do, func(d Advice) bool { return d.Text.Code == say.DoTakeLate && d.Text.Place != late })
		if !told || second || !offers(c.want) || offers(c.not) {
			t.Errorf("%s: the late group is told %v, the advice is %+v; want %s and not %s", name, told, e.Do, c.want, c.not)
		}
		d, row := g.Document(), recordOf(g).Outcome
		if !slices.Equal(d.LateGroups, []string{late, later}) || !strings.HasPrefix(row[slices.Index(outcomes, "lateGroups")], late) {
			t.Errorf("%s: the document tells of %v, the export %q; want %s", name, d.LateGroups, row, late)
		}
		if g.ReplacedBy == "" && (c.want == say.DoTakeLate) != (g.Retry(after(0)) == nil) {
			t.Errorf("%s: a retry is advised %v, but not allowed", name, c.want == say.DoTakeLate)
		}
	}
}
