package greenapi

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/tasks"
)

// createAnswer is createGroup's answer.
type createAnswer struct {
	Created                 wire.Bool
	ChatID, GroupInviteLink wire.Text
}

func (a *createAnswer) read(body []byte) error {
	*a = createAnswer{}
	if err := json.Unmarshal(body, a); err != nil {
		return err
	}
	switch {
	case a.Created == wire.No:
		// Documented only for another product, without saying what happened: verify.
		return errors.New("it says created:false")
	case !wire.IsGroup(a.ChatID):
		return errors.New("it names no group")
	}
	return nil
}

// groupData is getGroupData's answer; times are seconds. size and lid are newer than the
// rest and optional.
type groupData struct {
	GroupID, Owner, Subject, GroupInviteLink wire.Text
	Creation                                 wire.Moment
	Size                                     wire.Text

	AllowParticipantsEditGroupSettings, AllowParticipantsSendMessages, AllowParticipantsAddMembers wire.Bool

	Participants []struct {
		ID, LID               wire.Text
		IsAdmin, IsSuperAdmin wire.Bool
	}
}

func (d *groupData) read(body []byte) error {
	*d = groupData{}
	if err := json.Unmarshal(body, d); err != nil {
		return err
	}
	if d.GroupID == "" && d.Participants == nil {
		return errors.New("it describes no group")
	}
	return nil
}

func (d *groupData) roll(groupID string) provider.Roll {
	n := len(d.Participants)
	roll := provider.Roll{
		GroupID: groupID, Subject: string(d.Subject), Owner: phone.IdentityOf(string(d.Owner)),
		CreatedAt: d.Creation.Time, InviteLink: string(d.GroupInviteLink),
		// An open report in GREEN-API's forum says "Does not show all members". In such a list, Size is another number.
		Complete: n > 0 && (d.Size == "" || string(d.Size) == strconv.Itoa(n)),
		Profile: provider.Profile{Settings: tasks.Settings{
			OnlyAdminsSend: forbidden(d.AllowParticipantsSendMessages), OnlyAdminsEdit: forbidden(d.AllowParticipantsEditGroupSettings),
			OnlyAdminsAdd: forbidden(d.AllowParticipantsAddMembers),
		}},
	}
	for _, p := range d.Participants {
		// ID is a number. The documentation does not say whether it can be a LID.
		wire.Enlist(&roll, wire.WithLID(p.ID, p.LID), p.IsAdmin == wire.Yes || p.IsSuperAdmin == wire.Yes)
	}
	return roll
}

// forbidden turns "members may" into "only admins may"; nil if that is unknown.
func forbidden(allowed wire.Bool) *bool {
	told := allowed.Told()
	if told != nil {
		*told = !*told
	}
	return told
}

// listEntry is an entry of getContacts and getChats.
type listEntry struct{ ID, Name, ContactName, Type wire.Text }

// sendAnswer is sendMessage's answer.
type sendAnswer struct{ IDMessage wire.Text }

func (a *sendAnswer) read(body []byte) error {
	*a = sendAnswer{}
	if err := json.Unmarshal(body, a); err != nil {
		return err
	}
	if a.IDMessage == "" {
		return errors.New("it names no message")
	}
	return nil
}

// queued is an entry of showMessagesQueue. In the form of 2021 it has no body.
type queued struct {
	MessageID, ChatID, Message wire.Text
	Body                       struct{ ChatID, Message wire.Text }
}

// journalled is an entry of lastOutgoingMessages.
type journalled struct {
	IDMessage, ChatID, TextMessage wire.Text
	Timestamp                      wire.Moment
	ExtendedTextMessage            struct{ Text wire.Text } // where a message with a link preview keeps its text
}

// checked is checkWhatsapp's answer. The ids are not in the documentation yet (T).
type checked struct {
	ExistsWhatsapp wire.Bool
	ChatID         *wire.Text // nil: not mentioned
	PhoneNumber    wire.Text
}

func (c *checked) read(body []byte) error {
	*c = checked{}
	if err := json.Unmarshal(body, c); err != nil {
		return err
	}
	if c.ExistsWhatsapp == wire.Unsaid {
		return errors.New("it says neither true nor false")
	}
	return nil
}

func (c *checked) checked() provider.Checked {
	if c.ExistsWhatsapp != wire.Yes {
		return provider.Checked{}
	}
	return provider.Checked{Exists: true, Identity: c.identity()}
}

// identity returns the person whom the answer names.
func (c *checked) identity() phone.Identity {
	var who phone.Identity
	var chatID wire.Text
	if c.ChatID != nil {
		chatID = *c.ChatID
	}
	for _, told := range []wire.Text{chatID, c.PhoneNumber} {
		id := phone.IdentityOf(string(told))
		if id.LID != "" {
			who.LID = id.LID
		} else if id.Digits != "" {
			who.Digits = id.Digits
		}
	}
	return who
}

// waSettings is getWaSettings' answer.
type waSettings struct {
	Phone, ChatID, StateInstance wire.Text
	SuspendedUntil               wire.Moment
}
