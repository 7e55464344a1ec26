package workercmd

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

const (
	ana   = "+5544987651122"
	boris = "+79001234567"
)

// doc returns a group in which Ana is reported as added and Boris as invited, after change.
func doc(change func(*group.Document)) []group.Document {
	d := group.Document{
		Status: group.Done, GroupName: "Turma 1", GroupID: "1-group",
		Members: []group.MemberDocument{{Phone: ana, Status: group.Added}, {Phone: boris, Status: group.Invited}},
	}
	if change != nil {
		change(&d)
	}
	return []group.Document{d}
}

// facts returns the ledger that agrees with doc(nil), after change.
func facts(change func(*simulator.Ledger)) simulator.Ledger {
	l := simulator.Ledger{
		Groups:   []simulator.Group{{ID: "1-group", Name: "Turma 1", Members: []simulator.Member{{Phone: "5544987651122"}}}},
		Messages: []simulator.Message{{GroupID: "1-group", Phone: "79001234567"}},
	}
	if change != nil {
		change(&l)
	}
	return l
}

func TestCompare_FindsEveryDifference(t *testing.T) {
	t.Parallel()
	again := func(l *simulator.Ledger) { l.Messages = append(l.Messages, l.Messages[0]) }
	twin := func(l *simulator.Ledger) {
		l.Groups = append(l.Groups, simulator.Group{ID: "2-group", Name: "Turma 1"})
	}
	for name, test := range map[string]struct {
		docs   []group.Document
		ledger simulator.Ledger
		want   truth
	}{
		"all is true":       {doc(nil), facts(nil), truth{Exist: 1, Invited: 1}},
		"invited twice":     {doc(nil), facts(again), truth{Exist: 1, Invited: 1, Twice: 1, Wrong: 1}},
		"made twice":        {doc(nil), facts(twin), truth{Exist: 2, Invited: 1, Duplicates: 1}},
		"not made":          {doc(nil), simulator.Ledger{}, truth{Lost: 1}},
		"another's group":   {doc(nil), facts(func(l *simulator.Ledger) { l.Groups = append(l.Groups, simulator.Group{ID: "3", Name: "Other"}) }), truth{Exist: 1, Invited: 1}},
		"added, but absent": {doc(func(d *group.Document) { d.Members[1].Status = group.Added }), facts(nil), truth{Exist: 1, Invited: 1, Wrong: 1}},
		"no message sent":   {doc(nil), facts(func(l *simulator.Ledger) { l.Messages = nil }), truth{Exist: 1, Wrong: 1}},
		"in, and invited":   {doc(nil), facts(func(l *simulator.Ledger) { l.Messages[0].Phone = "554487651122" }), truth{Exist: 1, Invited: 1, Wrong: 2}},
		"followed the link": {doc(func(d *group.Document) { d.Members[1].Status = group.Joined }), facts(func(l *simulator.Ledger) {
			l.Groups[0].Members = append(l.Groups[0].Members, simulator.Member{Phone: "79001234567"})
		}), truth{Exist: 1, Invited: 1}},
		"failed, but made": {doc(func(d *group.Document) { d.Status, d.GroupID = group.Failed, "" }), facts(nil), truth{Exist: 1, Duplicates: 1}},
		"not settled yet":  {doc(func(d *group.Document) { d.Status, d.GroupID = group.Verifying, "" }), facts(nil), truth{Exist: 1}},
		"left to a person": {doc(func(d *group.Document) {
			d.Status, d.Error = group.Review, &group.Error{Candidates: []group.Candidate{{GroupID: "1-group"}, {GroupID: "2-group"}}}
		}), facts(twin), truth{Exist: 2, Invited: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := compare(test.docs, test.ledger); *got != test.want {
				t.Errorf("got %+v, want %+v", *got, test.want)
			}
		})
	}
}
