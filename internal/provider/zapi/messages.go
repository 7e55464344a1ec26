package zapi

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Invite sends one invitation.
func (cl *Client) Invite(ctx context.Context, i provider.Invitation) (provider.Sent, error) {
	if i.Via == provider.ViaNative {
		return provider.Sent{}, cl.inviteNative(ctx, i)
	}
	return cl.inviteText(ctx, i)
}

// inviteText queues a message; the returned id means queued, not sent.
func (cl *Client) inviteText(ctx context.Context, i provider.Invitation) (provider.Sent, error) {
	const op = "send invite"
	who := phone.IdentityOf(i.Address)
	if who.Zero() {
		return provider.Sent{}, wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: say.CallNoAddress})
	}
	to := who.Digits
	if who.LID != "" {
		to = who.LID
	}
	return cl.send(ctx, op, provider.ScopePerson, to, i.Text)
}

// send posts send-text.
func (cl *Client) send(ctx context.Context, op string, scope provider.Scope, to, text string) (provider.Sent, error) {
	var answer sendAnswer
	err := cl.wire.Do(ctx, wire.Call{
		Op: op, Method: "send-text", Kind: wire.Invite, Scope: scope,
		Body: struct {
			Phone   string `json:"phone"`
			Message string `json:"message"`
		}{to, text},
		Private: []string{text},
		Decode:  func(body []byte) error { return answer.read(body) },
	})
	if err != nil {
		return provider.Sent{}, err
	}
	return provider.Sent{MessageID: answer.id()}, nil
}

// inviteNative lets Z-API add the person or, where that is not allowed, send its own invitation.
func (cl *Client) inviteNative(ctx context.Context, i provider.Invitation) error {
	return cl.addParticipant(ctx, "send native invite", i.GroupID, i.Address, true, neitherAddedNorInvited)
}

// AddMember posts add-participant without autoInvite, because the worker sends the invitations.
func (cl *Client) AddMember(ctx context.Context, groupID, address string) error {
	return cl.addParticipant(ctx, "add member", groupID, address, false, notAdded)
}

// addParticipant posts add-participant for only one person, because the answer is one boolean for the whole list.
func (cl *Client) addParticipant(ctx context.Context, op, groupID, address string, autoInvite bool, no say.Code) error {
	digits := phone.IdentityOf(address).Digits
	if digits == "" {
		return wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: noLID})
	}
	return cl.wire.Do(ctx, wire.Call{
		Op: op, Method: "add-participant", Kind: wire.Invite, Scope: provider.ScopePerson,
		Body: struct {
			AutoInvite bool     `json:"autoInvite"`
			GroupID    string   `json:"groupId"`
			Phones     []string `json:"phones"`
		}{autoInvite, groupID, []string{digits}},
		Decode: func(body []byte) error { return readValue(op, body, no) },
	})
}

// readValue reads {"value": bool}. false is a refusal with the meaning no; a missing value is an unreadable answer.
func readValue(op string, body []byte, no say.Code) error {
	var answer struct{ Value wire.Bool }
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	switch answer.Value {
	case wire.Yes:
		return nil
	case wire.No:
		return wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: no, Name: title})
	}
	return errors.New("it says neither true nor false")
}

// readSet reads the answer to a change of the instance's settings, as readValue does.
func readSet(op string, body []byte) error {
	err := readValue(op, body, notTaken)
	if e, refused := errors.AsType[*provider.Error](err); refused {
		e.Scope = provider.ScopeInstance
	}
	return err
}

// The queue keeps at most 1000 messages, 30 a page.
const (
	queuePageSize = 30
	maxQueuePages = 50
)

// FindInvite looks into the send queue, the only place where Z-API shows a message it has
// taken. A native invitation is shown nowhere.
func (cl *Client) FindInvite(ctx context.Context, i provider.Invitation, since time.Time) (provider.Sent, bool, error) {
	if i.Via == provider.ViaNative {
		return provider.Sent{}, false, nil
	}
	return cl.queued(ctx, "find invite", since, toPerson(i))
}

// queued returns the message in the send queue for which is returns true. It skips messages older than since.
func (cl *Client) queued(ctx context.Context, op string, since time.Time, is func(to, text string) bool) (provider.Sent, bool, error) {
	var page queuePage
	for range maxQueuePages {
		err := cl.wire.Do(ctx, wire.Call{
			Op: op, Method: "queue", Kind: wire.Read, Scope: provider.ScopeInstance, Cap: wire.RollAnswer,
			Body: struct {
				PageSize    int    `json:"pageSize"`
				PagingState string `json:"pagingState,omitempty"`
			}{queuePageSize, string(page.PagingState)},
			Decode: func(body []byte) error { return page.read(body) },
		})
		if err != nil {
			return provider.Sent{}, false, err
		}
		for _, m := range page.Messages {
			if !wire.Older(m.Created, since) && is(string(m.Phone), string(m.Message)) {
				found := sendAnswer{ZaapID: m.ZaapID, MessageID: m.MessageID}
				return provider.Sent{MessageID: found.id()}, true, nil
			}
		}
		if page.HasMore != wire.Yes || page.PagingState == "" {
			return provider.Sent{}, false, nil
		}
	}
	return provider.Sent{}, false, &provider.Error{
		Class: provider.Unknown, Scope: provider.ScopeInstance, Op: op, Why: say.Phrase{Code: say.CallEndless, N: maxQueuePages},
	}
}
