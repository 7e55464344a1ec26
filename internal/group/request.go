package group

import (
	"cmp"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// JoinRequest is a request to join the group that waits for one of its admins.
type JoinRequest struct {
	At     time.Time  `json:"at"` // when it was reported
	Method JoinMethod `json:"method"`
	// Answer is a person's decision, until a worker has carried it out.
	Answer JoinAnswer `json:"answer,omitempty"`
	// Reason is why the latest answer was not carried out, or is not carried out yet.
	Reason say.Phrase `json:"reason,omitzero"`
	Tries  int        `json:"-"` // to carry it out
}

// JoinAnswer is a person's answer to a request to join.
type JoinAnswer string

// The answers.
const (
	ApproveJoin JoinAnswer = "approve"
	RejectJoin  JoinAnswer = "reject"
)

// JoinAnswers are all answers.
var JoinAnswers = []JoinAnswer{ApproveJoin, RejectJoin}

// Asker is a person outside the group's request who asks to join the group.
type Asker struct {
	phone.Identity
	JoinRequest
}

const (
	// maxAskers is how many askers a group keeps: the latest ones.
	maxAskers = 50
	// maxAnswerTries is how often an answer is tried before a person must decide again.
	maxAnswerTries = 5
)

// JoinMethod is how a request to join began, in the provider's words; "" if the provider does not say.
type JoinMethod string

// The methods.
const (
	ByLink   JoinMethod = "invite_link"   // the person followed the link
	ByMember JoinMethod = "non_admin_add" // a member of the group without admin rights proposed the person
)

// RequestedJoin records that a person asks to join, and reports whether that is new. A proposal holds the addresses
// of the person and of the member who proposes, in an order that is not documented. So it counts only if exactly one
// of the two is outside the group.
func (g *Group) RequestedJoin(told []phone.Identity, method JoinMethod, now time.Time) bool {
	if !g.Exists() {
		return false
	}
	news := g.strangersAsk(told, method, now)
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
		return news
	}
	for _, m := range who {
		switch r := m.Request; {
		case r == nil:
			m.Request = &JoinRequest{At: now, Method: method}
		case r.Method == ByMember && method != ByMember: // now the person asks as well; an answer stays
			r.At, r.Method = now, method
		default:
			continue
		}
		g.UpdatedAt, news = now, true
		if m.asks() && m.Status != Pending && m.Status != Left && m.Status != OptedOut && m.outside() {
			m.asked(m.Status == InviteUnknown, now)
		}
	}
	g.settle(now)
	return news
}

// asked records that the member asks to join. Unsure says that it is unknown whether an invitation was sent.
func (m *Member) asked(unsure bool, now time.Time) {
	reason := say.Phrase{Code: say.AskedToJoin}
	if unsure && m.InvitedAt.IsZero() {
		reason.Code = say.AskedUnsure
	}
	m.set(Requested, reason, now)
}

// unasked ends the state of a member who asked to join. The member becomes otherwise if no invitation can have been
// sent, and Invited or InviteUnknown if one was or may have been sent.
func (m *Member) unasked(otherwise MemberStatus, reason say.Phrase, now time.Time) {
	s := otherwise
	switch {
	case !m.InvitedAt.IsZero():
		s = Invited
	case m.Reason.Code == say.AskedUnsure:
		s = InviteUnknown
	}
	m.set(s, reason, now)
}

// strangersAsk records the requests to join of people who were not requested. It reports whether one is new.
func (g *Group) strangersAsk(told []phone.Identity, method JoinMethod, now time.Time) bool {
	var strangers []phone.Identity
	inside := 0
	for _, who := range told {
		switch m := g.MemberOf(who); {
		case m == nil:
			strangers = append(strangers, who)
		case m.inside():
			inside++
		}
	}
	if method == ByMember && (len(strangers) != 1 || inside != 1 || len(told) != 2) {
		return false // one is the person and the other proposes, and it is not clear which is which
	}
	news := false
	for _, who := range strangers {
		i := slices.IndexFunc(g.Askers, func(a Asker) bool { return phone.SamePerson(a.Identity, who) })
		if i < 0 {
			g.Askers = append(g.Askers, Asker{Identity: who, JoinRequest: JoinRequest{At: now, Method: method}})
			g.UpdatedAt, news = now, true
			continue
		}
		a := &g.Askers[i] // the provider may report the person by another address than before
		a.Digits, a.LID = cmp.Or(a.Digits, who.Digits), cmp.Or(a.LID, who.LID)
	}
	if over := len(g.Askers) - maxAskers; over > 0 {
		g.Askers = slices.Delete(g.Askers, 0, over)
	}
	return news
}

// RequestsRead records the list of all open requests to join, whose reading started at began. It withdraws the requests
// that are not on it, except those of people whom held shows in the group: recording held ends those requests.
func (g *Group) RequestsRead(list []Asker, held Reading, began, now time.Time) {
	asking := make(phone.Set, 2*len(list))
	for _, a := range list {
		asking.Add(a.Identity)
		g.RequestedJoin([]phone.Identity{a.Identity}, a.Method, now)
		if r := g.RequestOf(a.Identity); r != nil && !a.At.IsZero() {
			r.At = a.At
		}
	}
	var gone []phone.Identity
	for _, r := range g.OpenRequests() {
		listed := asking.Has(r.Who) || r.Member != nil && asking.Has(r.Member.Number.Identity())
		if !listed && r.At.Before(began) && !held.Holds(r.Who) {
			gone = append(gone, r.Who)
		}
	}
	g.WithdrewJoin(gone, now)
}

// RequestOf returns a person's open request to join, or nil.
func (g *Group) RequestOf(who phone.Identity) *JoinRequest {
	if m := g.MemberOf(who); m != nil {
		return m.Request
	}
	for i := range g.Askers {
		if phone.SamePerson(g.Askers[i].Identity, who) {
			return &g.Askers[i].JoinRequest
		}
	}
	return nil
}

// dropAskers ends requests to join of people who were not requested. It reports whether there was one.
func (g *Group) dropAskers(which func(phone.Identity) bool) bool {
	before := len(g.Askers)
	g.Askers = slices.DeleteFunc(g.Askers, func(a Asker) bool { return which(a.Identity) })
	return len(g.Askers) < before
}

// OpenRequest is a request to join that waits for a decision, or for a worker to carry the decision out.
type OpenRequest struct {
	Who phone.Identity
	*JoinRequest
	Member *Member // nil for a person who was not requested
	Waits  bool    // for a person's decision; otherwise that is made, or the next reading approves the request
}

// OpenRequests returns all requests to join, members' requests first.
func (g *Group) OpenRequests() []OpenRequest {
	var all []OpenRequest
	for i := range g.Members {
		if m := &g.Members[i]; m.Request != nil && m.outside() {
			all = append(all, OpenRequest{Who: m.Identity(), JoinRequest: m.Request, Member: m, Waits: m.Request.Answer == "" && !g.admits(m)})
		}
	}
	for i := range g.Askers {
		a := &g.Askers[i]
		all = append(all, OpenRequest{Who: a.Identity, JoinRequest: &a.JoinRequest, Waits: a.Answer == ""})
	}
	return all
}

// WithdrewJoin ends the requests of people. They have reacted, so no invitation follows. It reports
// whether one of them had a request.
func (g *Group) WithdrewJoin(told []phone.Identity, now time.Time) bool {
	people := phone.SetOf(told...)
	news := g.dropAskers(people.Has)
	if news {
		g.UpdatedAt = now
	}
	for i := range g.Members {
		m := &g.Members[i]
		for _, id := range told {
			if m.Request == nil || !m.Is(id) {
				continue
			}
			m.Request = nil
			g.UpdatedAt, news = now, true
			if m.Status == Requested {
				m.unasked(NotAdded, say.Phrase{Code: say.RequestEnded}, now)
			}
		}
	}
	g.settle(now)
	return news
}

// JoinCall is an answer to a request to join that is to be sent to the provider.
type JoinCall struct {
	Who     phone.Identity
	Known   []phone.Identity // under which the person may be on the suppression list
	Address string
	Answer  JoinAnswer
	Decided bool // by a person; otherwise approveJoins admits the requested person
}

// JoinsToAnswer returns the answers that a person has decided, and the approvals of requested people in a group with
// approveJoins.
func (g *Group) JoinsToAnswer() []JoinCall {
	var calls []JoinCall
	for _, r := range g.OpenRequests() {
		c := JoinCall{Who: r.Who, Address: cmp.Or(r.Who.Digits, r.Who.LID), Answer: cmp.Or(r.Answer, ApproveJoin), Decided: r.Answer != ""}
		if c.Known = []phone.Identity{r.Who}; r.Member != nil {
			c.Known = r.Member.Identities()
		}
		if !r.Waits {
			calls = append(calls, c)
		}
	}
	return calls
}

// admits reports whether the member's request to join is approved without a person's decision.
func (g *Group) admits(m *Member) bool {
	s := g.Setup
	return s != nil && s.Want.Settings != nil && s.Want.Settings.ApproveJoins != nil && *s.Want.Settings.ApproveJoins &&
		m.asks() && m.Status != OptedOut && m.Status != Left
}

// AnswerJoin keeps a person's answer to a request to join. The next reading, which is due at once, carries it out.
func (g *Group) AnswerJoin(who phone.Identity, answer JoinAnswer, now time.Time) error {
	if !g.watchable() {
		return g.refuse("answer a request to join")
	}
	r := g.RequestOf(who)
	if r == nil {
		return ErrNoRequest
	}
	r.Answer, r.Reason, r.Tries = answer, say.Phrase{}, 0
	g.UpdatedAt = now
	g.Ask(now)
	return nil
}

// JoinAnswered records that the provider took a person's answer. A rejected person no longer asks. A reading
// shows whether an approved person came in.
func (g *Group) JoinAnswered(who phone.Identity, now time.Time) {
	r := g.RequestOf(who)
	if r == nil || r.Answer == "" {
		return
	}
	if r.Answer == RejectJoin {
		g.WithdrewJoin([]phone.Identity{who}, now)
		return
	}
	g.joinTried(r, say.Phrase{Code: say.JoinNotShown}, now)
}

// JoinNotAnswered records that a person's answer was not carried out. over says that it never can be, so that a person
// must decide again.
func (g *Group) JoinNotAnswered(who phone.Identity, why say.Phrase, over bool, now time.Time) {
	r := g.RequestOf(who)
	if r == nil || r.Answer == "" {
		return
	}
	if over {
		r.Tries = maxAnswerTries
	}
	g.joinTried(r, why, now)
}

// held reports whether a request's reason is one of JoinsHeld.
func (r *JoinRequest) held() bool {
	return slices.Contains([]say.Code{say.SetupPaused, say.SetupResting, say.SetupUnable}, r.Reason.Code)
}

// JoinsHeld records why the instance cannot answer the requests of JoinsToAnswer now. A zero reason means that it can
// answer them again. JoinsHeld reports whether the record changed.
func (g *Group) JoinsHeld(why say.Phrase, now time.Time) bool {
	news := false
	for _, r := range g.OpenRequests() {
		told := r.Reason.Code == why.Code && r.Reason.Until.Equal(why.Until)
		if r.Waits || told || why.Zero() && !r.held() {
			continue
		}
		r.Reason, news = why, true
	}
	if news {
		g.UpdatedAt = now
	}
	return news
}

// joinTried counts a try, and gives the decision back to a person after the last one.
func (g *Group) joinTried(r *JoinRequest, why say.Phrase, now time.Time) {
	if r.Tries++; r.Tries >= maxAnswerTries {
		r.Answer, r.Tries, r.Reason = "", 0, why
	}
	g.UpdatedAt = now
}

// answering reports whether a person's answer to a request is still to be carried out.
func (g *Group) answering() bool {
	return slices.ContainsFunc(g.OpenRequests(), func(r OpenRequest) bool { return r.Answer != "" })
}

// asks reports whether the member's own request to join is open: an invitation would tell them nothing new.
func (m *Member) asks() bool { return m.Request != nil && m.Request.Method != ByMember }

// outside reports whether no reading has shown the member inside and no invitation is in progress.
func (m *Member) outside() bool {
	return m.Status != Added && m.Status != Joined && m.Invite == nil
}
