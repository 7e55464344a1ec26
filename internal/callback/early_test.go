package callback_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// A receipt may arrive before the worker that sent the invitation has recorded that it was sent.
func TestHandler_KeepsTheFateOfAnInvitationUnderWay(t *testing.T) {
	t.Parallel()
	record := func(g *group.Group, now time.Time) error { return g.Invited(1, "M-bia", now) }
	lose := func(g *group.Group, now time.Time) error {
		return g.InviteEnded(1, group.InviteUnknown, say.Words("no answer"), now)
	}
	bounced, sent := outcome("M-bia", "noAccount"), outcome("M-bia", "delivered")
	for name, tt := range map[string]struct {
		told  []string
		after func(g *group.Group, now time.Time) error
		want  group.MemberStatus
	}{
		"not delivered, then recorded":          {[]string{bounced, bounced}, record, group.NotOnWhatsApp},
		"not delivered, then lost":              {[]string{bounced}, lose, group.NotOnWhatsApp},
		"delivered, then lost":                  {[]string{sent}, lose, group.Invited},
		"delivered, then not, then recorded":    {[]string{sent, bounced}, record, group.NotOnWhatsApp},
		"not delivered, then delivered":         {[]string{bounced, sent}, record, group.NotOnWhatsApp},
		"nothing, then lost":                    {nil, lose, group.InviteUnknown},
		"not delivered, recorded under another": {[]string{bounced}, func(g *group.Group, now time.Time) error { return g.Invited(1, "M-9", now) }, group.Invited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "greenapi")
			r.change(r.group, func(g *group.Group, now time.Time) error {
				m := &g.Members[1]
				g.Status, m.Status, m.MessageID, m.InvitedAt = group.Inviting, group.InviteQueued, "", time.Time{}
				m.Invite = &group.Intent{Owner: "w", At: now, Until: now.Add(time.Minute)}
				return nil
			})
			for _, body := range tt.told {
				r.send(greenDoor, body)
			}
			if g := r.load(); g.Members[1].Status != group.InviteQueued || g.Status != group.Inviting {
				t.Errorf("before the worker records it bia is %s in a group that is %s, want inviteQueued, inviting", g.Members[1].Status, g.Status)
			}
			r.change(r.group, tt.after)
			if g := r.load(); g.Members[1].Status != tt.want || g.Status != group.Done {
				t.Errorf("bia is %s, the group is %s; want %s, done", g.Members[1].Status, g.Status, tt.want)
			}
		})
	}
}
