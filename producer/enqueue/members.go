package enqueue

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Members are more people for a group.
type Members struct {
	Phones  []tasks.Phone
	Names   map[string]string // by the phone as written in Phones
	Consent *tasks.Consent    // the people's permission, where the installation requires it
	By      string            // the file or person that asks; becomes askedBy of the new members
	DryRun  bool              // report the outcomes; change nothing
}

// Asked is the outcome for one person of AddMembers.
type Asked string

// The outcomes for a person.
const (
	AskedFor   Asked = "asked"      // new in the group: will be added, or invited
	Already    Asked = "already"    // was in the group's request already; unchanged
	HasLeft    Asked = "left"       // left the group; not added again
	Suppressed Asked = "suppressed" // is on the suppression list
	NotUsable  Asked = "invalid"    // cannot be used
)

// AskedPerson is one person of AddMembers with the outcome.
type AskedPerson struct {
	Input   string       `json:"input" doc:"What was given, in clear."`
	Phone   string       `json:"phone" doc:"The number it was read as; empty where it could not be used."`
	Outcome Asked        `json:"outcome" enum:"asked,already,left,suppressed,invalid" doc:"asked: new in the group, and will be added or invited. already: was asked for before and is not touched. left: left the group and is let alone. suppressed: is on the suppression list. invalid: cannot be used."`
	Status  MemberStatus `json:"status" doc:"The member's state now; empty for invalid."`
	Reason  string       `json:"reason" doc:"Why, where the state or the outcome has a reason."`
}

// AddMembers adds people to a group's request, before its create or once the group exists. In an existing group,
// each is added if the provider can do that, and otherwise invited if the group invites. People already in
// the request keep their state. It fails with ErrNotFound, with ErrState if the group takes no more people,
// or with a *tasks.RowError if none of the people can be used (with Strict, if any of them cannot).
func (c *Client) AddMembers(ctx context.Context, id string, m Members, rules Rules) (Group, []AskedPerson, error) {
	was, err := c.store.Records.Load(ctx, id)
	if err != nil {
		return Group{}, nil, err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	in, rowErr := intake.Check(tasks.GroupRequest{GroupName: was.Name, Instance: was.Target.Instance, Pool: was.Target.Pool, Phones: m.Phones, Names: m.Names, Consent: m.Consent},
		intake.Rules{Region: rules.Region, Strict: rules.Strict, RequireConsent: c.requireConsent, Regions: c.regions, PrivatePhotos: c.privatePhotos, Now: now})
	if rowErr != nil {
		return Group{}, nil, rowErr
	}
	people := operate.GroupOf(in, 0, tasks.Target{}, now).Members
	var is *group.Group
	if m.DryRun {
		is, err = c.planMembers(ctx, was, people, m.By, now)
	} else {
		is, err = c.control.Add(ctx, id, people, m.By, func(g *group.Group) { was = g.Copied() })
	}
	if err != nil {
		return Group{}, nil, err
	}
	docs, err := c.reader.Describe(ctx, []*group.Group{is})
	if err != nil {
		return Group{}, nil, err
	}
	return shown(docs[0]), askedOf(was, is, people), nil
}

// planMembers returns the group as AddMembers would leave it.
func (c *Client) planMembers(ctx context.Context, was *group.Group, people []group.Member, by string, now time.Time) (*group.Group, error) {
	g := was.Copied()
	fresh := g.Newcomers(people)
	ids := make([]phone.Identity, len(fresh))
	for i := range fresh {
		ids[i] = fresh[i].Identity()
	}
	out, err := c.store.People.Suppressed(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range fresh {
		if out[i] {
			fresh[i].End(group.OptedOut, say.Phrase{Code: say.Suppressed}, now)
		}
	}
	_, err = g.Extend(fresh, by, now)
	return g, err
}

// askedOf returns the outcome for each person.
func askedOf(was, is *group.Group, people []group.Member) []AskedPerson {
	all := make([]AskedPerson, 0, len(people))
	for i := range people {
		p := &people[i]
		a := AskedPerson{Input: p.Input, Phone: p.Number.E164(), Reason: p.Reason.String()}
		if p.Status == group.Invalid {
			a.Outcome = NotUsable
			all = append(all, a)
			continue
		}
		if m := is.MemberOf(p.Identity()); m != nil {
			a.Status, a.Reason = MemberStatus(m.Status), m.Reason.String()
		}
		switch known := was.MemberOf(p.Identity()) != nil; {
		case a.Status == MemberOptedOut:
			a.Outcome = Suppressed
		case known && a.Status == MemberLeft:
			a.Outcome = HasLeft
		case known:
			a.Outcome = Already
		default:
			a.Outcome = AskedFor
		}
		all = append(all, a)
	}
	return all
}
