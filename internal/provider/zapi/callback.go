package zapi

import (
	"encoding/json"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// callbackBody has the fields of all of Z-API's webhooks.
type callbackBody struct {
	Type, InstanceID wire.Text
	Momment          wire.Moment // Z-API's spelling; milliseconds, but seconds in one of the webhooks
	Phone            wire.Text   // of ReceivedCallback: the group

	// DeliveryCallback and MessageStatusCallback.
	MessageID, ZaapID, Error, ErrorCode, Status wire.Text
	IDs                                         spec.Texts

	// ReceivedCallback of a group.
	Notification, ParticipantPhone, ParticipantLID, RequestMethod wire.Text
	NotificationParameters                                        spec.Texts
}

// decodeCallback reads a webhook.
func decodeCallback(body []byte) (spec.Note, error) {
	var b callbackBody
	if err := json.Unmarshal(body, &b); err != nil {
		return spec.Note{}, err
	}
	n := spec.Note{InstanceID: string(b.InstanceID), Event: callbackEvent(string(b.Type))}
	switch b.Type {
	case "DeliveryCallback":
		n.Hints = b.delivery()
	case "MessageStatusCallback":
		switch b.Status {
		case "SENT", "RECEIVED", "READ", "PLAYED": // READ_BY_ME is of a message to us
			n.Hints = []spec.Hint{{Kind: spec.Sent, Messages: b.IDs}}
		}
	case "ConnectedCallback", "DisconnectedCallback":
		n.Hints = []spec.Hint{{Kind: spec.State}}
	case "ReceivedCallback":
		n.Hints = b.notification()
	}
	return n, nil
}

// callbackEvent returns the name of a webhook's type in the calls update-webhook-….
func callbackEvent(typ string) string {
	switch typ {
	case "ReceivedCallback":
		return "received"
	case "DeliveryCallback":
		return "delivery"
	case "MessageStatusCallback":
		return "message-status"
	case "ConnectedCallback":
		return "connected"
	case "DisconnectedCallback":
		return "disconnected"
	}
	return typ
}

// delivery returns what became of a message. "Delivery" is Z-API's word for handing it to WhatsApp.
func (b *callbackBody) delivery() []spec.Hint {
	var hints []spec.Hint
	if strings.EqualFold(string(b.ErrorCode), "SHADOW_BAN") {
		hints = append(hints, spec.Hint{Kind: spec.Restricted, At: b.Momment.Time, Text: "SHADOW_BAN"})
	}
	ids := spec.Known(b.MessageID, b.ZaapID)
	if b.Error == "" && b.ErrorCode == "" {
		return append(hints, spec.Hint{Kind: spec.Sent, Messages: ids})
	}
	text := string(b.Error)
	h := spec.Hint{Kind: spec.NotArrived, Messages: ids, Fate: spec.FateUnknown, Text: text}
	switch {
	case wire.Says(text, "phone number does not exist", "invalid phone number"):
		h.Fate = spec.FateNoAccount
	case wire.Says(text, "have permission to send", "you don't have permission", "rejected sending", "did not allow sending",
		"must accept buttons message terms", "only be sent in groups", "got a 404 error"):
		h.Fate = spec.FateFailed // the documented words for "surely not sent"; others prove nothing
	}
	return append(hints, h)
}

// notification returns what happened to a group's people. The parameters name the people concerned. participantPhone
// may be the person who acted, so it counts only if there are no parameters.
func (b *callbackBody) notification() []spec.Hint {
	id := string(b.Phone)
	removed := false
	switch strings.ToUpper(string(b.Notification)) {
	case "GROUP_PARTICIPANT_ADD", "GROUP_PARTICIPANT_INVITE", "GROUP_PARTICIPANT_ADD_REQUEST_JOIN":
		return []spec.Hint{{Kind: spec.People, GroupID: id}}
	case "MEMBERSHIP_APPROVAL_REQUEST":
		return b.requests(spec.Asked)
	case "REVOKED_MEMBERSHIP_REQUESTS":
		return b.requests(spec.Withdrew)
	case "GROUP_PARTICIPANT_LEAVE":
	case "GROUP_PARTICIPANT_REMOVE":
		removed = true
	default:
		return nil
	}
	who := b.NotificationParameters
	if len(who) == 0 {
		who = spec.Known(b.ParticipantPhone, b.ParticipantLID)
	}
	hints := []spec.Hint{{Kind: spec.People, GroupID: id}}
	for _, address := range who {
		if person := phone.IdentityOf(address); !person.Zero() {
			hints = append(hints, spec.Hint{Kind: spec.Departed, GroupID: id, Who: person, Removed: removed})
		}
	}
	return hints
}

// requests returns what a webhook says about requests to join. The webhook of a proposal by a member has two addresses,
// and participantPhone may be the member who proposed.
func (b *callbackBody) requests(k spec.HintKind) []spec.Hint {
	h := spec.Hint{Kind: k, GroupID: string(b.Phone)}
	switch m := strings.ToLower(string(b.RequestMethod)); m {
	case byLink, byMember:
		h.Method = m
	}
	for _, address := range b.NotificationParameters {
		if person := phone.IdentityOf(address); !person.Zero() {
			h.Told = append(h.Told, person)
		}
	}
	if len(b.NotificationParameters) == 0 && h.Method != byMember {
		if person := wire.WithLID(b.ParticipantPhone, b.ParticipantLID); !person.Zero() {
			h.Told = append(h.Told, person)
		}
	}
	if len(h.Told) == 0 {
		return nil
	}
	return []spec.Hint{h}
}

// How a request to join came about.
const (
	byLink   = "invite_link"
	byMember = "non_admin_add"
)
