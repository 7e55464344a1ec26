package steps_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
)

// relinked tells another invite link than the group has, or fails.
type relinked struct {
	provider.Provider

	link  string
	fault error
	asked int
}

func (p *relinked) InviteLink(context.Context, string) (string, error) {
	p.asked++
	return p.link, p.fault
}

// An admin of the group may reset the link. A provider whose readings of the members do not tell it is asked again.
func TestStepsInvite_ALinkThatIsAnHourOldIsReadAgain(t *testing.T) {
	t.Parallel()
	const first, fresh = "https://chat.whatsapp.com/first", "https://chat.whatsapp.com/fresh"
	refused := &provider.Error{Class: provider.Refused, Scope: provider.ScopeRequest, Op: "link"}
	for name, tt := range map[string]struct {
		age   time.Duration
		begun bool // another person's invitation, whose text has the link
		fault error
		want  string
		asked int
	}{
		"young":         {time.Minute, false, nil, first, 0},
		"old":           {2 * time.Hour, false, nil, fresh, 1},
		"old, not told": {2 * time.Hour, false, refused, first, 1},
		"old, in doubt": {2 * time.Hour, true, nil, first, 0},
	} {
		for _, p := range []string{simulator.Evolution, simulator.GOWA} {
			t.Run(p+" "+name, func(t *testing.T) {
				t.Parallel()
				r := start(t, p)
				id := r.uninvited(p, bia)
				r.update(id, func(g *group.Group) {
					if g.InviteLink, g.LinkAt = first, r.clock.Now().Add(-tt.age); tt.begun {
						g.Members[0].Invite = &group.Intent{Owner: "another", At: r.clock.Now()}
					}
				})
				asks := &relinked{Provider: r.provider, fault: tt.fault}
				if tt.fault == nil {
					asks.link = fresh
				}
				set(r.steps, []*steps.Instance{{Name: p, Provider: asks, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second}})
				for r.load(id).Members[1].Status == group.InviteQueued && r.step() {
				}
				if g := r.load(id); g.InviteLink != tt.want || asks.asked != tt.asked || !strings.Contains(r.asked.text(), tt.want) {
					t.Errorf("the link is %s after %d questions, and was sent %v; want %s after %d", g.InviteLink, asks.asked, strings.Contains(r.asked.text(), tt.want), tt.want, tt.asked)
				}
			})
		}
	}
}

func TestStepsRollCall_ALinkIsAsYoungAsTheReadingThatToldIt(t *testing.T) {
	t.Parallel()
	for _, p := range []string{simulator.Evolution, simulator.GOWA} {
		r := start(t, p)
		g := r.load(r.uninvited(p, bia))
		if made := g.Latest().EndedAt; g.InviteLink == "" || !g.LinkAt.After(made) {
			t.Errorf("%s: the link %q is of %v, want of a reading after the create at %v", p, g.InviteLink, g.LinkAt, made)
		}
	}
}
