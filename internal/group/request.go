package group

import (
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// JoinRequest is a request to join the group that waits for one of its admins, as a webhook told it.
type JoinRequest struct {
	At     time.Time  `json:"at"` // when it was told
	Method JoinMethod `json:"method"`
}

// JoinMethod is how a request to join came about, in the provider's words; "" when not told.
type JoinMethod string

// The methods.
const (
	ByLink   JoinMethod = "invite_link"   // the person followed the link
	ByMember JoinMethod = "non_admin_add" // a member of the group without admin rights proposed the person
)

// RequestedJoin keeps that a person asks to join. Of the several addresses that tell of a proposal
// one is the person's and one the member's who proposes; which one is which is not documented, so the
// proposal counts if one of them alone is of a person outside. It reports whether that is news.
func (g *Group) RequestedJoin(told []phone.Identity, method JoinMethod, now time.Time) bool {
	if !g.Exists() {
		return false
	}
	var who []*Member
	for i := range g.Members {
		m := &g.Members[i]
		if m.Status == Invalid || method == ByMember && (m.Status == Added || m.Status == Joined) {
			continue
		}
		if slices.ContainsFunc(told, m.Is) {
			who = append(who, m)
		}
	}
	if method == ByMember && len(who) != 1 {
		return false
	}
	news := false
	for _, m := range who {
		if m.Request != nil && m.Request.Method == method {
			continue
		}
		m.Request = &JoinRequest{At: now, Method: method}
		g.UpdatedAt, news = now, true
		if m.asks() && m.Status != Pending && m.Status != Left && m.Status != OptedOut && m.outside() {
			m.set(Requested, say.Phrase{Code: say.AskedToJoin}, now)
		}
	}
	g.settle(now)
	return news
}

// WithdrewJoin ends the requests of people. They have reacted, so no invitation follows. It
// reports whether that is news.
func (g *Group) WithdrewJoin(told []phone.Identity, now time.Time) bool {
	news := false
	for i := range g.Members {
		m := &g.Members[i]
		for _, id := range told {
			if m.Request == nil || !m.Is(id) {
				continue
			}
			m.Request = nil
			g.UpdatedAt, news = now, true
			switch {
			case m.Status == Requested && m.InvitedAt.IsZero():
				m.set(NotAdded, say.Phrase{Code: say.RequestEnded}, now)
			case m.Status == Requested:
				m.set(Invited, say.Phrase{Code: say.RequestEnded}, now)
			}
		}
	}
	g.settle(now)
	return news
}

// ToAdmit are the members whose requests to join are approved: the group was asked for with approveJoins, and so
// were they.
func (g *Group) ToAdmit() []int {
	if g.Setup == nil || g.Setup.Want.Settings == nil || g.Setup.Want.Settings.ApproveJoins == nil || !*g.Setup.Want.Settings.ApproveJoins {
		return nil
	}
	var who []int
	for i := range g.Members {
		if m := &g.Members[i]; m.asks() && m.Status != OptedOut && m.Status != Left && m.outside() {
			who = append(who, i)
		}
	}
	return who
}

// asks says that the person's own request to join is open: another invitation would tell nothing new.
func (m *Member) asks() bool { return m.Request != nil && m.Request.Method != ByMember }

// outside says that no reading has held the member, and no invitation is on its way.
func (m *Member) outside() bool {
	return m.Status != Added && m.Status != Joined && m.Invite == nil
}
