package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// A record is "<revision>.<token>|" and a body, which encryption seals. The scripts look no further than the bar. After
// decryption the body's first byte is formCBOR.
const formCBOR = '\x02'

// record is a group as it is stored: CBOR with numbers for names, and usual values left out, because Redis keeps a
// backlog in memory. Fields may be added; none may change its number or its meaning, since processes of two versions
// share one Redis during a deploy. Times are written in the form of ago.
type record struct {
	Name      string `cbor:"1,keyasint"`
	NoInvite  bool   `cbor:"2,keyasint,omitempty"`
	Instance  string `cbor:"3,keyasint,omitempty"`
	Pool      string `cbor:"4,keyasint,omitempty"` // no instance and no pool: the default pool
	Priority  string `cbor:"5,keyasint,omitempty"` // "" is normal
	Batch     []byte `cbor:"6,keyasint,omitempty"` // see shorten
	Row       int    `cbor:"7,keyasint,omitempty"`
	Ref       string `cbor:"8,keyasint,omitempty"`
	Key       string `cbor:"9,keyasint,omitempty"`
	NotBefore int64  `cbor:"10,keyasint,omitempty"`
	Expires   int64  `cbor:"11,keyasint,omitempty"`
	Message   string `cbor:"12,keyasint,omitempty"`
	Metadata  []byte `cbor:"13,keyasint,omitempty"` // JSON, as it came
	Source    string `cbor:"14,keyasint,omitempty"` // of the consent
	Consented int64  `cbor:"15,keyasint,omitempty"`
	Created   int64  `cbor:"16,keyasint,omitempty"` // in ms since the id was made

	Status     int          `cbor:"17,keyasint,omitempty"` // index in statuses
	Owner      string       `cbor:"18,keyasint,omitempty"`
	Attempts   []attempt    `cbor:"19,keyasint,omitempty"`
	Round      int          `cbor:"20,keyasint,omitempty"`
	Tries      int          `cbor:"21,keyasint,omitempty"`
	TryingFrom int64        `cbor:"22,keyasint,omitempty"`
	Verify     looking      `cbor:"23,keyasint,omitzero"`
	Roll       looking      `cbor:"24,keyasint,omitzero"`
	Called     bool         `cbor:"25,keyasint,omitempty"`
	Watch      watch        `cbor:"26,keyasint,omitzero"`
	Strangers  int          `cbor:"27,keyasint,omitempty"`
	Deaths     int          `cbor:"28,keyasint,omitempty"`
	WaitFor    *say.Phrase  `cbor:"29,keyasint,omitempty"`
	WaitUntil  int64        `cbor:"30,keyasint,omitempty"`
	Updated    int64        `cbor:"31,keyasint,omitempty"` // 0 is the creation
	Finished   int64        `cbor:"32,keyasint,omitempty"`
	WhatsApp   string       `cbor:"33,keyasint,omitempty"`
	Link       string       `cbor:"34,keyasint,omitempty"`
	Adopted    bool         `cbor:"35,keyasint,omitempty"`
	NotAdded   []string     `cbor:"36,keyasint,omitempty"`
	Strays     []stray      `cbor:"37,keyasint,omitempty"`
	Error      *group.Error `cbor:"38,keyasint,omitempty"`
	Claim      []byte       `cbor:"39,keyasint,omitempty"`
	Seen       []look       `cbor:"60,keyasint,omitempty"`
	ReplacedBy []byte       `cbor:"61,keyasint,omitempty"` // see shorten
	SeenAt     int64        `cbor:"62,keyasint,omitempty"` // group.Sight
	Hidden     int          `cbor:"63,keyasint,omitempty"`
	Own        string       `cbor:"64,keyasint,omitempty"`
	AskAgain   int64        `cbor:"65,keyasint,omitempty"`
	Setup      *setup       `cbor:"66,keyasint,omitempty"`
	Askers     []asker      `cbor:"67,keyasint,omitempty"`
	Replaces   []byte       `cbor:"68,keyasint,omitempty"` // see shorten
	Former     [][]byte     `cbor:"69,keyasint,omitempty"`
	LinkAt     int64        `cbor:"71,keyasint,omitempty"`
	ByHand     bool         `cbor:"72,keyasint,omitempty"`
	Sought     int64        `cbor:"73,keyasint,omitempty"`
	Died       int64        `cbor:"74,keyasint,omitempty"` // 70 was its text

	members
}

type attempt struct {
	N        int         `cbor:"1,keyasint"`
	Instance string      `cbor:"2,keyasint,omitempty"`
	Owner    string      `cbor:"3,keyasint,omitempty"`
	Started  int64       `cbor:"4,keyasint,omitempty"`
	Until    int64       `cbor:"5,keyasint,omitempty"`
	Ended    int64       `cbor:"6,keyasint,omitempty"`
	Outcome  string      `cbor:"7,keyasint,omitempty"`
	Status   int         `cbor:"8,keyasint,omitempty"`
	Error    *say.Phrase `cbor:"9,keyasint,omitempty"`
	Denied   bool        `cbor:"10,keyasint,omitempty"`
	Number   string      `cbor:"11,keyasint,omitempty"`
}

type stray struct {
	WhatsApp string `cbor:"1,keyasint"`
	Instance string `cbor:"2,keyasint,omitempty"`
}

type look struct {
	At    int64       `cbor:"1,keyasint"`
	Found int         `cbor:"2,keyasint,omitempty"`
	Error *say.Phrase `cbor:"3,keyasint,omitempty"`
}

type asker struct {
	Digits string      `cbor:"1,keyasint,omitempty"`
	LID    string      `cbor:"2,keyasint,omitempty"`
	At     int64       `cbor:"3,keyasint,omitempty"`
	Method string      `cbor:"4,keyasint,omitempty"`
	Answer string      `cbor:"5,keyasint,omitempty"`
	Reason *say.Phrase `cbor:"6,keyasint,omitempty"`
	Tries  int         `cbor:"7,keyasint,omitempty"`
}

type looking struct {
	From     int64 `cbor:"1,keyasint,omitempty"`
	Until    int64 `cbor:"2,keyasint,omitempty"`
	Looks    int   `cbor:"3,keyasint,omitempty"`
	Failures int   `cbor:"4,keyasint,omitempty"`
}

type watch struct {
	At       int64 `cbor:"1,keyasint,omitempty"`
	Read     int64 `cbor:"2,keyasint,omitempty"`
	Asked    int64 `cbor:"3,keyasint,omitempty"`
	Retry    int64 `cbor:"4,keyasint,omitempty"`
	Failing  int64 `cbor:"5,keyasint,omitempty"`
	Failures int   `cbor:"6,keyasint,omitempty"`
}

// statuses gives the states their numbers: append only.
var statuses = []group.Status{
	group.Queued, group.Creating, group.Verifying, group.Inviting, group.Review, group.Done, group.Failed, group.Cancelled,
}

var (
	// A provider's text may be invalid UTF-8; it is kept as it is.
	writer = must(cbor.EncOptions{Time: cbor.TimeRFC3339NanoUTC}.UserBufferEncMode())
	reader = must(cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid}.DecMode())
)

// kept returns a phrase as a record keeps it: nil for the zero phrase.
func kept(p say.Phrase) *say.Phrase {
	if p.Zero() {
		return nil
	}
	said := p // a copy, or the zero phrase would be allocated too
	return &said
}

// told reverses kept.
func told(p *say.Phrase) say.Phrase {
	if p == nil {
		return say.Phrase{}
	}
	return *p
}

func must[T any](v T, err error) T {
	if err != nil { // the options are constants
		panic(err)
	}
	return v
}

// sealRecord writes a group as it is stored.
func (c *encryption) sealRecord(g *group.Group) (string, error) {
	r, err := newRecord(g)
	if err != nil {
		return "", fmt.Errorf("write group %s: %w", g.ID, err)
	}
	var body bytes.Buffer
	body.Grow(256)
	body.WriteByte(formCBOR)
	if err := writer.MarshalToBuffer(r, &body); err != nil {
		return "", fmt.Errorf("write group %s: %w", g.ID, err)
	}
	return strconv.FormatInt(g.Rev, 10) + "." + g.Write + "|" + string(c.seal(g.ID, body.Bytes())), nil
}

// openRecord reads a group as it is stored. It is the only way from a stored value to a group, so no caller can skip
// decryption. It fails with ErrUnreadable if reading again cannot help.
func (c *encryption) openRecord(ctx context.Context, id, value string) (*group.Group, error) {
	head, body, err := c.openBody(ctx, id, value)
	if err != nil {
		return nil, fmt.Errorf("read group %s: %w", id, err)
	}
	var r record
	rev, write, _ := strings.Cut(head, ".")
	n, err := strconv.ParseInt(rev, 10, 64)
	switch {
	case err != nil:
		err = errors.New("the record does not begin with its revision")
	case len(body) == 0 || body[0] != formCBOR:
		err = errors.New("the record has an unknown form: it is damaged, or a newer version wrote it")
	default:
		err = reader.Unmarshal(body[1:], &r)
	}
	if err != nil {
		return nil, fmt.Errorf("read group %s: %w: %w", id, ErrUnreadable, err)
	}
	g, err := r.group(id)
	if err != nil {
		return nil, fmt.Errorf("read group %s: %w: %w", id, ErrUnreadable, err)
	}
	g.Rev, g.Write = n, write
	return g, nil
}

// openBody splits a record at its bar and decrypts the body.
func (c *encryption) openBody(ctx context.Context, id, value string) (head string, body []byte, err error) {
	head, text, ok := strings.Cut(value, "|")
	if !ok {
		return "", nil, fmt.Errorf("%w: the record does not begin with its revision", ErrUnreadable)
	}
	body, err = c.unseal(ctx, id, []byte(text))
	return head, body, err
}

func newRecord(g *group.Group) (*record, error) {
	e := since(g.CreatedAt)
	r := &record{
		Name: g.Name, NoInvite: !g.AutoInvite, Instance: g.Target.Instance, Batch: shorten(group.BatchIDPrefix, g.BatchID),
		Row: g.Row, Ref: g.ExternalRef, Key: g.Key, NotBefore: e.ago(g.NotBefore), Expires: e.ago(g.ExpiresAt),
		Message: g.Message, Source: g.Consent.Source, Consented: e.ago(g.Consent.At), Created: millis(g.CreatedAt) - madeAt(g.ID),
		Status: slices.Index(statuses, g.Status), Owner: g.Instance, Round: g.Round, Tries: g.Tries,
		TryingFrom: e.ago(g.TryingFrom), Verify: e.looking(g.Verify), Roll: e.looking(g.Roll), Called: g.Called,
		Watch: watch{
			At: e.ago(g.Watch.At), Read: e.ago(g.Watch.ReadAt), Asked: e.ago(g.Watch.AskedAt),
			Retry: e.ago(g.Watch.RetryAt), Failing: e.ago(g.Watch.FailingSince), Failures: g.Watch.Failures,
		},
		AskAgain: e.ago(g.AskAgain), Sought: e.ago(g.SoughtAt), SeenAt: e.ago(g.Sight.At), Hidden: g.Sight.Hidden, Own: string(g.Sight.Own),
		Strangers: g.Strangers, Deaths: g.Deaths, Died: e.ago(g.DiedAt), WaitFor: kept(g.Wait.For), WaitUntil: e.ago(g.Wait.Until),
		Updated: e.later(g.UpdatedAt), Finished: e.ago(g.FinishedAt),
		WhatsApp: g.WhatsAppID, Link: g.InviteLink, LinkAt: e.ago(g.LinkAt), Adopted: g.Adopted, ByHand: g.ByHand, NotAdded: g.NotAdded, Claim: g.Claim,
		ReplacedBy: shorten(group.IDPrefix, g.ReplacedBy), Replaces: shorten(group.IDPrefix, g.Replaces), Former: g.Former, members: e.members(g.Members),
	}
	if r.Status < 0 {
		return nil, fmt.Errorf("unknown status %q", g.Status)
	}
	if g.Target.Pool != tasks.DefaultPool {
		r.Pool = g.Target.Pool
	}
	if g.Priority != tasks.Normal {
		r.Priority = string(g.Priority)
	}
	for _, a := range g.Attempts {
		r.Attempts = append(r.Attempts, attempt{
			N: a.N, Instance: a.Instance, Owner: a.Owner, Started: e.ago(a.StartedAt), Until: e.ago(a.Until),
			Ended: e.ago(a.EndedAt), Outcome: string(a.Outcome), Status: a.HTTPStatus, Error: kept(a.Error), Denied: a.Denied, Number: a.Number,
		})
	}
	for _, s := range g.Strays {
		r.Strays = append(r.Strays, stray{s.GroupID, s.Instance})
	}
	for _, s := range g.Seen {
		r.Seen = append(r.Seen, look{At: e.ago(s.At), Found: s.Found, Error: kept(s.Error)})
	}
	for _, a := range g.Askers {
		r.Askers = append(r.Askers, asker{
			Digits: a.Digits, LID: a.LID, At: e.ago(a.At), Method: string(a.Method), Answer: string(a.Answer), Reason: kept(a.Reason), Tries: a.Tries,
		})
	}
	r.Error = g.Error
	var err error
	if r.Setup, err = e.setup(g.Setup); err != nil {
		return nil, err
	}
	if len(g.Metadata) > 0 {
		if r.Metadata, err = json.Marshal(g.Metadata); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *record) group(id string) (*group.Group, error) {
	if r.Status < 0 || r.Status >= len(statuses) {
		return nil, fmt.Errorf("unknown status %d: the record is damaged, or a newer version wrote it", r.Status)
	}
	created := readable(madeAt(id) + r.Created)
	e := since(created)
	g := &group.Group{
		ID: id, Name: r.Name, AutoInvite: !r.NoInvite,
		Target: tasks.Target{Instance: r.Instance, Pool: r.Pool}, Priority: tasks.Priority(r.Priority),
		BatchID: lengthen(group.BatchIDPrefix, r.Batch), Row: r.Row, ExternalRef: r.Ref, Key: r.Key,
		NotBefore: e.moment(r.NotBefore), ExpiresAt: e.moment(r.Expires), Message: r.Message,
		Consent: group.Consent{Source: r.Source, At: e.moment(r.Consented)}, CreatedAt: created,
		Status: statuses[r.Status], Instance: r.Owner, Round: r.Round, Tries: r.Tries,
		TryingFrom: e.moment(r.TryingFrom), Verify: e.looked(r.Verify), Roll: e.looked(r.Roll), Called: r.Called,
		Watch: group.Watch{
			At: e.moment(r.Watch.At), ReadAt: e.moment(r.Watch.Read), AskedAt: e.moment(r.Watch.Asked),
			RetryAt: e.moment(r.Watch.Retry), FailingSince: e.moment(r.Watch.Failing), Failures: r.Watch.Failures,
		},
		AskAgain:  e.moment(r.AskAgain),
		SoughtAt:  e.moment(r.Sought),
		Sight:     group.Sight{At: e.moment(r.SeenAt), Hidden: r.Hidden, Own: group.Standing(r.Own)},
		Strangers: r.Strangers, Deaths: r.Deaths, DiedAt: e.moment(r.Died), Wait: group.Wait{For: told(r.WaitFor), Until: e.moment(r.WaitUntil)},
		UpdatedAt: e.laterMoment(r.Updated), FinishedAt: e.moment(r.Finished),
		WhatsAppID: r.WhatsApp, InviteLink: r.Link, LinkAt: e.moment(r.LinkAt), Adopted: r.Adopted, ByHand: r.ByHand, NotAdded: r.NotAdded, Claim: r.Claim,
		ReplacedBy: lengthen(group.IDPrefix, r.ReplacedBy), Replaces: lengthen(group.IDPrefix, r.Replaces), Former: r.Former,
	}
	if g.Target == (tasks.Target{}) {
		g.Target.Pool = tasks.DefaultPool
	}
	if g.Priority == "" {
		g.Priority = tasks.Normal
	}
	for _, a := range r.Attempts {
		g.Attempts = append(g.Attempts, group.Attempt{
			N: a.N, Instance: a.Instance, Owner: a.Owner, StartedAt: e.moment(a.Started), Until: e.moment(a.Until),
			EndedAt: e.moment(a.Ended), Outcome: group.Outcome(a.Outcome), HTTPStatus: a.Status, Error: told(a.Error), Denied: a.Denied, Number: a.Number,
		})
	}
	for _, s := range r.Strays {
		g.Strays = append(g.Strays, group.Stray{GroupID: s.WhatsApp, Instance: s.Instance})
	}
	for _, s := range r.Seen {
		g.Seen = append(g.Seen, group.Look{At: e.moment(s.At), Found: s.Found, Error: told(s.Error)})
	}
	for _, a := range r.Askers {
		g.Askers = append(g.Askers, group.Asker{Identity: phone.Identity{Digits: a.Digits, LID: a.LID}, JoinRequest: group.JoinRequest{
			At: e.moment(a.At), Method: group.JoinMethod(a.Method), Answer: group.JoinAnswer(a.Answer), Reason: told(a.Reason), Tries: a.Tries,
		}})
	}
	g.Error = r.Error
	var err error
	if g.Setup, err = r.Setup.setup(e); err != nil {
		return nil, err
	}
	if len(r.Metadata) > 0 {
		numbers := json.NewDecoder(bytes.NewReader(r.Metadata))
		numbers.UseNumber() // numbers keep the digits that they were written with
		if err := numbers.Decode(&g.Metadata); err != nil {
			return nil, err
		}
	}
	g.Members, err = r.list(e)
	return g, err
}
