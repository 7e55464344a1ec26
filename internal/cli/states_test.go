package cli_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
)

func TestGroupState_TellsHowManyMissedOut(t *testing.T) {
	t.Parallel()
	for want, people := range map[string]map[group.MemberStatus]int{
		"done":                      {group.Added: 3, group.Invited: 1},
		"done, 1 person missed out": {group.Added: 3, group.NotOnWhatsApp: 1},
		"done, 2 people missed out": {group.Added: 3, group.NotOnWhatsApp: 1, group.Invalid: 1},
		"inviting":                  {group.Added: 3, group.InviteQueued: 1},
		"failed":                    {group.Pending: 3},
	} {
		d := group.Document{Status: group.Done, Worst: group.WorstPartly, Counts: people}
		if want == "inviting" || want == "failed" || want == "done" {
			d.Status, d.Worst = group.Status(want), group.Worst(want)
		}
		if got := cli.GroupState(d); got != want {
			t.Errorf("%v: got %q, want %q", people, got, want)
		}
	}
}
