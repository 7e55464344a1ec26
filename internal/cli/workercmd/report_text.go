package workercmd

import (
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
)

// shownGroups is the maximum of groups, and of people, that a report lists one by one.
const shownGroups = 30

// text writes the report for people.
func (r *report) text(p *cli.Page) {
	r.table(p)
	what := "everything: " + count(len(r.groups), "group", "groups")
	if r.batch != "" {
		what = fmt.Sprintf("%s (%s): %s", r.document.Name, r.batch, count(len(r.groups), "group", "groups"))
	}
	p.Fields(
		"batch", what,
		"groups", cli.Counts(group.Statuses, r.states),
		"people", cli.Counts(group.MemberStatuses, r.people),
		"rows", r.rows(),
		"found again", r.adopted(),
		r.end(), fmt.Sprintf("%s, after %s", p.Time(&r.ended), r.ended.Sub(r.begun).Round(100*time.Millisecond)),
		"the truth", r.truthText(),
	)
	r.invited(p)
	r.forPeople(p)
}

// end names the end of the report: stopped if groups can still move, else finished.
func (r *report) end() string {
	for status, n := range r.states {
		if n > 0 && !status.Ended() && status != group.Review {
			return "stopped"
		}
	}
	return "finished"
}

func (r *report) rows() string {
	if r.invalid == 0 {
		return ""
	}
	return fmt.Sprintf("%d invalid, and not among these groups", r.invalid)
}

// adopted returns how many groups were found after a create without a clear answer; "" for none.
func (r *report) adopted() string {
	n := 0
	for i := range r.groups {
		if r.groups[i].Adopted {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d, whose create answered with an error or not at all", n)
}

// truthText returns the comparison with the simulators' own store.
func (r *report) truthText() string {
	t := r.truth
	if t == nil {
		return ""
	}
	verdict := "the simulators agree"
	if !t.agrees() {
		verdict = "THE SIMULATORS DISAGREE"
	}
	return fmt.Sprintf("%s: %s exist, lost %d, duplicates %d; invited %s, twice %d; wrongly reported %d",
		verdict, count(t.Exist, "group", "groups"), t.Lost, t.Duplicates, count(t.Invited, "person", "people"), t.Twice, t.Wrong)
}

func (r *report) table(p *cli.Page) {
	rows := make([][]string, 0, min(len(r.groups), shownGroups))
	for i := range r.groups[:cap(rows)] {
		d := &r.groups[i]
		rows = append(rows, []string{d.GroupName, cli.GroupState(*d), d.Instance, cli.Counts(group.MemberStatuses, d.Counts)})
	}
	if len(rows) == 0 {
		return
	}
	p.Table([]string{"GROUP", "STATUS", "INSTANCE", "PEOPLE"}, rows)
	if more := len(r.groups) - len(rows); more > 0 {
		p.Printf("and %d more\n", more)
	}
	p.Printf("\n")
}

// invited lists the people who were invited.
func (r *report) invited(p *cli.Page) {
	var rows [][]string
	more := 0
	for i := range r.groups {
		for _, m := range r.groups[i].Members {
			if m.Status != group.Invited && m.Status != group.Joined {
				continue
			}
			if len(rows) == shownGroups {
				more++
				continue
			}
			rows = append(rows, []string{phone.Mask(m.Phone), string(m.Status), r.groups[i].GroupName})
		}
	}
	if len(rows) == 0 {
		return
	}
	p.Printf("\nInvited, because they could not be added:\n")
	p.Table([]string{"PERSON", "STATUS", "GROUP"}, rows)
	if more > 0 {
		p.Printf("and %d more\n", more)
	}
}

// forPeople lists what a person must decide or look at.
func (r *report) forPeople(p *cli.Page) {
	var lines []string
	for i := range r.groups {
		d := &r.groups[i]
		if d.Error != nil && (d.Status == group.Review || d.Status == group.Failed) {
			lines = append(lines, fmt.Sprintf("%s (%s): %s: %s; %s", d.GroupName, d.ID, d.Status, d.Error.Message, d.Error.Remedy))
		}
		for _, status := range []group.MemberStatus{group.InviteFailed, group.InviteUnknown, group.Unidentified} {
			if n := d.Counts[status]; n > 0 {
				lines = append(lines, fmt.Sprintf("%s (%s): %s %s", d.GroupName, d.ID, count(n, "person", "people"), status))
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	p.Printf("\nThis needs a person:\n")
	for i, line := range lines {
		if i == shownGroups {
			p.Printf("  and %d more\n", len(lines)-i)
			break
		}
		p.Printf("  %s\n", line)
	}
}

// count returns a number of things in words.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
