package evolution

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// CreateGroup posts group/create (E1). It sends neither a description nor promoteParticipants: the server handles each
// in a further step after it has made the group, and answers 500 if that step fails.
func (cl *Client) CreateGroup(ctx context.Context, r provider.CreateRequest) (provider.Created, error) {
	const op = "create group"
	people, others := wire.Numbers(r.Addresses)
	if len(people) == 0 {
		return provider.Created{}, wire.Refuse(op, provider.ScopeRequest,
			say.Phrase{Code: say.CallNoNumbers, Name: title})
	}
	taken, err := cl.takenFor(ctx, op, people...)
	if err != nil {
		return provider.Created{}, err
	}
	participants := make([]string, 0, len(people))
	for _, digits := range people {
		if c := taken[phone.Fold(digits)]; c.another(digits) {
			others = append(others, digits)
		} else {
			participants = append(participants, numberOf(digits))
		}
	}
	if len(participants) == 0 {
		return provider.Created{}, wire.Refuse(op, provider.ScopeRequest, say.Phrase{Code: takenForAnother})
	}
	var answer createAnswer
	err = cl.wire.Do(ctx, wire.Call{
		Op: op, Method: createGroup, Kind: wire.Create, Scope: provider.ScopeRequest, Cap: wire.RollAnswer,
		Body: struct {
			Subject      string   `json:"subject"`
			Participants []string `json:"participants"`
		}{r.Name, participants},
		Private: []string{r.Name},
		Decode:  answer.read,
	})
	if err != nil {
		return provider.Created{}, err
	}
	return provider.Created{GroupID: string(answer.ID), NotAdded: others}, nil
}

// minAddress is the minimum number of characters of an address that the server accepts (E1).
const minAddress = 10

// numberOf returns a phone number in the form that the server accepts: WhatsApp's address for a short number, digits
// for a longer one. The server finds the other spellings of a number only if it is in digits (E2).
func numberOf(digits string) string {
	if len(digits) < minAddress {
		return digits + "@s.whatsapp.net"
	}
	return digits
}

// AddMember posts group/updateParticipant (E5) for one person. The answer gives the outcome as one of WhatsApp's codes.
func (cl *Client) AddMember(ctx context.Context, groupID, address string) error {
	const op = "add member"
	digits := phone.IdentityOf(address).Digits
	if digits == "" {
		return wire.Refuse(op, provider.ScopePerson, say.Phrase{Code: say.CallByNumber, Name: title})
	}
	return cl.wire.Do(ctx, wire.Call{
		Op: op, Method: updateParticipant, Kind: wire.Invite, Scope: provider.ScopePerson,
		Body: struct {
			GroupJID     string   `json:"groupJid"`
			Action       string   `json:"action"`
			Participants []string `json:"participants"`
		}{groupID, "add", []string{numberOf(digits)}},
		Decode: func(body []byte) error { return readAdded(body, phone.Identity{Digits: digits}) },
	})
}

// Members reads group/findGroupInfos (E4).
func (cl *Client) Members(ctx context.Context, groupID string) (provider.Roll, error) {
	var g groupInfo
	err := cl.ofGroup(ctx, "read members", findGroupInfos, groupID, wire.RollAnswer, func(body []byte) error {
		if err := g.read(body); err != nil {
			return err
		}
		return wire.OfGroup(g.ID, groupID)
	})
	if err != nil {
		return provider.Roll{}, err
	}
	return g.roll(groupID), nil
}

// InviteLink reads group/inviteCode, which WhatsApp gives only to admins (E4).
func (cl *Client) InviteLink(ctx context.Context, groupID string) (string, error) {
	var answer struct{ InviteURL, InviteCode wire.Text }
	err := cl.ofGroup(ctx, "read invite link", inviteCode, groupID, wire.SmallAnswer, func(body []byte) error {
		answer.InviteURL, answer.InviteCode = "", ""
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		if answer.InviteURL == "" && answer.InviteCode == "" {
			return errNoLink
		}
		return nil
	})
	switch {
	case notAdmin(err):
		return "", nil
	case err != nil:
		return "", err
	case answer.InviteURL == "":
		return "https://chat.whatsapp.com/" + string(answer.InviteCode), nil
	}
	return string(answer.InviteURL), nil
}

// notAdmin reports whether WhatsApp refused because only admins may read the link. The two servers use different words.
func notAdmin(err error) bool {
	return err != nil && provider.AsError(err).Class == provider.Refused &&
		wire.Says(provider.AsError(err).Text, "forbidden", "not-authorized", "unauthorized to access")
}

// ofGroup reads something of one group.
func (cl *Client) ofGroup(ctx context.Context, op, method, groupID string, maxBytes int64, decode func([]byte) error) error {
	return cl.wire.Do(ctx, wire.Call{
		Op: op, Method: method, Kind: wire.Read, Verb: http.MethodGet, Query: url.Values{"groupJid": {groupID}},
		Scope: provider.ScopeRequest, Cap: maxBytes, Decode: decode,
	})
}

// cutAt is the length of a list that WhatsApp may have cut (E3). A longer list was not cut.
const cutAt = 500

// ListGroups reads group/fetchAllGroups without the people, because with them the answer for a number with many groups
// is too long (E3).
func (cl *Client) ListGroups(ctx context.Context) ([]provider.Listed, error) {
	const op = "list groups"
	var entries []listEntry
	err := cl.wire.Do(ctx, wire.Call{
		Op: op, Method: fetchAllGroups, Kind: wire.Read, Verb: http.MethodGet,
		Query: url.Values{"getParticipants": {"false"}}, Scope: provider.ScopeInstance, Cap: wire.ListAnswer,
		Decode: func(body []byte) error { return wire.List(body, &entries) },
	})
	if err != nil {
		return nil, err
	}
	if len(entries) == cutAt {
		return nil, &provider.Error{
			Class: provider.Unknown, Scope: provider.ScopeInstance, Op: op, Denied: true,
			Why: say.Phrase{Code: listCut, N: cutAt},
		}
	}
	found := make([]provider.Listed, 0, len(entries))
	for _, g := range entries {
		if wire.IsGroup(g.ID) {
			found = append(found, provider.Listed{
				GroupID: string(g.ID), Name: strings.TrimSpace(string(g.Subject)), ExistedAt: wire.Earlier(wire.BornAt(string(g.ID)), g.Creation.Time),
			})
		}
	}
	return found, nil
}
