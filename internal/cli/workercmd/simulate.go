package workercmd

import (
	"context"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

type simulateOptions struct {
	listen      string
	control     string
	personality string
	rateLimits  string
	seed        uint64
	scale       float64
	instances   int
}

func newSimulateCommand(o *cli.IO, common *cli.Common) *cobra.Command {
	opts := simulateOptions{}
	cmd := &cobra.Command{
		Use: "simulate", Short: "Run the provider simulators alone", Args: cobra.NoArgs,
		Long: "Run simulators of " + all.Titles("and", nil) + `, for building against rollcall or against the providers without an
account. They are as strict as the providers document themselves, misbehave as they are known to, and
keep a ledger of what really happened, readable at the control port (docs/simulator.md).

With --config the simulated numbers are those that the file lists, with its ids and tokens; otherwise
--instances invents some, and prints how to configure them.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := common.Open(o, program)
			if err != nil {
				return err
			}
			if err := cli.NotEmpty(cmd.Flags(), "listen"); err != nil {
				return err
			}
			if err := cli.FromEnv(o, cmd.Flags(), "listen"); err != nil {
				return err
			}
			return runSimulate(cmd.Context(), s, common, opts)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.listen, "listen", "127.0.0.1:8090", "serve the providers at `ADDR`")
	f.StringVar(&opts.control, "control", "127.0.0.1:8091", "serve the control port at `ADDR`, or off; it has no password")
	f.StringVar(&opts.personality, "personality", string(simulator.Realistic), "how much trouble there is: kind, realistic or hostile")
	f.StringVar(&opts.rateLimits, "rate-limits", string(config.LimitsDocumented), "enforce the providers' requests per second: documented or off")
	f.Uint64Var(&opts.seed, "seed", 1, "draw people and troubles from `N`")
	f.Float64Var(&opts.scale, "time-scale", 1, "multiply every documented lag, limit and latency by `X`; 0.01 makes a minute 600 ms")
	f.IntVar(&opts.instances, "instances", 2, "simulate `N` numbers, "+all.Titles("and", nil)+" by turns")
	cmd.Example = `rollcall-worker simulate
rollcall-worker simulate --personality hostile --seed 7 --time-scale 0.01 --rate-limits off
rollcall-worker simulate --config rollcall.yaml`
	return cli.WithExit(cmd,
		"0    ended by Ctrl-C",
		"1    an address is taken",
		"2    the command line or the configuration is wrong")
}

func runSimulate(ctx context.Context, s *cli.Session, common *cli.Common, o simulateOptions) error {
	all, err := o.numbers(s, common)
	if err != nil {
		return err
	}
	limits := config.RateLimits(o.rateLimits)
	if limits != config.LimitsDocumented && limits != config.LimitsOff {
		return cli.Usage("--rate-limits is documented or off, not %q", o.rateLimits)
	}
	if !(o.scale > 0) || math.IsInf(o.scale, 1) { // NaN is not above 0
		return cli.Usage("--time-scale is a number above 0, not %g", o.scale)
	}
	if o.control == "off" {
		o.control = ""
	}
	w, err := openWorld(ctx, simulator.Config{
		Seed: o.seed, Personality: simulator.Personality(o.personality), Instances: instancesOf(all), TimeScale: o.scale,
		Adjust: func(q *simulator.Quirks) { q.RateLimits = q.RateLimits && limits == config.LimitsDocumented },
	}, o.listen, o.control)
	if err != nil {
		return err
	}
	d := simulation{BaseURL: w.URL, Control: w.Control, Seed: o.seed, Personality: o.personality, TimeScale: o.scale, RateLimits: limits}
	for _, n := range all {
		one := simulated{Name: n.Name, Provider: n.Provider, InstanceID: n.ID}
		if common.Config == "" { // those of a file may be real ones
			one.Token, one.ClientToken, one.curl = n.Token, n.ClientToken, n.Curl(w.URL)
		}
		d.Instances = append(d.Instances, one)
	}
	if err := cli.Print(s, d, []simulation{d}, d.yaml); err != nil {
		return err
	}
	d.explain(s)
	<-ctx.Done()
	return w.Close()
}

// numbers returns the instances to simulate: those of a configuration that was named, or invented ones.
func (o simulateOptions) numbers(s *cli.Session, common *cli.Common) ([]simulator.Sample, error) {
	if common.Config == "" {
		if o.instances < 1 {
			return nil, cli.Usage("--instances is at least 1, not %d", o.instances)
		}
		return simulator.Samples(o.instances), nil
	}
	cfg, err := s.Settings(config.Uses{Hooks: config.Unused, Webhooks: config.Unused, API: config.Unused})
	if err != nil {
		return nil, err
	}
	if len(cfg.Instances) == 0 {
		return nil, cli.Usage("%s: it lists no instances; without --config some are invented", cfg.Path)
	}
	all := make([]simulator.Sample, len(cfg.Instances))
	for i, in := range cfg.Instances {
		one := simulator.Instance{Provider: string(in.Provider), ID: in.InstanceID}
		all[i] = simulator.Sample{Name: in.Name, Instance: one.WithCredentials(func(key string) string { return in.Credentials[key].Reveal() })}
	}
	return all, nil
}

// simulation is the JSON document of simulate: what runs. Invented tokens are shown.
type simulation struct {
	BaseURL     string            `json:"baseUrl"`
	Control     string            `json:"controlUrl"`
	Seed        uint64            `json:"seed"`
	Personality string            `json:"personality"`
	TimeScale   float64           `json:"timeScale"`
	RateLimits  config.RateLimits `json:"rateLimits"`
	Instances   []simulated       `json:"instances"`
}

type simulated struct {
	Name        string `json:"name"`
	Provider    string `json:"provider"`
	InstanceID  string `json:"instanceId"`
	Token       string `json:"token"`
	ClientToken string `json:"clientToken"`

	curl string // creates a group by hand
}

// yaml writes a rollcall.yaml whose instances are the simulated ones.
func (d simulation) yaml(p *cli.Page) {
	p.Printf("# %s: %s, seed %d, time scale %g, rate limits %s\n", d.BaseURL, d.Personality, d.Seed, d.TimeScale, d.RateLimits)
	if d.Instances[0].Token == "" {
		p.Printf("# the instances of the configuration, with its tokens; set their base_url to this address\n")
		return
	}
	p.Printf("instances:\n")
	for _, in := range d.Instances {
		p.Printf("  - name: %s\n    provider: %s\n    base_url: %s\n    instance_id: %s\n    token: %s\n",
			in.Name, in.Provider, d.BaseURL, quoted(in.InstanceID), in.Token)
		if in.ClientToken != "" {
			p.Printf("    client_token: %s\n", in.ClientToken)
		}
		if d.RateLimits == config.LimitsOff {
			p.Printf("    rate_limits: off\n")
		}
	}
}

// explain says how to use the simulation.
func (d simulation) explain(s *cli.Session) {
	s.Say("simulating the providers at %s; Ctrl-C ends it", d.BaseURL)
	seen := map[string]bool{}
	for _, in := range d.Instances {
		if in.Token != "" && !seen[in.Provider] {
			s.Say("a group at %s by hand:\n%s", in.Provider, in.curl)
		}
		seen[in.Provider] = true
	}
	if d.Control != "" {
		s.Say("what really happened, and trouble to order (docs/simulator.md):\ncurl -s %[1]s/ledger\n"+
			`curl -s %[1]s/script -d '{"method": "create", "fault": "500-but-created"}'`, d.Control)
	}
}

// quoted keeps YAML from reading an id of digits as a number.
func quoted(id string) string {
	if strings.Trim(id, "0123456789") == "" {
		return `"` + id + `"`
	}
	return id
}
