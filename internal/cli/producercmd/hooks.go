package producercmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/callback"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

type hooksOptions struct {
	Base      string
	Set       bool
	Unset     bool
	Replace   bool
	Instances []string
}

func newHooksCommand(p *program) *cobra.Command {
	var o hooksOptions
	cmd := &cobra.Command{
		Use:   "hooks [INSTANCE...]",
		Short: "Show the addresses for the providers' webhooks, set them there, or take them back",
		Long: `Show the address to enter at the provider for each instance that has a hook_secret, so that its
webhooks come in: who joined, who left, which message did not arrive, whether the number is connected.
` + entering() + `

--url is where rollcall-producer serve can be reached from outside. The addresses hold the secrets: a person who
knows one can send webhooks.

--set enters them through the provider's own API. It reads first which addresses are there: ours
stay, and an address of another system is left alone unless --replace is given, because the
provider has only one. --replace prints the address that it replaces, so that it can be put back. An
address that forward: of the configuration names is replaced without asking: it goes on getting its
webhooks, from rollcall-producer serve.

--unset puts the address of forward: back in place of ours, or removes ours if there is none.

At ` + all.Titles("and", restarts) + ` new settings restart the instance, for up to five minutes in which it does nothing else.`,
		Example: `rollcall-producer hooks --url https://rollcall.example.com
rollcall-producer hooks --url https://rollcall.example.com --set alpha
rollcall-producer hooks --unset alpha`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Instances = args
			if err := o.check(); err != nil {
				return err
			}
			// It does without Redis: webhooks can be set up before anything runs.
			s, err := p.common.Open(p.IO, cmd.Root().Name())
			if err != nil {
				return err
			}
			cfg, err := s.Settings(o.uses())
			if err != nil {
				return err
			}
			return runHooks(cmd.Context(), s, cfg, o)
		},
	}
	cmd.Flags().StringVar(&o.Base, "url", "", "where rollcall-producer serve is reached from outside, as `https://HOST`")
	cmd.Flags().BoolVar(&o.Set, "set", false, "enter the addresses at the providers")
	cmd.Flags().BoolVar(&o.Replace, "replace", false, "with --set: also in place of another system's address")
	cmd.Flags().BoolVar(&o.Unset, "unset", false, "take our addresses out again at the providers")
	return cli.WithExit(cmd, cli.ExitLines(
		"0    done",
		"1    no address could be set or taken out",
		"2    an instance is unknown or has no hook_secret, or the command line or the configuration is wrong",
		"3    some addresses could not be set or taken out, or belong to another system")...)
}

// entering says where to enter the address at each provider.
func entering() string {
	var at []string
	for _, p := range all.Providers() {
		at = append(at, p.Title+" "+p.Callback.Entering)
	}
	return "At " + strings.Join(at, "; at ") + "."
}

func restarts(p *spec.Provider) bool { return p.Callback.Restarts }

// uses returns what the command needs of the configuration. Only --set and --unset call the providers.
func (o *hooksOptions) uses() config.Uses {
	if o.Set || o.Unset {
		return config.Uses{Webhooks: config.Unused, API: config.Unused}
	}
	return config.Uses{Calls: config.Unused, Webhooks: config.Unused, API: config.Unused}
}

func (o *hooksOptions) check() error {
	u, err := url.Parse(o.Base)
	switch {
	case o.Set && o.Unset:
		return cli.Usage("--set and --unset exclude each other")
	case o.Replace && !o.Set:
		return cli.Usage("--replace goes with --set")
	case o.Base == "" && o.Unset:
	case o.Base == "":
		return cli.Usage("--url is missing: where is rollcall-producer serve reached from outside, for example https://rollcall.example.com")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return cli.Usage("--url is not an address; write it as https://host or https://host/path")
	}
	o.Base = strings.TrimRight(o.Base, "/")
	return nil
}

// hookDocument is one instance's address.
type hookDocument struct {
	Instance string `json:"instance"`
	Provider string `json:"provider"`
	URL      string `json:"url,omitempty"`
	Token    string `json:"token,omitempty"` // where the provider sends one beside its webhooks
	// Set says that all events of the instance come to the address.
	Set    bool         `json:"set"`
	Events []hookChange `json:"events,omitempty"`
	Error  string       `json:"error,omitempty"`

	tokenField string // the provider's word for the token
}

// tally counts the addresses, and those that could not be changed as asked.
func (d *hookDocument) tally() (failed, total int) {
	if d.Error != "" {
		return 1, 1
	}
	for _, c := range d.Events {
		if c.Outcome == hookForeign || c.Outcome == hookFailed {
			failed++
		}
	}
	return failed, len(d.Events)
}

func runHooks(ctx context.Context, s *cli.Session, cfg *config.Config, o hooksOptions) error {
	chosen, err := o.choose(cfg)
	if err != nil {
		return err
	}
	if strings.HasPrefix(o.Base, "http://") {
		s.Warn("warning: over http:// the secrets travel in clear, and %s takes https:// only", all.Titles("and", func(p *spec.Provider) bool { return p.Callback.HTTPSOnly }))
	}
	docs := make([]hookDocument, len(chosen))
	failed, total := 0, 0
	for i, in := range chosen {
		docs[i] = hookDocument{Instance: in.Name, Provider: string(in.Provider), tokenField: in.Spec().Callback.TokenField}
		if o.Base != "" && !o.Unset {
			docs[i].URL = o.Base + callback.Path(in.Name, provider.Token(in.HookSecret.Reveal()))
			if docs[i].tokenField != "" {
				docs[i].Token = in.HookSecret.Reveal()
			}
		}
		if !o.Set && !o.Unset {
			continue
		}
		if err := changeHooks(ctx, s, in, o, &docs[i]); err != nil {
			docs[i].Error = err.Error()
		}
		f, n := docs[i].tally()
		failed, total = failed+f, total+n
		docs[i].Set = o.Set && f == 0
	}
	if err := cli.Print(s, listDocument[hookDocument]{Items: docs}, docs, func(p *cli.Page) { showHooks(p, docs) }); err != nil {
		return err
	}
	done := "set"
	if o.Unset {
		done = "taken out"
	}
	switch {
	case failed == 0:
		return nil
	case failed == total:
		return cli.Exit(cli.Failed, errors.New("no address could be "+done))
	}
	return cli.Exit(cli.Partly, fmt.Errorf("%d of %d addresses could not be %s", failed, total, done))
}

func showHooks(p *cli.Page, docs []hookDocument) {
	for _, d := range docs {
		p.Printf("%s (%s)\n", d.Instance, d.Provider)
		if d.URL != "" {
			p.Printf("  %s\n", d.URL)
		}
		if d.Token != "" {
			p.Printf("  %s: %s\n", d.tokenField, d.Token)
		}
		if d.Error != "" {
			p.Printf("  nothing was changed: %s\n", d.Error)
		}
		for _, c := range d.Events {
			p.Printf("  %s: %s\n", c.Event, c.text())
			if c.Was != "" {
				p.Printf("    it was %s\n", c.Was)
			}
			if c.WasToken != "" {
				p.Printf("    its %s was %s\n", d.tokenField, c.WasToken)
			}
			for _, kind := range c.SwitchedOn {
				p.Printf("    %s was off\n", kind)
			}
		}
	}
}

// choose returns the named instances, or all that have a secret.
func (o *hooksOptions) choose(cfg *config.Config) ([]config.Instance, error) {
	var chosen []config.Instance
	for _, in := range cfg.Instances {
		if named := slices.Contains(o.Instances, in.Name); named || len(o.Instances) == 0 && in.HookSecret.Given() {
			if !in.HookSecret.Given() {
				return nil, cli.Usage("instance %s has no hook_secret; give it one in the configuration, for example of: openssl rand -hex 24", in.Name)
			}
			chosen = append(chosen, in)
		}
	}
	for _, name := range o.Instances {
		if !slices.ContainsFunc(chosen, func(in config.Instance) bool { return in.Name == name }) {
			return nil, cli.Usage("the configuration lists no instance %q", name)
		}
	}
	if len(chosen) == 0 {
		return nil, cli.Usage("no instance of the configuration has a hook_secret; give each one of its own, for example of: openssl rand -hex 24")
	}
	return chosen, nil
}

// changeHooks reads the addresses at the provider and changes those that are to be changed.
func changeHooks(ctx context.Context, s *cli.Session, in config.Instance, o hooksOptions, d *hookDocument) error {
	p, err := all.New(app.ProviderConfig(in))
	if err != nil {
		return err
	}
	setter, ok := p.(provider.HookSetter)
	if !ok {
		return fmt.Errorf("%s has no way to set webhooks; enter the address there by hand", in.Provider)
	}
	present, err := setter.Hooks(ctx)
	if err != nil {
		return err
	}
	changes := planHooks(in, o, present)
	if restarts(in.Spec()) && slices.ContainsFunc(changes, func(c hookChange) bool { return c.to != nil }) {
		if err := s.Confirm(ctx, "Setting the webhooks restarts %s, for up to five minutes. Go on?", in.Name); err != nil {
			return err
		}
		s.Warn("warning: the new settings restart %s, which can take five minutes", in.Name)
	}
	for i := range changes {
		c := &changes[i]
		if c.to == nil {
			continue
		}
		if c.Outcome == hookReplaced && !c.forwarded {
			s.Warn("warning: %s gets no %s webhooks of %s from now on, unless forward: of the configuration names it", c.Host, c.Event, in.Name)
		}
		if err := setter.SetHook(ctx, *c.to); err != nil {
			c.Outcome, c.Error, c.SwitchedOn = hookFailed, err.Error(), nil
		}
	}
	d.Events = changes
	return nil
}
