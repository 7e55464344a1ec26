package operate

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Recovery is what a person can decide about an installation whose Redis lost data.
type Recovery string

// The decisions.
const (
	Current   Recovery = "current"   // nothing was lost: create without looking
	Restored  Recovery = "restored"  // a backup was restored: look before each create
	StartOver Recovery = "startOver" // everything was lost: begin again, and look before each create
)

// Recover carries out a decision. since is for StartOver: when the oldest group that may be requested again was
// created; zero means every group that the lost installation may have created. It fails with group.ErrState when the
// state of the installation does not allow the decision.
func (c *Control) Recover(ctx context.Context, what Recovery, since time.Time) error {
	err := c.recover(ctx, what, since)
	c.Audit.Did(ctx, audit.RecoverInstallation, audit.About{Detail: say.Phrase{Code: say.AuditRecovery, Kind: string(what), At: since}}, err)
	return err
}

func (c *Control) recover(ctx context.Context, what Recovery, since time.Time) error {
	var err error
	switch what {
	case Current:
		err = c.Store.DeclareCurrent(ctx)
	case Restored:
		var hold time.Duration
		if looks := c.Schedule.VerifyLooks; len(looks) > 0 {
			hold = looks[len(looks)-1]
		}
		err = c.Store.DeclareRestored(ctx, hold)
	case StartOver:
		err = c.Store.StartOver(ctx, since)
	}
	switch {
	case errors.Is(err, store.ErrSound):
		return group.Refuse("recover "+string(what), say.Phrase{Code: say.RefusedSound})
	case errors.Is(err, store.ErrUnsure):
		return group.Refuse("recover "+string(what), say.Phrase{Code: say.RefusedUnsure})
	case err != nil:
		return err
	}
	return nil
}
