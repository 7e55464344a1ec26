package group_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
)

func TestGroupRetry_AGroupThatExistsIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	for _, err := range []error{g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.Stray("wa-2", now), g.Abandon(now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Retry(now); !errors.Is(err, group.ErrExists) || !errors.Is(err, group.ErrState) || g.Status != group.Cancelled {
		t.Errorf("a retry of an abandoned group that exists: %v, and the group is %s; want a refusal", err, g.Status)
	}
}
