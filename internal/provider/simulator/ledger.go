package simulator

import (
	"slices"
	"time"
)

// Ledger is the truth: what exists, whatever the providers answered. It is a copy.
type Ledger struct {
	Seed            uint64          `json:"seed"`
	Personality     Personality     `json:"personality"`
	Now             time.Time       `json:"now"`
	Instances       []InstanceTruth `json:"instances"`
	Groups          []Group         `json:"groups"`
	Messages        []Message       `json:"messages"`
	People          []PersonTruth   `json:"people"`
	Webhooks        []Push          `json:"webhooks"`
	Calls           []Call          `json:"calls"`
	DroppedCalls    int             `json:"droppedCalls"`
	DroppedWebhooks int             `json:"droppedWebhooks"`
}

// InstanceTruth is an instance without its secrets.
type InstanceTruth struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Phone    string    `json:"phone"`
	State    string    `json:"state"`
	Until    time.Time `json:"until,omitzero"`
	Queued   int       `json:"queued"`
}

// Group is one group that exists.
type Group struct {
	ID         string    `json:"id"` // as the owner's provider writes it
	Name       string    `json:"name"`
	Owner      string    `json:"owner"` // the instance's id
	CreatedAt  time.Time `json:"createdAt"`
	InviteLink string    `json:"inviteLink"`
	Call       uint64    `json:"call"`  // the call that made it
	Asked      []string  `json:"asked"` // the addresses of that call, verbatim
	Members    []Member  `json:"members"`

	Description string `json:"description,omitempty"`
	Photo       string `json:"photo,omitempty"` // SHA-256 in hex; "" without one
	// Actions for admins only, and whether people who follow the link wait for an admin.
	OnlyAdminsSend bool `json:"onlyAdminsSend"`
	OnlyAdminsEdit bool `json:"onlyAdminsEdit"`
	OnlyAdminsAdd  bool `json:"onlyAdminsAdd"`
	ApproveJoins   bool `json:"approveJoins"`
}

// Member is a person's stay in a group.
type Member struct {
	Phone string    `json:"phone"` // WhatsApp's own form
	LID   string    `json:"lid"`
	How   string    `json:"how"` // HowCreated, HowAdded or HowJoined
	At    time.Time `json:"at"`
	Left  time.Time `json:"left,omitzero"`
	Admin bool      `json:"admin"`
}

// Message is one message an instance took.
type Message struct {
	ID         string    `json:"id"`
	Instance   string    `json:"instance"`
	To         string    `json:"to"`              // as addressed
	Phone      string    `json:"phone,omitempty"` // the person's own form; "" for groups and strangers
	Text       string    `json:"text"`
	Via        string    `json:"via"`                  // ViaText, ViaLink or ViaNative
	GroupID    string    `json:"groupId,omitempty"`    // to which it went, or whose link it carries
	InviteLink string    `json:"inviteLink,omitempty"` // the link that it carries to a person
	QueuedAt   time.Time `json:"queuedAt"`
	SentAt     time.Time `json:"sentAt,omitzero"`
	Status     string    `json:"status"` // MessageQueued, MessageSent or MessageFailed
	Delivered  bool      `json:"delivered"`
	Error      string    `json:"error,omitempty"`
	Call       uint64    `json:"call"`
}

// PersonTruth is a person whom the simulator met.
type PersonTruth struct {
	Phone       string `json:"phone"`
	LID         string `json:"lid"`
	HasWhatsApp bool   `json:"hasWhatsApp"`
	Addable     bool   `json:"addable"`
	ListedAsLID bool   `json:"listedAsLid"`
	Joins       bool   `json:"joins"`
}

// Call is one request on the wire. JSON has its two times in nanoseconds since the start, too.
type Call struct {
	Seq        uint64    `json:"seq"`
	Instance   string    `json:"instance"`
	Provider   string    `json:"provider"`
	Method     string    `json:"method"` // the provider's own name for it
	Kind       string    `json:"kind"`   // what it is for: create, members, list, add, set, send, post, check, state, queue, hook
	Verb       string    `json:"verb"`
	GroupName  string    `json:"groupName,omitempty"`
	GroupID    string    `json:"groupId,omitempty"` // the group it made or concerned
	To         []string  `json:"to,omitempty"`      // the people it concerned, as addressed
	Host       string    `json:"host"`              // the address under which the client reached the simulator
	ReceivedAt time.Time `json:"receivedAt"`        // when it came; with package arrival, as the kernel reports it
	EndedAt    time.Time `json:"endedAt,omitzero"`  // zero: still under way
	AtNanos    int64     `json:"atNanos"`           // ReceivedAt since the start
	EndNanos   int64     `json:"endNanos,omitempty"`
	Status     int       `json:"status"`            // 0: no answer was given
	Fault      string    `json:"fault,omitempty"`   // injected, by script or by the dice
	Rule       string    `json:"rule,omitempty"`    // the rule that refused it: auth, rate, state, …
	Unknown    string    `json:"unknown,omitempty"` // what the body has and the documents do not
	Effect     bool      `json:"effect"`            // it changed the world
	Gone       bool      `json:"gone,omitempty"`    // the client left before an answer
	Params     string    `json:"params,omitempty"`  // the query, for lists
}

// Ledger returns a copy of the truth as it is now.
func (s *Simulator) Ledger() Ledger {
	s.lock()
	defer s.unlock()
	w := s.world
	l := Ledger{
		Seed: s.cfg.Seed, Personality: s.cfg.Personality, Now: w.now(), DroppedCalls: w.dropped, DroppedWebhooks: w.droppedPushes,
		Instances: make([]InstanceTruth, 0, len(w.ordered)), Groups: make([]Group, 0, len(w.groups)),
		Messages: make([]Message, 0, len(w.messages)), People: make([]PersonTruth, 0, len(w.people)),
		Webhooks: make([]Push, 0, len(w.pushes)), Calls: make([]Call, 0, len(w.calls)),
	}
	for _, p := range w.pushes {
		l.Webhooks = append(l.Webhooks, *p)
	}
	for _, i := range w.ordered {
		l.Instances = append(l.Instances, i.truth())
	}
	for _, g := range w.groups {
		l.Groups = append(l.Groups, g.truth())
	}
	for _, m := range w.messages {
		l.Messages = append(l.Messages, m.truth())
	}
	seen := make(map[*person]bool, len(w.people))
	for _, p := range w.people {
		if !seen[p] {
			seen[p] = true
			l.People = append(l.People, p.truth())
		}
	}
	for _, c := range w.calls {
		l.Calls = append(l.Calls, *c)
	}
	return l
}

func (i *instance) truth() InstanceTruth {
	return InstanceTruth{ID: i.ID, Provider: i.Provider, Phone: i.Phone, State: i.state, Until: i.until, Queued: len(i.queue)}
}

func (g *group) truth() Group {
	out := Group{
		ID: g.maker.groupID(g), Name: g.name, Owner: g.maker.ID, CreatedAt: g.created,
		InviteLink: g.link(), Call: g.call, Asked: append([]string{}, g.asked...), Members: make([]Member, 0, len(g.members)),
		Description: g.look.description, Photo: g.look.photo, OnlyAdminsSend: g.look.adminsSend,
		OnlyAdminsEdit: g.look.adminsEdit, OnlyAdminsAdd: g.look.adminsAdd, ApproveJoins: g.approval,
	}
	for _, m := range g.members {
		out.Members = append(out.Members, Member{Phone: m.p.form, LID: m.p.lid, How: m.how, At: m.at, Left: m.left, Admin: m.admin})
	}
	return out
}

func (m *message) truth() Message {
	out := Message{
		ID: m.id, Instance: m.inst.ID, To: m.to, Text: m.text, Via: m.via, QueuedAt: m.queuedAt, SentAt: m.sentAt,
		Status: m.status, Delivered: m.delivered, Error: m.fault, Call: m.call,
	}
	if m.p != nil {
		out.Phone = m.p.form
	}
	if m.g != nil {
		out.GroupID = m.inst.groupID(m.g)
	}
	if m.carries != nil && m.g == nil {
		out.GroupID, out.InviteLink = m.inst.groupID(m.carries), m.carries.link()
	}
	return out
}

func (p *person) truth() PersonTruth {
	return PersonTruth{Phone: p.form, LID: p.lid, HasWhatsApp: p.hasWhatsApp, Addable: p.addable, ListedAsLID: p.listedAsLID, Joins: p.joins}
}

// GroupsNamed returns the groups with exactly this name, the oldest first.
func (l Ledger) GroupsNamed(name string) []Group {
	var out []Group
	for _, g := range l.Groups {
		if g.Name == name {
			out = append(out, g)
		}
	}
	return out
}

// Invites returns the messages that carry this group's link to this person, whose phone may have any spelling.
func (l Ledger) Invites(groupID, phone string) []Message {
	var out []Message
	for _, m := range l.Messages {
		if m.GroupID == groupID && m.Phone != "" && fold(m.Phone) == Account(phone) {
			out = append(out, m)
		}
	}
	return out
}

// Invitations returns the private messages that carry a group's link, in the order in which they were queued.
func (l Ledger) Invitations() []Message {
	var out []Message
	for _, m := range l.Messages {
		if m.GroupID != "" && m.Phone != "" {
			out = append(out, m)
		}
	}
	return out
}

// CallsOf returns the calls of one instance to one method, which is named by its name or its kind. "" stands for all.
func (l Ledger) CallsOf(instance, method string) []Call {
	var out []Call
	for _, c := range l.Calls {
		if (instance == "" || c.Instance == instance) && (method == "" || c.Method == method || c.Kind == method) {
			out = append(out, c)
		}
	}
	return out
}

// Complaints returns the calls that the documents forbid: calls to an unknown address or instance, without its key,
// with another verb or content type, or with a body that is refused or has unknown fields.
func (l Ledger) Complaints() []Call {
	out := []Call{}
	for _, c := range l.Calls {
		if c.Unknown != "" || slices.Contains(forbidden, c.Rule) {
			out = append(out, c)
		}
	}
	return out
}

// forbidden lists the rules that only a wrong call breaks. The others depend on the instance, its number or its people.
var forbidden = []string{"address", "instance", "auth", "path", "verb", "content type", "validation"}

// Has reports whether the person is in the group now. phone may have any spelling.
func (g Group) Has(phone string) bool {
	for _, m := range g.Members {
		if m.Left.IsZero() && fold(m.Phone) == Account(phone) {
			return true
		}
	}
	return false
}
