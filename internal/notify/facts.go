package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// The types of events: docs/webhooks.md.
const (
	GroupCreated   = "group.created"
	GroupExtended  = "group.extended"
	GroupReady     = "group.ready"
	GroupCompleted = "group.completed"
	GroupFailed    = "group.failed"
	GroupReview    = "group.review"
	MemberInvited  = "member.invited"
	MemberJoined   = "member.joined"
	MemberRequest  = "member.requested"
	BatchCompleted = "batch.completed"
	InstanceState  = "instance.state"
)

// facts returns the facts that are now true of a group, each of which is sent once: about the group, about each member,
// then about its end. A state that the group left before the dispatcher read it is not among the facts, so no receiver
// gets an alarm about a review that is over.
func facts(g *group.Group) []store.Fact {
	var all []store.Fact
	add := func(typ, once string, person int, at time.Time) {
		if at.IsZero() {
			at = g.UpdatedAt
		}
		all = append(all, store.Fact{Type: typ, Of: g.ID, Once: typ + " " + once, Person: person, At: at})
	}
	if g.Exists() {
		// Once for each group at WhatsApp: a person may have chosen another WhatsApp group for this record.
		add(GroupCreated, short(g.WhatsAppID), 0, g.Roll.From)
	}
	for _, at := range g.Extensions() {
		add(GroupExtended, strconv.FormatInt(at.UnixMilli(), 36), 0, at)
	}
	for i := range g.Members {
		m := &g.Members[i]
		at := strconv.Itoa(i) // a member's index never changes
		if !m.InvitedAt.IsZero() {
			add(MemberInvited, at, i, m.InvitedAt)
		}
		if r := m.Request; r != nil {
			add(MemberRequest, at+"."+strconv.FormatInt(r.At.UnixMilli(), 36), i, r.At)
		}
		if m.Status == group.Joined {
			add(MemberJoined, at, i, m.UpdatedAt)
		}
	}
	if g.SetupReady() {
		var at time.Time
		for _, step := range g.Setup.Steps {
			if step.UpdatedAt.After(at) {
				at = step.UpdatedAt
			}
		}
		add(GroupReady, short(g.WhatsAppID), 0, at)
	}
	switch g.Status {
	case group.Done:
		add(GroupCompleted, stay(g), 0, g.FinishedAt)
	case group.Failed:
		add(GroupFailed, stay(g), 0, g.FinishedAt)
	case group.Review:
		add(GroupReview, stay(g), 0, g.UpdatedAt)
	}
	return all
}

// stay identifies one stay in a state. Every way out of an end or a review begins a new round (retry, recreate),
// repeats the roll call (adopt), or requests more people (add).
func stay(g *group.Group) string {
	if g.Roll.From.IsZero() {
		return strconv.Itoa(g.Round)
	}
	id := strconv.Itoa(g.Round) + "." + strconv.FormatInt(g.Roll.From.UnixMilli(), 36)
	if all := g.Extensions(); len(all) > 0 {
		id += "." + strconv.FormatInt(all[len(all)-1].UnixMilli(), 36)
	}
	return id
}

// short returns a hash of WhatsApp's id of a group, because the id can contain its creator's number.
func short(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:8])
}
