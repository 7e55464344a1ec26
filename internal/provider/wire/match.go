package wire

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

var (
	errNoList     = errors.New("no list in the answer")
	errOtherGroup = errors.New("it describes another group")

	// ErrOtherPerson says that an answer describes another person than was asked about.
	ErrOtherPerson = errors.New("it describes another person")
)

// IsGroup reports whether an id is a group's id in WhatsApp's form.
func IsGroup(id Text) bool { return strings.HasSuffix(string(id), "@g.us") }

// OfGroup returns an error if an answer names another group than was asked about: a gateway that ignores a part of the
// request gives such an answer. The two forms of an id, "…-group" and "…@g.us", count as equal.
func OfGroup(told Text, asked string) error {
	core := func(id string) string { return strings.TrimSuffix(strings.TrimSuffix(id, "@g.us"), "-group") }
	if told != "" && core(string(told)) != core(asked) {
		return errOtherGroup
	}
	return nil
}

// OfPerson reports whether an answer can be about the person who was asked about. A gateway that confuses two requests
// names another person's number or LID; an address of the other kind proves nothing.
func OfPerson(told, asked phone.Identity) bool {
	return (told.Digits == "" || asked.Digits == "" || phone.Akin(told.Digits, asked.Digits)) &&
		(told.LID == "" || asked.LID == "" || told.LID == asked.LID)
}

// Numbers divides addresses into telephone numbers, as digits, and the others. No provider accepts a LID in a create
// or for a person to add.
func Numbers(addresses []string) (numbers, others []string) {
	for _, a := range addresses {
		if digits := phone.IdentityOf(a).Digits; digits != "" {
			numbers = append(numbers, digits)
		} else {
			others = append(others, a)
		}
	}
	return numbers, others
}

// WithLID returns the person at an address, with lid as the LID unless it is "".
func WithLID(address, lid Text) phone.Identity {
	who := phone.IdentityOf(string(address))
	if lid := phone.IdentityOf(string(lid)).LID; lid != "" {
		who.LID = lid
	}
	return who
}

// Gather returns a person with the first number and the first LID among the addresses. It skips digits without a
// server, because they could be a LID's.
func Gather(addresses ...Text) phone.Identity {
	var who phone.Identity
	for _, a := range addresses {
		if !strings.Contains(string(a), "@") {
			continue
		}
		id := phone.IdentityOf(string(a))
		if who.Digits == "" {
			who.Digits = id.Digits
		}
		if who.LID == "" {
			who.LID = id.LID
		}
	}
	return who
}

// Enlist adds a participant to a roll. A participant without an address makes the roll incomplete.
func Enlist(roll *provider.Roll, who phone.Identity, admin bool) {
	if who.Zero() {
		roll.Complete = false
		return
	}
	roll.Participants = append(roll.Participants, provider.Participant{Identity: who, Admin: admin})
}

// OwnerAsListed replaces the roll's owner with their entry in the list, which may have more addresses.
func OwnerAsListed(roll *provider.Roll) {
	for _, p := range roll.Participants {
		if phone.SamePerson(p.Identity, roll.Owner) {
			roll.Owner = p.Identity
		}
	}
}

// IsInvitation reports whether a text from a provider is the text of an invitation.
func IsInvitation(text string, i provider.Invitation) bool {
	return sameText(text, i.Text) || i.AnyLink && sameButLinks(text, i.Text)
}

// IsPost reports whether a text from a provider is the text of a message to a group.
func IsPost(text string, p provider.Post) bool { return sameButLinks(text, p.Text) }

// sameText reports whether two texts are equal but for white space.
func sameText(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}

// inviteLink matches an invite link of a group.
var inviteLink = regexp.MustCompile(`\bchat\.whatsapp\.com/(?:invite/)?[\w-]+`)

// sameButLinks reports whether two texts are equal but for white space and the codes of invite links.
func sameButLinks(a, b string) bool {
	const link = "chat.whatsapp.com/"
	return sameText(inviteLink.ReplaceAllString(a, link), inviteLink.ReplaceAllString(b, link))
}

// BornAt returns the creation time in a group id of the form used before 2021-11-04: the creator's number, a dash and
// Unix seconds. It returns zero for ids of the later form.
func BornAt(groupID string) time.Time {
	id, _, _ := strings.Cut(groupID, "@")
	creator, seconds, found := strings.Cut(strings.TrimSuffix(id, "-group"), "-")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if !found || err != nil || phone.IdentityOf(creator).Zero() || n < 1_200_000_000 || n > 1_700_000_000 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// Earlier returns the earlier of two moments. A zero moment is unknown: it returns the other one.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// skew is how far a provider's clock may be from ours.
const skew = time.Minute

// Older reports whether a moment is surely before since. It returns false for an unknown moment.
func Older(m Moment, since time.Time) bool {
	return !m.IsZero() && m.Before(since.Add(-skew))
}
