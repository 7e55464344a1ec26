package evolution

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/tasks"
)

var (
	errNoGroup = errors.New("it names no group")
	errNoLink  = errors.New("it names no link")
	errNoState = errors.New("it reports no state")
)

// createAnswer is the part of the answer to a create that the client uses (E1). Readings give the rest.
type createAnswer struct{ ID wire.Text }

func (a *createAnswer) read(body []byte) error {
	*a = createAnswer{}
	if err := json.Unmarshal(body, a); err != nil {
		return err
	}
	if !wire.IsGroup(a.ID) {
		return errNoGroup
	}
	return nil
}

// listEntry is a group in a list (E3); times are seconds.
type listEntry struct {
	ID, Subject wire.Text
	Creation    wire.Moment
}

// groupInfo is the answer of findGroupInfos (E4).
type groupInfo struct {
	ID, Subject, Owner, Size wire.Text
	Creation                 wire.Moment
	Participants             []participant
	Desc                     *wire.Text
	PictureURL               wire.Text
	Announce, Restrict       wire.Bool
}

// participant is a person of a group. Evolution API passes on what its library has: id is a number or a LID,
// phoneNumber or lid has the other address, admin is a word. whatsmiau has jid, lid and two booleans.
type participant struct {
	ID, JID, LID, PhoneNumber wire.Text
	Admin                     wire.Text
	IsAdmin, IsSuperAdmin     wire.Bool
	Error                     wire.Text // whatsmiau's, of a change
}

func (g *groupInfo) read(body []byte) error {
	*g = groupInfo{}
	if err := json.Unmarshal(body, g); err != nil {
		return err
	}
	if !wire.IsGroup(g.ID) {
		return errNoGroup
	}
	return nil
}

func (g *groupInfo) roll(groupID string) provider.Roll {
	n := len(g.Participants)
	roll := provider.Roll{
		GroupID: groupID, Subject: string(g.Subject), Owner: phone.IdentityOf(string(g.Owner)),
		CreatedAt: g.Creation.Time, Complete: n > 0 && (g.Size == "" || string(g.Size) == strconv.Itoa(n)),
	}
	roll.Profile = provider.Profile{
		Description: (*string)(g.Desc), Settings: tasks.Settings{OnlyAdminsSend: g.Announce.Told(), OnlyAdminsEdit: g.Restrict.Told()},
	}
	if has := g.PictureURL != ""; has { // its absence proves nothing: whatsmiau never reports a picture
		roll.Profile.HasPhoto = &has
	}
	for _, p := range g.Participants {
		wire.Enlist(&roll, p.identity(), p.Admin != "" || p.IsAdmin == wire.Yes || p.IsSuperAdmin == wire.Yes)
	}
	wire.OwnerAsListed(&roll)
	return roll
}

// identity returns the person whom the entry names.
func (p participant) identity() phone.Identity { return wire.Gather(p.ID, p.JID, p.LID, p.PhoneNumber) }

// readAdded returns nil if the answer says that the person was added, otherwise an error (E5).
func readAdded(body []byte, asked phone.Identity) error {
	var answer struct {
		UpdateParticipants []struct{ Status, JID wire.Text } // Evolution API
		Participants       []participant                     // whatsmiau
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	switch {
	case len(answer.UpdateParticipants) == 1:
		if !wire.OfPerson(wire.Gather(answer.UpdateParticipants[0].JID), asked) {
			return wire.ErrOtherPerson
		}
		return added(string(answer.UpdateParticipants[0].Status))
	case len(answer.Participants) == 1:
		if !wire.OfPerson(answer.Participants[0].identity(), asked) {
			return wire.ErrOtherPerson
		}
		if code := answer.Participants[0].Error; code != "" && code != "0" {
			return added(string(code))
		}
		return nil
	}
	return errors.New("it does not say what became of the person")
}

// added returns the error for WhatsApp's code for one person, or nil for 200.
func added(code string) error {
	if code == "200" {
		return nil
	}
	if e := wire.PersonRefused(code); e != nil {
		return e
	}
	return errors.New("it reports an unknown code for the person")
}

// checked is an entry of whatsappNumbers (E2).
type checked struct {
	Exists           wire.Bool
	JID, LID, Number wire.Text
}

func (c checked) checked() provider.Checked {
	if c.Exists != wire.Yes {
		return provider.Checked{}
	}
	return provider.Checked{Exists: true, Identity: wire.Gather(c.JID, c.LID)}
}

// another reports whether the server confuses number with another person's number.
func (c checked) another(number string) bool {
	return !wire.OfPerson(phone.Identity{Digits: c.checked().Identity.Digits}, phone.Identity{Digits: number})
}

// sendAnswer is sendText's answer (E6).
type sendAnswer struct{ Key struct{ ID wire.Text } }

func (a *sendAnswer) read(body []byte) error {
	*a = sendAnswer{}
	if err := json.Unmarshal(body, a); err != nil {
		return err
	}
	if a.Key.ID == "" {
		return errors.New("it names no message")
	}
	return nil
}

// messagePage is a page of findMessages, the latest first (E7).
type messagePage struct {
	Messages struct {
		Pages   int
		Records []kept
	}
}

// kept is a message that the server has stored.
type kept struct {
	Key              struct{ ID, RemoteJID, RemoteJIDAlt wire.Text }
	Message          struct{ Conversation wire.Text }
	MessageTimestamp wire.Moment
}

func (p *messagePage) read(body []byte) error {
	*p = messagePage{}
	if err := json.Unmarshal(body, p); err != nil {
		return err
	}
	if p.Messages.Records == nil {
		return errors.New("no messages in the answer")
	}
	return nil
}
