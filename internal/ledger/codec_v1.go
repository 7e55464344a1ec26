package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// recordV1 is a record as JSON: how they were written at first. They are read for ever, and written
// in the present form when their group next moves.
type recordV1 struct {
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
	Consent    *consentV1     `json:"co,omitempty"`
	Created    int64          `json:"c"`

	Status     string       `json:"s"`
	Owner      string       `json:"i,omitempty"`
	Members    []memberV1   `json:"mm"`
	Attempts   []attemptV1  `json:"at,omitempty"`
	Round      int          `json:"ro,omitempty"`
	Tries      int          `json:"t,omitempty"`
	TryingFrom int64        `json:"tf,omitempty"`
	Verify     *lookingV1   `json:"v,omitempty"`
	Roll       *lookingV1   `json:"rl,omitempty"`
	Called     bool         `json:"cd,omitempty"`
	Watch      *watchV1     `json:"wt,omitempty"`
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

type attemptV1 struct {
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

type lookingV1 struct {
	From     int64 `json:"f,omitempty"`
	Until    int64 `json:"u,omitempty"`
	Looks    int   `json:"l,omitempty"`
	Failures int   `json:"x,omitempty"`
}

type watchV1 struct {
	At       int64 `json:"a,omitempty"`
	Read     int64 `json:"r,omitempty"`
	Asked    int64 `json:"q,omitempty"`
	Retry    int64 `json:"t,omitempty"`
	Failing  int64 `json:"f,omitempty"`
	Failures int   `json:"x,omitempty"`
}

type consentV1 struct {
	Source string `json:"s,omitempty"`
	At     int64  `json:"a,omitempty"`
}

// memberV1 is one person as an array without its trailing zeros; a person who waits is [0,"5511…"].
type memberV1 struct {
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

func (m *memberV1) fields() []any {
	return []any{
		&m.Status, &m.Digits, &m.Input, &m.WhatsApp, &m.LID, &m.Reason, &m.Message, &m.Updated,
		&m.Tries, &m.Owner, &m.At, &m.Until, &m.Invited, &m.Said, &m.Missed,
	}
}

// UnmarshalJSON reads an array of any length, also one that a newer version made longer.
func (m *memberV1) UnmarshalJSON(data []byte) error {
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

func decodeV1(id string, body []byte) (*group.Group, error) {
	var r recordV1
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, err
	}
	g := &group.Group{
		ID: id, Name: r.Name, AutoInvite: r.AutoInvite,
		Target: tasks.Target{Instance: r.Instance, Pool: r.Pool}, Priority: tasks.Priority(r.Priority),
		BatchID: r.Batch, Row: r.Row, ExternalRef: r.Ref, Key: r.Key,
		NotBefore: moment(r.NotBefore), ExpiresAt: moment(r.Expires), Message: r.Message,
		Metadata: r.Metadata, Consent: decodeConsentV1(r.Consent), CreatedAt: moment(r.Created),
		Status: group.Status(r.Status), Instance: r.Owner, Round: r.Round, Tries: r.Tries,
		TryingFrom: moment(r.TryingFrom), Verify: decodeLookingV1(r.Verify), Roll: decodeLookingV1(r.Roll),
		Called: r.Called, Watch: decodeWatchV1(r.Watch), Strangers: r.Strangers, Deaths: r.Deaths,
		Wait:      group.Wait{For: r.WaitFor, Until: moment(r.WaitUntil)},
		UpdatedAt: moment(r.Updated), FinishedAt: moment(r.Finished),
		WhatsAppID: r.WhatsApp, InviteLink: r.Link, Adopted: r.Adopted, NotAdded: r.NotAdded,
		Strays: r.Strays, Error: r.Error,
		Members: make([]group.Member, len(r.Members)),
	}
	for i := range r.Members {
		var err error
		if g.Members[i], err = decodeMemberV1(&r.Members[i], g.CreatedAt); err != nil {
			return nil, fmt.Errorf("member %d: %w", i, err)
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

func decodeMemberV1(e *memberV1, created time.Time) (group.Member, error) {
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

func decodeLookingV1(l *lookingV1) group.Looking {
	if l == nil {
		return group.Looking{}
	}
	return group.Looking{From: moment(l.From), Until: moment(l.Until), Looks: l.Looks, Failures: l.Failures}
}

func decodeWatchV1(w *watchV1) group.Watch {
	if w == nil {
		return group.Watch{}
	}
	return group.Watch{
		At: moment(w.At), ReadAt: moment(w.Read), AskedAt: moment(w.Asked),
		RetryAt: moment(w.Retry), FailingSince: moment(w.Failing), Failures: w.Failures,
	}
}

func decodeConsentV1(c *consentV1) group.Consent {
	if c == nil {
		return group.Consent{}
	}
	return group.Consent{Source: c.Source, At: moment(c.At)}
}
