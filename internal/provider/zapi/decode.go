package zapi

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/tasks"
)

// createAnswer is create-group's answer. PhonesNotAdded is newer than the rest: if it is nil, the answer does not say
// who was left out.
type createAnswer struct {
	Phone, InvitationLink wire.Text
	PhonesNotAdded        []wire.Text
}

var errNoGroupID = errors.New("it names no group")

func (a *createAnswer) read(body []byte) error {
	*a = createAnswer{}
	// The list is decoded first and alone: whatever its shape, it must not hide that the group exists.
	var v struct {
		Phone, InvitationLink wire.Text
		PhonesNotAdded        json.RawMessage
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	if !namesGroup(v.Phone) {
		return errNoGroupID // the group may exist all the same
	}
	a.Phone, a.InvitationLink = v.Phone, v.InvitationLink
	if json.Unmarshal(v.PhonesNotAdded, &a.PhonesNotAdded) != nil {
		a.PhonesNotAdded = nil
	}
	return nil
}

// namesGroup reports whether id is a group's, not a person's: both forms of a group's id have a dash.
func namesGroup(id wire.Text) bool { return strings.Contains(string(id), "-") }

// metadata is light-group-metadata's answer; times are milliseconds.
type metadata struct {
	Phone, Subject, Owner, InvitationLink wire.Text
	Creation                              wire.Moment
	Description                           *wire.Text

	AdminOnlyMessage, AdminOnlySettings, RequireAdminApproval wire.Bool

	Participants []struct {
		Phone, LID            wire.Text
		IsAdmin, IsSuperAdmin wire.Bool // typed "string" in the table, boolean in the example
	}
}

func (m *metadata) read(body []byte) error {
	*m = metadata{}
	if err := json.Unmarshal(body, m); err != nil {
		return err
	}
	if m.Phone == "" && m.Participants == nil {
		return errNoGroupID
	}
	return nil
}

func (m *metadata) roll(groupID string) provider.Roll {
	roll := provider.Roll{
		GroupID: groupID, Subject: string(m.Subject), Owner: phone.IdentityOf(string(m.Owner)),
		CreatedAt: m.Creation.Time, InviteLink: string(m.InvitationLink),
		// Nothing in the answer shows that a list is partial, but a group without members does not exist.
		Complete: len(m.Participants) > 0,
		Profile: provider.Profile{
			Description: (*string)(m.Description),
			Settings: tasks.Settings{
				OnlyAdminsSend: m.AdminOnlyMessage.Told(), OnlyAdminsEdit: m.AdminOnlySettings.Told(), ApproveJoins: m.RequireAdminApproval.Told(),
			},
		},
	}
	for _, p := range m.Participants {
		// Phone is a number, or a LID.
		wire.Enlist(&roll, wire.WithLID(p.Phone, p.LID), p.IsAdmin == wire.Yes || p.IsSuperAdmin == wire.Yes)
	}
	return roll
}

// chat is an entry of /groups: several booleans are strings.
type chat struct {
	Phone, Name     wire.Text
	IsGroup         wire.Bool
	LastMessageTime wire.Moment
}

// sendAnswer is send-text's answer. id is a copy of messageId on newer pages.
type sendAnswer struct{ ZaapID, MessageID, ID wire.Text }

func (a *sendAnswer) read(body []byte) error {
	*a = sendAnswer{}
	if err := json.Unmarshal(body, a); err != nil {
		return err
	}
	if a.id() == "" {
		return errors.New("it names no message")
	}
	return nil
}

// id returns WhatsApp's id of the message, which webhooks and statuses use, or Z-API's own id if there is none.
func (a *sendAnswer) id() string {
	for _, id := range []wire.Text{a.MessageID, a.ID, a.ZaapID} {
		if id != "" {
			return string(id)
		}
	}
	return ""
}

// queuePage is a page of POST /queue.
type queuePage struct {
	Messages []struct {
		MessageID, ZaapID, Phone, Message wire.Text
		Created                           wire.Moment
	}
	PagingState wire.Text
	HasMore     wire.Bool
}

func (p *queuePage) read(body []byte) error {
	*p = queuePage{}
	if err := json.Unmarshal(body, p); err != nil {
		return err
	}
	if p.Messages == nil {
		return errors.New("no queue in the answer")
	}
	return nil
}

// checked is an entry of phone-exists-batch.
type checked struct {
	Exists                              wire.Bool
	Phone, InputPhone, OutputPhone, LID wire.Text // Phone: of phone-exists, where there is no input
}
