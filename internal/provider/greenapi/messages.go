package greenapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Invite queues a message. GREEN-API sends no native invitations.
func (cl *Client) Invite(ctx context.Context, i provider.Invitation) (provider.Sent, error) {
	const op = "send invite"
	if i.Via == provider.ViaNative {
		return provider.Sent{}, wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallNoNative, Name: title})
	}
	to := chatID(phone.IdentityOf(i.Address))
	if to == "" {
		return provider.Sent{}, wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: say.CallNoAddress})
	}
	return cl.send(ctx, op, provider.ScopePerson, to, i.Text)
}

// send posts sendMessage.
func (cl *Client) send(ctx context.Context, op string, scope provider.Scope, to, text string) (provider.Sent, error) {
	var answer sendAnswer
	err := cl.call(ctx, wire.Call{
		Op: op, Method: sendMessage, Kind: wire.Invite, Scope: scope,
		Body: struct {
			ChatID  string `json:"chatId"`
			Message string `json:"message"`
		}{to, text},
		Private: []string{text},
		Decode:  func(body []byte) error { return answer.read(body) },
	})
	if err != nil {
		return provider.Sent{}, err
	}
	return provider.Sent{MessageID: string(answer.IDMessage)}, nil
}

// chatID returns the person's address on the wire, or "" for an identity without an address.
func chatID(who phone.Identity) string {
	if who.LID == "" && who.Digits != "" {
		return who.Digits + "@c.us"
	}
	return who.LID
}

// maxQueued is the maximum number of messages of its queue that GREEN-API shows.
const maxQueued = 500

// FindInvite looks into the queue, then into the journal, which shows every message that has left the queue, sent or
// not. Until May 2026 a host may have a message to a number in its journal under the person's LID (GI#982). So a
// message with this text to a LID makes the search inconclusive.
func (cl *Client) FindInvite(ctx context.Context, i provider.Invitation, since time.Time) (provider.Sent, bool, error) {
	who := phone.IdentityOf(i.Address)
	return cl.sent(ctx, "find invite", since, func(chat, text wire.Text) match {
		to := phone.IdentityOf(string(chat))
		switch {
		case !wire.IsInvitation(string(text), i):
			return other
		case phone.SamePerson(who, to):
			return same
		case who.LID == "" && to.LID != "":
			return perhaps
		}
		return other
	})
}

// match says whether a message is the wanted one.
type match int

const (
	other match = iota
	perhaps
	same
)

// sent looks for a message in the queue and in the journal. It returns an error if it does not find the message, but
// cannot exclude that it is there.
func (cl *Client) sent(ctx context.Context, op string, since time.Time, is func(chat, text wire.Text) match) (provider.Sent, bool, error) {
	var queue []queued
	err := cl.call(ctx, wire.Call{
		Op: op, Method: showMessagesQueue, Kind: wire.Read, Verb: http.MethodGet,
		Scope: provider.ScopeInstance, Cap: wire.ListAnswer,
		Decode: func(body []byte) error { return wire.List(body, &queue) },
	})
	if err != nil {
		return provider.Sent{}, false, err
	}
	for _, m := range queue {
		if is(cmp.Or(m.Body.ChatID, m.ChatID), cmp.Or(m.Body.Message, m.Message)) == same {
			return provider.Sent{MessageID: string(m.MessageID)}, true, nil
		}
	}

	var journal []journalled
	err = cl.call(ctx, wire.Call{
		Op: op, Method: lastOutgoingMessages, Kind: wire.Read, Verb: http.MethodGet,
		Scope: provider.ScopeInstance, Cap: wire.ListAnswer,
		Decode: func(body []byte) error { return wire.List(body, &journal) },
	})
	if err != nil {
		return provider.Sent{}, false, err
	}
	var why say.Phrase
	if len(queue) >= maxQueued {
		why = say.Phrase{Code: queueCut, N: maxQueued}
	}
	for _, m := range journal {
		if wire.Older(m.Timestamp, since) {
			continue
		}
		switch is(m.ChatID, cmp.Or(m.TextMessage, m.ExtendedTextMessage.Text)) {
		case same:
			return provider.Sent{MessageID: string(m.IDMessage)}, true, nil
		case perhaps:
			why = say.Phrase{Code: journalHides}
		case other:
		}
	}
	if !why.Zero() {
		return provider.Sent{}, false, &provider.Error{Class: provider.Unknown, Scope: provider.ScopeInstance, Op: op, Why: why}
	}
	return provider.Sent{}, false, nil
}
