package evolution

import (
	"encoding/json"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// callbackBody is a webhook (E8). The form of data depends on the event.
type callbackBody struct {
	Event, Instance wire.Text
	Data            json.RawMessage
}

// decodeCallback reads a webhook.
func decodeCallback(body []byte) (spec.Note, error) {
	var b callbackBody
	if err := json.Unmarshal(body, &b); err != nil {
		return spec.Note{}, err
	}
	n := spec.Note{InstanceID: string(b.Instance), Event: string(b.Event)}
	switch strings.ReplaceAll(strings.ToLower(string(b.Event)), "_", ".") {
	case "group-participants.update", "group.participants.update":
		n.Hints = participantsUpdate(b.Data)
	case "connection.update", "logout.instance", "remove.instance":
		n.Hints = []spec.Hint{{Kind: spec.State}}
	case "messages.update":
		n.Hints = messageUpdate(b.Data)
	}
	return n, nil
}

// participantsUpdate returns what happened to a group's people. An entry of participants is a person's address, or an
// object with several addresses.
func participantsUpdate(data json.RawMessage) []spec.Hint {
	var v struct {
		ID, Author, Action wire.Text
		Participants       []json.RawMessage
		ParticipantsData   []struct{ JID, PhoneNumber wire.Text }
	}
	if json.Unmarshal(data, &v) != nil || !wire.IsGroup(v.ID) {
		return nil
	}
	id := string(v.ID)
	hints := []spec.Hint{{Kind: spec.People, GroupID: id}}
	switch v.Action {
	case "add":
		return hints
	case "remove":
	default:
		return nil
	}
	author := phone.IdentityOf(string(v.Author))
	for _, raw := range v.Participants {
		var p participant
		if json.Unmarshal(raw, &p.ID) != nil || p.ID == "" {
			p = participant{}
			_ = json.Unmarshal(raw, &p) // an entry that cannot be read has no address
		}
		for _, more := range v.ParticipantsData {
			if more.JID == p.ID {
				p.PhoneNumber = more.PhoneNumber
			}
		}
		if who := p.identity(); !who.Zero() {
			// If one has a number and the other a LID, they may be one person, who left.
			known := author.Digits != "" && who.Digits != "" || author.LID != "" && who.LID != ""
			removed := known && !phone.SamePerson(author, who)
			hints = append(hints, spec.Hint{Kind: spec.Departed, GroupID: id, Who: who, Removed: removed})
		}
	}
	return hints
}

// messageUpdate returns what became of messages. ERROR is WhatsApp's refusal of a message that was sent. It does not
// say whether the message reached a person.
func messageUpdate(data json.RawMessage) []spec.Hint {
	var updates wire.Some[struct {
		KeyID, Status wire.Text
		FromMe        wire.Bool
	}]
	if json.Unmarshal(data, &updates) != nil {
		return nil
	}
	var hints []spec.Hint
	for _, u := range updates {
		if u.FromMe == wire.No {
			continue
		}
		switch h := (spec.Hint{Messages: spec.Known(u.KeyID)}); u.Status {
		case "SERVER_ACK", "DELIVERY_ACK", "READ", "PLAYED":
			h.Kind = spec.Sent
			hints = append(hints, h)
		case "ERROR":
			h.Kind, h.Fate, h.Text = spec.NotArrived, spec.FateUnknown, "WhatsApp reports an error for this message"
			hints = append(hints, h)
		}
	}
	return hints
}
