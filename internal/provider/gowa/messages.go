package gowa

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Invite posts send/message (W6), which sends at once.
func (cl *Client) Invite(ctx context.Context, i provider.Invitation) (provider.Sent, error) {
	const op = "send invite"
	if i.Via == provider.ViaNative {
		return provider.Sent{}, wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallNoNative, Name: title})
	}
	to := chatOf(i.Address)
	if to == "" {
		return provider.Sent{}, wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: say.CallNoAddress})
	}
	sent, err := cl.send(ctx, op, provider.ScopePerson, to, i.Text)
	return sent, cl.doubted(ctx, phone.IdentityOf(i.Address).Digits, err)
}

// send posts send/message.
func (cl *Client) send(ctx context.Context, op string, scope provider.Scope, to, text string) (provider.Sent, error) {
	var v struct {
		ID wire.Text `json:"message_id"`
	}
	err := cl.call(ctx, wire.Call{
		Op: op, Method: sendMessage, Kind: wire.Invite, Scope: scope,
		Body: struct {
			Phone   string `json:"phone"`
			Message string `json:"message"`
		}{to, text},
		Private: []string{text},
	}, func(results json.RawMessage) error {
		if err := json.Unmarshal(results, &v); err != nil {
			return err
		}
		if v.ID == "" {
			return errors.New("it names no message")
		}
		return nil
	})
	if err != nil {
		return provider.Sent{}, err
	}
	return provider.Sent{MessageID: string(v.ID)}, nil
}

// chatOf returns the person's address on the wire, or "" for a text that is not an address.
func chatOf(address string) string {
	who := phone.IdentityOf(address)
	if who.LID == "" && who.Digits != "" {
		return who.Digits + "@s.whatsapp.net"
	}
	return who.LID
}

// maxMessages is the maximum number of messages in one answer (W7).
const maxMessages = "100"

// FindInvite looks into the chat with the person, which the server stores under the address that the message was sent
// to (W7).
func (cl *Client) FindInvite(ctx context.Context, i provider.Invitation, since time.Time) (provider.Sent, bool, error) {
	chat := chatOf(i.Address)
	if i.Via == provider.ViaNative || chat == "" {
		return provider.Sent{}, false, nil
	}
	return cl.sent(ctx, "find invite", chat, since, func(text string) bool { return wire.IsInvitation(text, i) })
}

// sent looks for a message in a chat.
func (cl *Client) sent(ctx context.Context, op, chat string, since time.Time, is func(text string) bool) (provider.Sent, bool, error) {
	var messages []message
	err := cl.call(ctx, wire.Call{
		Op: op, Method: chatMessages, Arg: chat, Kind: wire.Read, Verb: http.MethodGet,
		Query: url.Values{"is_from_me": {"true"}, "limit": {maxMessages}}, Scope: provider.ScopeInstance, Cap: wire.RollAnswer,
	}, func(results json.RawMessage) error { return readMessages(results, chat, &messages) })
	if err != nil {
		return provider.Sent{}, false, err
	}
	for _, m := range messages {
		if m.Mine != wire.No && !m.before(since) && is(string(m.Content)) {
			return provider.Sent{MessageID: string(m.ID)}, true, nil
		}
	}
	return provider.Sent{}, false, nil
}
