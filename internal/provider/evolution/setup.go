package evolution

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// set posts a call that sets something of a group. The group's id is in the query for Evolution API, and in body for
// whatsmiau. Evolution API answers a failure with 500, but with 400 for settings and people.
func (cl *Client) set(ctx context.Context, op, method, groupID string, body any, private ...string) error {
	return cl.wire.Do(ctx, wire.Call{
		Op: op, Method: method, Kind: wire.Change, Query: url.Values{"groupJid": {groupID}}, Scope: provider.ScopeRequest,
		Body: body, Private: private, Decode: func(body []byte) error { return readDone(body, method == updateDescription || method == updateSetting) },
	})
}

// readDone returns nil if the answer to a change has one of the fields of a success, or is an empty object and bare is
// set. Any other answer is unreadable.
func readDone(body []byte, bare bool) error {
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if bare && answer != nil && len(answer) == 0 {
		return nil
	}
	for _, word := range []string{"update", "updateSetting", "updateParticipants", "participants", "pictureId"} {
		if _, said := answer[word]; said {
			return nil
		}
	}
	return errors.New("it does not say what was changed")
}

// SetPhoto posts group/updateGroupPicture with base64, without the data: prefix, which the server refuses.
func (cl *Client) SetPhoto(ctx context.Context, groupID string, jpeg []byte) error {
	return cl.set(ctx, "set photo", updatePicture, groupID, struct {
		GroupJID string `json:"groupJid"`
		Image    string `json:"image"`
	}{groupID, base64.StdEncoding.EncodeToString(jpeg)})
}

// SetDescription posts group/updateGroupDescription.
func (cl *Client) SetDescription(ctx context.Context, groupID, text string) error {
	return cl.set(ctx, "set description", updateDescription, groupID, struct {
		GroupJID    string `json:"groupJid"`
		Description string `json:"description"`
	}{groupID, text}, text)
}

// SetSettings posts group/updateSetting once for each setting. The server has only two of them.
func (cl *Client) SetSettings(ctx context.Context, groupID string, s tasks.Settings) error {
	const op = "set settings"
	if s.OnlyAdminsAdd != nil || s.ApproveJoins != nil {
		return wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallTwoSettings, Name: title})
	}
	var actions []string
	s.Each(func(name string, on bool) {
		words := map[string][2]string{"onlyAdminsSend": {"not_announcement", "announcement"}, "onlyAdminsEdit": {"unlocked", "locked"}}[name]
		if on {
			actions = append(actions, words[1])
		} else {
			actions = append(actions, words[0])
		}
	})
	for n, action := range actions {
		err := cl.set(ctx, op, updateSetting, groupID, struct {
			GroupJID string `json:"groupJid"`
			Action   string `json:"action"`
		}{groupID, action})
		if err != nil && n > 0 {
			return wire.InPart(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Promote posts group/updateParticipant. It ignores each person's outcome in the answer, because a reading shows them
// too.
func (cl *Client) Promote(ctx context.Context, groupID string, addresses []string) error {
	people := make([]string, len(addresses))
	for i, address := range addresses {
		if people[i] = address; phone.IdentityOf(address).LID == "" {
			people[i] = numberOf(address)
		}
	}
	return cl.set(ctx, "promote", updateParticipant, groupID, struct {
		GroupJID     string   `json:"groupJid"`
		Action       string   `json:"action"`
		Participants []string `json:"participants"`
	}{groupID, "promote", people})
}

// ApproveJoins returns a refusal, because Evolution API has no such call.
func (cl *Client) ApproveJoins(context.Context, string, []string) error {
	return wire.Refuse("approve joins", provider.ScopeRequest, say.Phrase{Code: say.CallNoApproval, Name: title})
}

// RejectJoins returns a refusal, because Evolution API has no such call.
func (cl *Client) RejectJoins(context.Context, string, []string) error {
	return wire.Refuse("reject joins", provider.ScopeRequest, say.Phrase{Code: say.CallNoApproval, Name: title})
}

// Post posts message/sendText to the group (E6).
func (cl *Client) Post(ctx context.Context, p provider.Post) (provider.Sent, error) {
	if !wire.IsGroup(wire.Text(p.GroupID)) {
		return provider.Sent{}, wire.Refuse("post", provider.ScopeRequest, say.Phrase{Code: say.CallNoGroup})
	}
	return cl.send(ctx, "post", provider.ScopeRequest, p.GroupID, p.Text)
}

// FindPost looks into the messages that the server has stored (E7).
func (cl *Client) FindPost(ctx context.Context, p provider.Post, since time.Time) (provider.Sent, bool, error) {
	return cl.sent(ctx, "find post", since, func(m kept) bool {
		return string(m.Key.RemoteJID) == p.GroupID && wire.IsPost(string(m.Message.Conversation), p)
	})
}
