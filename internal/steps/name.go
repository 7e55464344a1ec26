package steps

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
)

// askAgain is the pause before the next question whether a person has decided about the group that
// holds a name.
const askAgain = time.Minute

// awaitName returns nil when g has got its name, which another group held: what that one did on the
// number is settled. Otherwise g comes back later. A holder that only prepares its create needs no
// care: the number's one slot is g's now.
func (s *Steps) awaitName(ctx context.Context, number string, g *group.Group, holder string) error {
	other, err := s.Ledger.Load(ctx, holder)
	doubt := err == nil && other.InDoubt() && other.Latest().Number == number
	if err != nil && !errors.Is(err, ledger.ErrNotFound) && !errors.Is(err, ledger.ErrUnreadable) {
		return err
	}
	switch {
	case errors.Is(err, ledger.ErrUnreadable):
		return &Later{After: askAgain, Why: "the record of " + holder + ", a group of the same name on this number, cannot be read"}
	case doubt && other.Status == group.Review:
		return &Later{After: askAgain, Why: "a person must decide about " + holder + ", a group of the same name on this number"}
	case doubt:
		return &Later{After: s.Policy.Retry.delay(0, 0), Why: "a group of the same name is being created or verified on this number"}
	}
	if err := s.Ledger.ReleaseName(ctx, number, g.Name, holder); err != nil {
		return err
	}
	now, err := s.Ledger.ReserveName(ctx, number, g.Name, g.ID)
	if err == nil && now != g.ID {
		err = &Later{After: s.Policy.Retry.delay(0, 0), Why: "a group of the same name is being created or verified on this number"}
	}
	return err
}
