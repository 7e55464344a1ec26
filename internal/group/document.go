package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Document is a group as the API and the events show it.
type Document struct {
	ID             string               `json:"id"`
	Status         Status               `json:"status"`
	Worst          Worst                `json:"worst"`
	GroupName      string               `json:"groupName"`
	AutoInvite     bool                 `json:"autoInvite"`
	Instance       string               `json:"instance"`
	Pool           string               `json:"pool"`
	Priority       string               `json:"priority"`
	BatchID        string               `json:"batchId"`
	Row            int                  `json:"row"`
	ExternalRef    string               `json:"externalRef"`
	IdempotencyKey string               `json:"idempotencyKey"`
	GroupID        string               `json:"groupId"`
	InviteLink     string               `json:"inviteLink"`
	Adopted        bool                 `json:"adopted"`
	OwnNumber      Standing             `json:"ownNumber,omitempty"`
	Members        []MemberDocument     `json:"members,omitempty"`
	Askers         []AskerDocument      `json:"joinRequests,omitempty" doc:"People who ask to join and were not requested; absent if there are none. Not in events."`
	Counts         map[MemberStatus]int `json:"counts"`
	Attempts       []AttemptDocument    `json:"attempts"`
	Error          *Error               `json:"error"`
	WaitingFor     say.Phrase           `json:"waitingFor"`
	WaitingSince   *time.Time           `json:"waitingSince"`
	EtaAt          *time.Time           `json:"etaAt"`
	NotBefore      *time.Time           `json:"notBefore,omitempty"`
	ExpiresAt      *time.Time           `json:"expiresAt,omitempty"`
	CreatedAt      time.Time            `json:"createdAt"`
	UpdatedAt      time.Time            `json:"updatedAt"`
	FinishedAt     *time.Time           `json:"finishedAt"`
	Metadata       map[string]any       `json:"metadata"`
	Consent        *Consent             `json:"consent,omitempty"`
	Setup          []StepDocument       `json:"setup,omitempty" doc:"The steps that set up the group once it exists, in order; absent if no set-up was requested."`
	ReplacedBy     string               `json:"replacedBy,omitempty" doc:"The group that a corrected row or an edit made instead of this one."`
	Replaces       string               `json:"replaces,omitempty" doc:"The group in whose place a corrected row or an edit made this one."`
	LateGroups     []string             `json:"lateGroups,omitempty" doc:"Other groups at WhatsApp that this request made: the answer to their create came late. rollcall does not delete them."`
}

// MemberDocument is one person of a Document. Phone is not masked: it is the client's own data.
type MemberDocument struct {
	Phone     string       `json:"phone"`
	Input     string       `json:"input"`
	Name      string       `json:"name"`
	Status    MemberStatus `json:"status"`
	Reason    say.Phrase   `json:"reason"`
	MessageID string       `json:"messageId"`
	Request   *JoinRequest `json:"joinRequest,omitempty"`
	UpdatedAt time.Time    `json:"updatedAt"`
	Role      MemberRole   `json:"role,omitempty" doc:"staff: put into each group of the pool by the configuration."`
	Admin     bool         `json:"admin,omitempty" doc:"Whether the last reading of the group showed the member as an admin."`
	AskedBy   string       `json:"askedBy,omitempty" doc:"Which file or person asked for this member after the group was accepted."`
	AskedAt   *time.Time   `json:"askedAt,omitempty" doc:"When the member was requested, if that was after the group was accepted."`
}

// AskerDocument is one person of a Document who was not requested and asks to join.
type AskerDocument struct {
	Phone string `json:"phone" doc:"The number as E.164; empty if WhatsApp shows only the person's LID."`
	LID   string `json:"lid,omitempty" doc:"WhatsApp's opaque id of the person, if WhatsApp shows it."`
	JoinRequest
}

// MemberRole is why a person is in the group other than for the request; "" for the request's people.
type MemberRole string

// RoleStaff is the role of the people whom a pool's configuration puts into each of its groups.
const RoleStaff MemberRole = "staff"

// StepDocument is one step of a Document's setup.
type StepDocument struct {
	Step      StepName   `json:"step"`
	Status    StepStatus `json:"status"`
	Reason    say.Phrase `json:"reason"`
	UpdatedAt time.Time  `json:"updatedAt"`
}

// AttemptDocument is one create call of a Document.
type AttemptDocument struct {
	N          int        `json:"n"`
	Instance   string     `json:"instance"`
	StartedAt  time.Time  `json:"startedAt"`
	EndedAt    *time.Time `json:"endedAt"`
	Outcome    Outcome    `json:"outcome"`
	HTTPStatus int        `json:"httpStatus"`
	Error      say.Phrase `json:"error"`
}

// Document renders the group. When the group's own Wait is empty, a caller that sees the queues and the
// pace fills in WaitingFor and EtaAt.
func (g *Group) Document() Document {
	d := Document{
		ID: g.ID, Status: g.Status, GroupName: g.Name, AutoInvite: g.AutoInvite,
		Instance: g.Instance, Pool: g.Target.Pool, Priority: string(g.Priority),
		BatchID: g.BatchID, Row: g.Row, ExternalRef: g.ExternalRef, IdempotencyKey: g.Key,
		GroupID: g.WhatsAppID, InviteLink: g.InviteLink, Adopted: g.Adopted, OwnNumber: g.Sight.Own,
		Counts: g.Counts(), Error: g.Error,
		WaitingFor: g.Wait.For, EtaAt: moment(g.Wait.Until),
		NotBefore: moment(g.NotBefore), ExpiresAt: moment(g.ExpiresAt),
		CreatedAt: g.CreatedAt.UTC(), UpdatedAt: g.UpdatedAt.UTC(), FinishedAt: moment(g.FinishedAt),
		Metadata: g.Metadata, ReplacedBy: g.ReplacedBy, Replaces: g.Replaces, LateGroups: g.StrayIDs(),
		Members:  make([]MemberDocument, len(g.Members)),
		Attempts: make([]AttemptDocument, len(g.Attempts)),
	}
	d.Worst = worstOfGroup(d.Status, d.Counts)
	if g.Consent != (Consent{}) {
		d.Consent = &g.Consent
	}
	if d.Metadata == nil {
		d.Metadata = map[string]any{}
	}
	for i := range g.Members {
		m := &g.Members[i]
		d.Members[i] = MemberDocument{
			Phone: m.Number.E164(), Input: m.Input, Name: m.Name, Status: m.Status, Reason: m.Reason,
			MessageID: m.MessageID, UpdatedAt: m.UpdatedAt.UTC(), AskedBy: m.AskedBy, AskedAt: moment(m.AskedAt),
		}
		d.Members[i].Admin = m.Admin
		if m.Staff {
			d.Members[i].Role = RoleStaff
		}
		if r := m.Request; r != nil {
			d.Members[i].Request = &JoinRequest{At: r.At.UTC(), Method: r.Method, Answer: r.Answer, Reason: r.Reason}
		}
	}
	for _, a := range g.Askers {
		one := AskerDocument{LID: a.LID, JoinRequest: a.JoinRequest}
		if one.At = one.At.UTC(); a.Digits != "" {
			one.Phone = "+" + a.Digits
		}
		d.Askers = append(d.Askers, one)
	}
	if g.Setup != nil {
		for _, s := range g.Setup.Steps {
			d.Setup = append(d.Setup, StepDocument{Step: s.Name, Status: s.Status, Reason: s.Reason, UpdatedAt: s.UpdatedAt.UTC()})
		}
	}
	for i, a := range g.Attempts {
		d.Attempts[i] = AttemptDocument{
			N: a.N, Instance: a.Instance, StartedAt: a.StartedAt.UTC(), EndedAt: moment(a.EndedAt),
			Outcome: a.Outcome, HTTPStatus: a.HTTPStatus, Error: a.Error,
		}
	}
	return d
}

// moment returns t in UTC for a JSON field, or nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
