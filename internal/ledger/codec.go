package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// record is the stored form of a group. Its keys are short and its zero values left out, because
// a backlog is kept in memory: a queued group with ten people takes about 600 bytes. Fields may be
// added; none may change its meaning, since old and new workers share one Redis.
type record struct {
	Name       string         `json:"n"`
	AutoInvite bool           `json:"a,omitempty"`
	Instance   string         `json:"ti,omitempty"`
	Pool       string         `json:"tp,omitempty"`
	Priority   string         `json:"p,omitempty"`
	Batch      string         `json:"b,omitempty"`
	Row        int            `json:"r,omitempty"`
	Ref        string         `json:"x,omitempty"`
	Key        string         `json:"k,omitempty"`
	NotBefore  int64          `json:"nb,omitempty"`
	Expires    int64          `json:"ex,omitempty"`
	Message    string         `json:"m,omitempty"`
	Metadata   map[string]any `json:"md,omitempty"`
	Consent    *consent       `json:"co,omitempty"`
	Created    int64          `json:"c"`

	Status     string       `json:"s"`
	Owner      string       `json:"i,omitempty"`
	Members    []member     `json:"mm"`
	Attempts   []attempt    `json:"at,omitempty"`
	Round      int          `json:"ro,omitempty"`
	Tries      int          `json:"t,omitempty"`
	TryingFrom int64        `json:"tf,omitempty"`
	Verify     *looking     `json:"v,omitempty"`
	Roll       *looking     `json:"rl,omitempty"`
	Called     bool         `json:"cd,omitempty"`
	Watch      *watch       `json:"wt,omitempty"`
	Strangers  int          `json:"sg,omitempty"`
	Deaths     int          `json:"d,omitempty"`
	WaitFor    string       `json:"w,omitempty"`
	WaitUntil  int64        `json:"wu,omitempty"`
	Updated    int64        `json:"u,omitempty"`
	Finished   int64        `json:"f,omitempty"`
	WhatsApp   string       `json:"wa,omitempty"`
	Link       string       `json:"l,omitempty"`
	Adopted    bool         `json:"ad,omitempty"`
	NotAdded   []string     `json:"na,omitempty"`
	Strays     []string     `json:"st,omitempty"`
	Error      *group.Error `json:"e,omitempty"`
}

type attempt struct {
	N        int    `json:"n"`
	Instance string `json:"i"`
	Owner    string `json:"w"`
	Started  int64  `json:"s"`
	Until    int64  `json:"u"`
	Ended    int64  `json:"e,omitempty"`
	Outcome  string `json:"o,omitempty"`
	Status   int    `json:"h,omitempty"`
	Error    string `json:"t,omitempty"`
}

type looking struct {
	From     int64 `json:"f,omitempty"`
	Until    int64 `json:"u,omitempty"`
	Looks    int   `json:"l,omitempty"`
	Failures int   `json:"x,omitempty"`
}

type watch struct {
	At       int64 `json:"a,omitempty"`
	Read     int64 `json:"r,omitempty"`
	Asked    int64 `json:"q,omitempty"`
	Retry    int64 `json:"t,omitempty"`
	Failing  int64 `json:"f,omitempty"`
	Failures int   `json:"x,omitempty"`
}

type consent struct {
	Source string `json:"s,omitempty"`
	At     int64  `json:"a,omitempty"`
}

// member is one person as an array without its trailing zeros; a person who waits is [0,"5511…"].
type member struct {
	Status   int
	Digits   string
	Input    string // "" when it is the digits, "+" when it is E.164
	WhatsApp string
	LID      string
	Reason   string
	Message  string
	Updated  int64 // 0 when it is the group's creation
	Tries    int
	Owner    string
	At       int64
	Until    int64
	Invited  int64
	Said     string
	Missed   int64
}

func (m *member) fields() []any {
	return []any{
		&m.Status, &m.Digits, &m.Input, &m.WhatsApp, &m.LID, &m.Reason, &m.Message, &m.Updated,
		&m.Tries, &m.Owner, &m.At, &m.Until, &m.Invited, &m.Said, &m.Missed,
	}
}

// MarshalJSON writes the fields as an array, without the zeros at its end.
func (m member) MarshalJSON() ([]byte, error) {
	fields := m.fields()
	for len(fields) > 0 {
		switch v := fields[len(fields)-1].(type) {
		case *string:
			if *v != "" {
				return json.Marshal(fields)
			}
		case *int:
			if *v != 0 {
				return json.Marshal(fields)
			}
		case *int64:
			if *v != 0 {
				return json.Marshal(fields)
			}
		}
		fields = fields[:len(fields)-1]
	}
	return []byte("[]"), nil
}

// UnmarshalJSON reads an array of any length, also one that a newer version made longer.
func (m *member) UnmarshalJSON(data []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	fields := m.fields()
	for i := range min(len(raw), len(fields)) {
		if err := json.Unmarshal(raw[i], fields[i]); err != nil {
			return err
		}
	}
	return nil
}

func encode(g *group.Group, token string) (string, error) {
	r := record{
		Name: g.Name, AutoInvite: g.AutoInvite, Instance: g.Target.Instance, Pool: g.Target.Pool,
		Priority: string(g.Priority), Batch: g.BatchID, Row: g.Row, Ref: g.ExternalRef, Key: g.Key,
		NotBefore: millis(g.NotBefore), Expires: millis(g.ExpiresAt), Message: g.Message,
		Metadata: g.Metadata, Consent: encodeConsent(g.Consent), Created: millis(g.CreatedAt),
		Status: string(g.Status), Owner: g.Instance, Round: g.Round, Tries: g.Tries,
		TryingFrom: millis(g.TryingFrom), Verify: encodeLooking(g.Verify), Roll: encodeLooking(g.Roll),
		Called: g.Called, Watch: encodeWatch(g.Watch), Strangers: g.Strangers, Deaths: g.Deaths,
		WaitFor: g.Wait.For, WaitUntil: millis(g.Wait.Until),
		Updated: millis(g.UpdatedAt), Finished: millis(g.FinishedAt),
		WhatsApp: g.WhatsAppID, Link: g.InviteLink, Adopted: g.Adopted, NotAdded: g.NotAdded,
		Strays: g.Strays, Error: g.Error,
		Members: make([]member, len(g.Members)),
	}
	for i := range g.Members {
		r.Members[i] = encodeMember(&g.Members[i], g.CreatedAt)
	}
	for _, a := range g.Attempts {
		r.Attempts = append(r.Attempts, attempt{
			N: a.N, Instance: a.Instance, Owner: a.Owner, Started: millis(a.StartedAt), Until: millis(a.Until),
			Ended: millis(a.EndedAt), Outcome: string(a.Outcome), Status: a.HTTPStatus, Error: a.Error,
		})
	}
	data, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode %s: %w", g.ID, err)
	}
	return strconv.FormatInt(g.Rev, 10) + "." + token + "|" + string(data), nil
}

func decode(id, value string) (*group.Group, error) {
	head, body, ok := strings.Cut(value, "|")
	rev, _, _ := strings.Cut(head, ".")
	n, err := strconv.ParseInt(rev, 10, 64)
	if !ok || err != nil {
		return nil, fmt.Errorf("decode %s: the record does not begin with its revision", id)
	}
	var r record
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return nil, fmt.Errorf("decode %s: %w", id, err)
	}
	g := &group.Group{
		ID: id, Rev: n, Name: r.Name, AutoInvite: r.AutoInvite,
		Target: tasks.Target{Instance: r.Instance, Pool: r.Pool}, Priority: tasks.Priority(r.Priority),
		BatchID: r.Batch, Row: r.Row, ExternalRef: r.Ref, Key: r.Key,
		NotBefore: moment(r.NotBefore), ExpiresAt: moment(r.Expires), Message: r.Message,
		Metadata: r.Metadata, Consent: decodeConsent(r.Consent), CreatedAt: moment(r.Created),
		Status: group.Status(r.Status), Instance: r.Owner, Round: r.Round, Tries: r.Tries,
		TryingFrom: moment(r.TryingFrom), Verify: decodeLooking(r.Verify), Roll: decodeLooking(r.Roll),
		Called: r.Called, Watch: decodeWatch(r.Watch), Strangers: r.Strangers, Deaths: r.Deaths,
		Wait:      group.Wait{For: r.WaitFor, Until: moment(r.WaitUntil)},
		UpdatedAt: moment(r.Updated), FinishedAt: moment(r.Finished),
		WhatsAppID: r.WhatsApp, InviteLink: r.Link, Adopted: r.Adopted, NotAdded: r.NotAdded,
		Strays: r.Strays, Error: r.Error,
		Members: make([]group.Member, len(r.Members)),
	}
	for i := range r.Members {
		if g.Members[i], err = decodeMember(&r.Members[i], g.CreatedAt); err != nil {
			return nil, fmt.Errorf("decode %s: member %d: %w", id, i, err)
		}
	}
	for _, a := range r.Attempts {
		g.Attempts = append(g.Attempts, group.Attempt{
			N: a.N, Instance: a.Instance, Owner: a.Owner, StartedAt: moment(a.Started), Until: moment(a.Until),
			EndedAt: moment(a.Ended), Outcome: group.Outcome(a.Outcome), HTTPStatus: a.Status, Error: a.Error,
		})
	}
	return g, nil
}

func encodeMember(m *group.Member, created time.Time) member {
	e := member{
		Status: slices.Index(group.MemberStatuses, m.Status), Digits: m.Number.Digits(), Input: m.Input,
		WhatsApp: m.WhatsApp, LID: m.LID, Reason: m.Reason, Message: m.MessageID, Tries: m.Tries,
		Invited: millis(m.InvitedAt), Said: string(m.Said), Missed: millis(m.MissedAt),
	}
	switch m.Input {
	case m.Number.Digits():
		e.Input = ""
	case m.Number.E164():
		e.Input = "+"
	}
	if !m.UpdatedAt.Equal(created) {
		e.Updated = millis(m.UpdatedAt)
	}
	if m.Invite != nil {
		e.Owner, e.At, e.Until = m.Invite.Owner, millis(m.Invite.At), millis(m.Invite.Until)
	}
	return e
}

func decodeMember(e *member, created time.Time) (group.Member, error) {
	if e.Status < 0 || e.Status >= len(group.MemberStatuses) {
		return group.Member{}, fmt.Errorf("unknown status %d: a newer version wrote it", e.Status)
	}
	m := group.Member{
		Input: e.Input, WhatsApp: e.WhatsApp, LID: e.LID, Reason: e.Reason, MessageID: e.Message,
		Status: group.MemberStatuses[e.Status], Tries: e.Tries, UpdatedAt: created,
		InvitedAt: moment(e.Invited), Said: group.Departure(e.Said), MissedAt: moment(e.Missed),
	}
	if e.Digits != "" {
		m.Number = phone.Number("+" + e.Digits)
	}
	switch e.Input {
	case "":
		m.Input = e.Digits
	case "+":
		m.Input = "+" + e.Digits
	}
	if e.Updated != 0 {
		m.UpdatedAt = moment(e.Updated)
	}
	if e.Owner != "" {
		m.Invite = &group.Intent{Owner: e.Owner, At: moment(e.At), Until: moment(e.Until)}
	}
	return m, nil
}

func encodeLooking(l group.Looking) *looking {
	if l == (group.Looking{}) {
		return nil
	}
	return &looking{From: millis(l.From), Until: millis(l.Until), Looks: l.Looks, Failures: l.Failures}
}

func decodeLooking(l *looking) group.Looking {
	if l == nil {
		return group.Looking{}
	}
	return group.Looking{From: moment(l.From), Until: moment(l.Until), Looks: l.Looks, Failures: l.Failures}
}

func encodeWatch(w group.Watch) *watch {
	if w == (group.Watch{}) {
		return nil
	}
	return &watch{
		At: millis(w.At), Read: millis(w.ReadAt), Asked: millis(w.AskedAt),
		Retry: millis(w.RetryAt), Failing: millis(w.FailingSince), Failures: w.Failures,
	}
}

func decodeWatch(w *watch) group.Watch {
	if w == nil {
		return group.Watch{}
	}
	return group.Watch{
		At: moment(w.At), ReadAt: moment(w.Read), AskedAt: moment(w.Asked),
		RetryAt: moment(w.Retry), FailingSince: moment(w.Failing), Failures: w.Failures,
	}
}

func encodeConsent(c group.Consent) *consent {
	if c == (group.Consent{}) {
		return nil
	}
	return &consent{Source: c.Source, At: millis(c.At)}
}

func decodeConsent(c *consent) group.Consent {
	if c == nil {
		return group.Consent{}
	}
	return group.Consent{Source: c.Source, At: moment(c.At)}
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
