package workercmd

import (
	"context"
	"net/netip"
	"net/url"
	"time"

	"github.com/rollcallhq/rollcall/internal/callback"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// devScale is how long the simulators' time takes, as a part of real time: the five minutes until a new group is listed
// take three seconds.
const devScale = 0.01

// devConfig returns the configuration of a dev worker: that of --config, which must stay on this machine, or an empty
// one that devWorld fills. It ignores a rollcall.yaml in the working directory, because that has the real instances.
func devConfig(s *cli.Session, common *cli.Common) (*config.Config, error) {
	if common.Config == "" {
		var flags []config.Flag
		if common.Redis != "" {
			flags = append(flags, config.Flag{Key: "redis.url", Name: "--redis", Value: common.Redis})
		}
		return config.Load("", s.LookupEnv, flags...)
	}
	cfg, err := s.Settings(config.Uses{})
	if err != nil {
		return nil, err
	}
	if len(cfg.Instances) == 0 {
		return nil, cli.Usage("%s: it lists no instances; without --config, dev brings its own simulators", cfg.Path)
	}
	for i := range cfg.Instances {
		if in := &cfg.Instances[i]; !loopback(in.BaseURL) {
			return nil, cli.Usage("%s: instance %s is at %s, and dev never calls a real provider; "+
				"use `rollcall-worker run` for it, or point its base_url at a simulator (`rollcall-worker simulate`)", cfg.Path, in.Name, in.BaseURL)
		}
	}
	for _, w := range cfg.Warnings {
		s.Warn("warning: %s", w)
	}
	return cfg, nil
}

// loopback reports whether an address is certainly on this machine. Names other than localhost could lead anywhere.
func loopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// devWorld starts simulators with a number of each provider and makes the configuration work with them.
func devWorld(ctx context.Context, s *cli.Session, cfg *config.Config, o devOptions) (*world, error) {
	all := simulator.Samples(len(simulator.Providers()))
	if o.hooksAt != "" {
		for i := range all {
			n := &all[i]
			n.WebhookToken = "sim-hook-secret-" + n.Name
			n.WebhookURL = o.hooksAt + callback.Path(n.Name, provider.Token(n.WebhookToken))
		}
	}
	w, err := openWorld(ctx, simulator.Config{
		Seed: o.seed, Personality: simulator.Personality(o.personality), Instances: instancesOf(all), TimeScale: devScale,
		// rate_limits is off on both sides: the simulators' limits would shrink with their time, and the client
		// would still keep the documented rates.
		Adjust: func(q *simulator.Quirks) { q.RateLimits = false },
	}, "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	for _, n := range all {
		cfg.Instances = append(cfg.Instances, devInstance(n, w.URL))
	}
	shortenWaits(cfg)
	s.Say("dev: simulators at %s (%s, seed %d), control port at %s", w.URL, o.personality, o.seed, w.Control)
	return w, nil
}

// devInstance returns the configuration of a simulated number. It creates a group every two seconds, so that people can
// watch the progress.
func devInstance(n simulator.Sample, base string) config.Instance {
	credentials := map[string]config.Secret{}
	for key, secret := range n.Credentials() {
		credentials[key] = config.NewSecret(secret)
	}
	return config.Instance{
		Name: n.Name, Provider: config.Provider(n.Provider), BaseURL: base, InstanceID: n.ID,
		Credentials: credentials, Pools: []string{"default"},
		InviteVia: config.ViaText,
		Pacing: config.Pacing{
			Create: config.Pace{Every: 2 * time.Second, Jitter: 0.2},
			Invite: config.Pace{Every: 500 * time.Millisecond, Jitter: 0.5},
		},
		// Longer than the longest silence of a simulator, two minutes in its own time.
		Timeouts:   config.Timeouts{Create: 5 * time.Second, Read: 5 * time.Second, Invite: 5 * time.Second},
		RateLimits: config.LimitsOff,
		HookSecret: config.NewSecret(n.WebhookToken),
	}
}

// shortenWaits shortens every wait like the simulators' time, so that looks find the lists as up to date as real looks
// do.
func shortenWaits(cfg *config.Config) {
	scaled := func(d time.Duration) time.Duration { return time.Duration(float64(d) * devScale) }
	for _, looks := range [][]time.Duration{cfg.Verify.Looks, cfg.RollCall.Looks, cfg.Joins.Looks} {
		for i := range looks {
			looks[i] = scaled(looks[i])
		}
	}
	cfg.Retry.Initial, cfg.Retry.Max, cfg.Retry.GiveUpAfter = 200*time.Millisecond, scaled(cfg.Retry.Max), scaled(cfg.Retry.GiveUpAfter)
	// Scaled, a rest of an hour would take 36 seconds: too long for a person who tries dev.
	cfg.Rest.Initial, cfg.Rest.Max = 3*time.Second, 30*time.Second
}
