package workercmd

import (
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// truth compares what rollcall believes with what the simulators know.
type truth struct {
	Exist      int // groups of the requests that exist at the simulators
	Lost       int // groups that rollcall has and no simulator knows
	Duplicates int // further groups of a request that no person was told of
	Invited    int // people with an invitation in the queue
	Twice      int // those of them with several invitations into the same group
	Wrong      int // people with a wrong status at rollcall
}

// agrees reports whether the report and the simulators agree.
func (t *truth) agrees() bool {
	return t.Lost == 0 && t.Duplicates == 0 && t.Twice == 0 && t.Wrong == 0
}

// compare judges the groups of a report. Groups at the simulators that belong to no request of it
// are strangers.
func compare(docs []group.Document, l simulator.Ledger) *truth {
	t := &truth{}
	exist := make(map[string]simulator.Group, len(l.Groups))
	for _, g := range l.Groups {
		exist[g.ID] = g
	}
	messages := map[string]simulator.Ledger{} // by the group whose link they carry
	for _, m := range l.Messages {
		into := messages[m.GroupID]
		into.Messages = append(into.Messages, m)
		messages[m.GroupID] = into
	}
	told := map[string]bool{}
	names := map[string]bool{}
	for i := range docs {
		d := &docs[i]
		names[d.GroupName] = true
		if d.Error != nil { // a duplicate that a person was told of is not silent
			for _, c := range d.Error.Candidates {
				told[c.GroupID] = true
			}
		}
		if d.GroupID == "" {
			continue
		}
		told[d.GroupID] = true
		g, ok := exist[d.GroupID]
		if !ok {
			t.Lost++
			continue
		}
		t.people(d, g, messages[g.ID])
	}
	for _, g := range l.Groups {
		if names[g.Name] {
			t.Exist++
			if !told[g.ID] && !open(docs, g.Name) {
				t.Duplicates++
			}
		}
	}
	return t
}

// open reports whether a request of this name does not yet know which group is its own.
func open(docs []group.Document, name string) bool {
	for i := range docs {
		if d := &docs[i]; d.GroupName == name && d.GroupID == "" && (!d.Status.Ended() || d.Status == group.Cancelled) {
			return true
		}
	}
	return false
}

// people judges the members of one group by who is in it and who was written to.
func (t *truth) people(d *group.Document, g simulator.Group, messages simulator.Ledger) {
	for i := range d.Members {
		m := &d.Members[i]
		if m.Phone == "" { // known by a LID, or not at all
			continue
		}
		n := len(messages.Invites(g.ID, m.Phone))
		if n > 0 {
			t.Invited++
		}
		if n > 1 {
			t.Twice++
		}
		if !plausible(m.Status, n, g.Has(m.Phone)) {
			t.Wrong++
		}
	}
}

// plausible reports whether a status can be true of a person who got n invitations; in says whether the person is in
// the group.
func plausible(s group.MemberStatus, n int, in bool) bool {
	switch s {
	case group.Added:
		return n == 0 && in
	case group.Invited: // a person who follows the link later still counts as invited
		return n == 1
	case group.Joined:
		return n == 1 && in
	case group.NotAdded, group.Invalid, group.OptedOut:
		return n == 0 && !in
	case group.NotOnWhatsApp, group.InviteFailed: // perhaps told by a webhook, after the queue had it
		return n <= 1 && !in
	case group.Unidentified: // rollcall claims nothing, and must not invite
		return n == 0
	}
	return true // the other statuses claim neither
}
