package hooks

import (
	"encoding/json"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// zapiBody is all of Z-API's webhooks (facts/providers.md A8).
type zapiBody struct {
	Type, InstanceID wire.Text
	Momment          wire.Moment // their spelling; seconds in one of them
	Phone            wire.Text   // of ReceivedCallback: the group

	// DeliveryCallback and MessageStatusCallback.
	MessageID, ZaapID, Error, ErrorCode, Status wire.Text
	IDs                                         texts

	// ReceivedCallback of a group.
	Notification, ParticipantPhone, ParticipantLID, RequestMethod wire.Text
	NotificationParameters                                        texts
}

func zapi(body []byte) (note, error) {
	var b zapiBody
	if err := json.Unmarshal(body, &b); err != nil {
		return note{}, err
	}
	n := note{instanceID: string(b.InstanceID), event: zapiEvent(string(b.Type))}
	switch b.Type {
	case "DeliveryCallback":
		n.hints = b.delivery()
	case "MessageStatusCallback":
		switch b.Status {
		case "SENT", "RECEIVED", "READ", "PLAYED": // READ_BY_ME is of a message to us
			n.hints = []hint{{kind: sent, messages: b.IDs}}
		}
	case "ConnectedCallback", "DisconnectedCallback":
		n.hints = []hint{{kind: state}}
	case "ReceivedCallback":
		n.hints = b.notification()
	}
	return n, nil
}

// zapiEvent is the word of update-webhook-… for a webhook's type.
func zapiEvent(typ string) string {
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

// delivery is what became of a message. "Delivery" is Z-API's word for handing it to WhatsApp.
func (b *zapiBody) delivery() []hint {
	var hints []hint
	if strings.EqualFold(string(b.ErrorCode), "SHADOW_BAN") {
		hints = append(hints, hint{kind: restricted, at: b.Momment.Time, text: "SHADOW_BAN"})
	}
	ids := known(b.MessageID, b.ZaapID)
	if b.Error == "" && b.ErrorCode == "" {
		return append(hints, hint{kind: sent, messages: ids})
	}
	text := string(b.Error)
	h := hint{kind: notArrived, messages: ids, fate: group.InviteUnknown, text: text}
	switch {
	case wire.Says(text, "phone number does not exist", "invalid phone number"):
		h.fate = group.NotOnWhatsApp
	case wire.Says(text, "have permission to send", "you don't have permission", "rejected sending", "did not allow sending",
		"must accept buttons message terms", "only be sent in groups", "got a 404 error"):
		h.fate = group.InviteFailed // the documented words for "surely not sent"; others prove nothing
	}
	return append(hints, h)
}

// notification is what happened to a group's people. Who it concerns stands in the parameters;
// participantPhone may be whoever did it (A8), so it counts only where nothing else is said.
func (b *zapiBody) notification() []hint {
	id := string(b.Phone)
	var said group.Departure
	switch strings.ToUpper(string(b.Notification)) {
	case "GROUP_PARTICIPANT_ADD", "GROUP_PARTICIPANT_INVITE", "GROUP_PARTICIPANT_ADD_REQUEST_JOIN":
		return []hint{{kind: people, groupID: id}}
	case "MEMBERSHIP_APPROVAL_REQUEST":
		return b.requests(asked)
	case "REVOKED_MEMBERSHIP_REQUESTS":
		return b.requests(withdrew)
	case "GROUP_PARTICIPANT_LEAVE":
		said = group.SaidLeft
	case "GROUP_PARTICIPANT_REMOVE":
		said = group.SaidRemoved
	default:
		return nil
	}
	who := b.NotificationParameters
	if len(who) == 0 {
		who = known(b.ParticipantPhone, b.ParticipantLID)
	}
	hints := []hint{{kind: people, groupID: id}}
	for _, address := range who {
		if person := phone.IdentityOf(address); !person.Zero() {
			hints = append(hints, hint{kind: departed, groupID: id, who: person, said: said})
		}
	}
	return hints
}

// requests is what is told of requests to join. Of a proposal by a member two addresses are told;
// participantPhone is then perhaps the member who proposed.
func (b *zapiBody) requests(k kind) []hint {
	h := hint{kind: k, groupID: string(b.Phone)}
	switch m := group.JoinMethod(strings.ToLower(string(b.RequestMethod))); m {
	case group.ByLink, group.ByMember:
		h.method = m
	}
	who := b.NotificationParameters
	if len(who) == 0 && h.method != group.ByMember {
		who = known(b.ParticipantPhone, b.ParticipantLID)
	}
	for _, address := range who {
		if person := phone.IdentityOf(address); !person.Zero() {
			h.told = append(h.told, person)
		}
	}
	if len(h.told) == 0 {
		return nil
	}
	return []hint{h}
}
