package zapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// CreateGroup posts create-group.
func (cl *Client) CreateGroup(ctx context.Context, r provider.CreateRequest) (provider.Created, error) {
	const op = "create group"
	phones, others := wire.Numbers(r.Addresses)
	if len(phones) == 0 {
		return provider.Created{}, wire.Refuse(op, provider.ScopeRequest,
			say.Phrase{Code: say.CallNoNumbers, Name: title})
	}
	var answer createAnswer
	err := cl.wire.Do(ctx, wire.Call{
		Op: op, Method: "create-group", Kind: wire.Create, Scope: provider.ScopeRequest,
		// autoInvite is always false: with true Z-API would send invitations of its own, unpaced, unrecorded and again
		// with every repetition.
		Body: struct {
			AutoInvite bool     `json:"autoInvite"`
			GroupName  string   `json:"groupName"`
			Phones     []string `json:"phones"`
		}{false, r.Name, phones},
		Private: []string{r.Name},
		Decode:  func(body []byte) error { return answer.read(body) },
	})
	if err != nil {
		return provider.Created{}, err
	}
	created := provider.Created{GroupID: string(answer.Phone), InviteLink: string(answer.InvitationLink)}
	if answer.PhonesNotAdded != nil || len(others) > 0 {
		// Z-API would leave a LID out and list it here, so LIDs are not sent.
		people := indexOf(phones)
		created.NotAdded = make([]string, 0, len(answer.PhonesNotAdded)+len(others))
		for _, echo := range answer.PhonesNotAdded {
			if echo != "" {
				created.NotAdded = append(created.NotAdded, people.address(string(echo)))
			}
		}
		created.NotAdded = append(created.NotAdded, others...)
	}
	return created, nil
}

// Members reads light-group-metadata: the full call also fetches the link, which is slow and limited.
func (cl *Client) Members(ctx context.Context, groupID string) (provider.Roll, error) {
	const op = "read members"
	if !isGroupID(groupID) {
		return provider.Roll{}, wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallNoGroup})
	}
	var m metadata
	err := cl.wire.Do(ctx, wire.Call{
		Op: op, Method: "light-group-metadata", Arg: groupID, Kind: wire.Read, Verb: http.MethodGet,
		Scope: provider.ScopeRequest, Cap: wire.RollAnswer,
		Decode: func(body []byte) error {
			if err := m.read(body); err != nil {
				return err
			}
			return wire.OfGroup(m.Phone, groupID)
		},
	})
	if err != nil {
		return provider.Roll{}, err
	}
	return m.roll(groupID), nil
}

const methodLink = "group-invitation-link"

// InviteLink reads group-invitation-link.
func (cl *Client) InviteLink(ctx context.Context, groupID string) (string, error) {
	const op = "read invite link"
	if !isGroupID(groupID) {
		return "", wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: say.CallNoGroup})
	}
	var answer struct{ InvitationLink wire.Text }
	err := cl.wire.Do(ctx, wire.Call{
		Op: op, Method: methodLink, Arg: groupID, Kind: wire.Read, Verb: http.MethodGet,
		Scope: provider.ScopeRequest,
		Decode: func(body []byte) error {
			answer.InvitationLink = ""
			return json.Unmarshal(body, &answer)
		},
	})
	if err != nil && !notAdmin(err) {
		return "", err
	}
	return string(answer.InvitationLink), nil
}

// notAdmin reports whether err has invitationLinkError's words for "only admins may read the link".
func notAdmin(err error) bool {
	text := strings.ToLower(provider.AsError(err).Text)
	return strings.HasPrefix(text, "forbidden") || strings.HasPrefix(text, "not-authorized")
}

// The bounds of a listing. The order and the maximum page size are undocumented.
const (
	pageSize = 100
	maxPages = 200
)

// ListGroups reads every page of /groups.
//
// The documentation does not say how a list ends. A page that is shorter than asked for may only mean that the server
// gives fewer entries a page, and a half-read list would seem to prove that an existing group is absent. So ListGroups
// reads on until a page has nothing new.
func (cl *Client) ListGroups(ctx context.Context) ([]provider.Listed, error) {
	const op = "list groups"
	seen := map[string]bool{}
	found := []provider.Listed{}
	for page := 1; page <= maxPages; page++ {
		var chats []chat
		err := cl.wire.Do(ctx, wire.Call{
			Op: op, Method: "groups", Kind: wire.Read, Verb: http.MethodGet,
			Query: url.Values{"page": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(pageSize)}},
			Scope: provider.ScopeInstance, Cap: wire.ListAnswer,
			Decode: func(body []byte) error { return wire.List(body, &chats) },
		})
		if err != nil {
			return nil, err
		}
		news := false
		for _, c := range chats {
			id := string(c.Phone)
			if id == "" || seen[id] {
				continue
			}
			seen[id], news = true, true
			if c.IsGroup != wire.No {
				found = append(found, provider.Listed{
					GroupID: id, Name: strings.TrimSpace(string(c.Name)), ExistedAt: wire.Earlier(wire.BornAt(id), c.LastMessageTime.Time),
				})
			}
		}
		if !news {
			return found, nil
		}
	}
	return nil, &provider.Error{
		Class: provider.Unknown, Scope: provider.ScopeInstance, Op: op,
		Why: say.Phrase{Code: say.CallEndless, N: maxPages},
	}
}

// asked has the addresses of a request. Whether Z-API's answer repeats our spelling of an address or has WhatsApp's own
// is undocumented.
type asked struct {
	exact map[string]bool
	byKey map[string]string
}

func indexOf(addresses []string) asked {
	a := asked{exact: make(map[string]bool, len(addresses)), byKey: make(map[string]string, len(addresses))}
	for _, address := range addresses {
		a.exact[address] = true
		for _, key := range phone.IdentityOf(address).Keys() {
			a.byKey[key] = address
		}
	}
	return a
}

// address returns the address in the request for an address in the answer, or echo itself if none fits.
func (a asked) address(echo string) string {
	if a.exact[echo] {
		return echo
	}
	for _, key := range phone.IdentityOf(echo).Keys() {
		if address, ok := a.byKey[key]; ok {
			return address
		}
	}
	return echo
}

// isGroupID reports whether id has only characters that cannot change the address of a call. Both forms of a group's id
// have no others.
func isGroupID(id string) bool {
	return id != "" && strings.Trim(id, ".") != "" && !strings.ContainsFunc(id, func(r rune) bool {
		return !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_@.", r)
	})
}
