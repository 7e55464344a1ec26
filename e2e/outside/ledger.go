package outside

import (
	"slices"
	"strings"
	"time"
)

// Create is one create that arrived.
type Create struct {
	Instance string        `json:"instance"` // its id at the provider
	Name     string        `json:"name"`
	Asked    []string      `json:"asked"` // in WhatsApp's digits
	At       time.Time     `json:"at"`    // arrival by this process's clock
	Late     time.Duration `json:"late"`  // at most so long before At the kernel had it already
	Fault    Fault         `json:"fault"`
	Lost     bool          `json:"lost"`  // the watcher had it vanish before it had any effect
	Group    string        `json:"group"` // what came of it; empty for nothing
}

// Group is one group that exists.
type Group struct {
	ID       string    `json:"id"` // digits; each provider adds its own ending
	Instance string    `json:"instance"`
	Name     string    `json:"name"`
	Link     string    `json:"link"`
	Asked    []string  `json:"asked"`
	Members  []string  `json:"members"` // without the owner, in WhatsApp's digits
	Made     time.Time `json:"made"`
	Listed   time.Time `json:"listed"` // from then on the lists show it
	Nameless bool      `json:"nameless"`
}

// Has says whether somebody is in the group, in whatever spelling of their number.
func (g Group) Has(digits string) bool { return slices.Contains(g.Members, Fold(digits)) }

// Invite is one private invitation that a person got.
type Invite struct {
	Instance  string    `json:"instance"`
	Group     string    `json:"group"`
	Phone     string    `json:"phone"` // in WhatsApp's digits
	Text      string    `json:"text"`  // empty for a native one
	At        time.Time `json:"at"`
	MessageID string    `json:"messageId"`
	Fault     Fault     `json:"fault"`
}

// Ledger is a copy of what happened so far.
type Ledger struct {
	Creates    []Create  `json:"creates"`
	Groups     []Group   `json:"groups"`
	Invites    []Invite  `json:"invites"`
	Complaints []string  `json:"complaints"` // requests the documents forbid, without tokens and numbers
	Lists      []Listing `json:"lists"`
}

// Listing is one reading of an instance's lists of groups.
type Listing struct {
	Instance string    `json:"instance"`
	At       time.Time `json:"at"`
	Failed   bool      `json:"failed"`
}

// Ledger copies what happened so far.
func (p *Provider) Ledger() Ledger {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := Ledger{
		Creates:    slices.Clone(p.creates),
		Invites:    slices.Clone(p.invites),
		Complaints: slices.Clone(p.complaints),
		Lists:      slices.Clone(p.lists),
	}
	for _, g := range p.groups {
		copied := *g
		copied.Members = slices.Clone(g.Members)
		l.Groups = append(l.Groups, copied)
	}
	return l
}

// make brings a group into being.
func (p *Provider) make(inst *instance, name string, asked []string) Group {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serial++
	g := &Group{
		ID:       "120363" + pad(p.serial, 12),
		Instance: inst.ID,
		Name:     name,
		Link:     "https://chat.whatsapp.com/OUTSIDE" + pad(p.serial, 13),
		Asked:    asked,
		Made:     now,
		Listed:   now.Add(p.cfg.ListLag),
		Nameless: inst.Provider == GreenAPI && chance(p.cfg.Census.Seed, "nameless", name) < p.cfg.NamelessShare,
	}
	for _, phone := range asked {
		if p.cfg.Census.Person(phone).Kind == Addable && phone != Fold(inst.Own) {
			g.Members = append(g.Members, phone)
		}
	}
	p.groups = append(p.groups, g)
	return *g
}

// find is the group of an instance with this bare id.
func (p *Provider) find(inst *instance, id string) (Group, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, g := range p.groups {
		if g.ID == id && g.Instance == inst.ID {
			return *g, true
		}
	}
	return Group{}, false
}

// listed are the groups that an instance's lists show now, newest first, and whether they can be
// read at all.
func (p *Provider) listed(inst *instance) ([]Group, bool) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	broken := p.broken[inst.ID]
	p.lists = append(p.lists, Listing{Instance: inst.ID, At: now, Failed: broken})
	if broken {
		return nil, false
	}
	var all []Group
	for _, g := range slices.Backward(p.groups) {
		if g.Instance == inst.ID && !now.Before(g.Listed) {
			all = append(all, *g)
		}
	}
	return all, true
}

// join puts somebody into a group, and says whether they are in it now.
func (p *Provider) join(id string, who Person) bool {
	if who.Kind != Addable {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, g := range p.groups {
		if g.ID == id && !slices.Contains(g.Members, who.Phone) {
			g.Members = append(g.Members, who.Phone)
		}
	}
	return true
}

// linked is the group whose link stands in a text.
func (p *Provider) linked(text string) (Group, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, g := range p.groups {
		if strings.Contains(text, g.Link) {
			return *g, true
		}
	}
	return Group{}, false
}

// invited records an invitation that reached a person.
func (p *Provider) invited(v Invite) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.invites = append(p.invites, v)
}

// messages are the texts an instance sent, oldest first, as long as the queue or journal shows them.
func (p *Provider) messages(inst *instance, since time.Time) []Invite {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Invite
	for _, v := range p.invites {
		if v.Instance == inst.ID && v.Text != "" && v.At.After(since) {
			all = append(all, v)
		}
	}
	return all
}
