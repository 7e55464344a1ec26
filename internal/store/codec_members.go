package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// members are the people of a record in columns: most of them differ only in their number and their LID, which
// take four to eight bytes each.
type members struct {
	Numbers []byte   `cbor:"40,keyasint,omitempty"` // a column
	States  []byte   `cbor:"41,keyasint,omitempty"` // indexes in group.MemberStatuses; nothing when all are 0
	Moved   int64    `cbor:"42,keyasint,omitempty"` // when their states changed; 0 is the creation
	Plus    bool     `cbor:"43,keyasint,omitempty"` // they were typed with a plus, otherwise as digits
	Special []member `cbor:"44,keyasint,omitempty"` // what only some of them have
	// LIDs and WhatsApp are short columns.
	LIDs     []byte `cbor:"45,keyasint,omitempty"`
	WhatsApp []byte `cbor:"46,keyasint,omitempty"`
}

type member struct {
	Index    int         `cbor:"1,keyasint,omitempty"`
	Input    *string     `cbor:"2,keyasint,omitempty"` // when it was typed in another way than Plus says
	WhatsApp string      `cbor:"3,keyasint,omitempty"` // what the column cannot hold; LID likewise
	LID      string      `cbor:"4,keyasint,omitempty"`
	Reason   *say.Phrase `cbor:"5,keyasint,omitempty"`
	Message  string      `cbor:"6,keyasint,omitempty"`
	Moved    int64       `cbor:"7,keyasint,omitempty"` // when it differs from members.Moved
	Tries    int         `cbor:"8,keyasint,omitempty"`
	Owner    string      `cbor:"9,keyasint,omitempty"`
	At       int64       `cbor:"10,keyasint,omitempty"`
	Until    int64       `cbor:"11,keyasint,omitempty"`
	Invited  int64       `cbor:"12,keyasint,omitempty"`
	Said     string      `cbor:"13,keyasint,omitempty"`
	Missed   int64       `cbor:"14,keyasint,omitempty"`
	Answer   *say.Phrase `cbor:"15,keyasint,omitempty"`
	Name     string      `cbor:"16,keyasint,omitempty"`
	AskedBy  string      `cbor:"17,keyasint,omitempty"`
	AskedAt  int64       `cbor:"18,keyasint,omitempty"`
	Asked    int64       `cbor:"19,keyasint,omitempty"` // group.JoinRequest
	Method   string      `cbor:"20,keyasint,omitempty"`
	Late     bool        `cbor:"21,keyasint,omitempty"`
	Called   int64       `cbor:"22,keyasint,omitempty"`
	Staff    bool        `cbor:"23,keyasint,omitempty"`
	Admin    bool        `cbor:"24,keyasint,omitempty"`
	WasAdmin bool        `cbor:"25,keyasint,omitempty"`
	Decided  string      `cbor:"26,keyasint,omitempty"` // of the JoinRequest, like the next two
	Why      *say.Phrase `cbor:"27,keyasint,omitempty"`
	Carried  int         `cbor:"28,keyasint,omitempty"`
	Trying   int64       `cbor:"29,keyasint,omitempty"`
	Fate     string      `cbor:"30,keyasint,omitempty"` // status of the intent's group.Fate; the rest follows
	Of       string      `cbor:"31,keyasint,omitempty"`
	Fell     *say.Phrase `cbor:"32,keyasint,omitempty"`
}

func (e epoch) members(people []group.Member) members {
	var all members
	if len(people) == 0 {
		return all
	}
	numbers, lids, others := column{bytes: make([]byte, 0, 7*len(people))}, column{}, column{}
	all.Moved, all.Plus = e.later(people[0].UpdatedAt), people[0].Input == people[0].Number.E164() && people[0].Number != ""
	states, moved := make([]byte, len(people)), false
	for i := range people {
		m := &people[i]
		numbers.add(m.Number.Digits(), "")                                                  // a number has at most 15 digits and does not begin with 0
		if states[i] = byte(slices.Index(group.MemberStatuses, m.Status)); states[i] != 0 { //nolint:gosec // there are fewer than 256
			moved = true
		}
		special := member{
			WhatsApp: others.add(m.WhatsApp, ""), LID: lids.add(m.LID, ofLID), Reason: kept(m.Reason), Message: m.MessageID, Tries: m.Tries, Trying: e.ago(m.TryingFrom),
			Invited: e.ago(m.InvitedAt), Said: string(m.Said), Missed: e.ago(m.MissedAt),
			Name: m.Name, AskedBy: m.AskedBy, AskedAt: e.ago(m.AskedAt),
			Late: m.Late, Called: e.ago(m.CalledAt), Staff: m.Staff, Admin: m.Admin, WasAdmin: m.WasAdmin,
		}
		if m.Input != typed(m.Number, all.Plus) {
			special.Input = &m.Input
		}
		if at := e.later(m.UpdatedAt); at != all.Moved {
			if special.Moved = at; at == 0 {
				special.Moved = e.ago(m.UpdatedAt)
			}
		}
		if m.Invite != nil {
			special.Owner, special.At, special.Until = m.Invite.Owner, e.ago(m.Invite.At), e.ago(m.Invite.Until)
			special.Answer = kept(m.Invite.Answer)
			if f := m.Invite.Fate; f != nil {
				special.Fate, special.Of, special.Fell = string(f.Status), f.MessageID, kept(f.Reason)
			}
		}
		if r := m.Request; r != nil {
			special.Asked, special.Method = e.ago(r.At), string(r.Method)
			special.Decided, special.Why, special.Carried = string(r.Answer), kept(r.Reason), r.Tries
		}
		if special != (member{}) {
			special.Index = i
			all.Special = append(all.Special, special)
		}
	}
	if moved {
		all.States = states
	}
	all.Numbers, all.LIDs, all.WhatsApp = numbers.bytes, lids.short(), others.short()
	return all
}

// ofLID follows the digits of a LID.
const ofLID = "@lid"

// column holds a number for each member, as the varint of its difference from the one before: most numbers of a group
// are of one country. 0 means no number. Past the end of the column the last number repeats.
type column struct {
	bytes []byte
	last  uint64
}

// add appends the digits of a text that has the ending, and returns "". For a text that next could not restore it
// appends 0 and returns the text.
func (c *column) add(text, ending string) string {
	n := uint64(0)
	if digits, ends := strings.CutSuffix(text, ending); ends && digits != "" && digits[0] != '0' {
		if parsed, err := strconv.ParseUint(digits, 10, 64); err == nil {
			n, text = parsed, ""
		}
	}
	c.bytes = binary.AppendVarint(c.bytes, int64(n-c.last)) //nolint:gosec // next wraps around as well
	c.last = n
	return text
}

// next removes the next text from the column and returns it; "" means no text.
func (c *column) next(ending string) (string, error) {
	if len(c.bytes) > 0 {
		more, n := binary.Varint(c.bytes)
		if n <= 0 {
			return "", errors.New("a column breaks off")
		}
		c.bytes, c.last = c.bytes[n:], c.last+uint64(more) //nolint:gosec // as add
	}
	if c.last == 0 {
		return "", nil
	}
	return strconv.FormatUint(c.last, 10) + ending, nil
}

// short returns the column without its last differences of 0, which next does not need.
func (c *column) short() []byte { return bytes.TrimRight(c.bytes, "\x00") }

func (all *members) list(e epoch) ([]group.Member, error) {
	n := 0
	for _, b := range all.Numbers {
		if b < 0x80 { // it ends a varint
			n++
		}
	}
	people := make([]group.Member, 0, n)
	moved := e.laterMoment(all.Moved)
	numbers, lids, others := column{bytes: all.Numbers}, column{bytes: all.LIDs}, column{bytes: all.WhatsApp}
	for len(numbers.bytes) > 0 {
		m := group.Member{UpdatedAt: moved, Status: group.MemberStatuses[0]}
		number, errNumber := numbers.next("")
		lid, errLID := lids.next(ofLID)
		other, errOther := others.next("")
		if err := errors.Join(errNumber, errLID, errOther); err != nil {
			return nil, err
		}
		if m.LID, m.WhatsApp = lid, other; number != "" {
			m.Number = phone.Number("+" + number)
		}
		if i := len(people); i < len(all.States) {
			s := int(all.States[i])
			if s >= len(group.MemberStatuses) {
				return nil, fmt.Errorf("member %d: unknown status %d: a newer version wrote it", i, s)
			}
			m.Status = group.MemberStatuses[s]
		}
		m.Input = typed(m.Number, all.Plus)
		people = append(people, m)
	}
	for i := range all.Special {
		s := &all.Special[i]
		if s.Index < 0 || s.Index >= len(people) {
			return nil, fmt.Errorf("there is no member %d", s.Index)
		}
		m := &people[s.Index]
		if s.WhatsApp != "" {
			m.WhatsApp = s.WhatsApp
		}
		if s.LID != "" {
			m.LID = s.LID
		}
		m.Reason, m.MessageID, m.Tries = told(s.Reason), s.Message, s.Tries
		m.InvitedAt, m.Said, m.MissedAt = e.moment(s.Invited), group.Departure(s.Said), e.moment(s.Missed)
		m.Name, m.AskedBy, m.AskedAt = s.Name, s.AskedBy, e.moment(s.AskedAt)
		m.Late, m.CalledAt, m.TryingFrom = s.Late, e.moment(s.Called), e.moment(s.Trying)
		m.Staff, m.Admin, m.WasAdmin = s.Staff, s.Admin, s.WasAdmin
		if s.Asked != 0 {
			m.Request = &group.JoinRequest{
				At: e.moment(s.Asked), Method: group.JoinMethod(s.Method), Answer: group.JoinAnswer(s.Decided), Reason: told(s.Why), Tries: s.Carried,
			}
		}
		if s.Input != nil {
			m.Input = *s.Input
		}
		if s.Moved != 0 {
			m.UpdatedAt = e.moment(s.Moved)
		}
		if s.Owner != "" {
			m.Invite = &group.Intent{Owner: s.Owner, At: e.moment(s.At), Until: e.moment(s.Until), Answer: told(s.Answer)}
			if s.Fate != "" {
				m.Invite.Fate = &group.Fate{MessageID: s.Of, Status: group.MemberStatus(s.Fate), Reason: told(s.Fell)}
			}
		}
	}
	return people, nil
}

// typed returns a number as most people type it: as digits, or with a plus.
func typed(n phone.Number, plus bool) string {
	if plus {
		return n.E164()
	}
	return n.Digits()
}
