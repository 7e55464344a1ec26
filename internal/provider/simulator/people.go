package simulator

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// person is one human being, or one number without WhatsApp. The character comes from the seed
// and the number, so it is the same in every run and for every instance.
type person struct {
	key  string // the folded number: two spellings, one person
	form string // WhatsApp's own spelling, what the lists show
	lid  string

	hasWhatsApp bool
	addable     bool
	listedAsLID bool
	lidUntold   bool
	joins       bool
	joinAfter   time.Duration // already scaled

	inst *instance // the instance whose number this is, or nil
}

// Person says how one phone behaves; nil fields stay as they are. It is the body of POST /people
// and the argument of SetPerson.
type Person struct {
	Phone       string    `json:"phone"`                 // any spelling of the number
	Form        string    `json:"form,omitempty"`        // WhatsApp's own form of it
	LID         string    `json:"lid,omitempty"`         // digits with or without "@lid"
	HasWhatsApp *bool     `json:"hasWhatsApp,omitempty"` // false: no account
	Addable     *bool     `json:"addable,omitempty"`     // false: privacy, left out of groups
	ListedAsLID *bool     `json:"listedAsLid,omitempty"` // true: lists show the LID only
	LIDUntold   *bool     `json:"lidUntold,omitempty"`   // true: number checks hide the LID
	Joins       *bool     `json:"joins,omitempty"`       // whether an invite is followed
	JoinAfter   *Duration `json:"joinAfter,omitempty"`   // how long after, taken literally
	Join        string    `json:"join,omitempty"`        // a group id: the person joins it now
	Leave       string    `json:"leave,omitempty"`       // a group id or "*": leaves now
}

// isNumber reports whether the providers accept s as a number: 8 to 15 digits, with the country code and without "+".
func isNumber(s string) bool {
	if len(s) < 8 || len(s) > 15 {
		return false
	}
	return strings.Trim(s, decimals) == ""
}

// digitsOf returns the digits of a spelling.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// Account returns the key of the account behind a number or an address, the same for all its spellings.
func Account(number string) string { return fold(digitsOf(number)) }

// fold returns one key for all spellings of an account: Brazilian mobiles without the ninth digit, Mexico without the
// 1, Argentina without the 9. In Brazil, only accounts whose eight digits began with 6 to 9 ever existed without the
// ninth.
func fold(digits string) string {
	switch {
	case len(digits) == 13 && strings.HasPrefix(digits, "55") && digits[4] == '9' && digits[5] >= '6':
		return digits[:4] + digits[5:]
	case len(digits) == 13 && strings.HasPrefix(digits, "521"):
		return "52" + digits[3:]
	case len(digits) == 13 && strings.HasPrefix(digits, "549"):
		return "54" + digits[3:]
	}
	return digits
}

// ownForm returns the spelling that WhatsApp uses for a folded number.
func (w *world) ownForm(key string) string {
	old := w.dice.chance(w.quirks.OldForm, "form", key)
	switch {
	case len(key) == 12 && strings.HasPrefix(key, "55") && key[4] >= '6':
		if old && key[2:4] >= "31" {
			return key
		}
		return key[:4] + "9" + key[4:]
	case len(key) == 12 && strings.HasPrefix(key, "52"):
		if old {
			return "521" + key[2:]
		}
	case len(key) == 12 && strings.HasPrefix(key, "54"):
		return "549" + key[2:]
	}
	return key
}

// personOf returns the person behind a number, and creates one at the first call.
func (w *world) personOf(number string) *person {
	key := fold(number)
	if p, ok := w.people[key]; ok {
		return p
	}
	q := w.quirks
	p := &person{
		key:         key,
		form:        w.ownForm(key),
		lid:         "1" + w.dice.text(14, decimals, "lid", key) + "@lid",
		hasWhatsApp: !w.dice.chance(q.NoAccount, "account", key),
		addable:     !w.dice.chance(q.Blocked, "privacy", key),
		listedAsLID: w.dice.chance(q.ListedAsLID, "hidden", key),
		lidUntold:   w.dice.chance(q.LIDUntold, "untold", key),
		joins:       w.dice.chance(q.Joins, "joins", key),
		joinAfter:   w.scaled(w.dice.between(q.JoinMin, q.JoinMax, "joins after", key)),
	}
	w.people[key] = p
	w.byLID[p.lid] = p
	return p
}

// addressed returns the person behind digits, digits@c.us or a LID, or nil for an unknown LID.
func (w *world) addressed(address string) *person {
	if strings.HasSuffix(address, "@lid") {
		return w.byLID[address]
	}
	return w.personOf(strings.TrimSuffix(address, "@c.us"))
}

// listed returns the person's address in Z-API's lists.
func (p *person) listed() string {
	if p.listedAsLID {
		return p.lid
	}
	return p.form
}

func (w *world) setPerson(in Person) error {
	number := digitsOf(in.Phone)
	if !isNumber(number) {
		return errors.New("phone: want a number with its country code")
	}
	p := w.personOf(number)
	if in.Form != "" {
		form := digitsOf(in.Form)
		if !isNumber(form) {
			return errors.New("form: want a number with its country code")
		}
		p.form = form
		w.people[fold(form)] = p // the other spelling is the same person from now on
	}
	if in.LID != "" {
		user := digitsOf(in.LID)
		if user == "" {
			return errors.New("lid: want digits")
		}
		delete(w.byLID, p.lid)
		p.lid = user + "@lid"
		w.byLID[p.lid] = p
	}
	for _, trait := range []struct{ from, to *bool }{
		{in.HasWhatsApp, &p.hasWhatsApp},
		{in.Addable, &p.addable},
		{in.ListedAsLID, &p.listedAsLID},
		{in.LIDUntold, &p.lidUntold},
		{in.Joins, &p.joins},
	} {
		if trait.from != nil {
			*trait.to = *trait.from
		}
	}
	if in.JoinAfter != nil {
		p.joinAfter = time.Duration(*in.JoinAfter)
		p.joins = in.Joins == nil || *in.Joins
	}
	return w.walk(p, in.Join, in.Leave)
}

// walk lets the person join or leave a group now, by the person's own will.
func (w *world) walk(p *person, join, leave string) error {
	if join != "" {
		g := w.groupByAnyID(join)
		if g == nil {
			return fmt.Errorf("join: no group %q", join)
		}
		w.follow(g, p, w.now())
	}
	switch {
	case leave == "*":
		for _, g := range w.groups {
			w.leave(g, p, w.now())
		}
	case leave != "":
		g := w.groupByAnyID(leave)
		if g == nil {
			return fmt.Errorf("leave: no group %q", leave)
		}
		w.leave(g, p, w.now())
	}
	return nil
}
