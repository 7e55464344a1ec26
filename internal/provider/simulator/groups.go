package simulator

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// The ways a person came into a group.
const (
	HowCreated = "created" // was in the create call, or is the creator
	HowAdded   = "added"   // by add-participant or addGroupParticipant
	HowJoined  = "joined"  // by own will, through the link
)

// group is one group that really exists.
type group struct {
	core     string
	name     string
	maker    *instance // whose call made it
	owner    *person   // the maker's number at that time
	code     string    // of the valid invite link
	created  time.Time
	call     uint64
	asked    []string // the addresses of the create call, verbatim
	members  []*member
	byKey    map[string]*member
	nameless bool // listed without a name at GREEN-API
	untold   bool // the link is withheld, as if the client had asked too often
	approval bool // a person who follows the link asks to join, and waits for an admin
	asking   []*person
	activity time.Time

	look    look
	was     look // what readings show until showsAt
	showsAt time.Time
}

type member struct {
	p        *person
	how      string
	at       time.Time
	left     time.Time // zero: still in
	shownAt  time.Time // the list shows the member from here on
	admin    bool
	superAdm bool
}

func (m *member) in() bool { return m.left.IsZero() }

// is reports whether the person is in the group now.
func (g *group) is(p *person) bool {
	m := g.byKey[p.key]
	return m != nil && m.in()
}

func (g *group) size() int {
	n := 0
	for _, m := range g.members {
		if m.in() {
			n++
		}
	}
	return n
}

func (g *group) link() string { return "https://chat.whatsapp.com/" + g.code }

// adminLink returns the group's link, or "" if the instance is not an admin or the link is withheld.
func (g *group) adminLink(i *instance) string {
	if m := g.byKey[i.self.key]; m != nil && m.in() && m.admin && !g.untold {
		return g.link()
	}
	return ""
}

// create makes a group with everyone who can be added, and returns it with those who were left out.
func (w *world) create(i *instance, name string, people []*person, asked []string, call uint64) (*group, []*person) {
	now := w.now()
	n := i.serial("group")
	for w.byCore[groupCore(w.dice, n)] != nil {
		n += "'" // two ids are equal once in many millions; this stays deterministic
	}
	g := &group{
		core: groupCore(w.dice, n), name: w.kept(name), maker: i, owner: i.self,
		created: now, activity: now, call: call, asked: asked, byKey: map[string]*member{},
	}
	g.nameless = w.dice.chance(w.quirks.EmptyNames, "mute", g.core)
	w.relink(g, n)
	w.groups = append(w.groups, g)
	w.byCore[g.core] = g
	owner := w.join(g, i.self, HowCreated, now)
	owner.admin, owner.superAdm, owner.shownAt = true, true, now
	i.lastCreate = now
	var out []*person
	for _, p := range people {
		if g.is(p) {
			continue
		}
		if !p.hasWhatsApp || !p.addable {
			out = append(out, p)
			continue
		}
		w.join(g, p, HowCreated, now)
	}
	return g, out
}

// kept returns a name as the provider keeps it.
func (w *world) kept(name string) string {
	switch w.quirks.Names {
	case "nfc":
		return norm.NFC.String(name)
	case "nfd":
		return norm.NFD.String(name)
	case "plain":
		return strings.Join(strings.Fields(strings.ReplaceAll(name, "\ufe0f", "")), " ")
	}
	return name
}

// groupCore returns a group's id without a provider's suffix: 18 digits that begin with 120363.
func groupCore(d dice, salt string) string { return "120363" + d.text(12, decimals, "group", salt) }

// relink gives the group a new invite link. The old link is no longer valid.
func (w *world) relink(g *group, salt string) {
	delete(w.byCode, g.code)
	g.code = w.dice.text(22, letters, "link", g.core, salt)
	w.byCode[g.code] = g
}

// join puts a person into a group. A person who left comes back as a new entry, so that the history stays.
func (w *world) join(g *group, p *person, how string, at time.Time) *member {
	if m := g.byKey[p.key]; m != nil && m.in() {
		return m
	}
	m := &member{p: p, how: how, at: at, shownAt: at}
	if w.dice.chance(w.quirks.LateMembers, "late", g.core, p.key) {
		m.shownAt = at.Add(w.scaled(w.quirks.MemberLag))
	}
	g.members = append(g.members, m)
	g.byKey[p.key] = m
	g.activity = at
	if p.inst != nil {
		p.inst.groups = append(p.inst.groups, g)
	}
	if how == HowJoined {
		w.announceJoin(g, p, at)
	}
	return m
}

// leave takes a person out of a group, by their own will or an admin's. It reports whether the person was in.
func (w *world) leave(g *group, p *person, at time.Time) bool {
	m := g.byKey[p.key]
	if m == nil || !m.in() {
		return false
	}
	m.left = at
	g.activity = at
	return true
}

// invited plans that a person follows the link of a message that has reached them, if they are one who joins.
func (w *world) invited(p *person, g *group, at time.Time) {
	if !p.joins || !p.hasWhatsApp || g.is(p) {
		return
	}
	code := g.code
	w.plan(at.Add(p.joinAfter), func(at time.Time) {
		if g.code != code || !p.joins {
			return // the link was changed, or the person does not want to join any more
		}
		w.follow(g, p, at)
	})
}

// follow lets a person follow the link. The person joins or, if an admin must approve, asks to join.
func (w *world) follow(g *group, p *person, at time.Time) {
	switch {
	case !g.approval || g.is(p):
		w.join(g, p, HowJoined, at)
	case !slices.Contains(g.asking, p):
		g.asking = append(g.asking, p)
		w.announceRequest(g, p, true, at)
	}
}

// answered ends a person's request to join, with or without an approval. It reports whether there was one.
func (w *world) answered(g *group, p *person, approved bool) bool {
	i := slices.Index(g.asking, p)
	if i < 0 {
		return false
	}
	g.asking = slices.Delete(g.asking, i, i+1)
	if approved {
		w.join(g, p, HowJoined, w.now())
	} else {
		w.announceRequest(g, p, false, w.now())
	}
	return true
}

// visible returns the groups that a list of this instance shows at a lag, the newest first.
func (w *world) visible(i *instance, lag Duration) []*group {
	border := w.now().Add(-w.scaled(lag))
	out := make([]*group, 0, len(i.groups))
	seen := map[*group]bool{}
	for _, g := range slices.Backward(i.groups) {
		m := g.byKey[i.self.key]
		if seen[g] || m == nil || !m.in() || m.at.After(border) {
			continue
		}
		seen[g] = true
		out = append(out, g)
	}
	return out
}

// shown returns the members that the group's list shows now. They may be fewer than size (GI#561).
func (w *world) shown(g *group) []*member {
	now := w.now()
	out := make([]*member, 0, len(g.members))
	for _, m := range g.members {
		if m.in() && !m.shownAt.After(now) {
			out = append(out, m)
		}
	}
	return out
}
