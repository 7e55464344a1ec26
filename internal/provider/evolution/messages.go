package evolution

import (
	"context"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Invite posts message/sendText (E6), which sends at once. It does not use group/sendInvite, which returns no message
// id and answers 404 to any failure, even after it has sent. Invite refuses a number that the server confuses with
// another person's.
func (cl *Client) Invite(ctx context.Context, i provider.Invitation) (provider.Sent, error) {
	const op = "send invite"
	if i.Via == provider.ViaNative {
		return provider.Sent{}, wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallNoNative, Name: title})
	}
	who := phone.IdentityOf(i.Address)
	to := who.Digits
	if who.LID != "" {
		to = who.LID
	}
	if to == "" {
		return provider.Sent{}, wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: say.CallNoAddress})
	}
	if who.LID == "" {
		taken, err := cl.takenFor(ctx, op, to)
		if err != nil {
			return provider.Sent{}, err
		}
		switch c := taken[phone.Fold(to)]; {
		case c.another(to):
			return provider.Sent{}, wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: takenForAnother})
		case c.Exists == wire.No: // whatsmiau would try a Brazilian landline with a ninth digit
			return provider.Sent{}, &provider.Error{
				Class: provider.Refused, Scope: provider.ScopePerson, Op: op, NoAccount: true, Why: say.Phrase{Code: say.PersonNoAccount},
			}
		}
	}
	return cl.send(ctx, op, provider.ScopePerson, to, i.Text)
}

// send posts message/sendText.
func (cl *Client) send(ctx context.Context, op string, scope provider.Scope, to, text string) (provider.Sent, error) {
	var answer sendAnswer
	err := cl.wire.Do(ctx, wire.Call{
		Op: op, Method: sendText, Kind: wire.Invite, Scope: scope,
		Body: struct {
			Number string `json:"number"`
			Text   string `json:"text"`
		}{to, text},
		Private: []string{text},
		Decode:  answer.read,
	})
	if err != nil {
		return provider.Sent{}, err
	}
	return provider.Sent{MessageID: string(answer.Key.ID)}, nil
}

// The bounds of a search for a message.
const (
	messagesPage = 100
	maxPages     = 20
)

// FindInvite looks into the messages that the server has stored (E7). It finds nothing if the server's operator has
// switched storage off, and nothing on whatsmiau, which does not have this call.
func (cl *Client) FindInvite(ctx context.Context, i provider.Invitation, since time.Time) (provider.Sent, bool, error) {
	if i.Via == provider.ViaNative {
		return provider.Sent{}, false, nil
	}
	who := phone.IdentityOf(i.Address)
	return cl.sent(ctx, "find invite", since, func(m kept) bool {
		return phone.SamePerson(who, wire.Gather(m.Key.RemoteJID, m.Key.RemoteJIDAlt)) && wire.IsInvitation(string(m.Message.Conversation), i)
	})
}

// sent looks for a message among the latest that the server has stored.
func (cl *Client) sent(ctx context.Context, op string, since time.Time, is func(kept) bool) (provider.Sent, bool, error) {
	type where struct {
		Key struct {
			FromMe bool `json:"fromMe"`
		} `json:"key"`
	}
	mine := where{}
	mine.Key.FromMe = true
	for number := 1; number <= maxPages; number++ {
		var page messagePage
		err := cl.wire.Do(ctx, wire.Call{
			Op: op, Method: findMessages, Kind: wire.Read, Scope: provider.ScopeInstance, Cap: wire.ListAnswer,
			Body: struct {
				Where  where `json:"where"`
				Page   int   `json:"page"`
				Offset int   `json:"offset"` // the server's word for the size of a page
			}{mine, number, messagesPage},
			Decode: page.read,
		})
		if e := provider.AsError(err); err != nil && e.Status == http.StatusNotFound && noSuchPath(e.Text) {
			return provider.Sent{}, false, nil
		}
		if err != nil {
			return provider.Sent{}, false, err
		}
		for _, m := range page.Messages.Records {
			if wire.Older(m.MessageTimestamp, since) {
				return provider.Sent{}, false, nil
			}
			if is(m) {
				return provider.Sent{MessageID: string(m.Key.ID)}, true, nil
			}
		}
		if number >= page.Messages.Pages {
			return provider.Sent{}, false, nil
		}
	}
	return provider.Sent{}, false, nil
}
