package steps

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// checksPause is how long this worker makes no number checks on an instance whose plan allows no more of them.
const checksPause = 5 * time.Minute

// usedUp returns the reason for waiting when a quota is used up.
func usedUp(q provider.Quota) say.Phrase {
	return say.Phrase{Code: say.QuotaUsed, Kind: string(q)}
}

// askAbout checks numbers with the provider. If the plan allows no more checks, it uses the other instances of the
// group's pool: an answer about a number holds for all instances of a provider. It returns the answers it has even with
// an error.
func (d *delivery) askAbout(ctx context.Context, numbers []string) (map[string]provider.Checked, error) {
	fresh, now := map[string]provider.Checked{}, d.at.Now()
	var quota error
	for one := range d.takers() {
		if one.Provider.Traits().Name != d.in.Provider.Traits().Name {
			continue
		}
		if e := one.checksOver.Load(); e != nil && now.Before(e.until) {
			quota = e.err
			continue
		}
		left := slices.DeleteFunc(slices.Clone(numbers), func(n string) bool { _, told := fresh[n]; return told })
		told, err := one.Provider.CheckPhones(ctx, left)
		for number, c := range told {
			c.At = now
			fresh[number] = c
		}
		if err == nil {
			return fresh, nil
		}
		e := provider.AsError(err)
		d.Keeper.Error(ctx, one.Name, e.Phrase())
		if e.Quota != provider.QuotaCheck {
			if quota == nil {
				quota = err
			}
			break
		}
		one.checksOver.Store(&checksOver{now.Add(checksPause), err})
		quota = err
	}
	return fresh, quota
}

// checksOver is a provider's answer that an instance may check no more numbers.
type checksOver struct {
	until time.Time
	err   error
}

// unchecked makes a group wait until the quota of checks is renewed: at such a provider one number without WhatsApp
// fails the whole create (GI#544). Groups of known people do not wait.
func (d *delivery) unchecked(ctx context.Context, e *provider.Error) error {
	pause := d.Policy.Rest.Initial
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if g.Status == group.Queued && g.Round == d.round {
			g.Waits(usedUp(e.Quota), now.Add(pause))
		}
		return nil
	}); err != nil {
		return err
	}
	return &Later{After: pause, Why: e.Phrase()}
}

// readingHeld retries a reading whose quota is used up. It never gives up.
func (d *delivery) readingHeld(ctx context.Context, q provider.Quota) error {
	pause, status := d.Policy.Rest.Initial, d.g.Status
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if g.Status == status {
			g.Waits(usedUp(q), now.Add(pause))
		}
		return nil
	}); err != nil {
		return err
	}
	return &Later{After: pause, Why: usedUp(q)}
}
