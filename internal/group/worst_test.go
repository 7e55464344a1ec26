package group_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
)

func TestBatchDocument_WorstIsItsWorstPart(t *testing.T) {
	t.Parallel()
	over := time.Unix(1000, 0)
	for name, c := range map[string]struct {
		batch group.Batch
		want  group.Worst
	}{
		"all well":            {group.Batch{FinishedAt: over, Counts: map[group.Status]int{group.Done: 5}, Members: map[group.MemberStatus]int{group.Added: 4, group.Invited: 1}}, "done"},
		"some failed":         {group.Batch{FinishedAt: over, Counts: map[group.Status]int{group.Done: 2, group.Failed: 3}}, "failed"},
		"failed before all":   {group.Batch{Invalid: map[group.Audience]int{"": 1}, Counts: map[group.Status]int{group.Failed: 1, group.Review: 1, group.Queued: 1}}, "failed"},
		"in review":           {group.Batch{Invalid: map[group.Audience]int{"": 1}, Counts: map[group.Status]int{group.Done: 4, group.Review: 1}}, "review"},
		"cancelled":           {group.Batch{FinishedAt: over, Counts: map[group.Status]int{group.Done: 4, group.Cancelled: 1}}, "partly"},
		"rows left out":       {group.Batch{FinishedAt: over, Invalid: map[group.Audience]int{"a": 2}, Counts: map[group.Status]int{group.Done: 4}}, "partly"},
		"people left out":     {group.Batch{FinishedAt: over, Counts: map[group.Status]int{group.Done: 4}, Members: map[group.MemberStatus]int{group.InviteUnknown: 1}}, "partly"},
		"people on the way":   {group.Batch{Counts: map[group.Status]int{group.Inviting: 4}, Members: map[group.MemberStatus]int{group.InviteQueued: 1, group.Pending: 1}}, "running"},
		"cannot be read":      {group.Batch{Unreadable: true}, "unreadable"},
		"nothing happens yet": {group.Batch{Counts: map[group.Status]int{group.Queued: 4}}, "running"},
	} {
		if got := c.batch.Document(time.Time{}).Worst; got != c.want {
			t.Errorf("%s: the worst part is %q, want %q", name, got, c.want)
		}
	}
}

func TestGroupDocument_WorstIsPartlyWithoutSomeOfItsPeople(t *testing.T) {
	t.Parallel()
	g := &group.Group{Status: group.Done, Members: []group.Member{{Status: group.Joined}, {Status: group.NotAdded}}}
	if got := g.Document().Worst; got != group.WorstPartly {
		t.Errorf("a done group without one of its people is %q, want partly", got)
	}
	if g.Members[1].Status = group.Invited; g.Document().Worst != group.Worst(group.Done) {
		t.Errorf("a done group whose people are all in or invited is %q, want done", g.Document().Worst)
	}
	if g.Status = group.Failed; g.Document().Worst != group.Worst(group.Failed) {
		t.Errorf("a failed group is %q, want failed", g.Document().Worst)
	}
}
