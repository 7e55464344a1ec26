package greenapi

import (
	"cmp"
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

// CreateGroup posts createGroup. The answer never tells who was left out.
func (cl *Client) CreateGroup(ctx context.Context, r provider.CreateRequest) (provider.Created, error) {
	const op = "create group"
	numbers, others := wire.Numbers(r.Addresses) // one bad entry fails the whole create (GI#544)
	if len(numbers) == 0 {
		return provider.Created{}, wire.Refuse(op, provider.ScopeRequest,
			say.Phrase{Code: say.CallNoNumbers, Name: title})
	}
	chatIDs := make([]string, len(numbers))
	for i, digits := range numbers {
		chatIDs[i] = digits + "@c.us"
	}
	var answer createAnswer
	err := cl.call(ctx, wire.Call{
		Op: op, Method: createGroup, Kind: wire.Create, Scope: provider.ScopeRequest,
		Body: struct {
			GroupName string   `json:"groupName"`
			ChatIDs   []string `json:"chatIds"`
		}{r.Name, chatIDs},
		Private: []string{r.Name},
		Decode:  func(body []byte) error { return answer.read(body) },
	})
	if err != nil {
		return provider.Created{}, err
	}
	return provider.Created{
		GroupID: string(answer.ChatID), InviteLink: string(answer.GroupInviteLink), NotAdded: others,
	}, nil
}

// AddMember posts addGroupParticipant. False means that nothing was changed; for a person who is already a member the
// answer is false too.
func (cl *Client) AddMember(ctx context.Context, groupID, address string) error {
	const op = "add member"
	digits := phone.IdentityOf(address).Digits
	if digits == "" { // only telephone numbers are documented
		return wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: say.CallByNumber, Name: title})
	}
	return cl.call(ctx, wire.Call{
		Op: op, Method: addGroupParticipant, Kind: wire.Invite, Scope: provider.ScopePerson,
		Body: struct {
			GroupID string `json:"groupId"`
			Person  string `json:"participantChatId"`
		}{groupID, digits + "@c.us"},
		Decode: func(body []byte) error { return readAdded(op, body) },
	})
}

// readAdded reads {"addParticipant": bool}. An answer without the boolean proves nothing.
func readAdded(op string, body []byte) error {
	var answer struct{ AddParticipant wire.Bool }
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	switch answer.AddParticipant {
	case wire.Yes:
		return nil
	case wire.No:
		return wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: notAdded})
	}
	return errors.New("it says neither true nor false")
}

// Members reads getGroupData.
func (cl *Client) Members(ctx context.Context, groupID string) (provider.Roll, error) {
	d, err := cl.groupData(ctx, "read members", groupID)
	if err != nil {
		return provider.Roll{}, err
	}
	return d.roll(groupID), nil
}

// InviteLink reads getGroupData, the only reading with the link. The link is empty if the instance is not an admin.
func (cl *Client) InviteLink(ctx context.Context, groupID string) (string, error) {
	d, err := cl.groupData(ctx, "read invite link", groupID)
	return string(d.GroupInviteLink), err
}

func (cl *Client) groupData(ctx context.Context, op, groupID string) (groupData, error) {
	var d groupData
	err := cl.call(ctx, wire.Call{
		Op: op, Method: getGroupData, Kind: wire.Read, Scope: provider.ScopeRequest, Cap: wire.RollAnswer,
		Body: struct {
			GroupID string `json:"groupId"`
		}{groupID},
		Decode: func(body []byte) error {
			if err := d.read(body); err != nil {
				return err
			}
			return wire.OfGroup(d.GroupID, groupID)
		},
	})
	if err != nil {
		return groupData{}, err
	}
	return d, nil
}

// maxEmpty is how often an empty list is read before it counts as empty: GREEN-API says "empty array: ask again".
const maxEmpty = 3

// ListGroups reads both lists, because a group may be missing from one of them (GI#670, GI#919): contacts are updated
// within five minutes, chats within one. If a host does not have one of the two calls, the other one alone decides.
// Chats come first, because they are in the order of activity.
func (cl *Client) ListGroups(ctx context.Context) ([]provider.Listed, error) {
	contacts, err := cl.list(ctx, getContacts, url.Values{"group": {"true"}})
	if err != nil && !noSuchCall(err) {
		return nil, err
	}
	chats, errChats := cl.list(ctx, getChats, nil)
	switch {
	case errChats == nil && err != nil:
		return merged(chats), nil //nolint:nilerr // the host does not have the other call
	case errChats != nil && (err != nil || !noSuchCall(errChats)):
		return nil, errChats
	}
	if len(contacts) == 0 && len(chats) > 0 {
		return nil, &provider.Error{
			Class: provider.Unknown, Scope: provider.ScopeInstance, Op: "list groups",
			Why: say.Phrase{Code: notLoaded},
		}
	}
	return merged(append(chats, contacts...)), nil
}

// noSuchCall reports whether the host does not know a method.
func noSuchCall(err error) bool { return provider.AsError(err).Status == http.StatusNotFound }

// list reads one of the lists and returns its groups.
func (cl *Client) list(ctx context.Context, method string, query url.Values) ([]provider.Listed, error) {
	var entries []listEntry
	for range maxEmpty {
		err := cl.call(ctx, wire.Call{
			Op: "list groups", Method: method, Kind: wire.Read, Verb: http.MethodGet, Query: query,
			Scope: provider.ScopeInstance, Cap: wire.ListAnswer,
			Decode: func(body []byte) error { return wire.List(body, &entries) },
		})
		if err != nil {
			return nil, err
		}
		if len(entries) > 0 {
			break
		}
	}
	var groups []provider.Listed
	for _, e := range entries {
		if wire.IsGroup(e.ID) {
			groups = append(groups, provider.Listed{GroupID: string(e.ID), Name: string(cmp.Or(e.Name, e.ContactName))})
		}
	}
	return groups, nil
}

// merged returns every group once, with its name if one of its entries has one.
func merged(all []provider.Listed) []provider.Listed {
	at := make(map[string]int, len(all))
	found := make([]provider.Listed, 0, len(all))
	for _, g := range all {
		i, seen := at[g.GroupID]
		if !seen {
			i = len(found)
			at[g.GroupID] = i
			found = append(found, provider.Listed{GroupID: g.GroupID, ExistedAt: wire.BornAt(g.GroupID)})
		}
		found[i].Name = cmp.Or(found[i].Name, strings.TrimSpace(g.Name))
	}
	return found
}
