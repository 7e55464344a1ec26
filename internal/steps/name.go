package steps

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// askAgain is the pause between two checks for a person's decision about the group that holds a name.
const askAgain = time.Minute

// awaitName returns nil once the outcome of the group that held the name is settled, so that this group may have it.
// Until then it returns Later. A holder that only prepares its create does not matter: this group has the number's one
// slot.
func (d *delivery) awaitName(ctx context.Context, number, holder string) error {
	other, err := d.Store.Records.Load(ctx, holder)
	doubt := err == nil && other.InDoubt() && other.Latest().Number == number
	if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrUnreadable) {
		return err
	}
	switch {
	case errors.Is(err, store.ErrUnreadable):
		return &Later{After: askAgain, Why: say.Phrase{Code: say.SnoozeNameUnread, Name: holder}}
	case doubt && other.Status == group.Review:
		return &Later{After: askAgain, Why: say.Phrase{Code: say.SnoozeNameReview, Name: holder}}
	case doubt:
		return &Later{After: d.Policy.Retry.delay(0, 0), Why: say.Phrase{Code: say.SnoozeName}}
	}
	if err := d.Store.Records.ReleaseName(ctx, number, d.g.Name, holder); err != nil {
		return err
	}
	now, err := d.Store.Records.ReserveName(ctx, number, d.g.Name, d.g.ID)
	if err == nil && now != d.g.ID {
		err = &Later{After: d.Policy.Retry.delay(0, 0), Why: say.Phrase{Code: say.SnoozeName}}
	}
	return err
}

// releaseName releases the name that this delivery reserved, even if the group was renamed since. While a create of the
// group is in doubt, perhaps another worker's, the name stays reserved, even for weeks.
func (d *delivery) releaseName(ctx context.Context, number string) {
	if d.g.InDoubt() {
		return
	}
	if err := d.Store.Records.ReleaseName(context.WithoutCancel(ctx), number, cmp.Or(d.named, d.g.Name), d.g.ID); err != nil {
		d.Log.Debug().EmbedObject(event.NameReleaseFailed).Err(err).Str("group", d.g.ID).Msg("group name not released")
	}
}
