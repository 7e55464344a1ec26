package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// figures are what a judgement counted.
type figures struct {
	groups, members, creates, invites, adopted, doubted int

	empty    int            // groups that have no member left
	statuses map[string]int // of members
	outcomes map[string]int // of groups
	faults   map[string]int // of creates
}

func (f figures) String() string {
	s := fmt.Sprintf("%d groups %v, %d members %v, %d creates, %d invites, %d groups in doubt, %d adopted",
		f.groups, f.outcomes, f.members, f.statuses, f.creates, f.invites, f.doubted, f.adopted)
	for _, k := range slices.Sorted(maps.Keys(f.faults)) {
		s += fmt.Sprintf(", %s %d", k, f.faults[k])
	}
	return s
}

// judge compares what rollcall says of every group with what the provider knows to be true, and
// fails the test for each difference with the group, the rule and the evidence.
func (s *stage) judge(groups []group) figures {
	s.t.Helper()
	truth := s.provider.Ledger()
	f := figures{statuses: map[string]int{}, outcomes: map[string]int{}, faults: map[string]int{}}
	byID := map[string]simulator.Group{}
	for _, g := range truth.Groups {
		byID[g.ID] = g
	}
	type membership struct{ group, phone string }
	invites := map[membership]int{}
	for _, m := range truth.Invitations() {
		invites[membership{m.GroupID, simulator.Account(m.Phone)}]++
		f.invites++
	}
	for _, c := range truth.CallsOf("", "create") {
		f.creates++
		if c.Fault != "" {
			f.faults[c.Fault]++
		}
	}
	f.groups = len(groups)

	owner := map[string]string{} // the provider's groups and who claims them
	type doubt struct{ name, number string }
	doubts := map[doubt]bool{} // groups that a person decides on: the provider may have them
	for _, g := range groups {
		f.outcomes[g.Status]++
		f.members += len(g.Members)
		if g.Adopted {
			f.adopted++
		}
		if g.doubted() {
			f.doubted++
		}
		for _, m := range g.Members {
			f.statuses[m.Status]++
		}
		if g.GroupID == "" {
			if g.Status == "review" {
				doubts[doubt{g.GroupName, s.idOf(g.Instance)}] = true
			}
			if g.Error != nil && g.Error.Code == "noMembers" {
				f.empty++
				s.judgeEmpty(g)
			}
			continue
		}
		if other, ok := owner[g.GroupID]; ok {
			s.t.Errorf("rule 2, one group per request: %v and %s both claim %s", g, other, g.GroupID)
		}
		owner[g.GroupID] = g.ID
		real, ok := byID[g.GroupID]
		if !ok || real.Name != g.GroupName || real.Owner != s.idOf(g.Instance) {
			s.t.Errorf("a group that is not so: %v says it is %s, the provider knows %+v", g, g.GroupID, real)
			continue
		}
		for _, m := range g.Members {
			at := membership{g.GroupID, simulator.Account(m.Phone)}
			sent := invites[at]
			delete(invites, at)
			s.judgeMember(g, m.Phone, m.Status, real, sent)
		}
	}
	for _, g := range truth.Groups {
		if _, ok := owner[g.ID]; !ok && !doubts[doubt{g.Name, g.Owner}] {
			s.t.Errorf("rule 2, one group per request: the provider has %q (%s, made %s) which no request claims\n%s",
				g.Name, g.ID, g.CreatedAt.Format("15:04:05.000"), s.historyOf(groups, truth, g.Name))
		}
	}
	for at, n := range invites {
		s.t.Errorf("rule 3, one invite per group and person: %d invites to …%s into %s, which no member of a group accounts for", n, tail(at.phone), at.group)
	}
	s.judgeCalls(truth)
	return f
}

// judgeCalls checks that nothing was asked of the provider that its documents forbid, or that has no use.
func (s *stage) judgeCalls(truth simulator.Ledger) {
	s.t.Helper()
	said := map[string]bool{}
	complain := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !said[text] {
			said[text] = true
			s.t.Errorf("the provider complains: %s", text)
		}
	}
	for _, c := range truth.Complaints() {
		complain("%s %s %s: %s %s", c.Verb, c.Provider, c.Method, c.Rule, c.Unknown)
	}
	for _, m := range truth.Messages {
		switch {
		case m.GroupID == "":
			complain("a message without the link of a group")
		case m.Phone != "" && !s.provider.Person(m.Phone).HasWhatsApp:
			complain("an invite to a number without WhatsApp")
		}
	}
}

// judgeEmpty checks that a group which failed for want of members has none.
func (s *stage) judgeEmpty(g group) {
	s.t.Helper()
	for _, m := range g.Members {
		who := s.provider.Person(m.Phone)
		if m.Status == "notOnWhatsApp" && who.HasWhatsApp || m.Status == "pending" {
			s.t.Errorf("wrongly failed: %v, but …%s is %s and has WhatsApp: %v", g, tail(m.Phone), m.Status, who.HasWhatsApp)
		}
	}
}

// judgeMember compares one person's status with the truth.
func (s *stage) judgeMember(g group, phone, status string, real simulator.Group, sent int) {
	s.t.Helper()
	who := s.provider.Person(phone)
	want := "added"
	switch {
	case status == "invalid" || status == "optedOut":
		want = status // each test says whether they should be; here, that no instance wrote to them
	case real.Has(phone):
	case !who.HasWhatsApp:
		want = "notOnWhatsApp"
	case !g.AutoInvite:
		want = "notAdded"
	default:
		want = "invited"
	}
	wantSent := 0
	if want == "invited" {
		wantSent = 1
	}
	if status == "inviteUnknown" && want == "invited" && sent <= 1 {
		return // its answer was lost, and no worker could find out: honest
	}
	if g.Status == "review" && (status == "inviteQueued" && want == "invited" && sent <= 1 || status == "pending" && sent == 0) {
		return // the workers that worked on it died, perhaps before the roll call, and a person decides
	}
	if status != want || sent != wantSent {
		s.t.Errorf("rule 1 and 3: …%s of %v is %s with %d invites sent, but the truth is %s (can be added: %v, in the group: %v) and %d",
			tail(phone), g, status, sent, want, who.Addable, real.Has(phone), wantSent)
	}
}

// historyOf tells all that is known of a name: rollcall's documents and the provider's records.
func (s *stage) historyOf(groups []group, truth simulator.Ledger, name string) string {
	var b strings.Builder
	for _, g := range groups {
		if g.GroupName == name {
			fmt.Fprintf(&b, "  rollcall: %v, is %s\n", g, g.GroupID)
		}
	}
	for _, c := range truth.CallsOf("", "create") {
		if c.GroupName == name {
			fmt.Fprintf(&b, "  provider: create at %s on %s, met %q, made %q\n", c.ReceivedAt.Format("15:04:05.000"), c.Instance, c.Fault, c.GroupID)
		}
	}
	return b.String()
}

// idOf is the provider's id of an instance.
func (s *stage) idOf(name string) string {
	for _, i := range s.instances {
		if i.name == name {
			return i.ID
		}
	}
	return ""
}

// tail is the end of a number: enough to find the person, too little to print them.
func tail(phone string) string { return phone[max(0, len(phone)-4):] }
