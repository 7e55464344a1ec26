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

// members are the people of a record by columns: most of them differ in their number and their LID alone, which
// take seven bytes each.
type members struct {
	Numbers []byte   `cbor:"40,keyasint,omitempty"` // the digits as varints, 0 for none
	States  []byte   `cbor:"41,keyasint,omitempty"` // indexes in group.MemberStatuses; nothing when all are 0
	Moved   int64    `cbor:"42,keyasint,omitempty"` // when their states changed; 0 is the creation
	Plus    bool     `cbor:"43,keyasint,omitempty"` // they were typed with a plus, otherwise as digits
	Special []member `cbor:"44,keyasint,omitempty"` // what only some of them have
	// LIDs and WhatsApp are columns like Numbers, without the zeros at the end.
	LIDs     []byte `cbor:"45,keyasint,omitempty"`
	WhatsApp []byte `cbor:"46,keyasint,omitempty"`
}

type member struct {
	Index    int         `cbor:"1,keyasint,omitempty"`
	Input    *string     `cbor:"2,keyasint,omitempty"` // when it was typed in another way than Plus says
	WhatsApp string      `cbor:"3,keyasint,omitempty"` // one that the column cannot hold, as the next
	LID      string      `cbor:"4,keyasint,omitempty"`
	Reason   *say.Phrase `cbor:"5,keyasint,omitempty"`
	Message  string      `cbor:"6,keyasint,omitempty"`
	Moved    int64       `cbor:"7,keyasint,omitempty"` // when it is not the others'
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
	Decided  string      `cbor:"26,keyasint,omitempty"` // of the JoinRequest, as the next two
	Why      *say.Phrase `cbor:"27,keyasint,omitempty"`
	Carried  int         `cbor:"28,keyasint,omitempty"`
}

func (e epoch) members(people []group.Member) members {
	var all members
	if len(people) == 0 {
		return all
	}
	all.Numbers = make([]byte, 0, 7*len(people))
	all.Moved, all.Plus = e.later(people[0].UpdatedAt), people[0].Input == people[0].Number.E164() && people[0].Number != ""
	states, moved := make([]byte, len(people)), false
	for i := range people {
		m := &people[i]
		appendDigits(&all.Numbers, m.Number.Digits(), "")                                   // a number has 15 digits and does not begin with 0
		if states[i] = byte(slices.Index(group.MemberStatuses, m.Status)); states[i] != 0 { //nolint:gosec // there are fewer than 256
			moved = true
		}
		special := member{
			WhatsApp: appendDigits(&all.WhatsApp, m.WhatsApp, ""), LID: appendDigits(&all.LIDs, m.LID, ofLID), Reason: kept(m.Reason), Message: m.MessageID, Tries: m.Tries,
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
	all.LIDs, all.WhatsApp = bytes.TrimRight(all.LIDs, "\x00"), bytes.TrimRight(all.WhatsApp, "\x00")
	return all
}

// ofLID is what a LID's digits end with.
const ofLID = "@lid"

// appendDigits appends digits with an ending to a column. A text that does not come back so it returns, and appends 0.
func appendDigits(column *[]byte, text, ending string) string {
	if digits, ends := strings.CutSuffix(text, ending); ends && digits != "" && digits[0] != '0' {
		if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
			*column = binary.AppendUvarint(*column, n)
			return ""
		}
	}
	*column = append(*column, 0)
	return text
}

// nextDigits cuts the next text off a column; "" for 0 and behind the end.
func nextDigits(column *[]byte, ending string) (string, error) {
	if len(*column) == 0 {
		return "", nil
	}
	digits, n := binary.Uvarint(*column)
	if n <= 0 {
		return "", errors.New("a column breaks off")
	}
	if *column = (*column)[n:]; digits == 0 {
		return "", nil
	}
	return strconv.FormatUint(digits, 10) + ending, nil
}

func (all *members) list(e epoch) ([]group.Member, error) {
	people := make([]group.Member, 0, len(all.Numbers)/6)
	moved := e.laterMoment(all.Moved)
	for numbers, lids, others := all.Numbers, all.LIDs, all.WhatsApp; len(numbers) > 0; {
		m := group.Member{UpdatedAt: moved, Status: group.MemberStatuses[0]}
		number, errNumber := nextDigits(&numbers, "")
		lid, errLID := nextDigits(&lids, ofLID)
		other, errOther := nextDigits(&others, "")
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
		m.Late, m.CalledAt = s.Late, e.moment(s.Called)
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
		}
	}
	return people, nil
}

// typed is how most people are typed: as digits, or with a plus.
func typed(n phone.Number, plus bool) string {
	if plus {
		return n.E164()
	}
	return n.Digits()
}
