package zapi

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// set posts a call that sets something of a group. Its answer is one boolean.
func (cl *Client) set(ctx context.Context, op, method, groupID string, body any, private ...string) error {
	if !isGroupID(groupID) {
		return wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallNoGroup})
	}
	return cl.wire.Do(ctx, wire.Call{
		Op: op, Method: method, Kind: wire.Change, Scope: provider.ScopeRequest, Body: body, Private: private,
		Decode: readDone,
	})
}

// readDone reads the answer to a change of a group. false comes without a reason, so a reading decides.
func readDone(body []byte) error {
	err := readValue("", body, say.CallNotDone)
	if e, refused := errors.AsType[*provider.Error](err); refused && e.Class == provider.Refused {
		e.Class, e.Denied, e.Scope = provider.Unknown, true, provider.ScopeRequest
	}
	return err
}

// SetPhoto posts update-group-photo with the picture in base64, after the data: prefix that Z-API requires.
func (cl *Client) SetPhoto(ctx context.Context, groupID string, jpeg []byte) error {
	return cl.set(ctx, "set photo", "update-group-photo", groupID, struct {
		GroupID string `json:"groupId"`
		Photo   string `json:"groupPhoto"`
	}{groupID, "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(jpeg)})
}

// SetDescription posts update-group-description.
func (cl *Client) SetDescription(ctx context.Context, groupID, text string) error {
	return cl.set(ctx, "set description", "update-group-description", groupID, struct {
		GroupID     string `json:"groupId"`
		Description string `json:"groupDescription"`
	}{groupID, text}, text)
}

// SetSettings posts update-group-settings, where the group's id is called phone. Z-API requires all four settings, so
// SetSettings reads the others first. No reading shows adminOnlyAddMember: unless s sets it, it becomes false, as in a
// new group.
func (cl *Client) SetSettings(ctx context.Context, groupID string, s tasks.Settings) error {
	const op = "set settings"
	roll, err := cl.Members(ctx, groupID)
	if err != nil {
		e := *provider.AsError(err)
		if e.Class == provider.Unknown {
			e.Class, e.Denied = provider.NotSent, false // nothing was changed
		}
		return &e
	}
	all := s.Or(roll.Profile.Settings)
	on := func(v *bool) bool { return v != nil && *v }
	return cl.set(ctx, op, "update-group-settings", groupID, struct {
		Phone    string `json:"phone"`
		Message  bool   `json:"adminOnlyMessage"`
		Settings bool   `json:"adminOnlySettings"`
		Approval bool   `json:"requireAdminApproval"`
		Add      bool   `json:"adminOnlyAddMember"`
	}{groupID, on(all.OnlyAdminsSend), on(all.OnlyAdminsEdit), on(all.ApproveJoins), on(all.OnlyAdminsAdd)})
}

// Promote posts add-admin.
func (cl *Client) Promote(ctx context.Context, groupID string, addresses []string) error {
	return cl.setPeople(ctx, "promote", "add-admin", groupID, addresses)
}

// ApproveJoins posts approve-participant.
func (cl *Client) ApproveJoins(ctx context.Context, groupID string, addresses []string) error {
	return cl.setPeople(ctx, "approve joins", "approve-participant", groupID, addresses)
}

// RejectJoins posts reject-participant.
func (cl *Client) RejectJoins(ctx context.Context, groupID string, addresses []string) error {
	return cl.setPeople(ctx, "reject joins", "reject-participant", groupID, addresses)
}

func (cl *Client) setPeople(ctx context.Context, op, method, groupID string, addresses []string) error {
	return cl.set(ctx, op, method, groupID, struct {
		GroupID string   `json:"groupId"`
		Phones  []string `json:"phones"`
	}{groupID, addresses})
}

// Post queues a message to the group.
func (cl *Client) Post(ctx context.Context, p provider.Post) (provider.Sent, error) {
	if !isGroupID(p.GroupID) {
		return provider.Sent{}, wire.Refuse("post", provider.ScopeRequest, say.Phrase{Code: say.CallNoGroup})
	}
	return cl.send(ctx, "post", provider.ScopeRequest, p.GroupID, p.Text)
}

// FindPost looks into the send queue.
func (cl *Client) FindPost(ctx context.Context, p provider.Post, since time.Time) (provider.Sent, bool, error) {
	return cl.queued(ctx, "find post", since, func(to, text string) bool {
		return to == p.GroupID && wire.IsPost(text, p)
	})
}

// toPerson returns a function that reports whether a queued message is an invitation, by its recipient and text.
func toPerson(i provider.Invitation) func(to, text string) bool {
	who := phone.IdentityOf(i.Address)
	return func(to, text string) bool {
		return phone.SamePerson(who, phone.IdentityOf(to)) && wire.IsInvitation(text, i)
	}
}
