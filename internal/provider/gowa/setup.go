package gowa

import (
	"context"
	"encoding/json"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// set posts a call that sets something of a group. It ignores the results, because a later reading shows them.
func (cl *Client) set(ctx context.Context, op string, c wire.Call) error {
	c.Op, c.Kind, c.Scope = op, wire.Change, provider.ScopeRequest
	return cl.call(ctx, c, func(json.RawMessage) error { return nil })
}

// SetPhoto posts group/photo, a form.
func (cl *Client) SetPhoto(ctx context.Context, groupID string, jpeg []byte) error {
	return cl.set(ctx, "set photo", wire.Call{Method: groupPhoto, Form: &wire.Form{
		Fields: map[string]string{"group_id": groupID}, Field: "photo", Name: "photo.jpg", Type: "image/jpeg", File: jpeg,
	}})
}

// SetDescription posts group/topic.
func (cl *Client) SetDescription(ctx context.Context, groupID, text string) error {
	return cl.set(ctx, "set description", wire.Call{Method: groupTopic, Private: []string{text}, Body: struct {
		GroupID string `json:"group_id"`
		Topic   string `json:"topic"`
	}{groupID, text}})
}

// SetSettings posts group/announce and group/locked.
func (cl *Client) SetSettings(ctx context.Context, groupID string, s tasks.Settings) error {
	const op = "set settings"
	if s.OnlyAdminsAdd != nil || s.ApproveJoins != nil {
		return wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallTwoSettings, Name: title})
	}
	if s.OnlyAdminsSend != nil {
		if err := cl.set(ctx, op, wire.Call{Method: groupAnnounce, Body: struct {
			GroupID  string `json:"group_id"`
			Announce bool   `json:"announce"`
		}{groupID, *s.OnlyAdminsSend}}); err != nil {
			return err
		}
	}
	if s.OnlyAdminsEdit == nil {
		return nil
	}
	err := cl.set(ctx, op, wire.Call{Method: groupLocked, Body: struct {
		GroupID string `json:"group_id"`
		Locked  bool   `json:"locked"`
	}{groupID, *s.OnlyAdminsEdit}})
	if err != nil && s.OnlyAdminsSend != nil {
		return wire.InPart(err)
	}
	return err
}

// Promote posts group/participants/promote. It leaves out people whose number is hidden.
func (cl *Client) Promote(ctx context.Context, groupID string, addresses []string) error {
	return cl.setPeople(ctx, "promote", promoteParticipants, groupID, addresses)
}

// JoinRequests reads group/participant-requests, which WhatsApp gives only to admins.
func (cl *Client) JoinRequests(ctx context.Context, groupID string) ([]provider.JoinRequest, error) {
	var asking []provider.JoinRequest
	err := cl.ofGroup(ctx, "read join requests", joinRequests, groupID, func(results json.RawMessage) error {
		return readJoinRequests(results, &asking)
	})
	return asking, err
}

// ApproveJoins posts group/participant-requests/approve.
func (cl *Client) ApproveJoins(ctx context.Context, groupID string, addresses []string) error {
	return cl.setPeople(ctx, "approve joins", approveRequests, groupID, addresses)
}

// RejectJoins posts group/participant-requests/reject.
func (cl *Client) RejectJoins(ctx context.Context, groupID string, addresses []string) error {
	return cl.setPeople(ctx, "reject joins", rejectRequests, groupID, addresses)
}

func (cl *Client) setPeople(ctx context.Context, op, method, groupID string, addresses []string) error {
	// The server reads every participant as a number. One without WhatsApp makes it refuse all of them.
	people, _ := wire.Numbers(addresses)
	if len(people) == 0 {
		return wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: say.CallByNumber, Name: title})
	}
	return cl.set(ctx, op, wire.Call{Method: method, Body: struct {
		GroupID      string   `json:"group_id"`
		Participants []string `json:"participants"`
	}{groupID, people}})
}

// Post posts send/message to the group (W6).
func (cl *Client) Post(ctx context.Context, p provider.Post) (provider.Sent, error) {
	if !wire.IsGroup(wire.Text(p.GroupID)) {
		return provider.Sent{}, wire.Refuse("post", provider.ScopeRequest, say.Phrase{Code: say.CallNoGroup})
	}
	return cl.send(ctx, "post", provider.ScopeRequest, p.GroupID, p.Text)
}

// FindPost searches the messages of the group that the server has stored (W7).
func (cl *Client) FindPost(ctx context.Context, p provider.Post, since time.Time) (provider.Sent, bool, error) {
	return cl.sent(ctx, "find post", p.GroupID, since, func(text string) bool { return wire.IsPost(text, p) })
}
