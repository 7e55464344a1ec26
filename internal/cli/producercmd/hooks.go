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
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/hooks"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
)

type hooksOptions struct {
	Base      string
	Set       bool
	Instances []string
}

func newHooksCommand(p *program) *cobra.Command {
	var o hooksOptions
	cmd := &cobra.Command{
		Use:   "hooks [INSTANCE...]",
		Short: "Show the addresses for the providers' webhooks, or set them there",
		Long: `Show the address to enter at the provider for each instance that has a hook_secret, so that its
webhooks come in: who joined, who left, which message did not arrive, whether the number is connected.
At Z-API the same address goes into each of the fields; at GREEN-API the token goes beside it.

--url is where producer serve can be reached from outside. The addresses hold the secrets: whoever
knows one can send webhooks.

--set enters them through the provider's own API. At GREEN-API new settings restart the instance, for
up to five minutes in which it does nothing else.`,
		Example: `rollcall-producer hooks --url https://rollcall.example.com
rollcall-producer hooks --url https://rollcall.example.com --set alpha`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Instances = args
			if err := o.check(); err != nil {
				return err
			}
			// Nothing of it needs Redis: webhooks are set up before anything runs.
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
	cmd.Flags().StringVar(&o.Base, "url", "", "where producer serve is reached from outside, as `https://HOST`")
	cmd.Flags().BoolVar(&o.Set, "set", false, "enter the addresses at the providers")
	return cli.WithExit(cmd, cli.ExitLines(
		"0    done",
		"1    no address could be set",
		"2    an instance is unknown or has no hook_secret",
		"3    some addresses could not be set")...)
}

// uses says that only --set calls the providers.
func (o *hooksOptions) uses() config.Uses {
	if o.Set {
		return config.Uses{Webhooks: config.Unused}
	}
	return config.Uses{Calls: config.Unused, Webhooks: config.Unused}
}

func (o *hooksOptions) check() error {
	u, err := url.Parse(o.Base)
	switch {
	case o.Base == "":
		return cli.Usage("--url is missing: where is producer serve reached from outside, for example https://rollcall.example.com")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return cli.Usage("--url is no address; write it as https://host or https://host/path")
	}
	o.Base = strings.TrimRight(o.Base, "/")
	return nil
}

// hookDocument is one instance's address.
type hookDocument struct {
	Instance string `json:"instance"`
	Provider string `json:"provider"`
	URL      string `json:"url"`
	Token    string `json:"token,omitempty"` // GREEN-API's webhookUrlToken
	Set      bool   `json:"set"`
	Error    string `json:"error,omitempty"`
}

func runHooks(ctx context.Context, s *cli.Session, cfg *config.Config, o hooksOptions) error {
	chosen, err := o.choose(cfg)
	if err != nil {
		return err
	}
	if strings.HasPrefix(o.Base, "http://") {
		s.Warn("warning: over http:// the secrets travel in clear, and Z-API takes https:// only")
	}
	docs := make([]hookDocument, len(chosen))
	failed := 0
	for i, in := range chosen {
		secret := provider.Token(in.HookSecret.Reveal())
		docs[i] = hookDocument{Instance: in.Name, Provider: string(in.Provider), URL: o.Base + hooks.Path(in.Name, secret)}
		if in.Provider == config.GREENAPI {
			docs[i].Token = secret.Reveal()
		}
		if !o.Set {
			continue
		}
		if err := setHooks(ctx, s, in, docs[i].URL, secret); err != nil {
			docs[i].Error = err.Error()
			failed++
			continue
		}
		docs[i].Set = true
	}
	if err := cli.Print(s, listDocument[hookDocument]{Items: docs}, docs, func(p *cli.Page) { showHooks(p, docs, o.Set) }); err != nil {
		return err
	}
	switch {
	case failed == 0:
		return nil
	case failed == len(docs):
		return cli.Exit(cli.Failed, errors.New("no address could be set"))
	}
	return cli.Exit(cli.Partly, fmt.Errorf("%d of %d addresses could not be set", failed, len(docs)))
}

func showHooks(p *cli.Page, docs []hookDocument, set bool) {
	for _, d := range docs {
		p.Printf("%s (%s)\n  %s\n", d.Instance, d.Provider, d.URL)
		if d.Token != "" {
			p.Printf("  webhookUrlToken: %s\n", d.Token)
		}
		switch {
		case d.Error != "":
			p.Printf("  not set: %s\n", d.Error)
		case set:
			p.Printf("  set\n")
		}
	}
}

// choose finds the instances that are meant: those named, or all that have a secret.
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

// setHooks enters one address at the provider.
func setHooks(ctx context.Context, s *cli.Session, in config.Instance, address string, secret provider.Token) error {
	p, err := all.New(app.ProviderConfig(in))
	if err != nil {
		return err
	}
	setter, ok := p.(provider.HookSetter)
	if !ok {
		return fmt.Errorf("%s has no way to set webhooks; enter the address there by hand", in.Provider)
	}
	if setter.Restarts() {
		if err := s.Confirm("Setting the webhooks restarts %s, for up to five minutes. Go on?", in.Name); err != nil {
			return err
		}
		s.Warn("warning: the new settings restart %s, which can take five minutes", in.Name)
	}
	return setter.SetHooks(ctx, address, secret)
}
