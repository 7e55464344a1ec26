package operate

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// setups returns what an instance can set up; nil when unknown.
func (c *Control) setups(ctx context.Context, instance string) ([]string, error) {
	if instance == "" {
		return nil, nil
	}
	all, err := c.Store.Presence.Instances(ctx)
	if err != nil {
		return nil, err
	}
	return all[instance].Setup, nil
}

// without returns the people of a group, leaving out staff and the people to remove. It fails if a person to remove is
// not in the group.
func without(is *group.Group, remove []tasks.Phone, rules intake.Rules) ([]group.Member, error) {
	gone := make([]bool, len(is.Members))
	region := intake.RegionOf(rules, is.Target)
	for _, typed := range remove {
		text := strings.TrimSpace(string(typed))
		at := slices.IndexFunc(is.Members, func(m group.Member) bool { return m.Status == group.Invalid && m.Input == text })
		if at < 0 {
			_, who, err := phone.ParsePerson(text, region)
			if err != nil {
				return nil, tasks.NewRowError(tasks.BadPhone, "removePhones", say.Phrase{Code: say.RowRemoveUnread, Why: []say.Phrase{say.OfError(err)}})
			}
			at = slices.IndexFunc(is.Members, func(m group.Member) bool { return !m.Identity().Zero() && m.Is(who) })
		}
		switch {
		case at < 0:
			return nil, tasks.NewRowError(tasks.BadField, "removePhones", say.Phrase{Code: say.RowNotThere, Text: phone.Show(text)})
		case is.Members[at].Staff:
			return nil, tasks.NewRowError(tasks.BadField, "removePhones", say.Phrase{Code: say.RowStaff, Text: phone.Show(text)})
		}
		gone[at] = true
	}
	var left []group.Member
	for i := range is.Members {
		if !gone[i] && !is.Members[i].Staff {
			left = append(left, is.Members[i])
		}
	}
	return left, nil
}

// apply puts a change into a request. left has the people who remain in the group.
func (c *Change) apply(r *tasks.GroupRequest, left []group.Member) {
	if c.Name != nil {
		r.GroupName = *c.Name
	}
	r.Phones = append(r.Phones, c.Add...)
	r.Names = c.Names
	if c.AutoInvite != nil {
		r.AutoInvite = c.AutoInvite
	}
	for _, text := range []struct{ from, to *string }{
		{c.Message, &r.InviteMessage}, {c.Description, &r.Description}, {c.Photo, &r.Photo}, {c.Welcome, &r.WelcomeMessage},
	} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	r.NotBefore, r.ExpiresAt = instead(r.NotBefore, c.NotBefore), instead(r.ExpiresAt, c.ExpiresAt)
	switch {
	case c.Admins != nil:
		r.Admins = c.Admins
	case r.Admins != nil && !r.Admins.All: // removed people are no longer admins
		own := &tasks.Admins{}
		for _, p := range r.Admins.People {
			if slices.ContainsFunc(left, func(m group.Member) bool { return m.Is(phone.IdentityOf(string(p))) }) {
				own.People = append(own.People, p)
			}
		}
		r.Admins = own
	}
	if c.Settings != nil {
		own := *c.Settings
		if r.Settings != nil {
			own = own.Or(*r.Settings)
		}
		r.Settings = &own
	}
	if c.Metadata != nil {
		r.Metadata = c.Metadata
	}
	if c.Consent != nil {
		r.Consent = c.Consent
	}
}

// instead returns a time after a change: nil keeps it, the zero time removes it.
func instead(is, change *time.Time) *time.Time {
	switch {
	case change == nil:
		return is
	case change.IsZero():
		return nil
	}
	return change
}
