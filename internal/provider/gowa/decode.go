package gowa

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/tasks"
)

// readCreated reads the results of a create (W1).
func readCreated(results json.RawMessage, id *wire.Text) error {
	var v struct {
		GroupID wire.Text `json:"group_id"`
	}
	if err := json.Unmarshal(results, &v); err != nil {
		return err
	}
	if *id = v.GroupID; !wire.IsGroup(v.GroupID) {
		return errors.New("it names no group")
	}
	return nil
}

// readAdded returns nil if the results say that the person was added, otherwise an error (W5).
func readAdded(results json.RawMessage, asked phone.Identity) error {
	var people []struct{ Participant, Status wire.Text }
	if err := json.Unmarshal(results, &people); err != nil {
		return err
	}
	if len(people) == 1 {
		if !wire.OfPerson(wire.Gather(people[0].Participant), asked) {
			return wire.ErrOtherPerson
		}
		switch people[0].Status {
		case "success":
			return nil
		case "error":
			return wire.PersonRefused("403")
		}
	}
	return errors.New("it does not say what became of the person")
}

// info is a group (W3, W4), in the words of the server's library.
type info struct {
	JID, Name, OwnerJID, OwnerPN, GroupCreated, ParticipantCount wire.Text
	Topic                                                        *wire.Text
	IsAnnounce, IsLocked, IsJoinApprovalRequired                 wire.Bool
	Participants                                                 []struct {
		JID, PhoneNumber, LID wire.Text
		IsAdmin, IsSuperAdmin wire.Bool
	}
}

func (g *info) read(results json.RawMessage) error {
	*g = info{}
	if err := json.Unmarshal(results, g); err != nil {
		return err
	}
	if !wire.IsGroup(g.JID) {
		return errors.New("it describes no group")
	}
	return nil
}

// created returns when the group was made, or zero if the server does not say.
func (g *info) created() time.Time {
	at, err := time.Parse(time.RFC3339, string(g.GroupCreated))
	if err != nil || at.Unix() <= 0 {
		return time.Time{}
	}
	return at.UTC()
}

func (g *info) roll(groupID string) provider.Roll {
	n := len(g.Participants)
	count := string(g.ParticipantCount)
	roll := provider.Roll{
		GroupID: groupID, Subject: string(g.Name), Owner: wire.Gather(g.OwnerJID, g.OwnerPN), CreatedAt: g.created(),
		Complete: n > 0 && (count == "" || count == "0" || count == strconv.Itoa(n)),
	}
	roll.Profile = provider.Profile{Description: (*string)(g.Topic), Settings: tasks.Settings{
		OnlyAdminsSend: g.IsAnnounce.Told(), OnlyAdminsEdit: g.IsLocked.Told(), ApproveJoins: g.IsJoinApprovalRequired.Told(),
	}}
	for _, p := range g.Participants {
		wire.Enlist(&roll, wire.Gather(p.JID, p.PhoneNumber, p.LID), p.IsAdmin == wire.Yes || p.IsSuperAdmin == wire.Yes)
	}
	wire.OwnerAsListed(&roll)
	return roll
}

// readJoinRequests reads the list of requests to join, which is null if there are none. phone_number has digits only:
// those of the number, or of the LID if the number is hidden.
func readJoinRequests(results json.RawMessage, into *[]provider.JoinRequest) error {
	var people []struct {
		JID         wire.Text
		PhoneNumber wire.Text `json:"phone_number"`
		RequestedAt wire.Text `json:"requested_at"`
	}
	*into = nil
	if len(results) == 0 {
		return errors.New("no list in the answer")
	}
	if err := json.Unmarshal(results, &people); err != nil {
		return err
	}
	for _, p := range people {
		r := provider.JoinRequest{Identity: phone.IdentityOf(string(p.JID))}
		if number := phone.IdentityOf(string(p.PhoneNumber)); r.LID != number.Digits+"@lid" && number.Digits != "" {
			r.Digits = number.Digits
		}
		if at, err := time.Parse(time.RFC3339, string(p.RequestedAt)); err == nil && at.Unix() > 0 {
			r.At = at.UTC()
		}
		if !r.Zero() {
			*into = append(*into, r)
		}
	}
	return nil
}

// readList reads results.data, which is null for a number without groups. If data is missing, the answer is not a list.
func readList(results json.RawMessage, into *[]info) error {
	var v map[string]json.RawMessage
	if err := json.Unmarshal(results, &v); err != nil {
		return err
	}
	data, told := v["data"]
	if !told {
		return errors.New("no list in the answer")
	}
	*into = nil
	return json.Unmarshal(data, into)
}

// message is an entry of a chat (W7).
type message struct {
	ID      wire.Text
	Chat    wire.Text `json:"chat_jid"`
	Content wire.Text
	At      wire.Text `json:"timestamp"`
	Mine    wire.Bool `json:"is_from_me"`
}

func (m message) before(since time.Time) bool {
	at, err := time.Parse(time.RFC3339, string(m.At))
	return err == nil && wire.Older(wire.Moment{Time: at}, since)
}

// readMessages reads the messages of a chat. It returns an error if one is of another chat.
func readMessages(results json.RawMessage, chat string, into *[]message) error {
	var v struct{ Data json.RawMessage }
	if err := json.Unmarshal(results, &v); err != nil {
		return err
	}
	if err := wire.List(v.Data, into); err != nil {
		return err
	}
	for _, m := range *into {
		if err := ofChat(m.Chat, chat); err != nil {
			return err
		}
	}
	return nil
}

// ofChat returns an error if a message names another chat than the one that was asked about.
func ofChat(told wire.Text, asked string) error {
	switch {
	case told == "":
		return nil
	case wire.IsGroup(told) || wire.IsGroup(wire.Text(asked)):
		return wire.OfGroup(told, asked)
	case !wire.OfPerson(wire.Gather(told), phone.IdentityOf(asked)):
		return wire.ErrOtherPerson
	}
	return nil
}
