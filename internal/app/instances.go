package app

import (
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/dispatch"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/layers"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
)

// announcementOf returns what workers announce of an instance, for the checks and forecasts of producers. The policy
// is that of the steps, which a reload does not change.
func announcementOf(p *steps.Policy, i config.Instance, create, invite pacing.Pace) store.Announcement {
	a := store.Announcement{Name: i.Name, Provider: string(i.Provider), Pools: i.Pools, Create: create, Invite: invite}
	if looks := p.RollLooks; len(looks) > 0 {
		a.RollLook = looks[len(looks)-1]
	}
	if p.Quiet != nil {
		a.Quiet = *p.Quiet
		if p.QuietZone != nil {
			a.QuietZone = p.QuietZone.String()
		}
	}
	return a
}

// setupsOf returns the fields of a request that a provider can set up.
func setupsOf(t provider.SetupTraits) []string {
	can := slices.Clone(t.Settings)
	for _, part := range []struct {
		field string
		can   bool
	}{{"photo", t.Photo}, {"description", t.Description}, {"admins", t.Admins}} {
		if part.can {
			can = append(can, part.field)
		}
	}
	return append([]string{}, can...)
}

// ProviderConfig returns the configuration of an instance's client, without the shared rates and metrics of a running
// worker.
func ProviderConfig(i config.Instance) all.Config {
	credentials := spec.Credentials{}
	for key, secret := range i.Credentials {
		credentials[key] = provider.Token(secret.Reveal())
	}
	return all.Config{
		Provider: string(i.Provider), Name: i.Name, BaseURL: i.BaseURL, InstanceID: i.InstanceID,
		Credentials: credentials, Timeouts: layers.Timeouts(i.Timeouts),
	}
}

func pacesOf(p config.Pacing) (create, invite pacing.Pace) {
	paceOf := func(one config.Pace) pacing.Pace {
		return pacing.Pace{Every: one.Every, Jitter: one.Jitter, PerDay: one.PerDay, Zone: p.Zone.String()}
	}
	create, invite = paceOf(p.Create), paceOf(p.Invite)
	if q := p.CreateQuiet; q != nil {
		create.Quiet = pacing.Quiet{From: time.Duration(q.From), To: time.Duration(q.To)}
	}
	return create, invite
}

func retryOf(cfg *config.Config) dispatch.Retry {
	r := cfg.Retry
	return dispatch.Retry{Initial: r.Initial, Multiplier: r.Multiplier, Jitter: r.Jitter, Max: r.Max}
}

// policyOf returns the policy of the steps.
func policyOf(cfg *config.Config) steps.Policy {
	p := steps.Policy{
		Schedule: group.Schedule{
			VerifyLooks: cfg.Verify.Looks, RollLooks: cfg.RollCall.Looks,
			JoinLooks: cfg.Joins.Looks, Leaves: cfg.OnLeave == config.LeaveAll,
		},
		Review:  cfg.Verify.OnAbsent == config.Review,
		Retry:   steps.Retry(cfg.Retry),
		Rest:    pacing.Rest(cfg.Rest),
		Message: cfg.Invite.Message,
		Zone:    config.LocalZone(),
		Pools:   make(map[string]group.Pool, len(cfg.Pools)),
	}
	for name, pool := range cfg.Pools {
		p.Pools[name] = group.Pool{
			Setup: pool.Setup, Always: pool.Always, InviteStaff: pool.InviteStaff,
			Organisation: pool.Organisation, InviteMessage: pool.InviteMessage,
		}
	}
	if q := cfg.Invite.QuietHours; q != nil {
		p.Quiet = &pacing.Quiet{From: time.Duration(q.From), To: time.Duration(q.To)}
		p.QuietZone = q.Zone
	}
	return p
}
