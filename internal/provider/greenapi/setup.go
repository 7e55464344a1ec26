package greenapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// set makes a call whose answer has a boolean named after the method, and sometimes a reason for false. GREEN-API also
// answers false if the call timed out at WhatsApp, so false proves nothing.
func (cl *Client) set(ctx context.Context, op string, c wire.Call) error {
	c.Op, c.Kind, c.Scope = op, wire.Change, provider.ScopeRequest
	c.Decode = func(body []byte) error {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(body, &fields); err != nil {
			return err
		}
		var done wire.Bool
		var reason wire.Text
		if err := errors.Join(json.Unmarshal(orNull(fields[c.Method]), &done), json.Unmarshal(orNull(fields["reason"]), &reason)); err != nil {
			return err
		}
		switch done {
		case wire.Yes:
			return nil
		case wire.No:
			e := wire.Deny(c, string(reason))
			if reason == "" {
				e.Why = say.Phrase{Code: say.CallNotDone, Name: title}
			}
			return e
		}
		return errors.New("it says neither true nor false")
	}
	return cl.call(ctx, c)
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}

// SetPhoto posts setGroupPicture, a form.
func (cl *Client) SetPhoto(ctx context.Context, groupID string, jpeg []byte) error {
	return cl.set(ctx, "set photo", wire.Call{Method: setGroupPicture, Form: &wire.Form{
		Fields: map[string]string{"groupId": groupID}, Field: "file", Name: "photo.jpg", Type: "image/jpeg", File: jpeg,
	}})
}

// SetDescription returns a refusal, because GREEN-API has no such call (GI#201).
func (cl *Client) SetDescription(context.Context, string, string) error {
	return wire.Refuse("set description", provider.ScopeRequest, say.Phrase{Code: say.CallNoDescription, Name: title})
}

// SetSettings posts updateGroupSettings (beta), which has two of the settings.
func (cl *Client) SetSettings(ctx context.Context, groupID string, s tasks.Settings) error {
	const op = "set settings"
	if s.OnlyAdminsAdd != nil || s.ApproveJoins != nil || s.OnlyAdminsEdit == nil && s.OnlyAdminsSend == nil {
		return wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallTwoSettings, Name: title})
	}
	not := func(v *bool) *bool {
		if v == nil {
			return nil
		}
		other := !*v
		return &other
	}
	return cl.set(ctx, op, wire.Call{Method: updateGroupSettings, Body: struct {
		GroupID string `json:"groupId"`
		Edit    *bool  `json:"allowParticipantsEditGroupSettings,omitempty"`
		Send    *bool  `json:"allowParticipantsSendMessages,omitempty"`
	}{groupID, not(s.OnlyAdminsEdit), not(s.OnlyAdminsSend)}})
}

// Promote posts setGroupAdmin for one person after the other. After a refusal it goes on with the others, so a mixed
// result proves nothing. It does not send invalid addresses.
func (cl *Client) Promote(ctx context.Context, groupID string, addresses []string) error {
	const op = "promote"
	var failed error
	arrived := false
	for _, address := range addresses {
		err := wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallNoAddress})
		if person := chatID(phone.IdentityOf(address)); person != "" {
			err = cl.set(ctx, op, wire.Call{Method: setGroupAdmin, Body: struct {
				GroupID string `json:"groupId"`
				Person  string `json:"participantChatId"`
			}{groupID, person}})
		}
		if err == nil {
			arrived = true
			continue
		}
		failed = cmp.Or(failed, err)
		class := provider.AsError(err).Class
		arrived = arrived || class == provider.Unknown
		if class == provider.Limited || class == provider.NotSent {
			failed = err
			break
		}
	}
	if failed != nil && arrived {
		return wire.InPart(failed)
	}
	return failed
}

// ApproveJoins returns a refusal, because GREEN-API has no such call.
func (cl *Client) ApproveJoins(context.Context, string, []string) error {
	return wire.Refuse("approve joins", provider.ScopeRequest, say.Phrase{Code: say.CallNoApproval, Name: title})
}

// RejectJoins returns a refusal, because GREEN-API has no such call.
func (cl *Client) RejectJoins(context.Context, string, []string) error {
	return wire.Refuse("reject joins", provider.ScopeRequest, say.Phrase{Code: say.CallNoApproval, Name: title})
}

// Post queues a message to the group. A message to a group that does not exist blocks the whole queue (GI#685): call
// Post only after a reading of the group.
func (cl *Client) Post(ctx context.Context, p provider.Post) (provider.Sent, error) {
	if !wire.IsGroup(wire.Text(p.GroupID)) {
		return provider.Sent{}, wire.Refuse("post", provider.ScopeRequest, say.Phrase{Code: say.CallNoGroup})
	}
	return cl.send(ctx, "post", provider.ScopeRequest, p.GroupID, p.Text)
}

// FindPost looks into the queue, then into the journal.
func (cl *Client) FindPost(ctx context.Context, p provider.Post, since time.Time) (provider.Sent, bool, error) {
	return cl.sent(ctx, "find post", since, func(chat, text wire.Text) match {
		if string(chat) == p.GroupID && wire.IsPost(string(text), p) {
			return same
		}
		return other
	})
}
