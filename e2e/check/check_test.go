package check_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/e2e/check"
	"github.com/rollcallhq/rollcall/internal/group"
)

func TestCheck_FindsTheNumberOfEveryPersonInALog(t *testing.T) {
	t.Parallel()
	g := &group.Group{ID: "grp_1", Status: group.Done, Members: []group.Member{{Number: "+5511900000001"}, {Number: "+5511900000002"}}}
	run := check.Run{
		Rows: 1, Groups: []*group.Group{g}, Indexed: map[string]group.Status{g.ID: g.Status},
		Texts: map[string]string{"the worker's log": "sent to 5511900000002"},
	}
	found := check.Check(run)
	if len(found) != 1 || found[0].Rule != check.NoSecrets {
		t.Errorf("got %v, want a finding of the rule about secrets", found)
	}
}
