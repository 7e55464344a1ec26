package gowa

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// CreateGroup posts group (W1). The answer has only the id.
func (cl *Client) CreateGroup(ctx context.Context, r provider.CreateRequest) (provider.Created, error) {
	const op = "create group"
	people, others := wire.Numbers(r.Addresses) // the server would turn a LID into a number
	if len(people) == 0 {
		return provider.Created{}, wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallNoNumbers, Name: title})
	}
	var id wire.Text
	err := cl.call(ctx, wire.Call{
		Op: op, Method: createGroup, Kind: wire.Create, Scope: provider.ScopeRequest,
		Body: struct {
			Title        string   `json:"title"`
			Participants []string `json:"participants"`
		}{r.Name, people},
		Private: []string{r.Name},
	}, func(results json.RawMessage) error { return readCreated(results, &id) })
	if err != nil {
		return provider.Created{}, err
	}
	return provider.Created{GroupID: string(id), NotAdded: others}, nil
}

// AddMember posts group/participants for one person (W5). A success is only a hint: the server reports one for every
// outcome except a refusal for privacy.
func (cl *Client) AddMember(ctx context.Context, groupID, address string) error {
	const op = "add member"
	digits := phone.IdentityOf(address).Digits
	if digits == "" {
		return wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: say.CallByNumber, Name: title})
	}
	err := cl.call(ctx, wire.Call{
		Op: op, Method: addParticipants, Kind: wire.Invite, Scope: provider.ScopePerson,
		Body: struct {
			GroupID      string   `json:"group_id"`
			Participants []string `json:"participants"`
		}{groupID, []string{digits}},
	}, func(results json.RawMessage) error { return readAdded(results, phone.Identity{Digits: digits}) })
	return cl.doubted(ctx, digits, err)
}

// Members reads group/info, which has every address of every person (W4).
func (cl *Client) Members(ctx context.Context, groupID string) (provider.Roll, error) {
	var g info
	err := cl.ofGroup(ctx, "read members", groupInfo, groupID, func(results json.RawMessage) error {
		if err := g.read(results); err != nil {
			return err
		}
		return wire.OfGroup(g.JID, groupID)
	})
	if err != nil {
		return provider.Roll{}, err
	}
	return g.roll(groupID), nil
}

// InviteLink reads group/invite-link, which WhatsApp gives only to admins (W4).
func (cl *Client) InviteLink(ctx context.Context, groupID string) (string, error) {
	var v struct {
		Link    wire.Text `json:"invite_link"`
		GroupID wire.Text `json:"group_id"`
	}
	err := cl.ofGroup(ctx, "read invite link", inviteLink, groupID, func(results json.RawMessage) error {
		v.Link, v.GroupID = "", ""
		if err := json.Unmarshal(results, &v); err != nil {
			return err
		}
		if v.Link == "" {
			return errors.New("it names no link")
		}
		return wire.OfGroup(v.GroupID, groupID)
	})
	if e := provider.AsError(err); err != nil && e.Class == provider.Refused && wire.Says(e.Text, noPermission) {
		return "", nil
	}
	return string(v.Link), err
}

func (cl *Client) ofGroup(ctx context.Context, op, method, groupID string, read func(json.RawMessage) error) error {
	return cl.call(ctx, wire.Call{
		Op: op, Method: method, Kind: wire.Read, Verb: http.MethodGet, Query: url.Values{"group_id": {groupID}},
		Scope: provider.ScopeRequest, Cap: wire.RollAnswer,
	}, read)
}

// maxListed is the maximum number of groups that WhatsApp lists (W3).
const maxListed = 500

// ListGroups reads user/my/groups. A list of maxListed groups may be incomplete.
func (cl *Client) ListGroups(ctx context.Context) ([]provider.Listed, error) {
	const op = "list groups"
	var v struct{ Data []info }
	err := cl.call(ctx, wire.Call{
		Op: op, Method: myGroups, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance, Cap: wire.ListAnswer,
	}, func(results json.RawMessage) error { return readList(results, &v.Data) })
	if err != nil {
		return nil, err
	}
	if len(v.Data) >= maxListed {
		return nil, &provider.Error{
			Class: provider.Unknown, Scope: provider.ScopeInstance, Op: op, Denied: true,
			Why: say.Phrase{Code: tooManyGroups, N: maxListed},
		}
	}
	found := make([]provider.Listed, 0, len(v.Data))
	for _, g := range v.Data {
		if wire.IsGroup(g.JID) {
			found = append(found, provider.Listed{
				GroupID: string(g.JID), Name: strings.TrimSpace(string(g.Name)), ExistedAt: wire.Earlier(wire.BornAt(string(g.JID)), g.created()),
			})
		}
	}
	return found, nil
}
